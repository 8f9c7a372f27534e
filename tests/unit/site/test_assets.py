"""Copied files, the names they may have, the modules they may load, and the server's tables."""

from pathlib import Path

import pytest

from imjoy_offline.cache.lockfile import LockedArtifact, Lockfile
from imjoy_offline.errors import SiteError
from imjoy_offline.site.assets import (
    check_modules,
    check_names,
    collect_assets,
    loaded_at_once,
    stylesheets,
    url_table,
)
from tests.helpers.tiny_site import make_tiny_site

DIGEST = "0" * 64


def test_the_sandbox_gets_its_rooms_only(tmp_path: Path) -> None:
    assets = collect_assets(make_tiny_site(tmp_path).source)
    assert {path for path in assets if path.startswith("sandbox/")} == {
        "sandbox/js/core/two.js",
        "sandbox/js/rpc/peer.js",
        "sandbox/js/sandbox/boot.js",
        "sandbox/js/sandbox/frame.js",
        "sandbox/js/sandbox/host.js",
    }
    assert not any("hidden" in path for path in assets)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    with pytest.raises(SiteError, match="css"):
        collect_assets(tmp_path)


def test_style_sheets_come_by_name_and_parts_are_not_linked() -> None:
    assert stylesheets(["app/css/b.css", "app/css/a.css", "app/css/x/c.css", "app/css/d.txt", "app/js/e.css"]) == (
        "/app/css/a.css",
        "/app/css/b.css",
    )


def test_what_is_loaded_at_once_is_told_nearest_first_and_what_is_loaded_later_is_not() -> None:
    modules = {
        "app/js/main.js": 'import "./b.js"; import { a } from "lib"; import("./later.js"); import "./c.js";',
        "app/js/b.js": 'export * from "./deep/d.js";',
        "app/js/c.js": 'import "./b.js"; import "./main.js"; import x from "lib/x";',
        "app/js/deep/d.js": "",
        "app/js/later.js": 'import "./never.js";',
        "app/js/never.js": "",
    }
    assets = {path: text.encode() for path, text in modules.items()}
    imports = {"lib": "/cdn/npm/lib@1.0.0/index.js", "lib/x": "/cdn/npm/lib@1.0.0/x.js", "unused": "/cdn/npm/u@1/u.js"}
    assert loaded_at_once(assets, imports, "app/js/main.js") == (
        *("/app/js/b.js", "/cdn/npm/lib@1.0.0/index.js", "/app/js/c.js", "/app/js/deep/d.js", "/app/js/main.js"),
        "/cdn/npm/lib@1.0.0/x.js",
    )
    with pytest.raises(SiteError, match=r"app/js/main\.js, line 1: nothing in the site answers"):
        loaded_at_once({"app/js/main.js": b'import "./gone.js"'}, imports, "app/js/main.js")


@pytest.mark.parametrize(
    "name",
    [
        *("con", "AUX.js", "nul.tar.gz", "com1.txt", "lpt9", "a/prn/b.js", "COM¹"),
        *("a:b", "a*b", "a?b", "a|b", 'a"b', "a<b", "a>b", "a\\b", "a\x01b"),
        *("a.", "a ", "a./b", "a//b", "/a", "", "x" * 121, "ä" * 121),
    ],
)
def test_names_that_some_system_cannot_hold(name: str) -> None:
    with pytest.raises(SiteError, match="cannot be carried"):
        check_names([name])


@pytest.mark.parametrize("names", [("a/B.js", "a/b.js"), ("A/x", "a/y"), ("straße", "strasse")])
def test_names_that_some_system_holds_for_one(names: tuple[str, str]) -> None:
    with pytest.raises(SiteError, match="differ in case only"):
        check_names(names)


def test_names_that_every_system_holds() -> None:
    check_names(["a.js", "a/b.js", "a/c.js", "auxiliary.js", "com10", ".dot/x", "ü ü.js", "x" * 120])


@pytest.mark.parametrize("url", ["./gone.js", "../../../app.js", "/app/js/b.js", "https:b", "other"])
def test_a_module_that_loads_what_is_not_there(url: str) -> None:
    assets = {"app/js/a.js": f"// first\nimport '{url}';".encode(), "app/js/b.js": b""}
    with pytest.raises(SiteError) as caught:
        check_modules(assets, {"lit"})
    assert caught.value.line == 2
    assert "app/js/a.js, line 2" in str(caught.value) and url in str(caught.value)


def test_modules_that_load_what_is_there() -> None:
    check_modules(
        {
            "app/js/a.js": b"import 'lit'; import './b/c.js'; new Worker(new URL('./w.js', import.meta.url))",
            "app/js/b/c.js": b"import '../a.js'; new URL('/engine', import.meta.url)",
            "app/js/w.js": b"",
            "app/static/x.js": b"import './no.js'",
        },
        {"lit"},
    )


def test_what_the_sandbox_never_loads_may_need_the_app() -> None:
    check_modules({"sandbox/js/sandbox/frame.js": b"", "sandbox/js/sandbox/host.js": b"import 'lit'"}, {"lit"})


@pytest.mark.parametrize("url", ["lit", "../shell/words.js"])
def test_the_sandbox_has_neither_third_party_modules_nor_the_apps(url: str) -> None:
    assets = {
        "sandbox/js/sandbox/frame.js": b"import '../rpc/peer.js'",
        "sandbox/js/rpc/peer.js": f"import '{url}'".encode(),
    }
    with pytest.raises(SiteError, match=r"sandbox/js/rpc/peer\.js, line 1"):
        check_modules(assets, {"lit"})


def test_a_module_that_is_no_text() -> None:
    with pytest.raises(SiteError, match=r"app/js/a\.js is not UTF-8"):
        check_modules({"app/js/a.js": b"\xff"}, ())


@pytest.mark.parametrize(
    ("url", "immutable"),
    [
        ("https://cdn.jsdelivr.net/npm/vue@2.6.14/dist/vue.js", True),
        ("https://cdn.jsdelivr.net/npm/vue@2.6.14", True),
        ("https://unpkg.com/@scope/x@1.0.0-rc.1/a.js", True),
        ("https://cdnjs.cloudflare.com/ajax/libs/jquery/3.1.0/jquery.js", True),
        ("https://cdn.jsdelivr.net/npm/vue@2.6/dist/vue.js", False),
        ("https://cdn.jsdelivr.net/npm/vue", False),
        ("https://unpkg.com/vue@latest/a-1.2.3.js", False),
        ("https://unpkg.com/vue?v=@1.2.3", False),
    ],
)
def test_only_exact_versions_are_immutable(url: str, immutable: bool) -> None:
    lock = Lockfile.of([LockedArtifact("npm:x@1.0.0/x.js", 1, DIGEST, (url,))], [], [], [])
    assert url_table(lock)[url]["immutable"] is immutable


@pytest.mark.parametrize(
    ("source", "url", "kind"),
    [
        ("npm:vue@2.6.14/dist/vue.js", "https://unpkg.com/vue@2", "text/javascript; charset=utf-8"),
        ("npm:chart.js@4.0.0/dist/chart.css", "https://unpkg.com/chart.js", "text/css; charset=utf-8"),
        ("npm:x@1.0.0/LICENSE", "https://unpkg.com/x@1.0.0/LICENSE", "application/octet-stream"),
        ("https://x.org/a.png?b=c.js", "https://x.org/a.png?b=c.js", "image/png"),
    ],
)
def test_the_type_is_that_of_the_file_which_answers(source: str, url: str, kind: str) -> None:
    lock = Lockfile.of([LockedArtifact(source, 1, DIGEST, (url,))], [], [], [])
    assert url_table(lock)[url]["type"] == kind


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("text/javascript; charset=utf-8", "text/javascript; charset=utf-8"),
        ("text/html\r\nX: y", "application/octet-stream"),
    ],
)
def test_where_the_address_says_nothing_the_lock_does(declared: str, kind: str) -> None:
    url = "https://x.org/module"
    lock = Lockfile.of([LockedArtifact(url, 1, DIGEST, (url,), type=declared)], [], [], [])
    assert url_table(lock)[url]["type"] == kind
