"""A page's side of the engine's websocket, as small as a test needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from imjoy.rpc.messages import Message
from imjoy.rpc.wire import decode_frame, encode_frame
from tests.helpers.served_site import TOKEN, Served

HELLO: Message = {"type": "hello", "version": 1, "token": TOKEN, "client": "test"}


@contextmanager
def engine_socket(server: Served | int, **options: Any) -> Iterator[ClientConnection]:
    """A connection with the app's origin, before its hello, to a server or a port."""
    port = server if isinstance(server, int) else server.port
    settings: dict[str, Any] = {
        "origin": f"http://127.0.0.1:{port}",
        "compression": None,
        "proxy": None,
        "open_timeout": 10,
        "close_timeout": 2,
        "max_size": 2**25,
        **options,
    }
    with connect(f"ws://127.0.0.1:{port}/engine", **settings) as connection:
        yield connection


def exchange(connection: ClientConnection, message: Message) -> Message:
    """Send one message and read one."""
    connection.send(encode_frame(message))
    return read_message(connection)


def read_message(connection: ClientConnection) -> Message:
    """The next message."""
    data = connection.recv(timeout=20)
    assert isinstance(data, bytes)
    return decode_frame(data)


def closed_with(connection: ClientConnection) -> tuple[int, str]:
    """The code and reason with which the other side closes."""
    try:
        while True:
            connection.recv(timeout=20)
    except ConnectionClosed as closed:
        assert closed.rcvd is not None, "the connection broke without a close frame"
        return closed.rcvd.code, closed.rcvd.reason
