from pathlib import Path

import pytest

from imjoy_offline.cache.lockfile import How, LockedArtifact, MissingItem
from imjoy_offline.cache.store import Store
from imjoy_offline.mirror.closure import answer_from_lock, references_in
from imjoy_offline.mirror.resolution import AnsweredUrl, Miss
from imjoy_offline.mirror.sources import NpmFile, recognise

CDN = "https://cdn.jsdelivr.net/npm/"


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("a.js", 'import "./b.js"; import c from "../c.js"; import("./d.js")', ["./b.js", "../c.js", "./d.js"]),
        ("a.mjs", 'export * from "./b.mjs"', ["./b.mjs"]),
        ("a.js", 'import "bare"; import "/root.js"; import "https://x.example/y.js"; import "//x.example/z.js"', []),
        ("a.js", 'new URL("./w.wasm", import.meta.url)', ["./w.wasm"]),
        ("a.css", "@import 'b.css'; p{background:url(img/c.png#x)}", ["b.css", "img/c.png#x"]),
        ("a.css", "p{background:url(/c.png)} q{background:url(https://x.example/c.png)} r{b:url(data:,x)}", []),
        ("A.HTML", "<script src='b.js'></script><img src=c.png>", ["b.js", "c.png"]),
        ("Tool.imjoy.html", "<script src='b.js'></script>", []),
        ("a.json", '"./b.js"', []),
        ("a.txt", 'import "./b.js"', []),
    ],
)
def test_relative_references_of_files_that_have_any(path: str, text: str, found: list[str]) -> None:
    assert [reference.url for reference in references_in(path, text.encode())] == found


def test_text_that_is_not_utf8_does_no_harm() -> None:
    assert [reference.url for reference in references_in("a.js", b'"\xff"; import "./b.js"')] == ["./b.js"]


class Lock:
    """Files in a store and the addresses that they answer."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.by_url: dict[str, LockedArtifact] = {}

    def add(self, source: str, text: str, *urls: str, how: How = "exact") -> LockedArtifact:
        stored = self.store.put(text.encode())
        artifact = LockedArtifact(source, stored.size, stored.digest, urls, how)
        self.by_url.update(dict.fromkeys(urls, artifact))
        return artifact


def npm(text: str) -> NpmFile:
    source = recognise(text)
    assert isinstance(source, NpmFile)
    return source


def test_the_lock_tells_what_belongs_to_an_address(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    lock.add("npm:a@1.0.0/d/m.js", "import './n.js'; import './gone.js'", f"{CDN}a@1/d/m.js", f"{CDN}a@1.0.0/d/m.js")
    lock.add("npm:a@1.0.0/d/n.js", "import './m.js'", f"{CDN}a@1/d/n.js", f"{CDN}a@1.0.0/d/n.js")
    lock.add("npm:b@1.0.0/o.js", "x", f"{CDN}b@1/o.js")
    missing = {f"{CDN}a@1/d/gone.js": MissingItem(f"{CDN}a@1/d/gone.js", "P", 1, "why")}
    answer = answer_from_lock(npm(f"{CDN}a@1/d/m.js"), lock.by_url, missing, lock.store)
    assert answer is not None
    assert answer.files == (
        AnsweredUrl(f"{CDN}a@1/d/m.js", "npm:a@1.0.0/d/m.js"),
        AnsweredUrl(f"{CDN}a@1/d/n.js", "npm:a@1.0.0/d/n.js"),
    )
    assert answer.missing == (Miss(f"{CDN}a@1/d/gone.js", "why"),)


def test_near_matches_and_default_files_are_known_again(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    plain = lock.add("npm:a@1.0.0/d/m.js", "x", f"{CDN}a@1/d/m.min.js", how="sibling")
    answer = answer_from_lock(npm(f"{CDN}a@1/d/m.min.js"), lock.by_url, {}, lock.store)
    assert answer is not None and answer.files[0].how == "sibling"
    lock.by_url.update({f"{CDN}a": plain, f"{CDN}a@1.0.0/d/m.js": plain})
    default = answer_from_lock(npm(f"{CDN}a"), lock.by_url, {}, lock.store)
    assert default is not None
    assert [file.url for file in default.files] == [f"{CDN}a", f"{CDN}a@1.0.0/d/m.js"]


def test_what_the_lock_does_not_answer(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    lock.add("npm:other@1.0.0/m.js", "x", f"{CDN}a@1/m.js")
    assert answer_from_lock(npm(f"{CDN}none@1/m.js"), lock.by_url, {}, lock.store) is None
    assert answer_from_lock(npm(f"{CDN}a@1/m.js"), lock.by_url, {}, lock.store) is None
