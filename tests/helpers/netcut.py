"""The network cut and watched: within ``cut_network()`` nothing leaves this computer, and what tried to is known.

On Linux, where we may, this thread moves into a network namespace of its own: loopback, and a default route into
nothing through a pair of virtual interfaces whose far end is captured. Every process started in the block (server,
driver, browser) shares it. Elsewhere a refusing proxy is all that can be had, and ``NetworkCut.how`` says so.
"""

import contextlib
import ctypes
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from tests.helpers.dns_recorder import DnsRecorder
from tests.helpers.refusing_proxy import RefusingProxy

NAMESPACE = "network namespace, captured"
PROXY = "refusing proxy only (no network namespaces here): raw connections are neither stopped nor seen"

_CLONE_FS = 0x00000200
_CLONE_NEWNS = 0x00020000
_CLONE_NEWNET = 0x40000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_ALL_PROTOCOLS = 0x0003
_OUTGOING = 4
_IPV4, _IPV6, _ARP = 0x0800, 0x86DD, 0x0806
_PROTOCOL_NAMES = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 58: "icmpv6"}
# What the kernel itself says on any IPv6 link: neighbours, routers, multicast membership. Nobody asked for it.
_LINK_HOUSEKEEPING = frozenset({130, 131, 132, 133, 134, 135, 136, 143})

_SETUP = """\
ip link set lo up
ip link add v0 type veth peer name v1
ip link set v0 address 02:00:00:00:00:02
ip link set v0 addrgenmode none
ip address add 192.0.2.2/24 dev v0
ip -6 address add 2001:db8::2/64 dev v0 nodad
ip link set v1 up
ip link set v0 up
ip route add default via 192.0.2.1
ip -6 route add default via 2001:db8::1 dev v0
ip neighbour add 192.0.2.1 lladdr 02:00:00:00:00:01 dev v0
ip -6 neighbour add 2001:db8::1 lladdr 02:00:00:00:00:01 dev v0"""


@dataclass(frozen=True)
class NetworkCut:
    """How the network is cut, what children need for it, and what tried to leave."""

    how: str
    leaks: Callable[[], list[str]]
    browser_arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def describe_packet(frame: bytes) -> str | None:
    """Where an Ethernet frame was going, in words; None for the kernel's own IPv6 housekeeping."""
    (kind,) = struct.unpack(">H", frame[12:14])
    body = frame[14:]
    if kind == _IPV4:
        protocol, target = body[9], str(IPv4Address(body[16:20]))
        payload = body[(body[0] & 15) * 4 :]
    elif kind == _IPV6:
        protocol, target, payload = body[6], str(IPv6Address(body[8 + 16 : 8 + 32])), body[40:]
        if protocol == 0:  # hop-by-hop options come first in multicast membership reports
            protocol, payload = payload[0], payload[(payload[1] + 1) * 8 :]
        if protocol == 58 and payload[0] in _LINK_HOUSEKEEPING:
            return None
    elif kind == _ARP:
        return f"arp for {IPv4Address(body[24:28])}"
    else:
        return f"ethernet type {kind:#06x}"
    name = _PROTOCOL_NAMES.get(protocol, f"protocol {protocol}")
    port = f" port {struct.unpack('>H', payload[2:4])[0]}" if protocol in (6, 17) else ""
    return f"{name} packet to {target}{port}"


class _Capture:
    """Every frame that leaves by v0, read at v1; checked against the interface's own counter."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL_PROTOCOLS))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.bind(("v1", 0))
        self._socket.setblocking(False)
        self._seen = 0
        self._found: list[str] = []

    @staticmethod
    def _transmitted() -> int:
        # thread-self, not self: only this thread is in the namespace.
        for line in Path("/proc/thread-self/net/dev").read_text(encoding="ascii").splitlines():
            name, _, numbers = line.partition(":")
            if name.strip() == "v0":
                return int(numbers.split()[9])
        raise AssertionError("The interface v0 of the cut network has gone.")

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                frame, address = self._socket.recvfrom(65535)
                if address[2] == _OUTGOING:
                    continue
                self._seen += 1
                said = describe_packet(frame)
                if said:
                    self._found.append(said)

    def found(self) -> list[str]:
        """What was sent, the kernel's housekeeping left out."""
        deadline = time.monotonic() + 5
        self._drain()
        while self._seen < self._transmitted() and time.monotonic() < deadline:
            time.sleep(0.01)
            self._drain()
        lost = self._transmitted() - self._seen
        return [*self._found, *([f"{lost} packets that were not captured"] if lost > 0 else [])]

    def close(self) -> None:
        """End the capture."""
        self._socket.close()


def _libc_call(name: str, *arguments: object) -> None:
    """Call libc; raises OSError with its reason."""
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    if function(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def _bind_file(text: str, target: Path, folder: Path) -> None:
    """Let ``target`` read as ``text`` in this mount namespace."""
    if target.exists():
        source = folder / target.name
        source.write_text(text, encoding="ascii")
        source.chmod(0o644)
        _libc_call("mount", bytes(source), bytes(target.resolve()), None, ctypes.c_ulong(_MS_BIND), None)


def _wait_until_up() -> None:
    """Wait for the kernel to call both ends up: a browser takes a change of the network for a reason to start anew."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        shown = subprocess.run(["ip", "-o", "link", "show", "up"], check=True, capture_output=True, text=True).stdout
        if shown.count("state UP") == 2:
            return
        time.sleep(0.02)
    raise OSError("The interfaces of the cut network did not come up.")


def _furnish(folder: Path) -> _Capture:
    """Interfaces, routes and the resolver's files, in the namespaces that this thread has just entered.

    The capture stands before the near end comes up, so that not one frame is missed.
    """
    _libc_call("mount", b"none", b"/", None, ctypes.c_ulong(_MS_REC | _MS_PRIVATE), None)
    capture: _Capture | None = None
    for command in _SETUP.splitlines():
        subprocess.run(command.split(), check=True, capture_output=True, text=True)
        if command.startswith("ip link add"):
            # The far end must say nothing by itself, the near end must not look for routers.
            Path("/proc/sys/net/ipv6/conf/v1/disable_ipv6").write_text("1", encoding="ascii")
            Path("/proc/sys/net/ipv6/conf/v0/accept_ra").write_text("0", encoding="ascii")
        elif command == "ip link set v1 up":
            capture = _Capture()
    _wait_until_up()
    _bind_file("nameserver 127.0.0.1\noptions timeout:2 attempts:1\n", Path("/etc/resolv.conf"), folder)
    _bind_file("passwd: files\ngroup: files\nhosts: files dns\n", Path("/etc/nsswitch.conf"), folder)
    assert capture is not None
    return capture


@contextlib.contextmanager
def _namespace() -> Iterator[None]:
    """This thread in new network and mount namespaces; raises OSError where that is not allowed."""
    here = Path.cwd()
    with contextlib.ExitStack() as stack:
        homes: list[int] = []
        for name in ("net", "mnt"):
            homes.append(os.open(f"/proc/thread-self/ns/{name}", os.O_RDONLY | os.O_CLOEXEC))
            stack.callback(os.close, homes[-1])
        _libc_call("unshare", _CLONE_NEWNS | _CLONE_NEWNET)
        try:
            yield
        finally:
            # Threads that were started in the block share our working directory with us; a thread that shares it
            # may not change its mount namespace.
            _libc_call("unshare", _CLONE_FS)
            for home in homes:
                _libc_call("setns", home, 0)
            os.chdir(here)  # joining a mount namespace puts the thread at its root


def namespaces_allowed() -> bool:
    """Whether this process may make network namespaces and furnish them."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    with contextlib.suppress(OSError, subprocess.CalledProcessError), tempfile.TemporaryDirectory() as folder:
        with _namespace():
            _furnish(Path(folder)).close()
        return True
    return False


@contextlib.contextmanager
def cut_by_namespace() -> Iterator[NetworkCut]:
    """The real thing: names go to a recorder that knows none, packets go into nothing and are captured."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(_namespace())
        capture = _furnish(folder)
        stack.callback(capture.close)
        recorder = stack.enter_context(DnsRecorder().running())
        yield NetworkCut(NAMESPACE, lambda: [f"name {name}" for name in recorder.names] + capture.found())


@contextlib.contextmanager
def cut_by_proxy() -> Iterator[NetworkCut]:
    """The second best: every program that honours a proxy is refused and noted."""
    with RefusingProxy().running() as proxy:
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        environment = dict.fromkeys([*names, *map(str.lower, names)], proxy.url)
        environment |= dict.fromkeys(["NO_PROXY", "no_proxy"], "127.0.0.1,localhost,::1")
        yield NetworkCut(PROXY, lambda: list(proxy.asked), (f"--proxy-server={proxy.url}",), environment)


def cut_network() -> contextlib.AbstractContextManager[NetworkCut]:
    """The best cut that this computer allows."""
    return cut_by_namespace() if namespaces_allowed() else cut_by_proxy()
