from dataclasses import replace
from pathlib import Path

import pytest

from imjoy_offline.cache.lockfile import LockedArtifact, LockedPackage, Lockfile, Pin, write_lockfile
from imjoy_offline.cache.vendor import Vendor, VendorPackage
from imjoy_offline.errors import IntegrityError
from imjoy_offline.mirror.resolution import Resolution, Taken
from imjoy_offline.mirror.shelf import Shelf
from imjoy_offline.paths import WorkingFolder

SHA_OF_X = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


@pytest.fixture
def folder(tmp_path: Path) -> WorkingFolder:
    return WorkingFolder(tmp_path)


def kept(folder: WorkingFolder) -> Shelf:
    """A folder with one file in store and lock."""
    shelf = Shelf(folder, Vendor())
    taken = shelf.keep("a", "1.0.0", "x.js", b"x")
    shelf.resolution.package("a", "1.0.0").integrity = "sha512-a"
    shelf.resolution.pins["npm:a"] = Pin("npm:a", "1.0.0", guess=True)
    shelf.save()
    lock = Lockfile.of(
        [LockedArtifact("npm:a@1.0.0/x.js", taken.size, taken.sha256)],
        [LockedPackage("a", "1.0.0", "sha512-a")],
        [],
        [],
    )
    write_lockfile(folder.lock_file, lock)
    return Shelf(folder, Vendor())


def test_what_was_kept_is_held(folder: WorkingFolder) -> None:
    shelf = kept(folder)
    assert shelf.held("a", "1.0.0", "x.js") == shelf.known("a", "1.0.0", "x.js") == Taken(SHA_OF_X, 1)
    assert shelf.held("a", "1.0.0", "y.js") is None and shelf.held("b", "1.0.0", "x.js") is None
    assert shelf.integrity("a", "1.0.0") == "sha512-a" and shelf.integrity("b", "1.0.0") == ""
    assert shelf.lock_is_whole


def test_a_record_beside_another_lock_keeps_no_choices(folder: WorkingFolder) -> None:
    before = Shelf(folder, Vendor())
    assert before.settled and before.pin("npm:a") is None
    shelf = kept(folder)
    assert not shelf.settled
    assert shelf.pin("npm:a") is None
    assert ("a", "1.0.0") in shelf.resolution.packages


def test_what_is_kept_must_be_what_is_promised(folder: WorkingFolder) -> None:
    shelf = kept(folder)
    with pytest.raises(IntegrityError, match=r"npm:a@1\.0\.0/x\.js has the SHA-256"):
        shelf.keep("a", "1.0.0", "x.js", b"y")
    pinned = Vendor((VendorPackage("v", "1.0.0", "sha512-v", {"v.js": SHA_OF_X}),))
    with pytest.raises(IntegrityError, match=r"vendor\.toml promises"):
        Shelf(folder, pinned).keep("v", "1.0.0", "v.js", b"y")
    assert list(shelf.store.digests()) == [SHA_OF_X]
    assert Shelf(folder, pinned).keep("v", "1.0.0", "v.js", b"x") == Taken(SHA_OF_X, 1)


@pytest.mark.parametrize(
    ("change", "words"), [({"sha256": "0" * 64}, "0000 .1 bytes"), ({"size": 2}, f"{SHA_OF_X} .2 bytes")]
)
def test_lock_and_record_may_not_differ(folder: WorkingFolder, change: dict[str, object], words: str) -> None:
    lock = kept(folder).lock
    artifacts = (replace(lock.artifacts[0], **change),)  # type: ignore[arg-type]
    write_lockfile(folder.lock_file, replace(lock, artifacts=artifacts))
    with pytest.raises(IntegrityError, match=words) as caught:
        Shelf(folder, Vendor())
    assert "npm:a@1.0.0/x.js" in caught.value.message


def test_lock_and_vendor_may_not_differ(folder: WorkingFolder) -> None:
    kept(folder)
    with pytest.raises(IntegrityError, match=r"vendor\.toml pins 1111"):
        Shelf(folder, Vendor((VendorPackage("a", "1.0.0", "sha512-a", {"x.js": "1" * 64}),)))
    with pytest.raises(IntegrityError, match=r"package a@1\.0\.0 another sha512"):
        Shelf(folder, Vendor((VendorPackage("a", "1.0.0", "sha512-b", {"x.js": SHA_OF_X}),)))


def test_a_record_that_vendor_contradicts_is_dropped(folder: WorkingFolder) -> None:
    shelf = kept(folder)
    folder.lock_file.unlink()
    shelf.save()
    pinned = Vendor((VendorPackage("a", "1.0.0", "sha512-a", {"x.js": "1" * 64}),))
    assert Shelf(folder, pinned).known("a", "1.0.0", "x.js") is None


def test_damage_is_mended_and_counted(folder: WorkingFolder) -> None:
    path = kept(folder).store.path(SHA_OF_X)
    path.write_bytes(b"y")
    shelf = Shelf(folder, Vendor())
    assert not shelf.lock_is_whole
    assert shelf.held("a", "1.0.0", "x.js") is None and shelf.known("a", "1.0.0", "x.js") is not None
    shelf.keep("a", "1.0.0", "x.js", b"x")
    assert (path.read_bytes(), shelf.new_files, shelf.repaired) == (b"x", 1, {"npm:a@1.0.0/x.js"})
    assert shelf.lock_is_whole and shelf.held("a", "1.0.0", "x.js") is not None


def test_an_object_that_two_packages_share_is_stored_once(folder: WorkingFolder) -> None:
    shelf = kept(folder)
    assert shelf.keep("b", "1.0.0", "z.js", b"x") == Taken(SHA_OF_X, 1)
    assert shelf.new_files == 0


def test_an_unreadable_record_is_no_hindrance(folder: WorkingFolder) -> None:
    kept(folder)
    (folder.cache / "resolution.json").write_text("{")
    shelf = Shelf(folder, Vendor())
    assert shelf.resolution == Resolution(base=shelf.resolution.base)
    assert shelf.held("a", "1.0.0", "x.js") is not None
