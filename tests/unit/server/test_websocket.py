"""imjoy_offline.server.websocket: the caps on connections, and a conversation without a network."""

import asyncio
from typing import Any

import pytest

from imjoy.rpc.messages import Message
from imjoy.rpc.wire import decode_frame, encode_frame
from imjoy_offline.engine.session import Heartbeat, Session
from imjoy_offline.server.asgi import Event
from imjoy_offline.server.websocket import AUTHENTICATED, EngineSocket, Sessions

HELLO: Message = {"type": "hello", "version": 1, "token": "token", "client": "test"}


def session() -> Session:
    return Session(lambda token: token == "token", 0.0)


def opened() -> Session:
    one = session()
    one.receive(encode_frame(HELLO), 0.0)
    return one


def test_strangers_are_capped_and_friends_are_not_counted_among_them() -> None:
    sessions = Sessions(waiting_limit=2, socket_limit=10)
    waiting = [session(), session()]
    for one in [opened(), opened(), opened(), *waiting]:
        sessions.add(one)
    assert sessions.open_count == 3
    assert "2 connections" in (sessions.refusal() or "")
    waiting[0].receive(encode_frame(HELLO), 0.0)
    assert sessions.refusal() is None
    sessions.remove(waiting[1])
    sessions.remove(waiting[1])
    assert sessions.open_count == 4


def test_all_connections_together_are_capped() -> None:
    sessions = Sessions(waiting_limit=2, socket_limit=3)
    for _ in range(3):
        sessions.add(opened())
    assert "3 connections" in (sessions.refusal() or "")


class Page:
    """The other side of one connection, as a list of what it sends and gets."""

    def __init__(self, *events: Event, sessions: Sessions | None = None, heartbeat: Heartbeat | None = None) -> None:
        self.sessions = sessions or Sessions()
        self.trusted = False
        self.sent: list[Any] = []
        self._engine = EngineSocket(lambda token: token == "token", self.sessions, heartbeat)
        self._events = [{"type": "websocket.connect"}, *events]

    async def _receive(self) -> Event:
        if not self._events:
            await asyncio.Event().wait()
        return self._events.pop(0)

    async def _send(self, event: Event) -> None:
        self.sent.append(event)

    def _trust(self) -> None:
        self.trusted = True

    def run(self) -> list[Any]:
        scope = {"type": "websocket", "extensions": {AUTHENTICATED: self._trust}}
        asyncio.run(asyncio.wait_for(self._engine.run(scope, self._receive, self._send), 10))
        return self.sent


def message(content: Message) -> Event:
    return {"type": "websocket.receive", "bytes": encode_frame(content)}


GONE: Event = {"type": "websocket.disconnect", "code": 1000}


def test_a_conversation() -> None:
    page = Page(message(HELLO), message({"type": "ping", "id": 3}), GONE)
    accept, welcome, pong = page.run()
    assert accept == {"type": "websocket.accept"}
    assert decode_frame(welcome["bytes"])["type"] == "welcome"
    assert decode_frame(pong["bytes"]) == {"type": "pong", "id": 3}
    assert page.trusted
    assert page.sessions.refusal() is None


def test_a_stranger_is_closed_and_forgotten_and_never_trusted() -> None:
    sessions = Sessions(socket_limit=1)
    page = Page(message({**HELLO, "token": "wrong"}), sessions=sessions)
    assert page.run()[-1]["code"] == 4401
    assert not page.trusted
    assert sessions.refusal() is None


@pytest.mark.parametrize(
    "event", [{"type": "websocket.receive", "text": "{}"}, {"type": "websocket.receive", "bytes": None}]
)
def test_a_text_is_closed(event: Event) -> None:
    assert Page(event).run()[-1]["code"] == 4401


def test_silence_is_asked_after_and_then_ended() -> None:
    page = Page(message(HELLO), heartbeat=Heartbeat(interval=0.02, patience=0.1))
    kinds = [decode_frame(event["bytes"])["type"] for event in page.run() if event["type"] == "websocket.send"]
    assert kinds[0] == "welcome"
    assert "ping" in kinds
    assert page.sent[-1]["code"] == 1001


def test_a_page_that_goes_is_forgotten() -> None:
    sessions = Sessions(socket_limit=1)
    assert Page(GONE, sessions=sessions).run() == [{"type": "websocket.accept"}]
    assert sessions.refusal() is None
