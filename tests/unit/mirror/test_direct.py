"""Files of plain addresses, mirrored from hosts that the stand-in plays."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from imjoy_offline.errors import EXIT_OFFLINE, IntegrityError, OfflineError
from imjoy_offline.mirror import direct
from imjoy_offline.mirror.settings import Settings, UpstreamSettings
from tests.helpers.mirrored import MirroredFolder
from tests.helpers.upstream import Sending, StandIn

LAB = "https://plugins.lab.example/libs"
ELSEWHERE = "https://static.example"
PLUGIN = '<config lang="json">\n{"name": "A", "type": "web-worker", "version": "1"}\n</config>\n'


@pytest.fixture
def mirrored(tmp_path: Path) -> MirroredFolder:
    return MirroredFolder(tmp_path / "folder")


def urls(mirrored: MirroredFolder) -> set[str]:
    """The addresses that the lock on the disk answers, each with the file of its own name."""
    lock = json.loads(mirrored.lock_bytes)
    pairs = [(url, artifact["source"]) for artifact in lock["artifacts"] for url in artifact["urls"]]
    assert all(url == source for url, source in pairs)
    return {url for url, _ in pairs}


def place_library(stand_in: StandIn) -> None:
    """A module with what it imports, a style, and things that need not come."""
    stand_in.place(
        f"{LAB}/main.js",
        'import {a} from "./lib/a.js"; import("../later.js"); import "bare"; import("./gone.js")\n'
        f'import "{ELSEWHERE}/other.js"; new URL("./nothing.bin", import.meta.url)',
    )
    stand_in.place(f"{LAB}/lib/a.js", 'export * from "/root.js?v=1"; import "../main.js"')
    stand_in.place("https://plugins.lab.example/later.js", "export {}")
    stand_in.place("https://plugins.lab.example/root.js?v=1", 'new Worker(new URL("w.js", import.meta.url))')
    stand_in.place("https://plugins.lab.example/w.js", f'importScripts("{ELSEWHERE}/classic.js")')
    stand_in.place(f"{ELSEWHERE}/other.js", 'new Worker("https://plugins.lab.example/never.js")')
    stand_in.place(f"{ELSEWHERE}/classic.js", "1")


EVERYTHING = {
    f"{LAB}/main.js",
    f"{LAB}/lib/a.js",
    "https://plugins.lab.example/later.js",
    "https://plugins.lab.example/root.js?v=1",
    "https://plugins.lab.example/w.js",
    f"{ELSEWHERE}/other.js",
    f"{ELSEWHERE}/classic.js",
}


def test_a_file_comes_with_what_it_loads(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    place_library(stand_in)
    report = mirrored.run(stand_in.settings(f"{LAB}/main.js#part"))
    assert urls(mirrored) == EVERYTHING
    assert report.missing == () and report.lock.packages == ()
    assert report.downloaded_files == len(EVERYTHING) and report.changed
    # What nothing needs and nobody has is no finding: it is as absent where there is a network.
    assert stand_in.asked("gone.js") == 1
    (main,) = [artifact for artifact in report.lock.artifacts if artifact.source == f"{LAB}/main.js"]
    assert mirrored.store.read(main.sha256).startswith(b"import {a}")
    assert mirrored.told("step") == ["Fetching files"] and mirrored.told("item") == [f"{LAB}/main.js"]


@pytest.mark.parametrize("lost", [(), ("cache/resolution.json",)])
def test_a_second_run_asks_nothing(stand_in: StandIn, mirrored: MirroredFolder, lost: tuple[str, ...]) -> None:
    place_library(stand_in)
    stand_in.place(f"{LAB}/broken.js", 'import "./none.js"')
    settings = stand_in.settings(f"{LAB}/main.js", f"{LAB}/broken.js", f"{LAB}/absent.js")
    first = mirrored.run(settings)
    assert [item.asked for item in first.missing] == [f"{LAB}/absent.js", f"{LAB}/none.js"]
    assert not any(item.passing for item in first.missing)
    for name in lost:
        (mirrored.folder.root / name).unlink()
    times, lock = len(stand_in.seen), mirrored.lock_bytes
    second = mirrored.run(settings)
    assert (second.asked, len(stand_in.seen), mirrored.lock_bytes) == (0, times, lock)
    assert second.changed is False and second.missing == first.missing


def test_what_is_wanted_no_more_leaves_the_lock(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    place_library(stand_in)
    stand_in.place(f"{LAB}/one.js", "1")
    mirrored.run(stand_in.settings(f"{LAB}/main.js", f"{LAB}/one.js"))
    times = len(stand_in.seen)
    mirrored.run(stand_in.settings(f"{LAB}/one.js"))
    assert urls(mirrored) == {f"{LAB}/one.js"} and len(stand_in.seen) == times


def test_a_style_and_a_page_bring_what_they_show(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.place(
        f"{LAB}/a.css",
        f"@import '{ELSEWHERE}/b.css'; @font-face {{ src: url({ELSEWHERE}/f.woff2) }} "
        f"p {{ background: url(p.png) }} b {{ background: url({ELSEWHERE}/tracker.gif) }}",
    )
    stand_in.place(f"{ELSEWHERE}/b.css", "p {}")
    stand_in.place(f"{ELSEWHERE}/f.woff2", b"wOF2")
    stand_in.place(f"{LAB}/p.png", b"\x89PNG")
    stand_in.place(f"{ELSEWHERE}/tracker.gif", b"GIF89a")
    stand_in.place(
        f"{LAB}/frame.html",
        f"<!doctype html><script src='{ELSEWHERE}/s.js'></script><img src=p.png>"
        f"<a href='more.html'>x</a><iframe src='inner.html'></iframe><link rel=icon href=p.png>",
    )
    stand_in.place(f"{ELSEWHERE}/s.js", "1")
    mirrored.run(stand_in.settings(f"{LAB}/a.css", f"{LAB}/frame.html"))
    assert urls(mirrored) == {
        *(f"{LAB}/{name}" for name in ("a.css", "p.png", "frame.html")),
        *(f"{ELSEWHERE}/{name}" for name in ("b.css", "f.woff2", "s.js")),
    }


def test_a_page_never_stands_for_a_library_or_a_plugin(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    login = b" \n<!DOCTYPE html><title>Log in to the network</title><script>let a</script>"
    stand_in.place(f"{LAB}/honest.js", login, "text/html; charset=utf-8")
    stand_in.place(f"{LAB}/lying.js", login, "text/javascript")
    stand_in.place(f"{LAB}/A.imjoy.html", login)
    stand_in.place(f"{LAB}/nameless", login, "text/html")
    asked = [f"{LAB}/{name}" for name in ("honest.js", "lying.js", "A.imjoy.html", "nameless")]
    report = mirrored.run(stand_in.settings(*asked))
    reasons = {item.asked: item.reason for item in report.missing}
    assert reasons.keys() == set(asked)
    assert all("login page" in reason for reason in reasons.values())
    assert "no plugin" in reasons[f"{LAB}/A.imjoy.html"]
    assert all(item.passing for item in report.missing), "behind the login, another answer may wait"
    assert urls(mirrored) == set() and mirrored.objects() == []
    stand_in.place(f"{LAB}/A.imjoy.html", PLUGIN)
    mirrored.run(stand_in.settings(*asked))
    assert urls(mirrored) == {f"{LAB}/A.imjoy.html"}


def test_what_only_the_server_says_is_kept(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.place(f"{LAB}/module", 'import "./more"', "application/javascript")
    stand_in.place(f"{LAB}/more", "export {}", "text/javascript; charset=latin-1")
    stand_in.place(f"{LAB}/data.csv", "a,b", "text/plain, maybe")
    stand_in.place(f"{LAB}/strange", "x", "x-made/up\x01")
    report = mirrored.run(stand_in.settings(f"{LAB}/module", f"{LAB}/data.csv", f"{LAB}/strange"))
    assert {artifact.source.rpartition("/")[2]: artifact.type for artifact in report.lock.artifacts} == {
        "module": "text/javascript; charset=utf-8",
        "more": "text/javascript; charset=utf-8",
        "data.csv": "",
        "strange": "",
    }
    (mirrored.folder.cache / "resolution.json").unlink()
    times = len(stand_in.seen)
    assert mirrored.run(stand_in.settings(f"{LAB}/module", f"{LAB}/data.csv", f"{LAB}/strange")).lock == report.lock
    assert len(stand_in.seen) == times


def test_a_private_address_is_asked_only_where_the_person_said_so(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    port = stand_in.base.rpartition(":")[2]
    private = f"http://127.0.0.1:{port}/at/private.example/a.js"
    stand_in.place("https://private.example/a.js", f'import "{stand_in.base}/at/private.example/b.js"')
    stand_in.place("https://private.example/b.js", "1")
    stand_in.place(f"{LAB}/a.js", f'import "{private}"')
    (refused,) = mirrored.run(Settings(extra=(private,))).missing
    assert "private address" in refused.reason and stand_in.seen == []
    # Nor does a file that may be had open the way to others.
    (refused,) = mirrored.run(stand_in.settings(f"{LAB}/a.js")).missing
    assert "private address" in refused.reason and refused.asked == private
    assert [seen.path for seen in stand_in.seen] == ["/at/plugins.lab.example/libs/a.js"]
    # Nor a redirect.
    stand_in.order(
        "/at/plugins.lab.example/libs/r.js", Sending(302, b"", {"Location": f"http://localhost:{port}/at/x.js"})
    )
    (refused,) = mirrored.run(stand_in.settings(f"{LAB}/r.js")).missing
    assert "private address" in refused.reason and stand_in.asked("x.js") == 0
    allowed = Settings(extra=(private,), upstream=UpstreamSettings(None, {f"127.0.0.1:{port}": stand_in.base}))
    assert mirrored.run(allowed).missing == ()


def test_one_file_that_many_refer_to_is_asked_once(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    shared = f"{LAB}/shared.js"
    stand_in.place(shared, "export {}")
    names = [f"{LAB}/{index}.js" for index in range(6)]
    for name in names:
        stand_in.place(name, 'import "./shared.js"')
    mirrored.run(stand_in.settings(*names, shared))
    assert urls(mirrored) == {*names, shared}
    assert stand_in.asked("shared.js") == 1


def test_there_are_limits(stand_in: StandIn, mirrored: MirroredFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct, "MOST_FILES", 4)
    monkeypatch.setattr(direct, "MOST_REFERRED_BYTES", 100)
    stand_in.place(f"{LAB}/many.js", "".join(f'import "./{index}.js"\n' for index in range(9)))
    for index in range(9):
        stand_in.place(f"{LAB}/{index}.js", "1")
    stand_in.place(f"{LAB}/large.js", "1" * 500 + '\nimport "./huge.js"')
    stand_in.place(f"{LAB}/huge.js", "1" * 101)
    report = mirrored.run(stand_in.settings(f"{LAB}/many.js", f"{LAB}/large.js"))
    reasons = {item.asked.rpartition("/")[2]: item.reason for item in report.missing}
    assert reasons.keys() == {"3.js", "huge.js"}
    assert "this and 5 more files were left out" in reasons["3.js"]
    assert "larger than 100 bytes" in reasons["huge.js"]
    assert len(urls(mirrored)) == 5

    monkeypatch.setattr(direct, "MOST_BYTES", 10)
    (item,) = mirrored.run(stand_in.settings(f"{LAB}/large.js?other")).missing
    assert "does not exist" in item.reason
    stand_in.place(f"{LAB}/large.js?other", "1" * 11)
    (item,) = mirrored.run(stand_in.settings(f"{LAB}/large.js?other"), retry_missing=True).missing
    assert "larger than 10 bytes" in item.reason


def test_what_changed_at_its_address_is_told_and_changes_nothing(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    stand_in.place(f"{LAB}/a.js", "one")
    settings = stand_in.settings(f"{LAB}/a.js")
    (artifact,) = mirrored.run(settings).lock.artifacts
    stand_in.place(f"{LAB}/a.js", "two")
    assert mirrored.run(settings).asked == 0, "what is here is not asked again"

    lock = mirrored.lock_bytes
    mirrored.store.path(artifact.sha256).unlink()
    with pytest.raises(IntegrityError, match=r"libs/a\.js has the SHA-256") as caught:
        mirrored.run(settings)
    assert "remove imjoy.lock" in caught.value.hint
    assert mirrored.lock_bytes == lock and mirrored.objects() == []
    stand_in.place(f"{LAB}/a.js", "one")
    assert mirrored.run(settings).repaired == (f"{LAB}/a.js",)
    assert mirrored.lock_bytes == lock

    # The way that the error names.
    mirrored.folder.lock_file.unlink()
    (mirrored.folder.cache / "resolution.json").unlink()
    stand_in.place(f"{LAB}/a.js", "two")
    (artifact,) = mirrored.run(settings).lock.artifacts
    assert mirrored.store.read(artifact.sha256) == b"two"


def test_a_download_that_broke_off_goes_on(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    body = "0123456789" * 30_000
    path = stand_in.place(f"{LAB}/data.bin", body)
    stand_in.order(path, Sending(200, body.encode(), cut_after=200_000))
    mirrored.run(stand_in.settings(f"{LAB}/data.bin"))
    assert urls(mirrored) == {f"{LAB}/data.bin"}
    assert "Range" in {key.title() for key in stand_in.seen[-1].headers} and len(stand_in.seen) == 2


def test_one_silent_host_is_a_passing_finding_all_silent_are_no_run(
    stand_in: StandIn, mirrored: MirroredFolder, tmp_path: Path
) -> None:
    stand_in.place(f"{LAB}/a.js", "1")
    hosts = {**stand_in.hosts, "silent.example": "http://127.0.0.1:9/"}
    silent = "https://silent.example/a.js"
    settings = replace(stand_in.settings(f"{LAB}/a.js", silent), upstream=UpstreamSettings(None, hosts))
    (item,) = mirrored.run(settings).missing
    assert (item.asked, item.passing) == (silent, True)
    assert urls(mirrored) == {f"{LAB}/a.js"}
    with pytest.raises(OfflineError) as caught:
        MirroredFolder(tmp_path / "other").run(replace(settings, extra=(silent,)))
    assert caught.value.exit_status == EXIT_OFFLINE


def test_a_package_s_file_is_not_asked_for_once_more(stand_in: StandIn, mirrored: MirroredFolder) -> None:
    address = "https://cdn.jsdelivr.net/npm/vega@5.0.0/v.js"
    stand_in.publish("vega", "5.0.0", {"v.js": "v"})
    stand_in.place(f"{LAB}/a.js", f'import "{address}"')
    report = mirrored.run(stand_in.settings(f"{LAB}/a.js", address))
    assert [artifact.source for artifact in report.lock.artifacts] == [f"{LAB}/a.js", "npm:vega@5.0.0/v.js"]
    assert report.missing == () and stand_in.asked("/npm/") == 0
