"""The engine's websocket on the real server: its token, its limits, its timers and its end."""

import contextlib
import json
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from imjoy.rpc.messages import LIMITS, Message
from imjoy.rpc.wire import encode_frame
from tests.helpers.engine_client import HELLO, closed_with, engine_socket, exchange, read_message
from tests.helpers.served_site import TOKEN, Served, build_served_site, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("served")
    with serving(build_served_site(root / "folder"), root / "state") as served:
        yield served


def open_sessions(server: Served) -> int:
    answer = server.get("/api/status", ("Authorization", f"Bearer {TOKEN}"))
    return int(json.loads(answer.body)["sessions"])


def test_hello_is_welcomed_and_a_ping_answered(server: Served) -> None:
    with engine_socket(server) as connection:
        welcome = exchange(connection, HELLO)
        assert (welcome["type"], welcome["limits"]) == ("welcome", LIMITS.to_message())
        assert exchange(connection, {"type": "ping", "id": 42}) == {"type": "pong", "id": 42}


def test_no_compression_is_agreed_on(server: Served) -> None:
    with engine_socket(server, compression="deflate") as connection:
        assert connection.response is not None
        assert "Sec-WebSocket-Extensions" not in connection.response.headers
        assert exchange(connection, HELLO)["type"] == "welcome"


def test_sessions_are_counted_while_they_last(server: Served) -> None:
    with engine_socket(server) as first, engine_socket(server) as second:
        exchange(first, HELLO)
        assert open_sessions(server) == 1
        exchange(second, HELLO)
        assert open_sessions(server) == 2
    deadline = time.monotonic() + 10
    while open_sessions(server) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert open_sessions(server) == 0


@pytest.mark.parametrize(
    "message",
    [{**HELLO, "token": "wrong-token"}, {**HELLO, "token": ""}, {**HELLO, "version": 9}, {"type": "ping", "id": 1}],
)
def test_without_the_token_there_is_no_session(server: Served, message: Message) -> None:
    with engine_socket(server) as connection:
        connection.send(encode_frame(message))
        code, reason = closed_with(connection)
        assert code == 4401
        assert reason
        assert TOKEN not in reason


def test_text_and_garbage_end_it(server: Served) -> None:
    with engine_socket(server) as connection:
        connection.send('{"type": "hello"}')
        assert closed_with(connection)[0] == 4401
    with engine_socket(server) as connection:
        connection.send(b"\xff" * 100)
        assert closed_with(connection)[0] == 4401
    with engine_socket(server) as connection:
        exchange(connection, HELLO)
        connection.send(b"\xff" * 100)
        assert closed_with(connection)[0] == 4400


def test_silence_ends_it_after_five_seconds(server: Served) -> None:
    with engine_socket(server) as connection:
        before = time.monotonic()
        code, reason = closed_with(connection)
        assert (code, reason) == (4401, "No hello came within 5 seconds.")
        assert 4.5 < time.monotonic() - before < 8


def test_a_hello_that_trickles_in_is_not_waited_for(server: Served) -> None:
    def trickle() -> Iterator[bytes]:
        for byte in encode_frame(HELLO):
            yield bytes([byte])
            time.sleep(0.2)

    with engine_socket(server) as connection:
        before = time.monotonic()
        with contextlib.suppress(ConnectionClosed):
            connection.send(trickle())
        assert closed_with(connection)[0] == 4401
        assert time.monotonic() - before < 8


@pytest.mark.parametrize("size", [LIMITS.unauthenticated_bytes + 1, 300_000, 5_000_000])
def test_a_first_message_beyond_its_limit_is_refused(server: Served, size: int) -> None:
    with engine_socket(server) as connection:
        with contextlib.suppress(ConnectionClosed):
            connection.send(encode_frame({**HELLO, "more": bytes(size - 200)})[:size].ljust(size, b"\0"))
        assert closed_with(connection)[0] == 4401


def test_a_first_message_in_many_fragments_has_the_same_limit(server: Served) -> None:
    with engine_socket(server) as connection:
        with contextlib.suppress(ConnectionClosed):
            connection.send(bytes(1000) for _ in range(1000))
        assert closed_with(connection)[0] == 4401


def test_a_first_message_up_to_its_limit_is_taken(server: Served) -> None:
    empty = len(encode_frame({**HELLO, "more": ""}))
    message = {**HELLO, "more": "x" * (LIMITS.unauthenticated_bytes - empty)}
    assert len(encode_frame(message)) == LIMITS.unauthenticated_bytes
    with engine_socket(server) as connection:
        assert exchange(connection, message)["type"] == "welcome"


def test_after_hello_a_message_may_have_sixteen_megabytes_and_no_more(server: Served) -> None:
    message = {"type": "ping", "id": 1, "more": b""}
    with engine_socket(server) as connection:
        exchange(connection, HELLO)
        fitting = encode_frame({**message, "more": bytes(LIMITS.message_bytes - 256)})
        connection.send(fitting)
        assert read_message(connection) == {"type": "pong", "id": 1}
        with contextlib.suppress(ConnectionClosed):
            connection.send(bytes(LIMITS.message_bytes + 1))
        assert closed_with(connection)[0] in (1009, 4413)


def test_strangers_do_not_keep_others_out_for_good(server: Served) -> None:
    """So many connections may wait for their hello; more are told so, and there is room again when those have gone."""
    with contextlib.ExitStack() as stack:
        for _ in range(64):
            stack.enter_context(engine_socket(server))
        with pytest.raises(InvalidStatus) as refused, engine_socket(server):
            pass
        assert refused.value.response.status_code == 503
        assert b"64 connections" in refused.value.response.body
        assert server.get("/").status == 200
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(InvalidStatus), engine_socket(server) as connection:
            assert exchange(connection, HELLO)["type"] == "welcome"
            return
    raise AssertionError("there was no room again")


def test_the_servers_end_closes_every_session(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("ending")
    with contextlib.ExitStack() as stack:
        served = stack.enter_context(serving(build_served_site(root / "folder"), root / "state"))
        with engine_socket(served) as connection:
            exchange(connection, HELLO)
            before = time.monotonic()
            stack.close()
            assert time.monotonic() - before < 5
            assert closed_with(connection)[0] == 1012
