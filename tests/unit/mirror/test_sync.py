import hashlib
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from imjoy_offline.cache.lockfile import Pin
from imjoy_offline.cache.vendor import Vendor
from imjoy_offline.errors import (
    EXIT_INTEGRITY,
    EXIT_OFFLINE,
    ArchiveError,
    FetchError,
    ImjoyError,
    IntegrityError,
    LockfileError,
    OfflineError,
)
from imjoy_offline.mirror.turn import one_run
from tests.helpers.mirrored import MirroredFolder, vendor_of
from tests.helpers.upstream import Sending, StandIn, add_file, integrity, tarball

CDN = "https://cdn.jsdelivr.net/npm/"
MAIN = 'import {a} from "./lib/a.js";\nimport("./lib/later.js");\nimport x from "y"; import("./gone.js")'
MODULES: dict[str, bytes | str] = {
    "dist/main.js": MAIN,
    "dist/lib/a.js": 'import "../b.mjs?v=1#part"; export const a = 1;',
    "dist/lib/later.js": "export {}",
    "dist/b.mjs": "export {}",
    "dist/unused.js": "export {}",
    "dist/style.css": "@import 'more/more.css'; body { background: url(img/back.png#x) }",
    "dist/more/more.css": "p { background: url('../img/p.svg?w') ; cursor: url(/absolute.cur) }",
    "dist/img/back.png": b"\x89PNG",
    "dist/img/p.svg": "<svg/>",
}


@pytest.fixture
def mirrored(tmp_path: Path) -> MirroredFolder:
    return MirroredFolder(tmp_path / "folder")


def urls(mirrored: MirroredFolder) -> dict[str, str]:
    """Address -> source, of the lock as it is on the disk."""
    lock = json.loads(mirrored.lock_bytes)
    return {url: artifact["source"] for artifact in lock["artifacts"] for url in artifact["urls"]}


def test_an_address_is_answered_by_a_file_of_its_package(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    published = stand_in.publish("vega", "5.3.0", {"build/vega.js": "let vega = 1", "build/more.js": "x"})
    report = mirrored.run(stand_in.settings(f"{CDN}vega@5.3.0/build/vega.js?v=2"))
    (artifact,) = report.lock.artifacts
    assert artifact.source == "npm:vega@5.3.0/build/vega.js"
    assert artifact.urls == (f"{CDN}vega@5.3.0/build/vega.js?v=2",)
    assert mirrored.store.read(artifact.sha256) == b"let vega = 1"
    (package,) = report.lock.packages
    assert package.integrity == integrity(published.tarball)
    assert (report.asked, report.downloaded_files, report.missing, report.changed) == (2, 1, (), True)
    assert report.downloaded_bytes == sum(stand_in.sent_bytes.values())


def test_the_folder_holds_nothing_else(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.publish("vega", "5.3.0", MODULES)
    report = mirrored.run(stand_in.settings(f"{CDN}vega@5/dist/main.js", f"{CDN}nothing@1"))
    files = mirrored.every_file()
    objects = {f"cache/objects/sha256/{a.sha256[:2]}/{a.sha256}" for a in report.lock.artifacts}
    assert files.keys() - objects == {"imjoy.lock", "cache/resolution.json", "cache/mirror.turn"}
    for name, content in files.items():
        assert stand_in.base.encode() not in content, name
        assert b"127.0.0.1" not in content, name


def test_a_second_run_asks_and_changes_nothing(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    published = stand_in.publish("lit", "3.0.0", MODULES)
    vendor = vendor_of("lit", "3.0.0", published, "dist/unused.js")
    settings = stand_in.settings(f"{CDN}lit/dist/main.js", f"{CDN}lit@3.0.0/no.js", "https://github.com/owner/page")
    first = mirrored.run(settings, vendor)
    before, times = mirrored.every_file(), len(stand_in.seen)
    second = mirrored.run(settings, vendor)
    assert (second.asked, second.changed, second.lock) == (0, False, first.lock)
    assert len(stand_in.seen) == times and mirrored.every_file() == before
    assert mirrored.told("done") == ["Everything is here; nothing was asked for."]


@pytest.mark.parametrize("lost", ["resolution.json", "mirror.turn"])
def test_the_lock_alone_is_enough_to_ask_nothing(stand_in: StandIn, mirrored: MirroredFolder, lost: str) -> None:
    stand_in.publish("lit", "3.0.0", {**MODULES, "dist/main.js": MAIN + '\nimport "./none.js"'})
    settings = stand_in.settings(
        f"{CDN}lit@3/dist/main.js", f"{CDN}lit@3/dist/style.min.css", f"{CDN}lit", f"{CDN}lit@3/no.js"
    )
    before = mirrored.run(settings)
    lock, times = mirrored.lock_bytes, len(stand_in.seen)
    (mirrored.folder.cache / lost).unlink()
    after = mirrored.run(settings)
    assert len(stand_in.seen) == times and after.asked == 0
    assert (after.lock, mirrored.lock_bytes) == (before.lock, lock)
    assert mirrored.run(settings).changed is False


def test_modules_and_styles_bring_what_they_refer_to(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.publish("lit", "3.0.0", MODULES)
    report = mirrored.run(stand_in.settings(f"{CDN}lit@3/dist/main.js?x=1", f"{CDN}lit@3/dist/style.css"))
    assert urls(mirrored) == {
        f"{CDN}lit@3/dist/{address}": f"npm:lit@3.0.0/dist/{path}"
        for address, path in {
            "main.js?x=1": "main.js",
            "lib/a.js": "lib/a.js",
            "lib/later.js": "lib/later.js",
            "b.mjs?v=1": "b.mjs",
            "style.css": "style.css",
            "more/more.css": "more/more.css",
            "img/back.png": "img/back.png",
            "img/p.svg?w": "img/p.svg",
        }.items()
    }
    assert report.missing == ()


def test_a_static_import_of_nothing_is_missing_a_dynamic_one_is_not(
    stand_in: StandIn, mirrored: MirroredFolder
) -> None:
    stand_in.publish("lit", "3.0.0", {"m.js": 'import("./later.js")\nimport "./none.js"\nimport "../../out.js"'})
    report = mirrored.run(stand_in.settings(f"{CDN}lit@3.0.0/m.js"))
    assert [item.asked for item in report.missing] == [f"{CDN}lit@3.0.0/none.js", "https://cdn.jsdelivr.net/out.js"]
    assert report.missing[0].reason == "m.js, line 2, imports it, but lit@3.0.0 holds no such file."
    assert f"{CDN}lit@3.0.0/m.js" in urls(mirrored)


@pytest.mark.parametrize(
    ("address", "file"),
    [
        (f"{CDN}chart@1.0.0", "for-jsdelivr.js"),
        (f"{CDN}chart@1.0.0/", "for-jsdelivr.js"),
        ("https://unpkg.com/chart@1.0.0", "for/unpkg.js"),
        ("npm:chart@1.0.0", "for-jsdelivr.js"),
        ("https://unpkg.com/chart@1.0.0/for/unpkg", "for/unpkg.js"),
        ("https://unpkg.com/chart@1.0.0/lib", "lib/index.js"),
    ],
)
def test_the_file_that_an_address_means(stand_in: StandIn, mirrored: MirroredFolder, address: str, file: str) -> None:
    manifest = {"jsdelivr": "./for-jsdelivr.js", "unpkg": "for/unpkg", "main": "main.js"}
    files = dict.fromkeys(("for-jsdelivr.js", "for/unpkg.js", "lib/index.js", "main.js"), "x")
    stand_in.publish("chart", "1.0.0", {name: name for name in files}, manifest=manifest)
    mirrored.run(stand_in.settings(address))
    asked = address.replace("npm:", CDN)
    assert urls(mirrored)[asked] == f"npm:chart@1.0.0/{file}"


def test_a_default_file_finds_its_neighbours_under_both_addresses(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    files = {"dist/m.js": 'import "./n.js"', "dist/n.js": "x"}
    stand_in.publish("chart", "1.0.0", files, manifest={"main": "dist/m.js"})
    mirrored.run(stand_in.settings("https://unpkg.com/chart"))
    assert urls(mirrored) == {
        "https://unpkg.com/chart": "npm:chart@1.0.0/dist/m.js",
        "https://unpkg.com/chart@1.0.0/dist/m.js": "npm:chart@1.0.0/dist/m.js",
        "https://unpkg.com/n.js": "npm:chart@1.0.0/dist/n.js",
        "https://unpkg.com/chart@1.0.0/dist/n.js": "npm:chart@1.0.0/dist/n.js",
    }


def test_an_address_never_stands_for_two_files(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    for name in ("one", "two"):
        files = {"dist/m.js": 'import "./n.js"', "dist/n.js": name}
        stand_in.publish(name, "1.0.0", files, manifest={"main": "dist/m.js"})
    report = mirrored.run(stand_in.settings("https://unpkg.com/one", "https://unpkg.com/two"))
    assert urls(mirrored)["https://unpkg.com/n.js"] == "npm:one@1.0.0/dist/n.js"
    (miss,) = report.missing
    assert miss.asked == "https://unpkg.com/n.js" and "npm:two@1.0.0/dist/n.js" in miss.reason


@pytest.mark.parametrize(
    ("path", "file", "how"),
    [
        ("dist/a.min.js", "dist/a.js", "sibling"),
        ("build/B.js", "lib/b.js", "basename"),
        ("build/b.min.js", "lib/b.js", "basename"),
        ("dist/a.js", "dist/a.js", "exact"),
    ],
)
def test_near_matches_are_marked(stand_in: StandIn, mirrored: MirroredFolder, path: str, file: str, how: str) -> None:
    stand_in.publish("ol", "4.6.5", {"dist/a.js": "a", "lib/b.js": "b"})
    report = mirrored.run(stand_in.settings(f"{CDN}ol@4.6.5/{path}"))
    artifact = report.lock.by_url()[f"{CDN}ol@4.6.5/{path}"]
    assert (artifact.source, artifact.how) == (f"npm:ol@4.6.5/{file}", how)


def test_versions_that_were_not_pinned_are_pinned_and_kept(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    for version in ("5.2.0", "5.10.0", "4.0.0", "6.0.0"):
        stand_in.publish("vega", version, {"v.js": version})
    settings = stand_in.settings(
        f"{CDN}vega@5/v.js", f"{CDN}vega/v.js", f"{CDN}vega@~4.0/v.js", f"{CDN}vega@6.0.0/v.js"
    )
    report = mirrored.run(settings)
    pins = (Pin("npm:vega", "6.0.0", guess=True), Pin("npm:vega@5", "5.10.0"), Pin("npm:vega@~4.0", "4.0.0"))
    assert report.lock.pins == pins
    stand_in.publish("vega", "7.0.0", {"v.js": "7"})
    stand_in.publish("new", "1.0.0", {"n.js": "n"})
    report = mirrored.run(replace(settings, extra=(*settings.extra, f"{CDN}new@1/n.js")))
    assert report.lock.pins[1:] == pins and report.asked == 2
    mirrored.folder.lock_file.unlink()
    assert Pin("npm:vega", "7.0.0", guess=True) in mirrored.run(settings).lock.pins


def test_what_is_wanted_no_more_leaves_the_lock_without_a_request(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.publish("lit", "3.0.0", MODULES)
    stand_in.publish("vega", "5.0.0", {"v.js": "v"})
    both = stand_in.settings(f"{CDN}lit@3/dist/main.js", f"{CDN}vega@5/v.js", f"{CDN}nothing@1")
    mirrored.run(both)
    times = len(stand_in.seen)
    report = mirrored.run(replace(both, extra=both.extra[1:2]))
    assert (report.asked, len(stand_in.seen), report.changed) == (0, times, True)
    assert [artifact.source for artifact in report.lock.artifacts] == ["npm:vega@5.0.0/v.js"]
    assert [package.name for package in report.lock.packages] == ["vega"]
    assert (report.lock.pins, report.missing) == ((Pin("npm:vega@5", "5.0.0"),), ())


def test_what_cannot_be_had_is_recorded_and_the_rest_goes_on(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.publish("vega", "5.0.0", {"v.js": "v"})
    settings = stand_in.settings(
        f"{CDN}vega@5.0.0/v.js",
        f"{CDN}vega@5.0.0/none.js",
        f"{CDN}vega@6/v.js",
        f"{CDN}nothing@1.0.0/x.js",
        "https://unpkg.com/vega@5.0.0/v.js?module",
    )
    report = mirrored.run(settings)
    assert urls(mirrored) == {f"{CDN}vega@5.0.0/v.js": "npm:vega@5.0.0/v.js"}
    assert {item.asked: item.reason for item in report.missing} == {
        f"{CDN}vega@5.0.0/none.js": "The npm package vega@5.0.0 holds no file none.js.",
        f"{CDN}vega@6/v.js": "The content delivery network knows no version of vega that fits '6'.",
        f"{CDN}nothing@1.0.0/x.js": "The npm registry has no package nothing. "
        "No content delivery network has its file x.js either.",
        "https://unpkg.com/vega@5.0.0/v.js?module": "The content delivery network makes this file itself; no package "
        "holds it. Ask for the file it is made from.",
    }
    assert not any(item.passing for item in report.missing)


def test_missing_things_are_asked_for_again_on_demand(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    settings = stand_in.settings(f"{CDN}late@1/x.js")
    mirrored.run(settings)
    stand_in.publish("late", "1.0.0", {"x.js": "x"})
    assert mirrored.run(settings).asked == 0
    report = mirrored.run(settings, retry_missing=True)
    assert report.missing == () and urls(mirrored) == {f"{CDN}late@1/x.js": "npm:late@1.0.0/x.js"}


def test_hindrances_that_may_pass_are_tried_again(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.publish("vega", "5.0.0", {"v.js": "v"})
    stand_in.publish("slow", "1.0.0", {"s.js": "s"})
    stand_in.order("/registry/slow", *[Sending(503, b"", {"Retry-After": "0"})] * 3)
    stand_in.order("/npm/slow@1/package.json", *[Sending(503, b"", {"Retry-After": "0"})] * 3)
    stand_in.order("/unpkg/slow@1/package.json", *[Sending(503, b"", {"Retry-After": "0"})] * 3)
    settings = stand_in.settings(f"{CDN}vega@5.0.0/v.js", f"{CDN}slow@1/s.js")
    (miss,) = mirrored.run(settings).missing
    assert miss.passing and "503" in miss.reason
    report = mirrored.run(settings)
    assert report.missing == () and urls(mirrored)[f"{CDN}slow@1/s.js"] == "npm:slow@1.0.0/s.js"


def test_old_hindrances_are_no_error_where_there_is_no_network(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.publish("vega", "5.0.0", {"v.js": "v"})
    for path in ("/registry/slow", "/npm/slow@1.0.0/s.js", "/unpkg/slow@1.0.0/s.js"):
        stand_in.order(path, *[Sending(503, b"", {"Retry-After": "0"})] * 3)
    wanted = (f"{CDN}vega@5.0.0/v.js", f"{CDN}slow@1.0.0/s.js")
    first = mirrored.run(stand_in.settings(*wanted))
    assert first.missing[0].passing
    offline = mirrored.run(stand_in.settings(*wanted, registry=False, networks=False))
    assert offline.lock == first.lock


# The content delivery networks' way


def test_without_a_registry_single_files_come_from_the_network(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    published = stand_in.publish("lit", "3.1.0", MODULES, manifest={"jsdelivr": "dist/main.js"})
    stand_in.publish("ol", "4.6.5", {"dist/ol.js": "ol"})
    settings = stand_in.settings(
        f"{CDN}lit@3", "https://unpkg.com/lit/dist/style.css", f"{CDN}ol@4.6.5/dist/ol.min.js", registry=False
    )
    vendor = vendor_of("lit", "3.1.0", published, "dist/unused.js")
    report = mirrored.run(settings, vendor)
    found = urls(mirrored)
    assert found[f"{CDN}lit@3"] == "npm:lit@3.1.0/dist/main.js"
    assert found[f"{CDN}lit@3.1.0/dist/lib/a.js"] == "npm:lit@3.1.0/dist/lib/a.js"
    assert found["https://unpkg.com/lit/dist/img/p.svg?w"] == "npm:lit@3.1.0/dist/img/p.svg"
    assert report.lock.by_url()[f"{CDN}ol@4.6.5/dist/ol.min.js"].how == "sibling"
    assert report.lock.pins == (Pin("npm:lit", "3.1.0", guess=True), Pin("npm:lit@3", "3.1.0"))
    assert "npm:lit@3.1.0/dist/unused.js" in report.lock.by_source()
    assert [(package.name, package.integrity) for package in report.lock.packages] == [
        ("lit", integrity(published.tarball))
    ]
    assert stand_in.asked(".tgz") == 0
    times = len(stand_in.seen)
    assert mirrored.run(settings, vendor).asked == 0 and len(stand_in.seen) == times


def test_both_ways_bring_the_same_objects(stand_in: StandIn, tmp_path: Path) -> None:
    published = stand_in.publish("lit", "3.1.0", MODULES)
    vendor = vendor_of("lit", "3.1.0", published, "dist/unused.js")
    left, right = MirroredFolder(tmp_path / "l"), MirroredFolder(tmp_path / "r")
    wanted = (f"{CDN}lit@3/dist/main.js", "https://unpkg.com/lit@3.1.0/dist/style.css")
    left.run(stand_in.settings(*wanted, networks=False), vendor)
    right.run(stand_in.settings(*wanted, registry=False), vendor)
    assert left.objects() == right.objects()
    assert left.lock_bytes == right.lock_bytes


def test_where_one_network_is_out_of_reach_the_other_is_asked(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.publish("ol", "4.6.5", {"ol.js": "ol"})
    settings = stand_in.settings("https://unpkg.com/ol@4.6.5/ol.js", registry=False)
    hosts = {**settings.upstream.hosts, "unpkg.com": "http://127.0.0.1:9"}
    mirrored.run(replace(settings, upstream=replace(settings.upstream, hosts=hosts)))
    assert urls(mirrored) == {"https://unpkg.com/ol@4.6.5/ol.js": "npm:ol@4.6.5/ol.js"}


def test_what_the_registry_lacks_may_come_from_the_network(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.publish("itk", "9.10.3", {"dist/i.js": "i"})
    stand_in.order("/registry/itk", *[Sending(404, b"")] * 5)
    mirrored.run(stand_in.settings("https://unpkg.io/itk@9/dist/i.js"))
    assert urls(mirrored) == {"https://unpkg.io/itk@9/dist/i.js": "npm:itk@9.10.3/dist/i.js"}


def test_a_web_page_from_a_network_is_not_stored(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    page = Sending(200, b"<!doctype html>Log in", {"Content-Type": "text/html"})
    for path in ("/npm/ol@4.6.5/ol.js", "/unpkg/ol@4.6.5/ol.js"):
        stand_in.order(path, page)
    (miss,) = mirrored.run(stand_in.settings(f"{CDN}ol@4.6.5/ol.js", registry=False)).missing
    assert "web page" in miss.reason and miss.passing
    assert mirrored.objects() == []


# No network


def test_nothing_answers_and_things_are_lacking(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    published = stand_in.publish("lit", "3.1.0", MODULES)
    vendor = vendor_of("lit", "3.1.0", published, "dist/unused.js")
    with pytest.raises(OfflineError) as caught:
        mirrored.run(stand_in.settings(f"{CDN}vega@5/v.js", registry=False, networks=False), vendor)
    assert caught.value.exit_status == EXIT_OFFLINE
    assert (
        "lit@3.1.0 (a part of the app itself)" in caught.value.message and f"{CDN}vega@5/v.js" in caught.value.message
    )
    assert "python -m imjoy mirror" in caught.value.hint
    assert not mirrored.folder.lock_file.exists() and mirrored.objects() == []


def test_a_complete_folder_needs_no_network(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    published = stand_in.publish("lit", "3.1.0", MODULES)
    vendor = vendor_of("lit", "3.1.0", published, "dist/unused.js")
    mirrored.run(stand_in.settings(f"{CDN}lit@3/dist/main.js"), vendor)
    before = mirrored.every_file()
    report = mirrored.run(stand_in.settings(f"{CDN}lit@3/dist/main.js", registry=False, networks=False), vendor)
    assert report.asked == 0 and mirrored.every_file() == before


def test_a_new_want_without_a_network_leaves_the_old_lock(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.publish("vega", "5.0.0", {"v.js": "v"})
    mirrored.run(stand_in.settings(f"{CDN}vega@5/v.js"))
    before = mirrored.lock_bytes
    with pytest.raises(OfflineError, match="new@1"):
        mirrored.run(stand_in.settings(f"{CDN}vega@5/v.js", f"{CDN}new@1/n.js", registry=False, networks=False))
    assert mirrored.lock_bytes == before
    assert mirrored.run(stand_in.settings(f"{CDN}vega@5/v.js", registry=False, networks=False)).asked == 0


@pytest.mark.parametrize(
    ("order", "kind", "words"),
    [
        (Sending(404, b""), FetchError, "holds no file"),
        (Sending(200, b"<html>Log in", {"Content-Type": "text/html"}), FetchError, "lit@3.1.0 .*web page"),
    ],
)
def test_a_part_of_the_app_that_cannot_be_had_is_fatal(
    stand_in: StandIn, mirrored: MirroredFolder, order: Sending, kind: type[ImjoyError], words: str
) -> None:
    published = stand_in.publish("lit", "3.1.0", MODULES)
    vendor = vendor_of("lit", "3.1.0", published, "dist/unused.js")
    stand_in.order(stand_in.tarball_path("lit", "3.1.0"), order, order)
    for prefix in ("/npm", "/unpkg"):
        stand_in.order(f"{prefix}/lit@3.1.0/dist/unused.js", order, order)
    with pytest.raises(kind, match=words):
        mirrored.run(stand_in.settings(), vendor)
    assert not mirrored.folder.lock_file.exists() and mirrored.objects() == []


# Damage and contradictions


def wrong(mirrored: MirroredFolder, section: str, index: int, **change: object) -> bytes:
    """Edit one entry of the lock by hand; the new content."""
    document = json.loads(mirrored.lock_bytes)
    document[section][index].update(change)
    mirrored.folder.lock_file.write_text(json.dumps(document, indent=1))
    return mirrored.lock_bytes


@pytest.mark.parametrize("lost", [False, True], ids=["record there", "record lost"])
@pytest.mark.parametrize("network", [True, False], ids=["online", "offline"])
def test_a_wrong_hash_in_the_lock_is_found_and_named(
    stand_in: StandIn, mirrored: MirroredFolder, lost: bool, network: bool
) -> None:
    stand_in.publish("vega", "5.0.0", {"v.js": "v", "w.js": "w"})
    settings = stand_in.settings(f"{CDN}vega@5/v.js", f"{CDN}vega@5/w.js", registry=network, networks=network)
    mirrored.run(stand_in.settings(*settings.extra))
    edited = wrong(mirrored, "artifacts", 0, sha256="0" * 64)
    objects = mirrored.objects()
    if lost:
        (mirrored.folder.cache / "resolution.json").unlink()
    if lost and not network:
        with pytest.raises(OfflineError, match="vega"):
            mirrored.run(settings)
    else:
        with pytest.raises(IntegrityError, match=r"npm:vega@5\.0\.0/v\.js") as caught:
            mirrored.run(settings)
        assert caught.value.exit_status == EXIT_INTEGRITY and "Nothing was changed" in caught.value.hint
    assert mirrored.lock_bytes == edited and mirrored.objects() == objects


def test_a_wrong_hash_of_the_apps_own_file_is_found_without_asking(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    published = stand_in.publish("lit", "3.1.0", MODULES)
    vendor = vendor_of("lit", "3.1.0", published, "dist/unused.js")
    mirrored.run(stand_in.settings(), vendor)
    (mirrored.folder.cache / "resolution.json").unlink()
    times = len(stand_in.seen)
    wrong(mirrored, "artifacts", 0, sha256="0" * 64)
    with pytest.raises(IntegrityError, match=r"npm:lit@3\.1\.0/dist/unused\.js.*vendor\.toml"):
        mirrored.run(stand_in.settings(), vendor)
    assert len(stand_in.seen) == times


@pytest.mark.parametrize("lost", [False, True])
def test_a_wrong_package_hash_in_the_lock_is_found(stand_in: StandIn, mirrored: MirroredFolder, lost: bool) -> None:
    stand_in.publish("vega", "5.0.0", {"v.js": "v"})
    settings = stand_in.settings(f"{CDN}vega@5/v.js")
    mirrored.run(settings)
    wrong(mirrored, "packages", 0, integrity=integrity(b"other"))
    if lost:
        (mirrored.folder.cache / "resolution.json").unlink()
        mirrored.store.path(mirrored.objects()[0]).unlink()
    with pytest.raises(IntegrityError, match=r"vega@5\.0\.0"):
        mirrored.run(settings)


def test_upstream_that_changed_an_exact_version_is_found(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.publish("vega", "5.0.0", {"v.js": "v"})
    settings = stand_in.settings(f"{CDN}vega@5.0.0/v.js", registry=False)
    mirrored.run(settings)
    before = mirrored.lock_bytes
    stand_in.publish("vega", "5.0.0", {"v.js": "changed"})
    mirrored.store.path(mirrored.objects()[0]).unlink()
    with pytest.raises(IntegrityError, match=r"npm:vega@5\.0\.0/v\.js has the SHA-256"):
        mirrored.run(settings)
    assert mirrored.lock_bytes == before and mirrored.objects() == []


@pytest.mark.parametrize("way", ["registry", "networks"])
def test_vendor_files_are_checked_either_way(stand_in: StandIn, mirrored: MirroredFolder, way: str) -> None:
    published = stand_in.publish("lit", "3.1.0", MODULES)
    (package,) = vendor_of("lit", "3.1.0", published, "dist/unused.js").packages
    vendor = Vendor((replace(package, files={"dist/unused.js": hashlib.sha256(b"other").hexdigest()}),))
    settings = stand_in.settings(registry=way == "registry", networks=way == "networks")
    with pytest.raises(IntegrityError, match=r"npm:lit@3\.1\.0/dist/unused\.js"):
        mirrored.run(settings, vendor)
    assert mirrored.objects() == [] and not mirrored.folder.lock_file.exists()


def test_a_tarball_with_another_sha512_than_pinned_is_refused(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    published = stand_in.publish("lit", "3.1.0", MODULES)
    (package,) = vendor_of("lit", "3.1.0", published, "dist/unused.js").packages
    vendor = Vendor((replace(package, integrity=integrity(b"other")),))
    with pytest.raises(IntegrityError, match=r"sha512 of lit@3\.1\.0"):
        mirrored.run(stand_in.settings(), vendor)
    assert mirrored.objects() == []


def test_wrong_bytes_for_a_plugin_end_the_run_and_nothing_is_stored(
    stand_in: StandIn, mirrored: MirroredFolder
) -> None:
    stand_in.publish("evil", "1.0.0", {"e.js": "e"}, promised=integrity(b"other"))
    with pytest.raises(IntegrityError, match=r"evil@1\.0\.0 came with other bytes") as caught:
        mirrored.run(stand_in.settings(f"{CDN}evil@1.0.0/e.js"))
    assert caught.value.exit_status == EXIT_INTEGRITY
    assert mirrored.objects() == [] and not mirrored.folder.lock_file.exists()


@pytest.mark.parametrize("damage", ["bent", "cut", "gone"])
@pytest.mark.parametrize("lost", [False, True], ids=["record there", "record lost"])
def test_damaged_objects_are_fetched_again_and_told(
    stand_in: StandIn, mirrored: MirroredFolder, damage: str, lost: bool
) -> None:
    stand_in.publish("lit", "3.0.0", MODULES)
    stand_in.publish("vega", "5.0.0", {"v.js": "v"})
    settings = stand_in.settings(f"{CDN}lit@3/dist/main.js", f"{CDN}vega@5/v.js")
    first = mirrored.run(settings)
    lock, objects = mirrored.lock_bytes, mirrored.objects()
    victim = mirrored.store.path(first.lock.by_source()["npm:lit@3.0.0/dist/lib/a.js"].sha256)
    if damage == "gone":
        victim.unlink()
    else:
        victim.write_bytes(b"?" * victim.stat().st_size if damage == "bent" else victim.read_bytes()[:-1])
    if lost:
        (mirrored.folder.cache / "resolution.json").unlink()
    report = mirrored.run(settings)
    assert (mirrored.lock_bytes, mirrored.objects()) == (lock, objects)
    assert mirrored.store.fault(victim.name) is None
    assert report.downloaded_files == 1
    if not lost or damage != "gone":
        assert report.repaired == ("npm:lit@3.0.0/dist/lib/a.js",)


def test_damage_without_a_network_is_named(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.publish("vega", "5.0.0", {"v.js": "v"})
    mirrored.run(stand_in.settings(f"{CDN}vega@5/v.js"))
    mirrored.store.path(mirrored.objects()[0]).write_bytes(b"?")
    with pytest.raises(OfflineError, match="vega@5"):
        mirrored.run(stand_in.settings(f"{CDN}vega@5/v.js", registry=False, networks=False))


def test_a_lock_that_comes_alone_brings_the_same_folder(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.publish("lit", "3.0.0", MODULES)
    settings = stand_in.settings(f"{CDN}lit/dist/main.js", f"{CDN}lit@3.0.0/none.js")
    one, two = MirroredFolder(tmp_path / "1"), MirroredFolder(tmp_path / "2")
    one.run(settings)
    stand_in.publish("lit", "4.0.0", MODULES)
    two.folder.lock_file.write_bytes(one.lock_bytes)
    report = two.run(settings)
    assert (two.lock_bytes, two.objects()) == (one.lock_bytes, one.objects())
    assert report.repaired == ()


def test_an_unreadable_lock_is_an_error_and_stays(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    mirrored.folder.lock_file.write_text("{")
    with pytest.raises(LockfileError, match="cannot be read"):
        mirrored.run(stand_in.settings())
    assert mirrored.lock_bytes == b"{"


# Archives that must not be trusted


def link(tar: tarfile.TarFile) -> None:
    member = tarfile.TarInfo("package/l.js")
    member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
    tar.addfile(member)


@pytest.mark.parametrize("resumed", [False, True])
def test_bad_archives_are_named_and_nothing_of_them_is_stored(
    stand_in: StandIn, mirrored: MirroredFolder, resumed: bool
) -> None:
    escaping = tarball({"e.js": b"e"}, more=lambda tar: add_file(tar, "../../out.js", b"out"))
    linked = tarball({"package.json": b"{}", "m.js": b"import './l.js'"}, more=link)
    stand_in.publish("escape", "1.0.0", {}, content=escaping)
    stand_in.publish("linked", "1.0.0", {}, content=linked)
    stand_in.publish("noise", "1.0.0", {}, content=b"noise")
    settings = stand_in.settings(
        f"{CDN}escape@1.0.0/e.js", f"{CDN}linked@1.0.0/l.js", f"{CDN}linked@1.0.0/m.js", f"{CDN}noise@1.0.0/x.js"
    )
    report = mirrored.run(settings)
    if resumed:
        (mirrored.folder.lock_file).unlink()
        report = mirrored.run(settings)
    reasons = {item.asked: item.reason for item in report.missing}
    assert "leads out" in reasons[f"{CDN}escape@1.0.0/e.js"] and "escape@1.0.0" in reasons[f"{CDN}escape@1.0.0/e.js"]
    assert reasons[f"{CDN}linked@1.0.0/l.js"] == "l.js of linked@1.0.0 is a link, which is not followed."
    assert "no tar archive" in reasons[f"{CDN}noise@1.0.0/x.js"]
    assert [artifact.source for artifact in report.lock.artifacts] == ["npm:linked@1.0.0/m.js"]
    assert not (mirrored.folder.root.parent / "out.js").exists()
    assert not any(path.is_symlink() for path in mirrored.folder.root.rglob("*"))


def test_a_bad_archive_of_the_app_itself_is_fatal(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    content = tarball({"a.js": b"a"}, more=lambda tar: add_file(tar, "/out.js", b"out"))
    published = stand_in.publish("lit", "3.0.0", {"a.js": "a"}, content=content)
    with pytest.raises(ArchiveError, match=r"lit@3\.0\.0 has a member whose name leads out"):
        mirrored.run(stand_in.settings(), vendor_of("lit", "3.0.0", published, "a.js"))
    assert mirrored.objects() == []


# The run as a whole


def test_events_tell_the_plan_the_steps_and_the_end(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.publish("vega", "5.0.0", {"v.js": "v"})
    settings = replace(stand_in.settings(f"{CDN}vega@5/v.js", f"{CDN}nothing@1"), warnings=("a warning",))
    mirrored.run(settings)
    kinds = [event.kind for event in mirrored.progress.events]
    assert kinds[:2] == ["plan", "warning"] and kinds[-1] == "done"
    items = [event for event in mirrored.progress.events if event.kind == "item"]
    assert [(event.text, event.done, event.total) for event in items] == [("vega@5.0.0", 1, 1)]
    assert mirrored.told("done")[0].startswith("1 file brought, ")
    assert mirrored.told("done")[0].endswith("; 1 thing could not be had.")


def test_leftovers_of_a_killed_run_are_cleaned(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.publish("vega", "5.0.0", {"v.js": "v"})
    incoming, partial = mirrored.folder.objects / "incoming", mirrored.folder.cache / "partial"
    for path in (
        incoming / "tmp1",
        partial / "abc",
        mirrored.folder.root / ".writing-x",
        mirrored.folder.cache / "resolution.writing",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    mirrored.run(stand_in.settings(f"{CDN}vega@5/v.js"))
    left = [name for name in mirrored.every_file() if "/sha256/" not in name]
    assert sorted(left) == ["cache/mirror.turn", "cache/resolution.json", "imjoy.lock"]


def test_an_empty_plan_makes_an_empty_lock(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    report = mirrored.run(stand_in.settings())
    assert report.asked == 0 and report.changed and report.lock.artifacts == ()
    assert mirrored.run(stand_in.settings()).changed is False


def test_two_runs_at_once_are_refused(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    with one_run(mirrored.folder.cache), pytest.raises(ImjoyError, match="Another mirror run"):
        mirrored.run(stand_in.settings(f"{CDN}vega@5/v.js"))
    assert stand_in.seen == []


def test_missing_items_name_plugin_and_line_as_they_are_now(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    settings = stand_in.settings(f"{CDN}nothing@1.0.0/x.js")
    first = mirrored.run(replace(settings, lines={"extra[0]": 3})).missing[0]
    second = mirrored.run(replace(settings, lines={"extra[0]": 8})).missing[0]
    assert (first.line, second.line) == (3, 8)
    assert replace(second, line=3) == first
