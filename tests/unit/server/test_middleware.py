"""imjoy_offline.server.middleware: facts from a request, and faults that become answers."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from imjoy_offline.errors import SiteError
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.server.app import Application
from imjoy_offline.server.asgi import Answer, Event
from imjoy_offline.server.config import ServerConfig
from imjoy_offline.server.middleware import Gate, read_facts
from imjoy_offline.server.policy import RequestFacts
from imjoy_offline.server.prepare import prepare
from imjoy_offline.server.websocket import EngineSocket, Sessions
from tests.helpers.served_site import build_served_site


def scope_of(*headers: tuple[bytes, bytes], path: str = "/", query: bytes = b"", port: int = 8080) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode("latin-1"),
        "query_string": query,
        "headers": list(headers),
        "server": ("127.0.0.1", port),
    }


def test_headers_that_may_come_once_are_kept_with_every_occurrence() -> None:
    facts = read_facts(
        scope_of((b"host", b"a"), (b"Host", b"b"), (b"origin", b"c"), (b"x-one", b"1"), (b"X-One", b"2"))
    )
    assert (facts.hosts, facts.origins, facts.headers["x-one"]) == (("a", "b"), ("c",), "2")


def test_a_target_can_stand_in_a_header() -> None:
    facts = read_facts(scope_of(path="/a\xe9\x07b c%20", query=b"\xff&x=1"))
    assert facts.target == "/a%E9%07b%20c%20?%FF&x=1"


def test_a_websocket_is_a_websocket() -> None:
    scope = {**scope_of(), "type": "websocket"}
    del scope["method"]
    assert read_facts(scope).websocket


class FailingApplication(Application):
    """Raises what it is told to."""

    error: Exception

    async def answer(self, facts: RequestFacts, body: bytes = b"") -> Answer:
        raise self.error


def answer_of_failing(tmp_path: Path, error: Exception) -> tuple[int, dict[bytes, bytes], bytes]:
    folder: WorkingFolder = build_served_site(tmp_path / "folder")
    prepared = prepare(ServerConfig(folder, port=0, sandbox_port=0, state=tmp_path / "state"))
    prepared.close()
    sessions = Sessions()
    before = prepared.gate._application
    application = FailingApplication(prepared.rules, before.source, before._api)
    application.error = error
    gate = Gate(application, EngineSocket(lambda token: False, sessions), sessions)
    events: list[Any] = []

    async def receive() -> Event:
        return {"type": "http.request"}

    async def send(event: Event) -> None:
        events.append(event)

    port = prepared.rules.app_port
    asyncio.run(gate(scope_of((b"host", f"127.0.0.1:{port}".encode()), port=port), receive, send))
    return events[0]["status"], dict(events[0]["headers"]), events[1]["body"]


def test_a_fault_that_nobody_foresaw_is_logged_and_told_without_details(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        status, headers, body = answer_of_failing(tmp_path, RuntimeError("the inner secret"))
    assert status == 500
    assert b"secret" not in body
    assert "the inner secret" in caplog.text
    assert b"content-security-policy" in headers


def test_a_fault_of_the_folder_is_told_with_its_remedy(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        status, _, body = answer_of_failing(tmp_path, SiteError("It is broken.", hint="Mend it."))
    assert (status, body) == (500, b"It is broken.\nMend it.\n")
    assert "It is broken." in caplog.text
