"""The HTTP server library, held on a short lead: our limits on strangers, our signals, our order of ending.

The only place that knows that library. What is answered is the business of ``middleware``; when it is started and with
which sockets, that of ``launch``.
"""

import asyncio
import contextlib
import functools
import logging
import math
import os
import re
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType
from typing import Any

import uvicorn

from imjoy.rpc.errors import CLOSE_REFUSED
from imjoy.rpc.messages import LIMITS
from imjoy_offline.server.config import ServerConfig
from imjoy_offline.server.middleware import Gate
from imjoy_offline.server.websocket import AUTHENTICATED

_LINGER_SECONDS = 5.0
_CONNECTIONS = 256
_REQUEST_SECONDS = 5.0
_HEADER_BYTES = 64 * 1024
EXIT_FORCED = 130
_TOKEN = re.compile(r"(?<=[?&]token=)[^&\s]*")


class EngineServer(uvicorn.Server):
    """The HTTP server, with our own handling of signals: the first ends it in good order, the second at once.

    ``on_ending`` is waited for before connections are, which may be open only because of what it ends; ``on_forced`` is
    called where there is no time for that.
    """

    def __init__(
        self,
        config: ServerConfig,
        gate: Gate,
        on_started: Callable[[], None],
        on_ending: Callable[[], Awaitable[None]] | None = None,
        on_forced: Callable[[], None] = lambda: None,
    ) -> None:
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
        self._on_ending = on_ending
        self._on_forced = on_forced
        self._watch: threading.Timer | None = None
        if config.debug:
            logging.getLogger("uvicorn.access").addFilter(without_token)

    async def startup(self, sockets: Any = None) -> None:
        """Begin to answer, then say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self._on_started()

    async def shutdown(self, sockets: Any = None) -> None:
        """End what was begun, then the connections."""
        if self._on_ending is not None:
            await self._on_ending()
        await super().shutdown(sockets=sockets)

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
            self._force()
        self.should_exit = True
        self._watch = threading.Timer(self._quit_seconds + 1, self._force)
        self._watch.daemon = True
        self._watch.start()

    def _force(self) -> None:
        self._on_forced()
        os._exit(EXIT_FORCED)

    def stop_watch(self) -> None:
        """Everything ended in time."""
        if self._watch is not None:
            self._watch.cancel()


def without_token(record: logging.LogRecord) -> bool:
    """A log filter that lets every line pass, but no token that somebody wrote into the query of an address."""
    if isinstance(record.args, tuple):
        record.args = tuple(_TOKEN.sub("...", one) if isinstance(one, str) else one for one in record.args)
    return True


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
