"""Starts and stops the server: sockets first, then one event loop for both ports, then the browser.

The only place of the serving wing that starts processes (the browser, and in a session of ``--serve`` a mirror run),
and that connects anywhere: to 127.0.0.1, to ask whether this folder's server already runs.
"""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from imjoy_offline.errors import EXIT_DONE, PortBusyError, StartError
from imjoy_offline.progress import Progress, ProgressEvent
from imjoy_offline.server.browser import open_browser
from imjoy_offline.server.config import ServerConfig
from imjoy_offline.server.http_server import EngineServer
from imjoy_offline.server.places import state_folder
from imjoy_offline.server.policy import APP_HOST, HELLO_PATH, tokens_equal
from imjoy_offline.server.prepare import Prepared, Ready, pairing_url, prepare
from imjoy_offline.server.running import Identity, read_running, running_file
from imjoy_offline.server.tokens import kept_token

_PROBE_SECONDS = 2.0
_ANSWER_BYTES = 8192
_STARTING_SECONDS = 1.0
_OPENING_SECONDS = 10.0
_LINE_BYTES = 1 << 20


def serve(config: ServerConfig, progress: Progress, on_ready: Callable[[Ready], None]) -> int:
    """Serve the folder until Ctrl-C and return the exit status.

    Where this folder's server already runs, the browser is opened on that one instead. Raises ImjoyError where it
    cannot start: no built site, a busy port, a token that cannot be used.
    """
    if config.debug:
        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    state = config.state or state_folder()
    already = find_running(state, config)
    if already is None:
        try:
            prepared = prepare(config, start_mirror)
        except PortBusyError:
            # Two starts at the same moment: the other one has the port, and is about to say so.
            already = _wait_for_running(state, config)
            if already is None:
                raise
    if already is not None:
        return _join(already, state, config, progress, on_ready)
    try:
        for note in filter(None, (prepared.ports.note, prepared.token.note)):
            progress.emit(ProgressEvent("warning", note))
        return run(prepared, lambda: _announce(prepared, progress, on_ready))
    finally:
        prepared.close()


def run(prepared: Prepared, on_started: Callable[[], None]) -> int:
    """Run the event loop until a signal ends it; the exit status."""
    runs = prepared.runs
    server = EngineServer(prepared.config, prepared.gate, on_started, runs.close, runs.kill)
    try:
        asyncio.run(server.serve(sockets=prepared.ports.sockets))
    finally:
        server.stop_watch()
    return EXIT_DONE


def find_running(state: Path, config: ServerConfig) -> Identity | None:
    """The server of this folder, where it lives and has proved that it is ours; nothing secret is sent."""
    identity = read_running(running_file(state, config.folder.root))
    if identity is None:
        return None
    nonce = secrets.token_hex(32)
    try:
        proof = json.loads(_ask(identity.port, f"{HELLO_PATH}?nonce={nonce}"))["proof"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return identity if isinstance(proof, str) and tokens_equal(proof, identity.proof(nonce)) else None


def _ask(port: int, target: str) -> bytes:
    """The body of a short answer from this computer's own port; raises OSError where none comes in time."""
    request = f"GET {target} HTTP/1.1\r\nHost: {APP_HOST}:{port}\r\nConnection: close\r\n\r\n"
    deadline = time.monotonic() + _PROBE_SECONDS
    answer = b""
    with socket.create_connection((APP_HOST, port), timeout=_PROBE_SECONDS) as connection:
        connection.sendall(request.encode())
        while len(answer) < _ANSWER_BYTES and time.monotonic() < deadline:
            chunk = connection.recv(_ANSWER_BYTES)
            if not chunk:
                break
            answer += chunk
    return answer.partition(b"\r\n\r\n")[2]


def _wait_for_running(state: Path, config: ServerConfig) -> Identity | None:
    deadline = time.monotonic() + _STARTING_SECONDS
    while (found := find_running(state, config)) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def _join(
    running: Identity, state: Path, config: ServerConfig, progress: Progress, on_ready: Callable[[Ready], None]
) -> int:
    """Take the person to the server that runs already."""
    if config.rotate_token:
        raise StartError(
            f"The server of this folder is running, at port {running.port}, and would keep the old token.",
            hint="Stop it first, then start with --rotate-token.",
        )
    origin = f"http://{APP_HOST}:{running.port}"
    token = kept_token(state, config.folder.root) if running.token_kept else None
    url = pairing_url(origin, token)
    progress.emit(ProgressEvent("note", "The server of this folder is running already; it keeps its own options."))
    on_ready(Ready(url, origin, f"http://{APP_HOST}:{running.sandbox_port}", already=True))
    if config.open_browser:
        opening = open_browser(url, state, config.folder.root, progress)
        opening.join(_OPENING_SECONDS)
    return EXIT_DONE


def _announce(prepared: Prepared, progress: Progress, on_ready: Callable[[Ready], None]) -> None:
    on_ready(prepared.ready)
    config = prepared.config
    if config.open_browser:
        open_browser(prepared.ready.url, config.state or state_folder(), config.folder.root, progress)


class MirrorProcess:
    """A mirror run as a process of its own, with all that it starts in one group."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def line(self) -> bytes:
        """The next line that it says, empty at the end; raises ValueError for one without an end."""
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        return await self._process.stdout.readline()

    async def complaint(self) -> bytes:
        """The next line on its other output, empty at the end; raises ValueError for one without an end."""
        assert self._process.stderr is not None  # noqa: S101 - it is a pipe
        return await self._process.stderr.readline()

    async def wait(self) -> int:
        """Its exit status, negative for a signal."""
        return await self._process.wait()

    def interrupt(self) -> None:
        """Ask it to end, as Ctrl-C does; what it has brought is kept."""
        if sys.platform == "win32":
            self._send(signal.CTRL_BREAK_EVENT)
        else:
            self._send(signal.SIGINT)

    def kill(self) -> None:
        """End it and everything that it has started, now."""
        if sys.platform != "win32":
            self._send(signal.SIGKILL)
        elif self._process.returncode is None:
            import psutil  # for the tree below it, which has no other name here

            with contextlib.suppress(psutil.Error):
                for one in psutil.Process(self._process.pid).children(recursive=True):
                    one.kill()
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def _send(self, number: int) -> None:
        if self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform != "win32":
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)


async def start_mirror(folder: Path, address: str) -> MirrorProcess:
    """Start ``python -m imjoy mirror --plugin ADDRESS`` in ``folder``; raises OSError where it cannot be started."""
    hidden = 0x08000000 | 0x00000200 if sys.platform == "win32" else 0  # no console window, a group of its own
    return MirrorProcess(
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "imjoy", "mirror", "--json", "--plugin", address),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder,
            limit=_LINE_BYTES,
            start_new_session=True,
            creationflags=hidden,
        )
    )
