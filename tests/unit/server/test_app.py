"""imjoy_offline.server.app: the routes are those of the table, and no others."""

import asyncio
from pathlib import Path

import pytest

from imjoy_offline.server.app import Application
from imjoy_offline.server.config import ServerConfig
from imjoy_offline.server.policy import RequestFacts
from imjoy_offline.server.prepare import Prepared, prepare
from tests.helpers.served_site import APP_FILES, build_served_site


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    folder = build_served_site(tmp_path / "folder")
    found = prepare(ServerConfig(folder, port=0, sandbox_port=0, state=tmp_path / "state"))
    found.close()
    return found


def status_of(prepared: Prepared, target: str, *, sandbox: bool = False) -> int:
    application: Application = prepared.gate._application
    port = prepared.rules.sandbox_port if sandbox else prepared.rules.app_port
    facts = RequestFacts(port=port, method="GET", path=target.partition("?")[0], target=target)
    return asyncio.run(application.answer(facts)).status


def test_each_file_of_the_site_is_on_its_own_port_alone(prepared: Prepared) -> None:
    for name in APP_FILES:
        if name == "app/index.html":
            continue
        on_sandbox = name.startswith("sandbox/")
        assert status_of(prepared, f"/{name}", sandbox=on_sandbox) == 200, name
        assert status_of(prepared, f"/{name}", sandbox=not on_sandbox) == 404, name


@pytest.mark.parametrize(
    "target",
    [
        "/server.json",
        "/SHA256SUMS",
        "/current",
        "/app",
        "/app/",
        "/app/js",
        "/plugins/",
        "/plugins/index.html",
        "/cdn/npm/",
        "/cdn/npm/lit@3.0.0/",
        "/objects",
        "/api/",
        "/engine/",
        "/files/x",
        "/robots.txt",
        "//app/js/main.js",
        "/APP/js/main.js",
    ],
)
@pytest.mark.parametrize("sandbox", [False, True])
def test_nothing_else_is_there(prepared: Prepared, target: str, sandbox: bool) -> None:
    assert status_of(prepared, target, sandbox=sandbox) == 404


@pytest.mark.parametrize("nonce", ["", "short", "g" * 64, "0" * 31, "0" * 129, "0" * 64 + "\n"])
def test_a_hello_needs_a_number_of_its_form(prepared: Prepared, nonce: str) -> None:
    assert status_of(prepared, f"/api/hello?nonce={nonce}") == 400


def test_a_hello_is_answered_with_the_proof(prepared: Prepared) -> None:
    facts = RequestFacts(prepared.rules.app_port, "GET", "/api/hello", f"/api/hello?nonce={'0' * 64}")
    answer = asyncio.run(prepared.gate._application.answer(facts))
    assert isinstance(answer.body, bytes)
    assert prepared.identity.proof("0" * 64).encode() in answer.body
