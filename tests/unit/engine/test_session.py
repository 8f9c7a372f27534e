"""imjoy_offline.engine.session: what opens a session, what ends it, and its heartbeat."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imjoy.rpc.messages import LIMITS, Message
from imjoy.rpc.wire import decode_frame, encode_frame
from imjoy_offline.engine.session import Action, End, Heartbeat, Send, Session, State

TOKEN = "the-right-token"
HELLO: Message = {"type": "hello", "version": 1, "token": TOKEN, "client": "test"}


def new_session(**options: Any) -> Session:
    return Session(lambda token: token == TOKEN, 100.0, **options)


def open_session(**options: Any) -> Session:
    session = new_session(**options)
    session.receive(encode_frame(HELLO), 100.0)
    assert session.state is State.OPEN
    return session


def sent(actions: tuple[Action, ...]) -> list[Message]:
    return [decode_frame(action.data) for action in actions if isinstance(action, Send)]


def ended(actions: tuple[Action, ...]) -> End:
    (end,) = actions
    assert isinstance(end, End)
    return end


def test_hello_with_the_token_is_welcomed_with_the_limits() -> None:
    session = new_session()
    (welcome,) = sent(session.receive(encode_frame(HELLO), 100.5))
    assert welcome == {"type": "welcome", "version": 1, "session": session.id, "limits": LIMITS.to_message()}
    assert session.state is State.OPEN
    assert session.client == "test"


def test_sessions_have_names_that_nobody_can_guess() -> None:
    assert len({new_session().id for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({**HELLO, "token": "wrong"}, "token"),
        ({**HELLO, "token": ""}, "token"),
        ({**HELLO, "version": 2}, "version 2"),
        ({"type": "hello", "version": 1, "client": "x"}, "hello"),
        ({"type": "ping", "id": 1}, "not a hello"),
        ({"type": "welcome", "version": 1, "session": "x", "limits": {}}, "not a hello"),
        ({"type": "method", "name": "x"}, "not a hello"),
    ],
)
def test_any_other_first_message_ends_it_with_a_reason(message: Message, reason: str) -> None:
    session = new_session()
    end = ended(session.receive(encode_frame(message), 100.0))
    assert end.code == 4401
    assert reason in end.reason
    assert session.receive(encode_frame(HELLO), 100.0) == ()
    assert session.state is State.ENDED


@given(st.binary(max_size=100))
def test_bytes_that_are_no_hello_never_open_a_session(data: bytes) -> None:
    session = new_session()
    assert ended(session.receive(data, 100.0)).code == 4401


def test_a_first_message_beyond_its_limit_is_refused_even_with_the_token() -> None:
    large = encode_frame({**HELLO, "more": "x" * LIMITS.unauthenticated_bytes})
    assert ended(new_session().receive(large, 100.0)).code == 4401
    fitting = encode_frame({**HELLO, "more": "x" * (LIMITS.unauthenticated_bytes - 200)})
    assert len(fitting) <= LIMITS.unauthenticated_bytes
    assert sent(new_session().receive(fitting, 100.0))[0]["type"] == "welcome"


def test_a_text_message_ends_it() -> None:
    assert ended(new_session().receive_text()).code == 4401
    assert ended(open_session().receive_text()).code == 4400


def test_silence_before_hello_ends_it_after_five_seconds() -> None:
    session = new_session()
    assert session.due == 105.0
    assert session.tick(104.9) == ()
    end = ended(session.tick(105.0))
    assert (end.code, end.reason) == (4401, "No hello came within 5 seconds.")
    assert session.due is None
    assert session.tick(200.0) == ()


@pytest.mark.parametrize("identifier", [0, 7, "seven"])
def test_a_ping_is_answered_with_its_id(identifier: int | str) -> None:
    session = open_session()
    assert sent(session.receive(encode_frame({"type": "ping", "id": identifier}), 101.0)) == [
        {"type": "pong", "id": identifier}
    ]


def test_we_ask_after_silence_and_give_up_after_more() -> None:
    session = open_session(heartbeat=Heartbeat(interval=20, patience=60))
    assert session.due == 120.0
    assert [message["type"] for message in sent(session.tick(120.0))] == ["ping"]
    assert session.due == 140.0
    assert session.tick(139.0) == ()
    sent(session.tick(140.0))
    end = ended(session.tick(160.0))
    assert end.code == 1001
    assert "60 seconds" in end.reason


def test_anything_heard_counts_as_life() -> None:
    session = open_session(heartbeat=Heartbeat(interval=20, patience=60))
    (ping,) = sent(session.tick(120.0))
    assert session.receive(encode_frame({"type": "pong", "id": ping["id"]}), 121.0) == ()
    assert session.due == 141.0
    session.receive(encode_frame({"type": "ping", "id": 1}), 159.0)
    assert session.due == 179.0


@pytest.mark.parametrize("message", [HELLO, {"type": "ping"}, {"type": "credit", "stream": -1, "bytes": 1}])
def test_an_open_session_ends_on_what_is_not_the_protocol(message: Message) -> None:
    assert ended(open_session().receive(encode_frame(message), 101.0)).code == 4400


def test_an_open_session_ends_on_bytes_that_are_no_frame_or_too_many() -> None:
    assert ended(open_session().receive(b"\xff" * 20, 101.0)).code == 4400
    assert ended(open_session().receive(bytes(LIMITS.message_bytes + 1), 101.0)).code == 4413


@pytest.mark.parametrize("kind", ["method", "no-such-kind", "x" * 5000])
def test_kinds_of_later_versions_are_answered_in_words(kind: str) -> None:
    session = open_session()
    (answer,) = sent(session.receive(encode_frame({"type": kind}), 101.0))
    assert answer["code"] == "not-available"
    assert kind[:20] in answer["message"]
    assert session.state is State.OPEN


def test_a_reason_always_fits_a_close_frame() -> None:
    end = ended(new_session().receive(encode_frame({**HELLO, "version": 2**53 - 1}), 100.0))
    assert len(end.reason.encode()) <= 123
