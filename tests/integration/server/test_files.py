"""What the two ports give: types, caching, conditions, ranges, mirrored addresses, and damage told in words."""

import contextlib
import hashlib
import json
import logging
import mimetypes
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from imjoy_offline.cache.store import Store
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.server.frame import BOOT_SCRIPT
from tests.helpers.served_site import (
    LARGE,
    LARGE_URL,
    MOVING_URL,
    PAGE,
    PAGE_URL,
    PLUGIN,
    PLUGIN_DIGEST,
    PORT_URL,
    QUERY_URL,
    SCRIPT_HASH,
    SMALL_URL,
    Served,
    build_served_site,
    serving,
)

SAFARI = (
    "User-Agent",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
    "Safari/605.1.15",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("served")
    with serving(build_served_site(root / "folder"), root / "state") as served:
        yield served


def cdn(url: str) -> str:
    scheme, rest = url.split("://")
    return f"/cdn/x/{scheme}/{rest}"


@pytest.mark.parametrize("target", ["/", "/index.html"])
def test_the_page_knows_the_sandbox_and_is_never_kept(server: Served, target: str) -> None:
    answer = server.get(target)
    assert f'content="http://127.0.0.1:{server.sandbox_port}"' in answer.text
    assert answer.header("Content-Type") == "text/html; charset=utf-8"
    assert answer.header("Cache-Control") == "no-store"
    assert answer.header("ETag") is None


def test_the_page_without_its_sandbox_is_not_to_be_had(server: Served) -> None:
    assert server.get("/app/index.html").status == 404


@pytest.mark.parametrize(
    ("target", "kind", "cache", "sandbox"),
    [
        ("/app/js/main.js", "text/javascript; charset=utf-8", "no-cache", False),
        ("/app/css/app.css", "text/css; charset=utf-8", "no-cache", False),
        ("/catalogue.json", "application/json; charset=utf-8", "no-cache", False),
        (f"/plugins/{PLUGIN_DIGEST}", "text/plain; charset=utf-8", "public, max-age=31536000, immutable", False),
        ("/cdn/npm/lit@3.0.0/index.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", False),
        ("/sandbox/frame.html", "text/html; charset=utf-8", "no-store", True),
        ("/sandbox/js/sandbox/boot.js", "text/javascript; charset=utf-8", "no-cache", True),
        (cdn(SMALL_URL), "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", True),
        (cdn(MOVING_URL), "text/javascript; charset=utf-8", "no-cache", True),
        (cdn(PORT_URL), "application/octet-stream", "no-cache", True),
        (cdn(LARGE_URL), "application/octet-stream", "public, max-age=31536000, immutable", True),
    ],
)
def test_types_caching_and_conditions(server: Served, target: str, kind: str, cache: str, sandbox: bool) -> None:
    answer = server.get(target, sandbox=sandbox)
    assert (answer.status, answer.header("Content-Type"), answer.header("Cache-Control")) == (200, kind, cache)
    etag = answer.header("ETag") or ""
    assert etag.startswith('"')
    for condition in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = server.get(target, ("If-None-Match", condition), sandbox=sandbox)
        assert (again.status, again.body, again.header("ETag")) == (304, b"", etag)
    changed = server.get(target, ("If-None-Match", '"other"'), sandbox=sandbox)
    assert (changed.status, changed.body) == (200, answer.body)
    head = server.get(target, method="HEAD", sandbox=sandbox)
    assert (head.status, head.body, head.header("Content-Length")) == (200, b"", str(len(answer.body)))


def test_the_systems_table_of_types_is_never_asked(server: Served) -> None:
    before = {one: mimetypes.guess_type(f"x{one}")[0] for one in (".js", ".css", ".svg")}
    try:
        for one in before:
            mimetypes.add_type("text/plain", one)
        assert mimetypes.guess_type("x.js")[0] == "text/plain"
        assert server.get("/app/js/main.js").header("Content-Type") == "text/javascript; charset=utf-8"
        assert server.get("/app/css/app.css").header("Content-Type") == "text/css; charset=utf-8"
        assert server.get("/app/static/icon.svg").header("Content-Type") == "image/svg+xml; charset=utf-8"
    finally:
        for one, kind in before.items():
            mimetypes.add_type(kind or "text/plain", one)


def test_a_plugin_is_text_whatever_it_holds(server: Served) -> None:
    answer = server.get(f"/plugins/{PLUGIN_DIGEST}", ("Accept", "text/html"))
    assert answer.body == PLUGIN
    assert answer.header("X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize(
    ("wanted", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=1000000-1000009", 206, 1000000, 1000010),
        ("bytes=1500000-", 206, 1500000, len(LARGE)),
        ("bytes=-10", 206, len(LARGE) - 10, len(LARGE)),
        ("bytes=0-99999999999", 206, 0, len(LARGE)),
        ("bytes=0-1,5-6", 200, 0, len(LARGE)),
        ("bytes=9-1", 200, 0, len(LARGE)),
        ("lines=1-2", 200, 0, len(LARGE)),
    ],
)
def test_ranges_of_a_large_file(server: Served, wanted: str, status: int, start: int, end: int) -> None:
    answer = server.get(cdn(LARGE_URL), ("Range", wanted), sandbox=True)
    assert answer.status == status
    assert answer.body == LARGE[start:end]
    expected = f"bytes {start}-{end - 1}/{len(LARGE)}" if status == 206 else None
    assert answer.header("Content-Range") == expected


def test_a_range_beyond_the_end_and_one_of_another_version(server: Served) -> None:
    beyond = server.get(cdn(LARGE_URL), ("Range", f"bytes={len(LARGE)}-"), sandbox=True)
    assert (beyond.status, beyond.header("Content-Range")) == (416, f"bytes */{len(LARGE)}")
    other = server.get(cdn(LARGE_URL), ("Range", "bytes=0-9"), ("If-Range", '"old"'), sandbox=True)
    assert (other.status, len(other.body)) == (200, len(LARGE))


def test_a_small_file_has_ranges_too(server: Served) -> None:
    answer = server.get(cdn(SMALL_URL), ("Range", "bytes=4-4"), sandbox=True)
    assert (answer.status, answer.body) == (206, b"y")


def test_somebody_who_goes_away_in_the_middle_harms_nobody(server: Served) -> None:
    request = f"GET {cdn(LARGE_URL)} HTTP/1.1\r\nHost: 127.0.0.1:{server.sandbox_port}\r\n\r\n".encode()
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.sandbox_port)) as connection:
            connection.sendall(request)
            connection.recv(1000)
    assert server.get(cdn(LARGE_URL), sandbox=True).body == LARGE


@pytest.mark.parametrize(
    "target",
    [
        cdn(QUERY_URL),
        "/cdn/x/https/fonts.example.org/css?family=A%7CB&v=2",
        "/cdn/x/https/FONTS.example.org/css?family=A|B&v=2",
        "/cdn/x/https/fonts.example.org:443/css?family=A|B&v=2",
    ],
)
def test_spellings_of_one_address_find_one_object(server: Served, target: str) -> None:
    answer = server.get(target, sandbox=True)
    assert (answer.status, answer.text) == (200, "a { color: red }\n")


@pytest.mark.parametrize(
    "target", ["/cdn/x/https/fonts.example.org/css?family=A", "/cdn/x/https/fonts.example.org/css"]
)
def test_another_query_is_another_address(server: Served, target: str) -> None:
    assert server.get(target, sandbox=True).status == 404


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("/cdn/x/https/cdn.example.org/npm/not-there@1.0.0", "https://cdn.example.org/npm/not-there@1.0.0"),
        ("/cdn/x/http/host.example.org:9000/a%20b?c=d&e", "http://host.example.org:9000/a%20b?c=d&e"),
        ("/cdn/x/https/cdn.example.org", "https://cdn.example.org/"),
        ("/cdn/x/https/cdn.example.org?x=1", "https://cdn.example.org/?x=1"),
    ],
)
def test_what_is_not_mirrored_is_named_with_how_to_add_it(server: Served, target: str, url: str) -> None:
    answer = server.get(target, sandbox=True)
    assert answer.status == 404
    assert answer.header("X-ImJoy-Missing") == url
    assert "X-ImJoy-Missing" in (answer.header("Access-Control-Expose-Headers") or "")
    assert answer.header("Content-Type") == "text/plain; charset=utf-8"
    assert answer.text.startswith(f"Not mirrored: {url}\n")
    assert f"extra:\n  - {url}\n" in answer.text
    assert "python -m imjoy mirror" in answer.text


@pytest.mark.parametrize(
    "target", ["/cdn/x/", "/cdn/x/ftp/host/x", "/cdn/x/https", "/cdn/x/https//x", "/cdn/x/https/user@host/x", "/cdn/x"]
)
def test_what_is_no_address_is_simply_not_there(server: Served, target: str) -> None:
    answer = server.get(target, sandbox=True)
    assert (answer.status, answer.header("X-ImJoy-Missing")) == (404, None)


def test_a_mirrored_page_has_the_boot_script_as_a_frame_and_its_own_bytes_else(server: Served) -> None:
    frame = server.get(cdn(PAGE_URL), ("Sec-Fetch-Dest", "iframe"), sandbox=True)
    assert frame.body == PAGE.replace(b"<head>", b"<head>" + BOOT_SCRIPT)
    assert b"boot.js" in BOOT_SCRIPT and b"boot_page.js" in BOOT_SCRIPT
    fetched = server.get(cdn(PAGE_URL), ("Sec-Fetch-Dest", "empty"), sandbox=True)
    assert fetched.body == PAGE
    for answer in (frame, fetched):
        assert (answer.header("Cache-Control"), answer.header("Vary")) == ("no-store", "Sec-Fetch-Dest")
        assert "sandbox allow-scripts" not in (answer.header("Content-Security-Policy") or "")


def test_a_mirrored_page_opened_by_itself_is_caged(server: Served) -> None:
    page = server.get(cdn(PAGE_URL), ("Sec-Fetch-Dest", "document"), sandbox=True)
    assert "; sandbox allow-scripts" in (page.header("Content-Security-Policy") or "")


def test_the_apps_policy_names_its_own_script_and_socket(server: Served) -> None:
    policy = server.get("/").header("Content-Security-Policy") or ""
    assert f"script-src 'self' '{SCRIPT_HASH}';" in policy
    assert f"connect-src 'self' data: ws://127.0.0.1:{server.port};" in policy
    assert "unsafe-eval" not in policy


def test_safari_gets_no_embedder_policy(server: Served) -> None:
    for sandbox in (False, True):
        target = "/sandbox/frame.html" if sandbox else "/"
        assert server.get(target, SAFARI, sandbox=sandbox).header("Cross-Origin-Embedder-Policy") is None
        assert server.get(target, sandbox=sandbox).header("Cross-Origin-Embedder-Policy") == "require-corp"


@pytest.mark.parametrize("sandbox", [False, True])
def test_there_is_an_icon_on_both_ports(server: Served, sandbox: bool) -> None:
    answer = server.get("/favicon.ico", sandbox=sandbox)
    assert (answer.status, answer.header("Content-Type")) == (200, "image/svg+xml; charset=utf-8")


def test_the_status_says_what_runs(server: Served) -> None:
    answer = server.get("/api/status", ("Authorization", f"Bearer {server.prepared.token.text}"))
    assert answer.header("Cache-Control") == "no-store"
    status = json.loads(answer.body)
    assert status["sandbox_origin"] == f"http://127.0.0.1:{server.sandbox_port}"
    assert (status["engine"], status["sessions"], status["mirrors"]) == (True, 0, False)
    assert set(status) == {"version", "sessions", "sandbox_origin", "engine", "mirrors", "site"}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Served, WorkingFolder]]:
    """A server over a folder that a test may harm."""
    folder = build_served_site(tmp_path / "folder")
    with serving(folder, tmp_path / "state") as served:
        yield served, folder


def object_path(folder: WorkingFolder, url: str) -> Path:
    built = folder.current_site()
    assert built is not None
    document = json.loads((built / "server.json").read_text())
    return Store(folder.objects).path(document["urls"][url]["sha256"])


@pytest.mark.parametrize("url", [SMALL_URL, LARGE_URL])
def test_a_damaged_object_is_named_with_its_remedy_and_the_rest_works(
    own: tuple[Served, WorkingFolder], url: str, caplog: pytest.LogCaptureFixture
) -> None:
    server, folder = own
    path = object_path(folder, url)
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(content)
    with caplog.at_level(logging.ERROR):
        answer = server.get(cdn(url), sandbox=True)
    assert answer.status == 500
    assert path.name in answer.text
    assert "damaged" in answer.text
    assert "python -m imjoy mirror" in answer.text
    assert answer.header("Content-Security-Policy")
    assert path.name in caplog.text
    assert server.get(cdn(MOVING_URL), sandbox=True).status == 200
    content[0] ^= 1
    path.write_bytes(content)
    assert server.get(cdn(url), sandbox=True).status == 200


def test_a_missing_object_is_named_with_its_remedy(own: tuple[Served, WorkingFolder]) -> None:
    server, folder = own
    path = object_path(folder, SMALL_URL)
    path.unlink()
    answer = server.get(cdn(SMALL_URL), sandbox=True)
    assert answer.status == 500
    assert path.name in answer.text
    assert "missing" in answer.text


def test_a_changed_file_of_the_site_is_not_served(own: tuple[Served, WorkingFolder]) -> None:
    server, folder = own
    built = folder.current_site()
    assert built is not None
    (built / "app/js/main.js").write_bytes(b"alert('somebody was here')")
    answer = server.get("/app/js/main.js")
    assert answer.status == 500
    assert "app/js/main.js" in answer.text
    assert server.get("/").status == 200


def test_a_new_site_is_seen_at_the_next_page_and_a_broken_one_is_not_taken(
    own: tuple[Served, WorkingFolder], caplog: pytest.LogCaptureFixture
) -> None:
    server, folder = own
    assert "version" in server.get("/catalogue.json").text
    build_served_site(folder.root, {"catalogue.json": b'{"new": true}\n', "app/js/more.js": b"1;\n"})
    assert server.get("/").status == 200
    assert server.get("/catalogue.json").text == '{"new": true}\n'
    assert server.get("/app/js/more.js").status == 200
    broken = folder.site / ("e" * 64)
    shutil.copytree(folder.current_site() or broken, broken)
    (broken / "server.json").write_text("{", encoding="utf-8")
    (folder.site / "current").write_text(broken.name, encoding="ascii")
    with caplog.at_level(logging.ERROR):
        assert server.get("/").status == 200
    assert "still served" in caplog.text
    assert server.get("/catalogue.json").text == '{"new": true}\n'


def test_what_a_mirror_run_brings_beside_the_server_is_there_at_once(own: tuple[Served, WorkingFolder]) -> None:
    """No page is loaded anew in between: a plugin that runs asks, or a person follows a link."""
    server, folder = own
    library, plugin_url = "https://cdn.example.org/new.js", "https://cdn.example.org/lab/New.imjoy.html?raw=1"
    plugin = b"<config>{}</config>"
    digest = hashlib.sha256(plugin).hexdigest()

    def answers() -> list[int]:
        return [
            server.get("/cdn/x/https/cdn.example.org/new.js", sandbox=True).status,
            server.get("/plugins/at/https/cdn.example.org/lab/New.imjoy.html?raw=1").status,
            server.get(f"/plugins/{digest}").status,
        ]

    assert answers() == [404, 204, 404]
    build_served_site(folder.root, {f"plugins/{digest}": plugin}, {library: b"1;", plugin_url: plugin})
    assert answers() == [200, 200, 200]


def test_a_mirrored_plugin_file_is_a_text_on_the_apps_port_and_nothing_else_mirrored_is_there(tmp_path: Path) -> None:
    url = "https://pages.example.org/lab/A.imjoy.html"
    page = b"<html><script>alert(1)</script></html>"
    folder = build_served_site(tmp_path / "folder", urls={url: page})
    with serving(folder, tmp_path / "state") as server:
        answer = server.get("/plugins/at/https/pages.example.org/lab/A.imjoy.html", ("Sec-Fetch-Dest", "document"))
        assert (answer.status, answer.body) == (200, page)
        assert answer.header("Content-Type") == "text/plain; charset=utf-8"
        assert answer.header("X-Content-Type-Options") == "nosniff"
        elsewhere = server.get("/plugins/at/https/pages.example.org/lab/A.imjoy.html", ("Sec-Fetch-Site", "cross-site"))
        assert elsewhere.status == 403
        for address in (PAGE_URL, SMALL_URL, f"{SMALL_URL}?a.imjoy.html", "https://pages.example.org/B.html"):
            target = address.replace("://", "/")
            assert server.get(f"/plugins/at/{target}").status == 404, address
        assert server.get("/plugins/at/https/pages.example.org/B.imjoy.html").status == 204
        for target in ("/plugins/at/", "/plugins/at/file/x/a.imjoy.html", "/plugins/at/https//a.imjoy.html"):
            assert server.get(target).status == 404


def test_a_hundred_at_once_are_all_answered(server: Served) -> None:
    with contextlib.ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10)) for _ in range(100)
        ]
        request = f"GET /app/js/main.js HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n"
        for connection in connections:
            connection.sendall(request.encode())
        for connection in connections:
            data = b""
            while chunk := connection.recv(65536):
                data += chunk
            assert data.startswith(b"HTTP/1.1 200")
            assert data.endswith(b"export const app = 1;\n")
