"""The built site: its layout, that it is the same for the same inputs, and that a broken build harms nothing."""

import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from imjoy_offline.cache.lockfile import Lockfile
from imjoy_offline.errors import DigestMismatch, NotMirroredError, SiteError
from imjoy_offline.site.build import site_fault
from tests.helpers.tiny_site import GONE, HERE, PACKAGE, PLUGIN, TinySite, make_tiny_site, write


@pytest.fixture
def tiny(tmp_path: Path) -> TinySite:
    return make_tiny_site(tmp_path)


def _files(path: Path) -> set[str]:
    return {item.relative_to(path).as_posix() for item in path.rglob("*") if item.is_file()}


def test_the_layout(tiny: TinySite) -> None:
    built = tiny.build()
    plugin = hashlib.sha256(PLUGIN.encode()).hexdigest()
    assert _files(built.path) == {
        "SHA256SUMS",
        "app/css/base.css",
        "app/css/parts/list.css",
        "app/index.html",
        *(f"app/js/{name}" for name in ("main.js", "core/two.js", "rpc/peer.js", "shell/words.js")),
        *(f"{port}/js/sandbox/{name}.js" for port in ("app", "sandbox") for name in ("boot", "frame", "host")),
        "app/static/icon.svg",
        "catalogue.json",
        f"plugins/{plugin}",
        "sandbox/frame.html",
        "sandbox/js/core/two.js",
        "sandbox/js/rpc/peer.js",
        "server.json",
    }
    assert (built.path / "plugins" / plugin).read_text(encoding="utf-8") == PLUGIN
    assert tiny.folder.current_site() == built.path
    assert site_fault(built.path) is None


def test_the_list_of_files_gives_the_digest(tiny: TinySite) -> None:
    built = tiny.build()
    sums = (built.path / "SHA256SUMS").read_bytes()
    assert hashlib.sha256(sums).hexdigest() == built.digest == built.path.name
    listed = [line.split("  ")[1] for line in sums.decode().splitlines()]
    assert listed == sorted(_files(built.path) - {"SHA256SUMS"})


def test_what_the_server_is_told(tiny: TinySite) -> None:
    built = tiny.build()
    server = json.loads((built.path / "server.json").read_bytes())
    here = hashlib.sha256(b"here()").hexdigest()
    javascript = "text/javascript; charset=utf-8"
    assert server["version"] == 1
    assert server["urls"] == {HERE: {"sha256": here, "size": 6, "type": javascript, "immutable": True}}
    assert set(server["vendor"]) == {f"/cdn/npm/tiny@1.0.0/{path}" for path in PACKAGE}
    assert server["vendor"]["/cdn/npm/tiny@1.0.0/one.js"] == {
        "sha256": hashlib.sha256(PACKAGE["one.js"]).hexdigest(),
        "size": len(PACKAGE["one.js"]),
        "type": javascript,
    }
    assert len(server["script_hashes"]) == 1


def test_the_pages(tiny: TinySite) -> None:
    built = tiny.build()
    page = (built.path / "app/index.html").read_text(encoding="utf-8")
    assert '"tiny": "/cdn/npm/tiny@1.0.0/index.js"' in page
    assert 'href="/app/css/base.css"' in page
    assert "@SANDBOX_ORIGIN@" in page
    frame = (built.path / "sandbox/frame.html").read_text(encoding="utf-8")
    assert '"https://cdn.jsdelivr.net/": "/cdn/x/https/cdn.jsdelivr.net/"' in frame
    assert '"http://unpkg.com/": "/cdn/x/http/unpkg.com/"' in frame


def test_the_catalogue(tiny: TinySite) -> None:
    catalogue = json.loads((tiny.build().path / "catalogue.json").read_bytes())
    (plugin,) = catalogue["plugins"]
    assert plugin["name"] == "Viewer"
    assert plugin["missing"] == [{"asked": GONE, "line": 6, "reason": "The package gone does not exist."}]


def test_equal_inputs_give_the_same_site(tmp_path: Path) -> None:
    first, second = make_tiny_site(tmp_path / "one"), make_tiny_site(tmp_path / "two")
    for path in second.source.rglob("*"):
        os.utime(path, (1, 1))
    assert first.build().digest == second.build().digest


def test_a_second_build_writes_nothing(tiny: TinySite) -> None:
    first = tiny.build()
    before = {path: path.stat().st_mtime_ns for path in tiny.folder.site.rglob("*")}
    second = tiny.build()
    assert (first.changed, second.changed, second.digest) == (True, False, first.digest)
    assert {path: path.stat().st_mtime_ns for path in tiny.folder.site.rglob("*")} == before


def test_a_second_build_reads_no_stored_object(tiny: TinySite) -> None:
    tiny.build()
    for path in list(tiny.folder.objects.rglob("*")):
        if path.is_file():
            path.unlink()
    assert not tiny.build().changed


@pytest.mark.parametrize("name", ["js/core/two.js", "css/base.css", "static/icon.svg", "templates/frame.html"])
def test_every_source_counts(tiny: TinySite, name: str) -> None:
    first = tiny.build()
    write(tiny.source / name, (tiny.source / name).read_text() + "\n")
    second = tiny.build()
    assert second.changed and second.digest != first.digest
    assert tiny.folder.current_site() == second.path


def test_plugins_and_lock_count(tiny: TinySite) -> None:
    digests = [tiny.build().digest]
    write(tiny.plugins / "viewer.imjoy.html", PLUGIN.replace("Shows.", "Shows images."))
    digests.append(tiny.build().digest)
    tiny.lock = Lockfile.of(tiny.lock.artifacts, [], [], [])
    digests.append(tiny.build().digest)
    assert len(set(digests)) == 3


def test_the_previous_site_is_kept_and_older_ones_go(tiny: TinySite) -> None:
    paths = []
    for number in range(3):
        write(tiny.source / "static/icon.svg", f"<svg id='{number}'/>")
        paths.append(tiny.build().path)
    assert [path.exists() for path in paths] == [False, True, True]


def test_going_back_is_a_switch(tiny: TinySite) -> None:
    first = tiny.build()
    write(tiny.source / "static/icon.svg", "<svg id='1'/>")
    tiny.build()
    before = (first.path / "SHA256SUMS").stat().st_mtime_ns
    write(tiny.source / "static/icon.svg", "<svg/>\n")
    third = tiny.build()
    assert third.changed and third.path == first.path == tiny.folder.current_site()
    assert (first.path / "SHA256SUMS").stat().st_mtime_ns == before


@pytest.mark.parametrize("harm", ["damage", "remove", "add", "list"])
def test_a_harmed_site_is_made_anew(tiny: TinySite, harm: str) -> None:
    built = tiny.build()
    if harm == "damage":
        (built.path / "app/js/main.js").write_text("evil()")
    elif harm == "remove":
        (built.path / "server.json").unlink()
    elif harm == "add":
        (built.path / "app/js/more.js").write_text("evil()")
    else:
        (built.path / "SHA256SUMS").write_text("")
    assert site_fault(built.path) is not None
    again = tiny.build()
    assert again.digest == built.digest
    assert site_fault(again.path) is None
    assert {path.name for path in tiny.folder.site.iterdir()} == {built.digest, "current", "inputs"}


class Killed(BaseException):
    """Stands for a kill: nothing may catch it."""


def _kill_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Let the ``step``-th change on disk of the next build be its last."""
    left = step

    def count() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    for owner, name in ((os, "fsync"), (Path, "rename"), (Path, "replace"), (Path, "mkdir"), (shutil, "rmtree")):
        original = getattr(owner, name)

        def stopped(*arguments: object, _original: object = original, **named: object) -> object:
            count()
            assert callable(_original)
            return _original(*arguments, **named)

        monkeypatch.setattr(owner, name, stopped)


def test_killed_at_any_point_the_old_site_is_served_and_the_next_build_ends_as_if_nothing_had_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # a kill is no power cut, and a busy disk takes its time
    ready = make_tiny_site(tmp_path / "ready")
    for number in range(2):
        old = ready.build()
        write(ready.source / "static/icon.svg", f"<svg id='{number}'/>")
    undisturbed = replace(ready, root=Path(shutil.copytree(ready.root, tmp_path / "undisturbed")))
    expected = undisturbed.build()
    step = 0
    while True:
        tiny = replace(ready, root=Path(shutil.copytree(ready.root, tmp_path / str(step))))
        with pytest.MonkeyPatch.context() as patch:
            _kill_at(patch, step)
            try:
                tiny.build()
                break
            except Killed:
                pass
        served = tiny.folder.current_site()
        assert served is not None
        assert served in (tiny.folder.site / old.digest, tiny.folder.site / expected.digest)
        assert site_fault(served) is None
        assert tiny.build().digest == expected.digest
        assert sorted(_files(tiny.folder.site)) == sorted(_files(undisturbed.folder.site))
        step += 1
    assert step > 20


def test_another_build_under_way_is_left_alone(tiny: TinySite) -> None:
    theirs = tiny.folder.site / f".building-{os.getppid()}-0"
    dead = tiny.folder.site / ".building-4194305-0"
    for path in (theirs, dead):
        write(path / "file", "")
    tiny.build()
    assert theirs.exists() and not dead.exists()
    os.utime(theirs, (1, 1))
    tiny.build()
    assert not theirs.exists()


def test_a_missing_part_of_the_app_is_said(tiny: TinySite) -> None:
    tiny.lock = Lockfile.of(
        [item for item in tiny.lock.artifacts if not item.source.endswith("one.js")], [], [], tiny.lock.missing
    )
    with pytest.raises(NotMirroredError, match=r"one\.js of tiny 1\.0\.0"):
        tiny.build()
    assert tiny.folder.current_site() is None


def test_a_damaged_object_of_the_app_is_said(tiny: TinySite) -> None:
    digest = tiny.vendor.packages[0].files["index.js"]
    tiny.store.path(digest).write_bytes(b"evil()")
    with pytest.raises(DigestMismatch, match=digest):
        tiny.build()


def test_a_wrong_source_leaves_the_old_site(tiny: TinySite) -> None:
    old = tiny.build()
    write(tiny.source / "js/main.js", "\n\nimport './nowhere.js';")
    with pytest.raises(SiteError, match=r"app/js/main\.js, line 3"):
        tiny.build()
    assert tiny.folder.current_site() == old.path


def test_a_page_that_refers_to_what_is_not_there_is_refused(tiny: TinySite) -> None:
    write(tiny.source / "templates/frame.html", '<p>\n<script src="/sandbox/js/gone.js"></script>')
    with pytest.raises(SiteError, match=r"frame\.html, line 2: .*/sandbox/js/gone\.js"):
        tiny.build()


def test_a_name_that_cannot_travel_is_refused(tiny: TinySite) -> None:
    write(tiny.source / "static/aux.svg", "<svg/>")
    with pytest.raises(SiteError, match=r"aux\.svg"):
        tiny.build()
