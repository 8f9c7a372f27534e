"""Types come from our own table."""

import mimetypes

import pytest

from imjoy_offline.mime import content_type, declared_type


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("main.js", "text/javascript; charset=utf-8"),
        ("/cdn/npm/lit@3.3.3/index.mjs", "text/javascript; charset=utf-8"),
        ("A.CSS", "text/css; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("catalogue.json", "application/json; charset=utf-8"),
        ("icon.svg", "image/svg+xml; charset=utf-8"),
        ("module.wasm", "application/wasm"),
        ("font.woff2", "font/woff2"),
        ("image.tif", "image/tiff"),
        ("archive.tar.gz", "application/gzip"),
        ("LICENSE", "application/octet-stream"),
        ("dist.js/LICENSE", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("vue@2.6", "application/octet-stream"),
    ],
)
def test_the_table(path: str, expected: str) -> None:
    assert content_type(path) == expected


def test_the_systems_table_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_, **__: ("text/poisoned", None))
    mimetypes.add_type("text/poisoned", ".js")
    try:
        assert content_type("a.js") == "text/javascript; charset=utf-8"
    finally:
        mimetypes.init()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("text/javascript", "text/javascript; charset=utf-8"),
        ("Application/JavaScript;charset=latin-1", "text/javascript; charset=utf-8"),
        ("application/x-javascript", "text/javascript; charset=utf-8"),
        ("text/css; charset=utf-8", "text/css; charset=utf-8"),
        (" image/png ", "image/png"),
        ("application/wasm", "application/wasm"),
        ("application/octet-stream", ""),
        ("text/made-up", ""),
        ("text/css\r\nSet-Cookie: a=b", ""),
        ("", ""),
    ],
)
def test_what_a_server_declares_is_taken_by_our_own_table(header: str, expected: str) -> None:
    assert declared_type(header) == expected
    assert declared_type(expected) == expected
