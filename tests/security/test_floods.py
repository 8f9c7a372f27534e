"""Somebody sends much, slowly, or endlessly. The server's memory stays small, and others are still served."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator

import psutil
import pytest
from websockets.exceptions import InvalidStatus

from tests.helpers.engine_client import HELLO, engine_socket, exchange
from tests.helpers.served_site import Served, build_served_site, serving

UPGRADE = (
    "GET /engine HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("served")
    with serving(build_served_site(root / "folder"), root / "state") as served:
        yield served


def memory() -> int:
    return int(psutil.Process(os.getpid()).memory_info().rss)


@contextlib.contextmanager
def opened(server: Served) -> Iterator[socket.socket]:
    """A stranger's connection to the engine; raises ConnectionRefusedError where there is no room for it."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(UPGRADE.format(port=server.port).encode())
        if not connection.recv(4096).startswith(b"HTTP/1.1 101"):
            raise ConnectionRefusedError
        yield connection


def test_messages_announced_before_the_token_take_no_memory(server: Served) -> None:
    before = memory()
    with contextlib.ExitStack() as stack:
        for _ in range(30):
            connection = stack.enter_context(opened(server))
            # A masked binary frame of 16 MiB, of which as much is sent as the other side takes.
            connection.sendall(b"\x82\xff" + (16 * MEGABYTE - 1).to_bytes(8, "big") + b"\0\0\0\0")
            connection.settimeout(1)
            with contextlib.suppress(OSError):
                connection.sendall(bytes(4 * MEGABYTE))
        assert memory() - before < 40 * MEGABYTE
        assert server.get("/").status == 200


def test_a_first_message_of_six_hundred_megabytes_does_not_grow_the_server(server: Served) -> None:
    before = memory()
    frames = 40
    sent = 0
    with opened(server) as connection:
        connection.settimeout(5)
        with contextlib.suppress(OSError):
            for index in range(frames):
                # One message in fragments of 15 MiB each, masked with zeros, as large as a page can make it.
                first = 0x02 if index == 0 else (0x80 if index == frames - 1 else 0x00)
                head = bytes((first, 0xFF)) + (15 * MEGABYTE).to_bytes(8, "big") + b"\0\0\0\0"
                connection.sendall(head)
                for _ in range(15):
                    connection.sendall(bytes(MEGABYTE))
                    sent += MEGABYTE
                    assert memory() - before < 30 * MEGABYTE
    assert sent > 0
    assert memory() - before < 30 * MEGABYTE
    assert server.get("/").status == 200


def test_strangers_who_hold_every_place_lose_them_in_seconds(server: Served) -> None:
    with contextlib.ExitStack() as stack:
        with pytest.raises(ConnectionRefusedError):
            for _ in range(100):
                stack.enter_context(opened(server))
        assert server.get("/").status == 200
        deadline = time.monotonic() + 12
        while time.monotonic() < deadline:
            with contextlib.suppress(InvalidStatus), engine_socket(server) as connection:
                assert exchange(connection, HELLO)["type"] == "welcome"
                return
            time.sleep(0.2)
    raise AssertionError("the places were never given back")


@pytest.mark.parametrize("parser", ["httptools", "h11"])
@pytest.mark.parametrize("start", ["GET / HTTP/1.1\r\nHost: x\r\nX-One: ", "GET /"])
def test_a_header_without_an_end_is_cut_off(tmp_path_factory: pytest.TempPathFactory, parser: str, start: str) -> None:
    root = tmp_path_factory.mktemp("served")
    with serving(build_served_site(root / "folder"), root / "state", http=parser) as server:
        before = memory()
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(start.encode())
            with pytest.raises((BrokenPipeError, ConnectionResetError)):
                for _ in range(2000):
                    connection.sendall(b"x" * 30_000)
            assert memory() - before < 20 * MEGABYTE
        assert server.get("/").status == 200


def test_many_headers_are_cut_off_too(server: Served) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            for number in range(100_000):
                connection.sendall(b"X-%d: %s\r\n" % (number, b"x" * 1000))


def test_connections_that_say_nothing_are_counted_and_ended(server: Served) -> None:
    with contextlib.ExitStack() as stack:
        silent = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20)) for _ in range(300)
        ]
        before = time.monotonic()
        for one in silent:
            with contextlib.suppress(ConnectionResetError):
                assert one.recv(1) == b""
        assert time.monotonic() - before < 10
    assert server.get("/").status == 200


def test_a_body_that_nobody_reads_is_not_kept(server: Served) -> None:
    before = memory()
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 1000000000\r\n\r\n".encode()
        )
        connection.settimeout(1)
        with contextlib.suppress(OSError):
            for _ in range(64):
                connection.sendall(bytes(MEGABYTE))
    assert memory() - before < 20 * MEGABYTE
    assert server.get("/").status == 200
