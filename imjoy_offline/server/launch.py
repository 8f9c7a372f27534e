"""Starts and stops the server: sockets first, then one event loop for both ports, then the browser.

The only place of the serving wing that listens, that starts a process (the browser), and that connects anywhere: to
127.0.0.1, to ask whether this folder's server already runs. The only place that knows the HTTP server library.
"""

import asyncio
import contextlib
import functools
import json
import logging
import math
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from imjoy.rpc.errors import CLOSE_REFUSED
from imjoy.rpc.messages import LIMITS
from imjoy_offline.errors import EXIT_DONE, PortBusyError, StartError
from imjoy_offline.progress import Progress, ProgressEvent
from imjoy_offline.server.config import ServerConfig
from imjoy_offline.server.middleware import Gate
from imjoy_offline.server.pairing import browser_address
from imjoy_offline.server.places import state_folder
from imjoy_offline.server.policy import APP_HOST, HELLO_PATH, tokens_equal
from imjoy_offline.server.prepare import Prepared, Ready, pairing_url, prepare
from imjoy_offline.server.running import Identity, read_running, running_file
from imjoy_offline.server.tokens import kept_token
from imjoy_offline.server.websocket import AUTHENTICATED

_PROBE_SECONDS = 2.0
_ANSWER_BYTES = 8192
_STARTING_SECONDS = 1.0
_LINGER_SECONDS = 5.0
_CONNECTIONS = 256
_REQUEST_SECONDS = 5.0
_HEADER_BYTES = 64 * 1024
_OPENING_SECONDS = 10.0
EXIT_FORCED = 130


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
            prepared = prepare(config)
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
    server = EngineServer(prepared.config, prepared.gate, on_started)
    try:
        asyncio.run(server.serve(sockets=prepared.ports.sockets))
    finally:
        server.stop_watch()
    return EXIT_DONE


class EngineServer(uvicorn.Server):
    """The HTTP server, with our own handling of signals: the first ends it in good order, the second at once."""

    def __init__(self, config: ServerConfig, gate: Gate, on_started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                gate,
                http=_http_protocol(config.http),
                ws=_engine_protocol,  # type: ignore[arg-type]
                ws_max_size=LIMITS.message_bytes,
                ws_per_message_deflate=False,
                ws_ping_interval=None,
                ws_ping_timeout=None,
                lifespan="off",
                interface="asgi3",
                loop="asyncio",
                log_config=None,
                log_level="info" if config.debug else "warning",
                access_log=config.debug,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=round(config.force_quit_seconds),
            )
        )
        self._quit_seconds = config.force_quit_seconds
        self._on_started = on_started
        self._watch: threading.Timer | None = None

    async def startup(self, sockets: Any = None) -> None:
        """Begin to answer, then say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self._on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals that end a program while the server runs; tests run it beside the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        names = ("SIGINT", "SIGTERM", "SIGBREAK")
        taken = [getattr(signal, name) for name in names if hasattr(signal, name)]
        before = {one: signal.signal(one, self.handle_exit) for one in taken}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came; whatever hangs, the process is gone when the quit timeout is over."""
        if self.should_exit:
            os._exit(EXIT_FORCED)
        self.should_exit = True
        self._watch = threading.Timer(self._quit_seconds + 1, os._exit, (EXIT_FORCED,))
        self._watch.daemon = True
        self._watch.start()

    def stop_watch(self) -> None:
        """Everything ended in time."""
        if self._watch is not None:
            self._watch.cancel()


def _engine_protocol(**options: Any) -> asyncio.Protocol:
    """The websocket side of a connection, loaded with the first websocket: it is a good part of the start-up time."""
    return _guarded_class()(**options)


@functools.cache
def _guarded_class() -> Callable[..., asyncio.Protocol]:
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    class GuardedProtocol(WebSocketsSansIOProtocol):
        """Counts what a stranger sends, before any of it is kept: a message is only handed on when it is whole."""

        # A frame's own header, and a close frame, may come beside the message that is limited.
        _left: float = LIMITS.unauthenticated_bytes + 256

        def data_received(self, data: bytes) -> None:
            if self.handshake_initiated:
                self._left -= len(data)
            if self._left < 0:
                self._refuse()
            else:
                super().data_received(data)

        def _refuse(self) -> None:
            if self.handshake_complete and not self.close_sent:
                self.queue.put_nowait({"type": "websocket.disconnect", "code": CLOSE_REFUSED})
                self.conn.send_close(CLOSE_REFUSED, "Too much came before the token was accepted.")
                self._close_gently()

        def handle_parser_exception(self) -> None:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1009})
            self._close_gently()

        def _close_gently(self) -> None:
            """Send the close frame, and drop what still comes: closing at once would destroy the frame on its way."""
            self._left = -math.inf
            self.close_sent = True
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.write_eof()
            self.transport.resume_reading()
            self.close_timer = self.loop.call_later(_LINGER_SECONDS, self.transport.close)

        def _trust(self) -> None:
            self._left = math.inf

        async def send(self, message: Any) -> None:
            await super().send(message)
            if message["type"] == "websocket.http.response.body":
                # A refusal is an answer too; without this each one is logged as an application that gave none.
                self.handshake_complete = True

        async def run_asgi(self) -> None:
            extensions: dict[Any, Any] = self.scope["extensions"]
            extensions[AUTHENTICATED] = self._trust
            await super().run_asgi()

    return GuardedProtocol


def _http_protocol(parser: str) -> Any:
    """The HTTP side of a connection: where the parser sets no limits itself, with ours."""
    if parser != "httptools":
        return parser
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    class GuardedProtocol(HttpToolsProtocol):
        """Ends a connection that is one too many, never says what it wants, or says it at too great a length."""

        _in_header = True
        _header_bytes = 0

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            if len(self.connections) > _CONNECTIONS:
                self.transport.abort()
                return
            self.loop.call_later(_REQUEST_SECONDS, self._end_if_silent)

        def _end_if_silent(self) -> None:
            if self.cycle is None and self in self.connections:
                self.transport.abort()

        def data_received(self, data: bytes) -> None:
            self._header_bytes += len(data)
            super().data_received(data)
            # The parser itself gathers a header without an end, and says nothing of it.
            if self._in_header and self._header_bytes > _HEADER_BYTES and not self.transport.is_closing():
                self.send_400_response("The request's header is too long.")

        def on_headers_complete(self) -> None:
            self._in_header = False
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            self._in_header = True
            self._header_bytes = 0
            super().on_message_complete()

    return GuardedProtocol


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
        opening = _open_browser(url, state, config.folder.root, progress)
        opening.join(_OPENING_SECONDS)
    return EXIT_DONE


def _announce(prepared: Prepared, progress: Progress, on_ready: Callable[[Ready], None]) -> None:
    on_ready(prepared.ready)
    config = prepared.config
    if config.open_browser:
        _open_browser(prepared.ready.url, config.state or state_folder(), config.folder.root, progress)


def _open_browser(url: str, state: Path, folder: Path, progress: Progress) -> threading.Thread:
    """Open the browser beside the server: on some systems the call returns when the browser is closed."""

    def open_it() -> None:
        if not _can_show() or not webbrowser.open(browser_address(url, state, folder)):
            progress.emit(ProgressEvent("note", "No browser could be opened; open the link yourself."))

    import webbrowser

    thread = threading.Thread(target=open_it, daemon=True)
    thread.start()
    return thread


def _can_show() -> bool:
    """Whether a window can appear; without a display, a browser for terminals would take this one over."""
    if sys.platform in ("win32", "darwin", "cygwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
