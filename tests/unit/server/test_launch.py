"""imjoy_offline.server.launch: finding a server that runs, without telling a stranger anything."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from imjoy_offline.paths import WorkingFolder
from imjoy_offline.server.config import ServerConfig
from imjoy_offline.server.launch import find_running
from imjoy_offline.server.running import Identity, new_identity, running_file, write_running

REPOSITORY = Path(__file__).resolve().parents[3]


@contextlib.contextmanager
def stranger(answer: Callable[[bytes], bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """A program on a port that is not ours: it answers as it likes and keeps what it was sent."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listening.accept()
                with connection:
                    heard.append(connection.recv(65536))
                    connection.sendall(answer(heard[-1]))

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield listening.getsockname()[1], heard
    thread.join(10)


def config_for(tmp_path: Path, identity: Identity) -> ServerConfig:
    write_running(running_file(tmp_path, tmp_path), identity)
    return ServerConfig(WorkingFolder(tmp_path), state=tmp_path)


def http(body: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage",
        http(""),
        http("[]"),
        http("{}"),
        http('{"proof": null}'),
        http('{"proof": "' + "0" * 64 + '"}'),
        http('{"proof": "' + "x" * 100_000 + '"}'),
    ],
)
def test_a_stranger_on_the_port_is_not_believed_and_learns_nothing(tmp_path: Path, answer: bytes) -> None:
    with stranger(lambda request: answer) as (port, heard):
        identity = new_identity(port, port + 1, token_kept=True)
        assert find_running(tmp_path, config_for(tmp_path, identity)) is None
    (request,) = heard
    assert request.startswith(b"GET /api/hello?nonce=")
    assert identity.secret.encode() not in request
    assert b"authorization" not in request.lower()


def test_a_proof_for_another_port_is_not_believed(tmp_path: Path) -> None:
    """A stranger passes the question on to the real server, which runs at another port, and hands its answer back."""
    with stranger(lambda request: http(json.dumps({"proof": real.proof(nonce_of(request))}))) as (port, _):
        identity = new_identity(port, port + 1, token_kept=True)
        real = Identity(port + 7, identity.sandbox_port, identity.token_kept, identity.secret)
        assert find_running(tmp_path, config_for(tmp_path, identity)) is None


def nonce_of(request: bytes) -> str:
    return request.split(b"nonce=")[1].split(b" ")[0].decode()


def test_who_proves_itself_is_believed(tmp_path: Path) -> None:
    with stranger(lambda request: http(json.dumps({"proof": identity.proof(nonce_of(request))}))) as (port, _):
        identity = new_identity(port, port + 1, token_kept=True)
        assert find_running(tmp_path, config_for(tmp_path, identity)) == identity


def test_nobody_there_is_nobody(tmp_path: Path) -> None:
    assert find_running(tmp_path, ServerConfig(WorkingFolder(tmp_path), state=tmp_path)) is None
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    assert find_running(tmp_path, config_for(tmp_path, new_identity(port, 1, token_kept=True))) is None


def test_starting_loads_no_more_than_serving_a_page_needs() -> None:
    """Heavy libraries wait until they are needed: a start is a third faster so."""
    program = (
        "import sys, imjoy_offline.server.launch;"
        "print([one for one in ('websockets', 'psutil', 'platformdirs', 'httpx', 'http.client', 'webbrowser', "
        "'starlette', 'rich', 'jinja2', 'yaml', 'mimetypes') if one in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True, cwd=REPOSITORY
    )
    assert answer.stdout.strip() == "[]"
