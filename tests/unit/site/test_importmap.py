"""Names are resolved as a browser's package condition set has it, and followed to their last file."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from imjoy_offline.errors import SiteError
from imjoy_offline.site.importmap import (
    PUBLIC_HOSTS,
    Package,
    cdn_prefixes,
    follow,
    import_map_text,
    read_entries,
    resolve,
)


def _package(name: str, manifest: object, **files: str) -> Package:
    contents = {path.replace("__", "/") + ".js": text.encode() for path, text in files.items()}
    contents["package.json"] = json.dumps(manifest).encode()
    return Package(name, "1.0.0", frozenset(contents), contents.__getitem__)


@pytest.mark.parametrize(
    ("manifest", "subpath", "expected"),
    [
        ({}, "", "index.js"),
        ({"main": "./lib/a.js"}, "", "lib/a.js"),
        ({"main": "a.js", "module": "b.js"}, "", "b.js"),
        ({"main": "a.js"}, "c/d.js", "c/d.js"),
        ({"exports": "./a.js", "main": "b.js"}, "", "a.js"),
        ({"exports": {"default": "./a.js"}}, "", "a.js"),
        ({"exports": {".": {"types": "./a.d.ts", "default": "./a.js"}}}, "", "a.js"),
        ({"exports": {".": {"default": "./a.js", "browser": "./b.js"}}}, "", "a.js"),
        (
            {"exports": {".": {"browser": {"development": "./d.js", "default": "./b.js"}, "default": "./a.js"}}},
            "",
            "b.js",
        ),
        ({"exports": {".": {"browser": {"development": "./d.js"}, "import": "./i.js"}}}, "", "i.js"),
        ({"exports": {".": {"node": "./n.js", "require": "./r.js", "module": "./m.js"}}}, "", "m.js"),
        ({"exports": {".": [{"node": "./n.js"}, "./a.js"]}}, "", "a.js"),
        ({"exports": {"./x.js": "./a.js"}}, "x.js", "a.js"),
        ({"exports": {"./x/*": "./y/*.js"}}, "x/a/b", "y/a/b.js"),
        ({"exports": {"./*": "./a/*", "./x/*.js": "./b/*.mjs"}}, "x/c.js", "b/c.mjs"),
        ({"exports": {"./x/*.js": "./b/*.mjs", "./*": "./a/*"}}, "x/c.js", "b/c.mjs"),
        ({"exports": {"./x/": "./y/"}}, "x/a.js", "y/a.js"),
        ({"exports": {"./x/*": None, "./*": "./a/*"}}, "z", "a/z"),
        ({"exports": {".": "./a.js"}}, "b.js", None),
        ({"exports": {".": {"require": "./a.js"}}}, "", None),
        ({"exports": {"./x": None}}, "x", None),
    ],
)
def test_resolve(manifest: Mapping[str, object], subpath: str, expected: str | None) -> None:
    assert resolve(manifest, subpath) == expected


def test_following() -> None:
    graph = follow(
        ["a", "a/more.js"],
        [
            _package("a", {"main": "index.js"}, index="import './in/x.js'", in__x="import('@s/b')", more="", unused=""),
            _package("@s/b", {"exports": {".": "./b.js", "./c.js": "./c.js"}}, b="import '@s/b/c.js'", c="import 'a'"),
            _package("unused", {}),
        ],
    )
    assert graph.imports == {
        "@s/b": "/cdn/npm/@s/b@1.0.0/b.js",
        "@s/b/c.js": "/cdn/npm/@s/b@1.0.0/c.js",
        "a": "/cdn/npm/a@1.0.0/index.js",
        "a/more.js": "/cdn/npm/a@1.0.0/more.js",
    }
    assert graph.files == {
        "@s/b": {"package.json", "b.js", "c.js"},
        "a": {"package.json", "index.js", "in/x.js", "more.js"},
    }


def test_files_beside_a_module_are_followed() -> None:
    package = _package(
        "a", {}, index="new Worker(new URL('./w.js', import.meta.url)); new URL('d.js', import.meta.url)", w="", d=""
    )
    assert follow(["a"], [package]).files["a"] == {"package.json", "index.js", "w.js", "d.js"}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import 'b'", ["a@1.0.0/index.js", "'b'", "vendor.toml"]),
        ("import './b.js'", ["a@1.0.0/index.js", "b.js of a"]),
        ("import '../../b.js'", ["a@1.0.0/index.js", "../../b.js"]),
        ("import '/b.js'", ["'/b.js'"]),
        ("import '#b'", ["'#b'"]),
        ("import 'a/c.js'", ["a 1.0.0", "does not offer"]),
    ],
)
def test_what_leads_nowhere_is_named(code: str, words: list[str]) -> None:
    with pytest.raises(SiteError) as caught:
        follow(["a"], [_package("a", {"exports": "./index.js"}, index=code)])
    assert all(word in str(caught.value) for word in words)


def test_an_entry_that_no_package_answers() -> None:
    with pytest.raises(SiteError, match="the app imports 'b'"):
        follow(["b"], [])


def test_two_versions_of_one_package() -> None:
    with pytest.raises(SiteError, match="a is listed at two versions"):
        follow([], [_package("a", {}), _package("a", {})])


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff"])
def test_a_broken_package_json(content: bytes) -> None:
    with pytest.raises(SiteError, match=r"package\.json of a 1\.0\.0"):
        follow(["a"], [Package("a", "1.0.0", frozenset(("package.json",)), lambda _: content)])


def test_the_text_cannot_end_its_script() -> None:
    text = import_map_text({"b": "</script><script>", "a": "/x"})
    assert "<" not in text
    assert list(json.loads(text)["imports"].items()) == [("a", "/x"), ("b", "</script><script>")]


def test_every_host_of_the_lock_and_the_public_ones_lead_to_the_local_cdn() -> None:
    prefixes = cdn_prefixes(["https://Lab.example:8443/a.js?b", "http://lab.example/c", "https://unpkg.com/x"])
    assert prefixes["https://lab.example:8443/"] == "/cdn/x/https/lab.example:8443/"
    assert prefixes["http://lab.example/"] == "/cdn/x/http/lab.example/"
    assert prefixes["https://lab.example/"] == "/cdn/x/https/lab.example/"
    assert len(prefixes) == 2 * (len(PUBLIC_HOSTS) + 2)


def test_entries(tmp_path: Path) -> None:
    path = tmp_path / "vendor.toml"
    path.write_text('[entries]\nlit = ["lit", "lit/html.js"]\nidb = ["idb"]\n[[package]]\nname = "x"\n')
    assert read_entries(path) == ("idb", "lit", "lit/html.js")
    path.write_text("")
    assert read_entries(path) == ()


@pytest.mark.parametrize("text", ["[entries", "entries = 1", "[entries]\nlit = 'lit'", "[entries]\nlit = [1]"])
def test_entries_of_another_shape(tmp_path: Path, text: str) -> None:
    path = tmp_path / "vendor.toml"
    path.write_text(text)
    with pytest.raises(SiteError, match=r"vendor\.toml"):
        read_entries(path)
