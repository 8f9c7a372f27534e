"""The two ports: chosen, bound on every loopback address there is, and remembered in the folder.

A port is part of the origin under which the browser keeps a person's work, so a remembered port that is busy is an
error and never silently another port. Sockets are bound and listening before anything else starts.
"""

import errno
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from imjoy_offline.errors import PortBusyError, StartError
from imjoy_offline.paths import atomic_write

FIRST_PORT = 8080
TRIED_PORTS = 200
_BACKLOG = 512
_BUSY = (errno.EADDRINUSE, errno.EACCES)
_NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EPROTOTYPE)


@dataclass(frozen=True)
class Ports:
    """Ports as remembered or asked for; None where that one is open."""

    app: int | None = None
    sandbox: int | None = None


@dataclass
class BoundPorts:
    """Two ports that are ours, with their listening sockets; ``note`` is for the person."""

    app: int
    sandbox: int
    sockets: list[socket.socket] = field(default_factory=list)
    note: str = ""

    def close(self) -> None:
        """Give both ports back."""
        for one in self.sockets:
            one.close()


def bind_ports(asked: Ports, ports_file: Path) -> BoundPorts:
    """Bind both ports: the ones asked for, else the remembered ones, else the next free, which are then remembered.

    Raises PortBusyError where a port that was asked for or remembered is taken, and StartError where none is free.
    """
    kept = read_ports(ports_file)
    app, app_sockets = _bind_one(asked.app, kept.app, FIRST_PORT, "--port")
    try:
        remembered = kept.sandbox if kept.sandbox != app else None
        sandbox, sandbox_sockets = _bind_one(asked.sandbox, remembered, _after(app), "--sandbox-port")
    except BaseException:
        for one in app_sockets:
            one.close()
        raise
    bound = BoundPorts(app, sandbox, [*app_sockets, *sandbox_sockets])
    chosen = Ports(
        app if asked.app is None else kept.app,
        sandbox if asked.sandbox is None else kept.sandbox,
    )
    if chosen != kept:
        bound.note = _remember(ports_file, chosen)
    return bound


def read_ports(ports_file: Path) -> Ports:
    """The remembered ports; a file that cannot be read counts as none."""
    try:
        document = json.loads(ports_file.read_text(encoding="utf-8"))
        app, sandbox = document.get("app"), document.get("sandbox")
    except (OSError, ValueError, AttributeError):
        return Ports()
    return Ports(app if _is_port(app) else None, sandbox if _is_port(sandbox) and sandbox != app else None)


def _is_port(value: object) -> bool:
    return type(value) is int and 0 < value < 65536


def _remember(ports_file: Path, ports: Ports) -> str:
    document = {"version": 1, **{name: port for name, port in vars(ports).items() if port is not None}}
    try:
        with atomic_write(ports_file) as stream:
            stream.write((json.dumps(document, indent=1, sort_keys=True) + "\n").encode())
    except OSError as error:
        return (
            f"The folder cannot be written ({error.strerror or error}), so its ports are not remembered. "
            "If another start takes other ports, the browser shows other saved work; --port keeps it the same."
        )
    return ""


def _bind_one(asked: int | None, remembered: int | None, first: int, option: str) -> tuple[int, list[socket.socket]]:
    wanted = remembered if asked is None else asked
    if wanted is not None:
        try:
            return _bind(wanted)
        except OSError as error:
            raise _busy(wanted, option, error, remembered=asked is None) from error
    for port in range(first, min(first + TRIED_PORTS, 65536)):
        try:
            return _bind(port)
        except OSError as error:
            if error.errno not in _BUSY:
                raise StartError(f"No port can be bound on this computer: {error.strerror or error}.") from error
    raise StartError(
        f"None of the ports from {first} to {first + TRIED_PORTS - 1} is free.",
        hint=f"Choose one with {option}.",
    )


def _after(port: int) -> int:
    """Where to begin to look for a second port."""
    return port + 1 if port + TRIED_PORTS < 65536 else FIRST_PORT


def _bind(port: int) -> tuple[int, list[socket.socket]]:
    """Listening sockets on every loopback address, all on one port; 0 is any free one. Raises OSError."""
    sockets: list[socket.socket] = []
    try:
        for family, address in _loopback_addresses():
            try:
                one = _listen(family, address, port)
            except OSError as error:
                # A computer without IPv6 may still know the family; the first address must be had.
                if sockets and error.errno in _NO_SUCH_ADDRESS:
                    continue
                raise
            sockets.append(one)
            port = one.getsockname()[1]
    except BaseException:
        for one in sockets:
            one.close()
        raise
    return port, sockets


def _loopback_addresses() -> Iterator[tuple[socket.AddressFamily, str]]:
    yield socket.AF_INET, "127.0.0.1"
    if socket.has_ipv6:
        yield socket.AF_INET6, "::1"


def _listen(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    # The event loop switches Nagle's delay off only where the socket names TCP; else small answers wait 40 ms.
    one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform == "win32":
            # There, SO_REUSEADDR would let two programs have one port.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind((address, port))
        # Two sockets may be bound to one port until one of them listens.
        one.listen(_BACKLOG)
        one.setblocking(False)
    except BaseException:
        one.close()
        raise
    return one


def _busy(port: int, option: str, error: OSError, *, remembered: bool) -> StartError:
    if error.errno not in _BUSY:
        return StartError(
            f"Port {port} cannot be bound: {error.strerror or error}.", hint=f"Choose another with {option}."
        )
    if error.errno == errno.EACCES and port < 1024:
        return StartError(f"Port {port} is reserved for the system.", hint=f"Choose one above 1023 with {option}.")
    hint = f"Stop it, or choose another port with {option}."
    if remembered:
        hint += (
            " This folder has used that port before: at another port the browser takes the app for another one, "
            "and does not find what it kept."
        )
    return PortBusyError(f"Port {port} is held by {_holder(port)}.", hint=hint)


def _holder(port: int) -> str:
    """Who listens on a port, as far as the system tells."""
    import psutil  # needed for this sentence only

    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status != psutil.CONN_LISTEN or port not in connection.laddr[1:] or connection.pid is None:
                continue
            if connection.pid == os.getpid():
                return "this very program"
            return f"the program {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return "another program"
