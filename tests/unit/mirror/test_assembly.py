import random
from pathlib import Path

import pytest

from imjoy_offline.cache.lockfile import MissingItem, Pin, lock_bytes
from imjoy_offline.cache.vendor import Vendor, VendorPackage
from imjoy_offline.mirror.assembly import assemble, split_source
from imjoy_offline.mirror.plan import Plan, Want
from imjoy_offline.mirror.resolution import Answer, AnsweredUrl, Miss
from imjoy_offline.mirror.shelf import Shelf
from imjoy_offline.mirror.sources import NpmFile, recognise
from imjoy_offline.paths import WorkingFolder

CDN = "https://cdn.jsdelivr.net/npm/"


def want(text: str, plugin: str = "P", line: int = 1) -> Want:
    source = recognise(text)
    assert isinstance(source, NpmFile)
    return Want(text, plugin, line, source)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = Shelf(WorkingFolder(tmp_path), Vendor())
    for name in ("a", "@s/b"):
        for path in ("m.js", "n.js"):
            made.keep(name, "1.0.0", path, f"{name} {path}".encode())
        made.resolution.package(name, "1.0.0").integrity = f"sha512-{name}"
    made.resolution.pins["npm:a"] = Pin("npm:a", "1.0.0", guess=True)
    return made


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("npm:a@1.0.0/b/c.js", ("a", "1.0.0", "b/c.js")),
        ("npm:@s/a@1.0.0-rc.1+x/b@2.js", ("@s/a", "1.0.0-rc.1+x", "b@2.js")),
    ],
)
def test_a_source_in_its_parts(source: str, parts: tuple[str, str, str]) -> None:
    assert split_source(source) == parts


def test_the_same_answers_in_any_order_give_the_same_lock(shelf: Shelf, seed: int) -> None:
    answers = {
        f"{CDN}a": Answer(
            (AnsweredUrl(f"{CDN}a", "npm:a@1.0.0/m.js"), AnsweredUrl(f"{CDN}n.js", "npm:a@1.0.0/n.js")),
            (Miss(f"{CDN}gone.js", "gone"),),
        ),
        f"{CDN}@s/b@1.0.0/m.min.js": Answer(
            (AnsweredUrl(f"{CDN}@s/b@1.0.0/m.min.js", "npm:@s/b@1.0.0/m.js", "sibling"),)
        ),
        f"{CDN}@s/b@1.0.0/m.js": Answer((AnsweredUrl(f"{CDN}@s/b@1.0.0/m.js", "npm:@s/b@1.0.0/m.js"),)),
        f"{CDN}none": Answer(missing=(Miss(f"{CDN}none", "no such package", passing=True),)),
    }
    vendor = Vendor((VendorPackage("a", "1.0.0", "sha512-a", {"n.js": shelf.held("a", "1.0.0", "n.js").sha256}),))  # type: ignore[union-attr]
    wants = [*(want(url, line=number) for number, url in enumerate(answers)), want("npm:none", "Q", 9)]
    plan = Plan(vendor, tuple(wants), (MissingItem("numpy", "P", 4, "not yet"),))
    lock = assemble(plan, shelf, answers, {})
    assert {artifact.source: (artifact.how, len(artifact.urls)) for artifact in lock.artifacts} == {
        "npm:@s/b@1.0.0/m.js": ("sibling", 2),
        "npm:a@1.0.0/m.js": ("exact", 1),
        "npm:a@1.0.0/n.js": ("exact", 1),
    }
    assert {package.name: package.integrity for package in lock.packages} == {"@s/b": "sha512-@s/b", "a": "sha512-a"}
    assert lock.pins == (Pin("npm:a", "1.0.0", guess=True),)
    assert [(item.asked, item.plugin, item.line) for item in lock.missing] == [
        (f"{CDN}gone.js", "P", 0),
        (f"{CDN}none", "P", 3),
        ("npm:none", "Q", 9),
        ("numpy", "P", 4),
    ]
    shuffled = list(answers.items())
    random.Random(seed).shuffle(shuffled)
    assert lock_bytes(assemble(plan, shelf, dict(shuffled), {})) == lock_bytes(lock)


def test_wants_without_an_answer_leave_nothing(shelf: Shelf) -> None:
    lock = assemble(Plan(Vendor(), (want(f"{CDN}a"),)), shelf, {}, {})
    assert (lock.artifacts, lock.pins, lock.missing) == ((), (), ())
