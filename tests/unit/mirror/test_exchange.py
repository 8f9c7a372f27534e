from pathlib import Path

import pytest

from imjoy_offline.errors import FetchError
from imjoy_offline.mirror.addresses import Route
from imjoy_offline.mirror.exchange import (
    AbsentError,
    HindranceError,
    Reply,
    Request,
    check_peer,
    check_status,
    continues,
    looks_like_page,
    redirected,
    total_size,
    validator_of,
)

FILE = Request("https://a.example/f.js", "The file")


def reply(status: int = 200, peer: str | None = None, **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, "a.example", peer)


@pytest.mark.parametrize("status", [200, 206, 416])
def test_what_can_be_used_passes(status: int) -> None:
    check_status(FILE, reply(status, content_type="text/javascript"))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, AbsentError),
        (410, AbsentError),
        (401, FetchError),
        (304, FetchError),
        (429, HindranceError),
        (503, HindranceError),
    ],
)
def test_what_cannot_is_an_error_that_names_no_address(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        check_status(FILE, reply(status))
    assert "The file" in str(caught.value)
    assert isinstance(caught.value, FetchError | HindranceError)
    assert "a.example" not in caught.value.message and caught.value.hint == "Asked: a.example."


@pytest.mark.parametrize(("text", "wait"), [("7", 7.0), ("", None), ("Mon, 23 Nov 2026 00:00:00 GMT", None)])
def test_how_long_to_wait(text: str, wait: float | None) -> None:
    with pytest.raises(HindranceError) as caught:
        check_status(FILE, reply(503, retry_after=text))
    assert caught.value.wait == wait


def test_web_pages_pass_only_where_wanted() -> None:
    page = reply(content_type=" Text/HTML; charset=utf-8")
    with pytest.raises(FetchError, match="web page"):
        check_status(FILE, page)
    check_status(Request(FILE.url, FILE.what, web_page=True), page)
    check_status(FILE, reply(416, content_type="text/html"))


def test_who_answers_must_be_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imjoy_offline.mirror.exchange.goes_by_proxy", lambda url: False)
    found = Route(FILE.url, trusted=False)
    with pytest.raises(FetchError, match="private address"):
        check_peer(FILE, found, reply(peer="10.0.0.1"))
    check_peer(FILE, found, reply(peer="151.101.1.229"))
    check_peer(FILE, found, reply(peer=None))
    check_peer(FILE, Route(FILE.url, trusted=True), reply(peer="10.0.0.1"))


def test_partial_answers() -> None:
    partial = reply(206, content_range="bytes 100-199/200")
    assert continues(partial, 100) and not continues(partial, 10) and not continues(reply(206), 0)
    assert total_size(partial) == 200
    assert total_size(reply(206, content_range="bytes 0-1/*")) is None and total_size(reply()) is None


def test_where_a_redirect_leads() -> None:
    route = Route("https://a.example/x/y.js", trusted=False)
    assert redirected(FILE, route, reply(302, location="../z.js")) == ("https://a.example/z.js", "a.example")
    assert redirected(FILE, route, reply(302, location="//B.example/")) == ("https://B.example/", "b.example")
    with pytest.raises(FetchError, match="unreadable address"):
        redirected(FILE, route, reply(302, location="http://[::1/x"))


def test_what_identifies_content() -> None:
    assert validator_of(reply(etag='"x"', last_modified="d")) == '"x"'
    assert validator_of(reply(etag='W/"x"', last_modified="d")) == "d"
    assert validator_of(reply()) == ""


@pytest.mark.parametrize(
    ("content", "page"),
    [(b"<!DOCTYPE html>", True), (b"\xef\xbb\xbf\n <html lang=en>", True), (b"let a = '<html>'", False), (b"", False)],
)
def test_pages_by_their_beginning(tmp_path: Path, content: bytes, page: bool) -> None:
    (tmp_path / "f").write_bytes(content)
    assert looks_like_page(tmp_path / "f") is page
