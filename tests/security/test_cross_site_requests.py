"""A page of another site, open in the same browser, sends requests and opens sockets to our ports.

Cookies do not exist here, so nothing rides along; what is left is reading answers, opening the engine's socket, and
including our files. Each is refused by Origin, or by what the browser itself says of where the request comes from.
"""

from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus

from tests.helpers.engine_client import HELLO, engine_socket, exchange
from tests.helpers.policy_table import ALLOWED
from tests.helpers.served_site import PLUGIN_DIGEST, TOKEN, Served, build_served_site, serving

BEARER = ("Authorization", f"Bearer {TOKEN}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("served")
    with serving(build_served_site(root / "folder"), root / "state", allow_origins=(ALLOWED,)) as served:
        yield served


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "https://imjoy.io.evil.example", "http://imjoy.io"])
def test_no_foreign_page_opens_the_engines_socket(server: Served, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, engine_socket(server, origin=origin):
        pass
    assert refused.value.response.status_code == 403
    assert origin.encode() in refused.value.response.body


def test_a_sandboxed_plugin_with_storage_does_not_open_it_either(server: Served) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        engine_socket(server, origin=f"http://127.0.0.1:{server.sandbox_port}"),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_a_program_that_names_no_origin_does_not_open_it(server: Served) -> None:
    with pytest.raises(InvalidStatus) as refused, engine_socket(server, origin=None):
        pass
    assert refused.value.response.status_code == 403


def test_the_person_may_allow_one_and_the_token_is_still_needed(server: Served) -> None:
    with engine_socket(server, origin=ALLOWED) as connection:
        assert exchange(connection, HELLO)["type"] == "welcome"
    answer = server.get("/api/status", ("Origin", ALLOWED), ("Sec-Fetch-Site", "cross-site"))
    assert answer.status == 401
    assert answer.header("Access-Control-Allow-Origin") == ALLOWED, "so that its page can say what is wrong"
    answer = server.get("/api/status", ("Origin", ALLOWED), ("Sec-Fetch-Site", "cross-site"), BEARER)
    assert answer.status == 200
    assert answer.header("Access-Control-Allow-Origin") == ALLOWED
    assert answer.header("Vary") == "Origin"
    assert answer.header("Access-Control-Allow-Credentials") is None


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "https://imjoy.io.evil.example"])
@pytest.mark.parametrize("target", ["/", "/api/status", "/api/hello?nonce=" + "0" * 64, "/catalogue.json"])
def test_no_foreign_page_reads_an_answer(server: Served, origin: str, target: str) -> None:
    answer = server.get(target, ("Origin", origin), BEARER)
    assert answer.status == 403
    assert answer.header("Access-Control-Allow-Origin") is None
    preflight = server.get(target, ("Origin", origin), ("Access-Control-Request-Method", "GET"), method="OPTIONS")
    assert preflight.status == 403
    assert preflight.header("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("mode", ["no-cors", "cors", "same-origin", ""])
@pytest.mark.parametrize("target", ["/app/js/main.js", "/catalogue.json", f"/plugins/{PLUGIN_DIGEST}", "/api/status"])
def test_no_foreign_page_includes_our_files(server: Served, site: str, mode: str, target: str) -> None:
    headers = [("Sec-Fetch-Site", site), BEARER, *([("Sec-Fetch-Mode", mode)] if mode else [])]
    assert server.get(target, *headers).status == 403


def test_no_foreign_page_frames_the_app(server: Served) -> None:
    answer = server.get(
        "/", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")
    )
    assert answer.header("X-Frame-Options") == "DENY"
    assert "frame-ancestors 'none'" in (answer.header("Content-Security-Policy") or "")


def test_a_form_of_a_foreign_page_changes_nothing(server: Served) -> None:
    for target in ("/", "/api/status", "/engine", "/catalogue.json"):
        for origin in ("http://evil.example", "null"):
            answer = server.get(target, ("Origin", origin), ("Content-Length", "0"), method="POST")
            assert answer.status == 403
        assert server.get(target, BEARER, ("Content-Length", "0"), method="POST").status == 405


def test_there_are_no_cookies(server: Served) -> None:
    for target in ("/", "/api/status", "/catalogue.json", "/no"):
        assert server.get(target, BEARER).header("Set-Cookie") is None
