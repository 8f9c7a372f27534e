"""What the app can have done by its server: other engines confirmed and forgotten; and what it cannot."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.served_site import TOKEN, Served, build_served_site, serving

BEARER = ("Authorization", f"Bearer {TOKEN}")
OTHER = "http://127.0.0.1:9000"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with serving(build_served_site(tmp_path / "folder"), tmp_path / "state") as served:
        yield served


def connect_src(server: Served, target: str = "/") -> list[str]:
    policy = server.get(target).header("Content-Security-Policy") or ""
    return next(part.split()[1:] for part in policy.split("; ") if part.startswith("connect-src"))


def test_a_confirmed_engine_is_in_the_policy_of_the_next_page_and_of_the_next_start(
    server: Served, tmp_path: Path
) -> None:
    own = ["'self'", "data:", f"ws://127.0.0.1:{server.port}"]
    assert connect_src(server) == own
    answer = server.post("/api/engines/confirm", {"origin": OTHER})
    assert (answer.status, json.loads(answer.body)) == (200, {"engines": [OTHER], "kept": True})
    allowed = [OTHER, OTHER.replace("http", "ws")]
    assert connect_src(server) == [*own, *allowed]
    assert connect_src(server, "/app/js/main.js") == [*own, *allowed]
    assert json.loads(server.get("/api/engines", BEARER).body) == {"engines": [OTHER]}
    with serving(server.prepared.config.folder, tmp_path / "state") as again:
        assert connect_src(again)[3:] == allowed
    sandbox = server.get("/sandbox/frame.html", sandbox=True).header("Content-Security-Policy") or ""
    assert "9000" not in sandbox
    answer = server.post("/api/engines/forget", {"origin": OTHER})
    assert json.loads(answer.body)["engines"] == []
    assert connect_src(server) == own


@pytest.mark.parametrize("origin", [None, "*", "http://127.0.0.1:9000; script-src *", "http://localhost:9000", 7])
def test_what_is_no_engine_changes_nothing_and_says_why(server: Served, origin: object) -> None:
    before = connect_src(server)
    answer = server.post("/api/engines/confirm", {"origin": origin})
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["code"]) == (400, "input")
    assert error["message"]
    assert connect_src(server) == before


@pytest.mark.parametrize("headers", [{"Content-Type": "text/plain"}, {"Content-Type": "application/json-seq"}])
def test_a_body_must_say_that_it_is_json(server: Served, headers: dict[str, str]) -> None:
    answer = server.post("/api/engines/confirm", {"origin": OTHER}, *headers.items())
    assert answer.status == 415
    assert OTHER not in connect_src(server)


def test_a_body_of_another_kind_of_json_is_refused(server: Served) -> None:
    for document in ([], "x", None, [{"origin": OTHER}]):
        assert server.post("/api/engines/confirm", document).status == 400
    assert OTHER not in connect_src(server)


def test_a_body_that_is_too_large_or_never_comes_is_not_waited_for(server: Served) -> None:
    answer = server.post("/api/engines/confirm", {"origin": OTHER, "more": "x" * 20_000})
    assert answer.status == 413
    head = (
        f"POST /api/engines/confirm HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Origin: http://127.0.0.1:{server.port}\r\nAuthorization: Bearer {TOKEN}\r\n"
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 408")
    assert OTHER not in connect_src(server)


def test_without_serve_nothing_is_mirrored_and_the_command_is_told(server: Served) -> None:
    assert json.loads(server.get("/api/mirror", BEARER).body) == {"allowed": False, "run": None}
    url = "https://example.org/a.imjoy.html"
    answer = server.post("/api/mirror/start", {"plugin": url})
    error = json.loads(answer.body)["error"]
    assert answer.status == 403
    assert f'python -m imjoy mirror --plugin "{url}"' in error["hint"]
    assert server.get("/api/mirror/events?run=0", BEARER).status == 404
    assert server.post("/api/mirror/cancel", {"run": "0"}).status == 400


def test_a_token_in_the_query_is_on_no_line_of_the_log(server: Served, caplog: pytest.LogCaptureFixture) -> None:
    # The query form of a link: the browser sends it, and the page takes it out of its address bar.
    answer = server.get(f"/?token={TOKEN}&w=lab", ("Accept", "text/html"))
    assert answer.status == 200
    assert TOKEN not in answer.text
    assert TOKEN not in caplog.text
