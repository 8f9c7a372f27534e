import asyncio
import gzip
import os
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from imjoy_offline.errors import FetchError, OfflineError
from imjoy_offline.mirror.exchange import AbsentError, Request
from imjoy_offline.mirror.fetch import Fetcher, FetchLimits
from imjoy_offline.mirror.trust import tls_context
from tests.helpers.made_up_authority import CERTIFICATE
from tests.helpers.upstream import Sending, StandIn, running_stand_in

T = TypeVar("T")
QUICK = FetchLimits(backoff_seconds=0.01)
BODY = os.urandom(300_000)


def fetch(
    folder: Path,
    use: Callable[[Fetcher], Awaitable[T]],
    *,
    hosts: dict[str, str] | None = None,
    limits: FetchLimits = QUICK,
    tls: ssl.SSLContext | None = None,
    unverified: Collection[str] = (),
) -> tuple[T, Fetcher]:
    async def run() -> tuple[T, Fetcher]:
        context = tls or ssl.create_default_context()
        async with Fetcher(hosts or {}, folder / "partial", context, limits, unverified) as fetcher:
            return await use(fetcher), fetcher

    return asyncio.run(run())


def get(folder: Path, request: Request, **more: object) -> bytes:
    async def use(fetcher: Fetcher) -> bytes:
        return (await fetcher.file(request)).path.read_bytes()

    return fetch(folder, use, **more)[0]  # type: ignore[arg-type]


def of(stand_in: StandIn, path: str = "/file.js", **more: object) -> Request:
    return Request(stand_in.base + path, "The file", trusted=True, **more)  # type: ignore[arg-type]


def parts(folder: Path) -> list[int]:
    return [path.stat().st_size for path in (folder / "partial").glob("*") if not path.suffix]


def test_a_file_arrives_whole(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.order("/file.js", Sending(200, BODY))
    assert get(tmp_path, of(stand_in)) == BODY
    assert stand_in.seen[0].headers["accept-encoding"] == "identity"
    assert "authorization" not in stand_in.seen[0].headers


@pytest.mark.parametrize("validators", [True, False], ids=["etag", "digest known"])
def test_a_broken_download_goes_on_where_it_broke(stand_in: StandIn, tmp_path: Path, validators: bool) -> None:
    stand_in.validators = validators
    stand_in.order("/file.js", Sending(200, BODY, cut_after=200_000), Sending(200, BODY))
    assert get(tmp_path, of(stand_in, verified=not validators)) == BODY
    assert stand_in.seen[1].headers["range"] == "bytes=200000-"
    assert ("if-range" in stand_in.seen[1].headers) == validators
    assert stand_in.sent_bytes["/file.js"] == len(BODY)


def test_a_later_run_goes_on_too(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.order("/file.js", *[Sending(200, BODY, cut_after=cut) for cut in (150_000, 100_000)], Sending(200, BODY))
    once = FetchLimits(tries=1)
    for kept in (150_000, 250_000):
        with pytest.raises(FetchError, match="did not arrive whole"):
            get(tmp_path, of(stand_in), limits=once)
        assert parts(tmp_path) == [kept]
    assert get(tmp_path, of(stand_in), limits=once) == BODY
    assert stand_in.sent_bytes["/file.js"] == len(BODY)


def test_changed_content_is_not_patched_together(stand_in: StandIn, tmp_path: Path) -> None:
    other = BODY[::-1]
    stand_in.order("/file.js", Sending(200, BODY, cut_after=200_000), Sending(200, other))
    assert get(tmp_path, of(stand_in)) == other


@pytest.mark.parametrize("verified", [True, False])
def test_a_server_without_ranges_is_asked_for_everything(stand_in: StandIn, tmp_path: Path, verified: bool) -> None:
    stand_in.ranges = False
    stand_in.order("/file.js", Sending(200, BODY, cut_after=200_000), Sending(200, BODY))
    assert get(tmp_path, of(stand_in, verified=verified)) == BODY


def test_without_any_proof_nothing_is_continued(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.validators = False
    stand_in.order("/file.js", Sending(200, BODY, cut_after=200_000), Sending(200, BODY))
    assert get(tmp_path, of(stand_in)) == BODY
    assert "range" not in stand_in.seen[1].headers


def test_a_part_that_was_whole_already(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.order("/file.js", *[Sending(200, BODY)] * 3)
    assert get(tmp_path, of(stand_in)) == BODY
    assert get(tmp_path, of(stand_in)) == BODY


def test_a_wrong_piece_is_not_taken(stand_in: StandIn, tmp_path: Path) -> None:
    wrong = Sending(206, BODY[:10], {"Content-Range": f"bytes 0-9/{len(BODY)}"})
    stand_in.order("/file.js", Sending(200, BODY, cut_after=200_000), wrong, Sending(200, BODY))
    assert get(tmp_path, of(stand_in)) == BODY


def test_a_piece_that_nobody_asked_for_is_not_taken_for_the_whole(stand_in: StandIn, tmp_path: Path) -> None:
    piece = Sending(206, BODY[:10], {"Content-Range": f"bytes 0-9/{len(BODY)}"})
    stand_in.order("/file.js", piece, Sending(200, BODY))
    assert get(tmp_path, of(stand_in)) == BODY


def test_a_piece_that_ends_too_early_is_continued(stand_in: StandIn, tmp_path: Path) -> None:
    short = Sending(206, BODY[200_000:250_000], {"Content-Range": f"bytes 200000-249999/{len(BODY)}"})
    stand_in.order("/file.js", Sending(200, BODY, cut_after=200_000), short, Sending(200, BODY))
    assert get(tmp_path, of(stand_in)) == BODY
    assert stand_in.seen[2].headers["range"] == "bytes=250000-"


@pytest.mark.parametrize(("coding", "arrives"), [("gzip", True), ("br", False), ("zstd", False)])
def test_content_that_comes_packed_unasked(stand_in: StandIn, tmp_path: Path, coding: str, arrives: bool) -> None:
    stand_in.order("/file.js", Sending(200, gzip.compress(BODY), {"Content-Encoding": coding}))
    if arrives:
        assert get(tmp_path, of(stand_in)) == BODY
    else:
        with pytest.raises(FetchError, match="packed as"):
            get(tmp_path, of(stand_in))
        assert parts(tmp_path) == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_busy_servers_are_asked_again(stand_in: StandIn, tmp_path: Path, status: int) -> None:
    stand_in.order("/file.js", Sending(status, b""), Sending(status, b"", {"Retry-After": "0"}), Sending(200, BODY))
    assert get(tmp_path, of(stand_in)) == BODY
    stand_in.order("/other.js", *[Sending(status, b"")] * 3)
    with pytest.raises(FetchError, match=f"status {status}"):
        get(tmp_path, of(stand_in, "/other.js"))
    assert stand_in.asked("/other.js") == 3


def test_waiting_grows_and_heeds_what_the_server_asks(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.order("/file.js", Sending(503, b""), Sending(503, b"", {"Retry-After": "1"}), Sending(200, BODY))
    begun = time.monotonic()
    get(tmp_path, of(stand_in), limits=FetchLimits(backoff_seconds=0.05))
    assert 1.05 <= time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("status", "kind"), [(404, AbsentError), (410, AbsentError), (401, FetchError), (403, FetchError)]
)
def test_a_clear_no_is_asked_once(stand_in: StandIn, tmp_path: Path, status: int, kind: type[FetchError]) -> None:
    stand_in.order("/file.js", Sending(status, b"no"))
    with pytest.raises(kind, match=str(status)) as caught:
        get(tmp_path, of(stand_in))
    assert isinstance(caught.value, AbsentError) == (kind is AbsentError)
    assert "The file" in caught.value.message and "127.0.0.1" in caught.value.hint
    assert "127.0.0.1" not in caught.value.message
    assert len(stand_in.seen) == 1 and parts(tmp_path) == []


@pytest.mark.parametrize(
    "sending",
    [
        Sending(200, b"<p>Log in</p>", {"Content-Type": "text/html; charset=utf-8"}),
        Sending(200, b"\xef\xbb\xbf\n  <!DOCTYPE html><p>Log in</p>", {"Content-Type": "text/javascript"}),
        Sending(200, b"<HTML><p>Log in</p>", {"Content-Type": "application/octet-stream"}),
    ],
)
def test_a_web_page_is_no_file(stand_in: StandIn, tmp_path: Path, sending: Sending) -> None:
    stand_in.order("/file.js", sending, sending)
    with pytest.raises(FetchError, match="web page"):
        get(tmp_path, of(stand_in))
    assert parts(tmp_path) == []
    assert get(tmp_path, of(stand_in, web_page=True)) == sending.body


def test_too_large_a_file_is_given_up(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.order("/file.js", Sending(200, BODY))
    with pytest.raises(FetchError, match="larger than 100000 bytes"):
        get(tmp_path, of(stand_in), limits=FetchLimits(file_bytes=100_000))
    assert parts(tmp_path) == []


def test_redirects_are_followed_but_not_for_ever(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.order("/file.js", Sending(302, b"", {"Location": "/there/file.js?x=1"}))
    stand_in.order("/there/file.js?x=1", Sending(301, b"", {"Location": f"{stand_in.base}/end.js"}))
    stand_in.order("/end.js", Sending(200, BODY))
    assert get(tmp_path, of(stand_in)) == BODY
    stand_in.order("/loop.js", *[Sending(302, b"", {"Location": "/loop.js"})] * 9)
    with pytest.raises(FetchError, match="more than 5 times"):
        get(tmp_path, of(stand_in, "/loop.js"))
    assert stand_in.asked("/loop.js") == 6


@pytest.mark.parametrize(
    "target", ["http://localhost:{port}/end.js", "http://[::1]:{port}/end.js", "http://10.0.0.1/x"]
)
def test_a_redirect_to_a_private_address_is_refused(stand_in: StandIn, tmp_path: Path, target: str) -> None:
    port = stand_in.base.rpartition(":")[2]
    stand_in.order("/file.js", Sending(302, b"", {"Location": target.format(port=port)}))
    with pytest.raises(FetchError, match="private address"):
        get(tmp_path, of(stand_in))
    assert len(stand_in.seen) == 1


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("file:///etc/passwd", "neither http nor https"),
        ("ftp://a.example/x", "neither http nor https"),
        ("gopher://a.example", "neither http nor https"),
        ("http://[::1/x", "did not arrive whole"),
        ("http://a.example:x/", "did not arrive whole"),
    ],
)
def test_a_redirect_to_another_kind_of_address_is_refused(
    stand_in: StandIn, tmp_path: Path, target: str, words: str
) -> None:
    stand_in.order("/file.js", *[Sending(302, b"", {"Location": target})] * 3)
    with pytest.raises(FetchError, match=words):
        get(tmp_path, of(stand_in))


def test_private_addresses_that_nobody_configured_are_never_asked(stand_in: StandIn, tmp_path: Path) -> None:
    for base in (stand_in.base, stand_in.base.replace("127.0.0.1", "localhost")):
        with pytest.raises(FetchError, match="private address"):
            get(tmp_path, Request(f"{base}/file.js", "The file"))
    assert stand_in.seen == []


def test_a_name_that_changes_its_address_is_found_out(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Public when it is looked up, loopback when it is asked: what comes from there is not read."""
    look_up = socket.getaddrinfo
    first: list[str] = []

    def rebinding(host: str | bytes, port: int, *rest: int, **more: int) -> object:
        if host not in ("rebound.example", b"rebound.example"):
            return look_up(host, port, *rest, **more)
        first.append("asked")
        address = "151.101.1.229" if len(first) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    port = stand_in.base.rpartition(":")[2]
    stand_in.order("/file.js", Sending(200, BODY))
    with pytest.raises(FetchError, match="private address"):
        get(tmp_path, Request(f"http://rebound.example:{port}/file.js", "The file"))
    assert len(first) > 1 and parts(tmp_path) == []


def test_a_configured_host_is_asked_elsewhere(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.order("/lab/npm/a@1.0.0/b.js?v=1", Sending(200, BODY))
    request = Request("https://cdn.jsdelivr.net/npm/a@1.0.0/b.js?v=1", "The file")
    assert get(tmp_path, request, hosts={"cdn.jsdelivr.net": f"{stand_in.base}/lab/"}) == BODY


def test_a_token_goes_to_its_own_server_only(stand_in: StandIn, tmp_path: Path) -> None:
    with running_stand_in() as other:
        stand_in.order("/file.js", Sending(302, b"", {"Location": "/moved.js"}))
        stand_in.order("/moved.js", Sending(302, b"", {"Location": f"{other.base}/file.js"}))
        other.order("/file.js", Sending(200, BODY))
        request = of(stand_in, authorization="Bearer secret")
        assert get(tmp_path, request) == BODY and "secret" not in repr(request)
        assert [seen.headers.get("authorization") for seen in stand_in.seen] == ["Bearer secret"] * 2
        assert "authorization" not in other.seen[0].headers


def test_nobody_there_is_offline_at_once(tmp_path: Path) -> None:
    async def use(fetcher: Fetcher) -> list[str]:
        messages = []
        for name in ("first", "second"):
            with pytest.raises(OfflineError) as caught:
                await fetcher.file(Request(f"http://127.0.0.1:9/{name}", f"The {name} file", trusted=True))
            messages.append(caught.value.message)
        return messages

    begun = time.monotonic()
    messages, fetcher = fetch(tmp_path, use, limits=FetchLimits())
    assert time.monotonic() - begun < 2
    assert messages == [
        f"The {name} file cannot be asked for: its host does not answer." for name in ("first", "second")
    ]
    assert (fetcher.asked, fetcher.reached) == (1, 0)


def test_dropped_packets_are_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    async def drop(transport: object, request: httpx.Request) -> httpx.Response:
        tried.append(str(request.url))
        raise httpx.ConnectTimeout("", request=request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", drop)
    with pytest.raises(OfflineError, match="does not answer"):
        get(tmp_path, Request("http://127.0.0.1:9/x", "The file", trusted=True))
    assert len(tried) == 1


def test_a_silent_server_is_given_up(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.order("/file.js", *[Sending(200, BODY, before=lambda: time.sleep(1))] * 2)
    with pytest.raises(FetchError, match="did not arrive whole"):
        get(tmp_path, of(stand_in), limits=FetchLimits(silence_seconds=0.2, tries=2, backoff_seconds=0.01))


def test_no_more_than_so_many_at_once(stand_in: StandIn, tmp_path: Path) -> None:
    running: list[int] = []
    highest: list[int] = []

    def enter() -> None:
        running.append(1)
        highest.append(len(running))
        time.sleep(0.05)
        running.pop()

    for number in range(12):
        stand_in.order(f"/{number}.js", Sending(200, b"x", before=enter))

    async def use(fetcher: Fetcher) -> None:
        await asyncio.gather(*(fetcher.file(of(stand_in, f"/{number}.js")) for number in range(12)))

    _, fetcher = fetch(tmp_path, use, limits=FetchLimits(parallel=3))
    assert max(highest) == 3
    assert (fetcher.asked, fetcher.received) == (12, 12)


def test_a_table_is_read_as_json(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.order("/table", Sending(503, b""), Sending(200, b'{"a": 1}'))
    request = of(stand_in, "/table", accept="application/json")
    assert fetch(tmp_path, lambda fetcher: fetcher.table(request))[0] == {"a": 1}
    assert stand_in.seen[0].headers["accept"] == "application/json"


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"not json", "no JSON"), (b"\xff", "no JSON"), (b"[" * 200_000, "no JSON"), (b" " * 300_000, "too large")],
)
def test_a_wrong_table_is_an_error(stand_in: StandIn, tmp_path: Path, body: bytes, words: str) -> None:
    stand_in.order("/table", Sending(200, body))
    with pytest.raises(FetchError, match=words):
        fetch(tmp_path, lambda fetcher: fetcher.table(of(stand_in, "/table")), limits=FetchLimits(table_bytes=250_000))


def test_tls_is_verified_with_the_authorities_that_are_named(tmp_path: Path) -> None:
    (tmp_path / "lab.pem").write_text(CERTIFICATE)
    (tmp_path / "server").mkdir()
    with running_stand_in(tmp_path / "server") as server:
        server.order("/file.js", Sending(200, BODY))
        with pytest.raises(FetchError, match="certificate is not trusted") as caught:
            get(tmp_path, of(server), tls=tls_context({}, None)[0])
        assert "SSL_CERT_FILE" in caught.value.hint
        trusting, _ = tls_context({"SSL_CERT_FILE": str(tmp_path / "lab.pem")}, None)
        assert get(tmp_path, of(server), tls=trusting) == BODY


def test_a_host_that_need_not_be_verified_is_not_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    with running_stand_in(tmp_path / "server") as server:
        port = server.base.rpartition(":")[2]
        tls, _ = tls_context({}, None)
        for number, host in enumerate(("127.0.0.1", f"127.0.0.1:{port}")):
            server.order(f"/{number}.js", Sending(200, BODY))
            assert get(tmp_path, of(server, f"/{number}.js"), tls=tls, unverified=(host,)) == BODY
        for other in ("127.0.0.1:1", "127.0.0.2", "localhost"):
            with pytest.raises(FetchError, match="certificate is not trusted"):
                get(tmp_path, of(server), tls=tls, unverified=(other,))


@pytest.mark.parametrize(("usual", "of_this", "taken"), [(10, 300_000, True), (10**6, 299_999, False)])
def test_a_request_may_have_its_own_cap(
    stand_in: StandIn, tmp_path: Path, usual: int, of_this: int, taken: bool
) -> None:
    stand_in.order("/file.js", Sending(200, BODY))
    request = of(stand_in, most_bytes=of_this)
    if taken:
        assert get(tmp_path, request, limits=FetchLimits(file_bytes=usual)) == BODY
    else:
        with pytest.raises(FetchError, match=f"larger than {of_this} bytes"):
            get(tmp_path, request, limits=FetchLimits(file_bytes=usual))
        assert parts(tmp_path) == []


def test_from_https_nothing_leads_to_http(stand_in: StandIn, tmp_path: Path) -> None:
    (tmp_path / "lab.pem").write_text(CERTIFICATE)
    (tmp_path / "server").mkdir()
    with running_stand_in(tmp_path / "server") as server:
        server.order("/file.js", Sending(302, b"", {"Location": f"{stand_in.base}/file.js"}))
        trusting, _ = tls_context({"SSL_CERT_FILE": str(tmp_path / "lab.pem")}, None)
        with pytest.raises(FetchError, match="unsafe address"):
            get(tmp_path, of(server), tls=trusting)
    assert stand_in.seen == []
