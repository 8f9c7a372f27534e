"""Mirrored code is other people's: on the app's port it would own the app, so it lives on the other port, caged."""

import json
from collections.abc import Iterator

import pytest

from tests.helpers.served_site import (
    MOVING_URL,
    PAGE_URL,
    PLUGIN_DIGEST,
    SMALL_URL,
    Served,
    build_served_site,
    serving,
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("served")
    with serving(build_served_site(root / "folder"), root / "state") as served:
        yield served


def cdn(url: str) -> str:
    return "/cdn/x/" + url.replace("://", "/")


@pytest.mark.parametrize("url", [SMALL_URL, MOVING_URL, PAGE_URL])
@pytest.mark.parametrize("destination", ["document", "iframe", "script", "empty"])
def test_nothing_mirrored_is_on_the_apps_port(server: Served, url: str, destination: str) -> None:
    answer = server.get(cdn(url), ("Sec-Fetch-Dest", destination))
    assert answer.status == 404
    assert server.get(cdn(url), ("Sec-Fetch-Dest", destination), sandbox=True).status == 200


@pytest.mark.parametrize("name", ["page.html", "picture.svg"])
def test_no_document_of_a_library_is_on_the_apps_port(server: Served, name: str) -> None:
    assert server.get(f"/cdn/npm/lit@3.0.0/{name}").status == 404
    assert server.get("/cdn/npm/lit@3.0.0/index.js").status == 200


def test_a_plugin_is_never_a_page(server: Served) -> None:
    answer = server.get(f"/plugins/{PLUGIN_DIGEST}", ("Accept", "text/html"), ("Sec-Fetch-Dest", "document"))
    assert answer.header("Content-Type") == "text/plain; charset=utf-8"
    assert answer.header("X-Content-Type-Options") == "nosniff"


def test_every_answer_of_the_sandbox_port_forbids_the_engine(server: Served) -> None:
    """A worker takes its policy from its own script: one file without it, and a plugin could open the socket."""
    folder = server.prepared.config.folder.current_site()
    assert folder is not None
    urls = json.loads((folder / "server.json").read_text())["urls"]
    targets = [cdn(url) for url in urls]
    targets += ["/sandbox/js/sandbox/boot.js", "/sandbox/no", "/no", "/favicon.ico", "/cdn/x/https/no.example/x.js"]
    for target in targets:
        for headers in ([], [("Range", "bytes=0-0")], [("If-None-Match", "*")], [("Service-Worker", "script")]):
            answer = server.get(target, *headers, sandbox=True)
            policy = answer.header("Content-Security-Policy") or ""
            directives = dict(part.partition(" ")[::2] for part in policy.split("; "))
            assert str(server.port) not in directives["connect-src"], (target, answer.status)
            assert "ws:" not in directives["connect-src"]
            assert directives["default-src"] == "'none'"


def test_nothing_mirrored_is_ever_a_redirect(server: Served) -> None:
    """A redirect below /cdn/ would lift the limits that the policy puts on paths."""
    for url in (SMALL_URL, MOVING_URL, PAGE_URL, "https://no.example/x"):
        for target in (cdn(url), cdn(url) + "/", cdn(url).replace("https/", "https//")):
            answer = server.get(target, sandbox=True)
            assert not 300 <= answer.status < 400
            assert answer.header("Location") is None


def test_an_address_cannot_write_into_the_answers_headers(server: Served) -> None:
    answer = server.get("/cdn/x/https/no.example/a%0d%0aX-Injected:%20yes?b%0aX-Injected:yes", sandbox=True)
    assert answer.status == 404
    assert answer.header("X-Injected") is None
    assert answer.header("X-ImJoy-Missing") == "https://no.example/a%0d%0aX-Injected:%20yes?b%0aX-Injected:yes"


@pytest.mark.parametrize("sandbox", [False, True])
def test_no_service_worker_can_be_registered(server: Served, sandbox: bool) -> None:
    targets = (
        [cdn(SMALL_URL), "/sandbox/js/sandbox/boot.js"]
        if sandbox
        else ["/app/js/main.js", "/cdn/npm/lit@3.0.0/index.js"]
    )
    for target in targets:
        answer = server.get(target, ("Service-Worker", "script"), sandbox=sandbox)
        assert answer.status == 403
        assert answer.header("Service-Worker-Allowed") is None
        assert server.get(target, sandbox=sandbox).status == 200
