"""A page of the app as the engine sees it, in Python: the real websocket, real frames, and real peers for its plugins.

What is counted are the bytes of whole websocket messages, both ways.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from imjoy.rpc.messages import Credit, Message, Piece, read_message
from imjoy.rpc.peer import Peer
from imjoy.rpc.pieces import Joiner
from imjoy.rpc.sender import FrameSender
from imjoy.rpc.wire import decode_frame, encode_frame
from tests.helpers.engine_client import HELLO, engine_socket, exchange
from tests.helpers.served_site import Served

UNLIMITED = 2**40


@dataclass
class StartFailed(Exception):
    """What the engine said of a start that failed."""

    message: str
    hint: str
    detail: str

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


@dataclass
class PagePlugin:
    """A plugin that runs, or is being started."""

    page: "EnginePage"
    name: str
    address: str
    api: Mapping[str, Any]
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sender = FrameSender()
        self.joiner = Joiner(total_bytes=UNLIMITED)
        self.peer = Peer(self.name, self._send)
        self.peer.set_interface(dict(self.api))

    def _send(self, message: Message) -> None:
        with self.page.sending:
            self.sender.add(encode_frame({"to": self.address, **message}, UNLIMITED), to=self.address)
            self._pump()

    def _pump(self) -> None:
        while (frame := self.sender.next()) is not None:
            self.page.send_frame(bytes(frame))

    def take(self, message: Message) -> None:
        """A message of its worker."""
        if message["type"] not in ("piece", "credit"):
            self.peer.receive(message)
            return
        about = read_message(message)
        if isinstance(about, Credit):
            with self.page.sending:
                self.sender.add_credit(about)
                self._pump()
        elif isinstance(about, Piece):
            whole = self.joiner.accept(about)
            self.page.send(self.joiner.consumed(about.stream, len(about.data)).to_message() | {"to": self.address})
            if whole is not None:
                self.peer.receive(decode_frame(whole, UNLIMITED))

    def exported(self, seconds: float = 20) -> Any:
        """What it has exported."""
        return self.peer.get_interface().result(seconds)

    def call(self, name: str, *args: Any, seconds: float = 20) -> Any:
        """Call a function that it has exported, and wait for the answer."""
        return self.exported(seconds)[name](*args).result(seconds)

    def stop(self) -> Message:
        """Have it stopped; how it ended."""
        self.page.send({"type": "stop", "peer": self.address})
        return self.ended()

    def ended(self, seconds: float = 20) -> Message:
        """How it ended."""
        return self.page.wait_for(seconds, type="ended", peer=self.address)


class EnginePage:
    """A connected page."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.told: list[Message] = []
        self.plugins: dict[str, PagePlugin] = {}
        self.sending = threading.RLock()
        self.sent_bytes = 0
        self.received_bytes = 0
        self._apis: dict[int, tuple[str, Mapping[str, Any]]] = {}
        self._changed = threading.Condition()
        self._count = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, message: Message) -> None:
        """Send a message."""
        with self.sending:
            self.send_frame(encode_frame(message))

    def send_frame(self, frame: bytes) -> None:
        """Send a frame."""
        self.sent_bytes += len(frame)
        self._connection.send(frame)

    def _read(self) -> None:
        try:
            while True:
                data = self._connection.recv()
                assert isinstance(data, bytes)
                self.received_bytes += len(data)
                self._take(decode_frame(data))
        except ConnectionClosed:
            pass
        finally:
            with self._changed:
                self.told.append({"type": "disconnected"})
                self._changed.notify_all()

    def _take(self, message: Message) -> None:
        if message["type"] == "ping":
            self.send({"type": "pong", "id": message["id"]})
            return
        if message["type"] == "progress" and "peer" in message:
            name, api = self._apis[message["id"]]
            self.plugins[message["peer"]] = PagePlugin(self, name, message["peer"], api)
        plugin = self.plugins.get(message.get("from", ""))
        if message["type"] == "log" and plugin is not None:
            plugin.log.append(f"{message['level']}: {message['message']}")
        elif plugin is not None:
            plugin.take(message)
            return
        if message["type"] == "ended":
            self.plugins[message["peer"]].peer.close(message["reason"])
        with self._changed:
            self.told.append(message)
            self._changed.notify_all()

    def wait_for(self, seconds: float = 20, **members: Any) -> Message:
        """The first message told that has these members."""
        return self.wait_for_any([members], seconds)

    def wait_for_any(self, wanted: list[dict[str, Any]], seconds: float = 20) -> Message:
        """The first message told that has the members of any of ``wanted``."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                for message in self.told:
                    if any(all(message.get(name) == value for name, value in one.items()) for one in wanted):
                        return message
                left = deadline - time.monotonic()
                assert left > 0, f"None of {wanted} came, but {self.told[-20:]}"
                self._changed.wait(left)

    def begin(self, name: str, script: str, api: Mapping[str, Any] | None = None, **plugin: Any) -> int:
        """Ask for a plugin of one script; the number of the start."""
        self._count += 1
        self._apis[self._count] = (name, api or {})
        given = {
            **{"name": name, "id": name, "tag": None, "workspace": "default", "requirements": []},
            **{
                "config": {"name": name, "type": "native-python"},
                "scripts": [{"content": script, "lang": "python", "line": 1}],
            },
            **plugin,
        }
        self.send({"type": "start", "id": self._count, "plugin": given})
        return self._count

    def start(
        self, name: str, script: str, api: Mapping[str, Any] | None = None, *, seconds: float = 60, **plugin: Any
    ) -> PagePlugin:
        """Start a plugin; raises StartFailed."""
        number = self.begin(name, script, api, **plugin)
        answer = self.wait_for_any([{"type": "started", "id": number}, {"type": "failed", "id": number}], seconds)
        if answer["type"] == "failed":
            raise StartFailed(**answer["error"])
        return self.plugins[answer["peer"]]


@contextmanager
def engine_page(server: Served | int, token: str | None = None) -> Iterator[EnginePage]:
    """A page that is connected to the engine of a server."""
    with engine_socket(server, max_size=2**25) as connection:
        hello = HELLO if token is None else {**HELLO, "token": token}
        assert exchange(connection, hello)["type"] == "welcome"
        yield EnginePage(connection)
