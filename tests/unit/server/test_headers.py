"""imjoy_offline.server.headers: the policies as text, and who is WebKit."""

import pytest

from imjoy_offline.server.headers import (
    Headers,
    app_headers,
    cors_headers,
    is_script_hash,
    is_webkit,
    preflight_headers,
    sandbox_headers,
)
from imjoy_offline.server.policy import Rules

RULES = Rules(8080, 8081, "token")
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
SAFARI = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"

KNOWN_EVERYWHERE = {
    *("default-src", "script-src", "style-src", "img-src", "font-src", "media-src", "connect-src", "worker-src"),
    *("frame-src", "object-src", "base-uri", "form-action", "frame-ancestors", "sandbox"),
}


def directives(headers: Headers) -> dict[str, list[str]]:
    policy = dict(headers)["Content-Security-Policy"]
    parts = [part.split() for part in policy.split("; ")]
    assert len({part[0] for part in parts}) == len(parts), "a directive comes twice, and the second counts for nothing"
    return {part[0]: part[1:] for part in parts}


@pytest.mark.parametrize("headers", [app_headers(RULES, (), CHROME), sandbox_headers(RULES, CHROME)])
def test_nothing_is_allowed_that_is_not_named(headers: Headers) -> None:
    found = directives(headers)
    assert found["default-src"] == ["'none'"]
    assert found["object-src"] == ["'none'"]
    assert found["form-action"] == ["'none'"]
    for name, sources in found.items():
        for source in sources:
            assert source not in ("*", "http:", "https:", "ws:"), (name, source)
            assert source == "ws://127.0.0.1:8080" or "://" not in source or source.startswith("http://127.0.0.1:808")


def test_the_app_runs_its_own_scripts_alone() -> None:
    found = directives(app_headers(RULES, ["sha256-" + "A" * 43 + "="], CHROME))
    assert found["script-src"] == ["'self'", "'sha256-" + "A" * 43 + "='"]
    assert found["frame-src"] == ["http://127.0.0.1:8081/sandbox/", "http://127.0.0.1:8081/cdn/"]
    assert "http://127.0.0.1:8081/cdn/" in found["img-src"]
    assert found["connect-src"] == ["'self'", "data:", "ws://127.0.0.1:8080"]
    assert found["frame-ancestors"] == ["'none'"]


def test_a_hash_that_is_none_never_reaches_the_policy() -> None:
    found = directives(app_headers(RULES, ["sha256-x'; script-src *", "'unsafe-inline'", "sha1-AAAA="], CHROME))
    assert found["script-src"] == ["'self'"]
    assert not is_script_hash("sha256-" + "A" * 43 + "=\n")


@pytest.mark.parametrize("name", ["connect-src", "worker-src", "script-src", "frame-src", "img-src", "style-src"])
def test_the_sandbox_reaches_neither_app_nor_engine(name: str) -> None:
    assert not any("8080" in source for source in directives(sandbox_headers(RULES, CHROME))[name])


def test_the_sandbox_is_framed_by_the_app_alone() -> None:
    assert directives(sandbox_headers(RULES, CHROME))["frame-ancestors"] == ["http://127.0.0.1:8080"]


def test_a_page_by_itself_is_caged() -> None:
    assert directives(sandbox_headers(RULES, CHROME, top_level=True))["sandbox"] == ["allow-scripts"]
    assert "sandbox" not in directives(sandbox_headers(RULES, CHROME))


@pytest.mark.parametrize(
    ("user_agent", "webkit"),
    [
        (SAFARI, True),
        ("Mozilla/5.0 (X11; Linux) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.0 Safari/605.1.15", True),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile Safari/604.1", True),
        (CHROME, False),
        (CHROME.replace("Chrome/", "HeadlessChrome/"), False),
        (CHROME + " Edg/140.0", False),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", False),
        ("", False),
    ],
)
def test_who_is_webkit(user_agent: str, webkit: bool) -> None:
    assert is_webkit(user_agent) is webkit
    for headers in (app_headers(RULES, (), user_agent), sandbox_headers(RULES, user_agent)):
        assert ("Cross-Origin-Embedder-Policy" not in dict(headers)) is webkit


def test_every_directive_is_known_to_every_browser() -> None:
    # WebKit calls a directive that it does not know an error, in the console of every page.
    for headers in (app_headers(RULES, (), SAFARI), sandbox_headers(RULES, SAFARI)):
        assert set(directives(headers)) <= KNOWN_EVERYWHERE


def test_no_header_comes_twice() -> None:
    for headers in (
        app_headers(RULES, (), ""),
        sandbox_headers(RULES, ""),
        preflight_headers("null", private_network=True),
    ):
        names = [name.lower() for name, _ in headers]
        assert len(names) == len(set(names))


def test_an_allowed_origin_is_named_and_no_cookie_ever_allowed() -> None:
    assert cors_headers("https://imjoy.io") == (("Access-Control-Allow-Origin", "https://imjoy.io"), ("Vary", "Origin"))
    preflight = dict(preflight_headers("https://imjoy.io", private_network=True))
    assert preflight["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    assert preflight["Access-Control-Allow-Private-Network"] == "true"
    assert "Access-Control-Allow-Credentials" not in preflight
    assert "Access-Control-Allow-Private-Network" not in dict(preflight_headers("https://x", private_network=False))
    assert "Access-Control-Allow-Private-Network" not in dict(preflight_headers("*", private_network=True))
