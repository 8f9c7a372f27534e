"""The policy table against the real server under both of its HTTP parsers, with the very bytes of each request."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.helpers.policy_table import ALLOWED, CASES, Case
from tests.helpers.served_site import Answer, Served, build_served_site, serving

PARSERS = ("httptools", "h11")
UPGRADE = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)


@pytest.fixture(scope="module", params=PARSERS)
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    root = tmp_path_factory.mktemp("served")
    folder = build_served_site(root / "folder")
    kinds: dict[str, dict[str, Any]] = {
        "plain": {},
        "allowing": {"allow_origins": (ALLOWED,)},
        "no_engine": {"engine": False},
    }
    with ExitStack() as stack:
        yield {
            kind: stack.enter_context(serving(folder, root / "state", http=request.param, **options))
            for kind, options in kinds.items()
        }


def request_bytes(case: Case) -> bytes:
    lines = [f"{case.method} {case.target} HTTP/1.1", *(f"Host: {one}" for one in case.hosts)]
    lines += [f"{name}: {value}" for name, value in case.headers]
    lines += [f"{name}: {value}" for name, value in UPGRADE] if case.websocket else ["Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def answer_to(case: Case, server: Served) -> Answer:
    case = case.filled(server.port, server.sandbox_port)
    return server.send(request_bytes(case), port=server.sandbox_port if case.sandbox else server.port)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_table_holds_on_the_wire(case: Case, servers: dict[str, Served]) -> None:
    server = servers[case.server]
    answer = answer_to(case, server)
    assert answer.status == case.status, answer
    if case.decision == "redirect":
        assert answer.header("Location") == case.filled(server.port, server.sandbox_port).location
    if case.decision == "deny":
        assert 400 <= answer.status < 500
        # Malformed requests may be answered by the parser, before the application is asked.
        by_parser = answer.header("Content-Security-Policy") is None
        assert not by_parser or answer.status == 400
        if not by_parser and case.method != "HEAD":
            assert answer.text.startswith("Refused: ")
            assert (answer.header("Content-Type") or "").startswith("text/plain")


def test_every_answer_of_the_application_carries_its_headers(servers: dict[str, Served]) -> None:
    wanted = {
        False: {"Content-Security-Policy", "Cross-Origin-Opener-Policy", "X-Frame-Options"},
        True: {"Content-Security-Policy", "Origin-Agent-Cluster", "Access-Control-Allow-Origin"},
    }
    both = {
        "Cross-Origin-Embedder-Policy",
        "Cross-Origin-Resource-Policy",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Permissions-Policy",
    }
    seen: set[int] = set()
    for case in CASES:
        answer = answer_to(case, servers[case.server])
        if answer.status in (101, 400):
            continue
        seen.add(answer.status)
        missing = [name for name in wanted[case.sandbox] | both if answer.header(name) is None]
        assert not missing, (case.name, missing)
    assert {200, 204, 302, 401, 403, 404, 405, 421, 426} <= seen


def test_the_server_does_not_name_its_software(servers: dict[str, Served]) -> None:
    assert servers["plain"].get("/").header("Server") is None


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n",
        b"GET  / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
    ],
)
def test_broken_requests_are_refused_and_the_server_lives(data: bytes, servers: dict[str, Served]) -> None:
    server = servers["plain"]
    answer = server.send(data)
    assert answer.status == 0 or 400 <= answer.status < 500, answer
    assert server.get("/").status == 200


def test_a_bad_token_any_number_of_times_ends_nothing(servers: dict[str, Served]) -> None:
    server = servers["plain"]
    for _ in range(100):
        assert server.get("/api/status", ("Authorization", "Bearer wrong")).status == 401
    assert server.get("/").status == 200


def test_ipv6_loopback_is_the_same_server(servers: dict[str, Served]) -> None:
    server = servers["plain"]
    answer = server.get("/x?y=1", ("Accept", "text/html"), host=f"[::1]:{server.port}", address="::1")
    assert (answer.status, answer.header("Location")) == (302, f"http://127.0.0.1:{server.port}/x?y=1")
