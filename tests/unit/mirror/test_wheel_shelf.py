import os
from pathlib import Path

import pytest

from imjoy_offline.cache.lockfile import LockedArtifact, LockedEnvironment, Lockfile
from imjoy_offline.cache.wheelhouse import Target, Wheelhouse
from imjoy_offline.errors import IntegrityError
from imjoy_offline.mirror import wheel_shelf
from imjoy_offline.mirror.environments import EnvironmentAnswer, PackageSet, WheelRecord
from imjoy_offline.mirror.resolution import Resolution
from imjoy_offline.mirror.wheel_shelf import WheelCheck, WheelShelf, file_digest
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.progress import RecordingProgress

NAME, OTHER = "some_thing-1.2.3-py3-none-any.whl", "other-1-py3-none-any.whl"
ONE = PackageSet(("some-thing",), Target("p", "3.11"))


class Place:
    """A folder whose shelf is made again and again."""

    def __init__(self, root: Path) -> None:
        self.folder = WorkingFolder(root / "folder")
        self.house = Wheelhouse(self.folder)
        self.content = root / "content"
        self.content.write_bytes(b"the bytes of a wheel")
        self.sha256 = file_digest(self.content)
        self.resolution = Resolution()
        self.lock = Lockfile()

    def shelf(self, check: WheelCheck | None = None) -> WheelShelf:
        return WheelShelf(self.folder, self.lock, self.resolution, check or WheelCheck())

    def kept(self) -> WheelShelf:
        shelf = self.shelf()
        shelf.choose(NAME, self.sha256)
        shelf.keep(NAME, self.content)
        return shelf

    def locked(self) -> None:
        artifact = LockedArtifact(f"pypi:{NAME}", 20, self.sha256)
        environment = LockedEnvironment(ONE.packages, ONE.target.platform, ONE.target.python, (NAME,))
        self.lock = Lockfile.of([artifact], [], [], [], [], [environment])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The wheels that are read from now on."""
    names: list[str] = []
    fault = Wheelhouse.fault

    def counted(self: Wheelhouse, file_name: str, sha256: str, size: int) -> str | None:
        names.append(file_name)
        return fault(self, file_name, sha256, size)

    monkeypatch.setattr(Wheelhouse, "fault", counted)
    return names


def test_what_is_kept_is_held_and_stamped(place: Place, reads: list[str]) -> None:
    shelf = place.kept()
    assert shelf.held(NAME) == LockedArtifact(f"pypi:{NAME}", 20, place.sha256)
    assert (shelf.new_files, shelf.repaired, shelf.promised(NAME)) == (1, set(), place.sha256)
    assert shelf.held(OTHER) is None and shelf.promised(OTHER) == ""
    stamp = place.house.path(NAME).stat().st_mtime_ns
    assert place.resolution.wheels == {NAME: WheelRecord(place.sha256, 20, stamp)}
    again = place.shelf()
    assert again.held(NAME) is not None and not again.restamped and reads == []


def test_what_looks_different_or_is_doubted_is_read_once(place: Place, reads: list[str]) -> None:
    place.kept()
    os.utime(place.house.path(NAME), ns=(1, 1))
    check = WheelCheck()
    assert place.shelf(check).restamped and reads == [NAME]
    assert not place.shelf(check).restamped and reads == [NAME]
    thorough = WheelCheck(thorough=True)
    assert place.shelf(thorough).held(NAME) and place.shelf(thorough).held(NAME) and reads == [NAME] * 2
    place.resolution.wheels.clear()
    place.locked()
    assert place.shelf().restamped and len(reads) == 3


@pytest.mark.parametrize("harm", ["damaged", "gone"])
def test_damage_is_found_and_mended(place: Place, harm: str) -> None:
    place.kept()
    place.locked()
    if harm == "gone":
        place.house.path(NAME).unlink()
    else:
        place.house.path(NAME).write_bytes(b"other bytes of it...")
    shelf = place.shelf()
    assert shelf.held(NAME) is None and shelf.named(NAME) == place.lock.artifacts[0]
    shelf.keep(NAME, place.content)
    assert shelf.repaired == {f"pypi:{NAME}"} and shelf.held(NAME) == place.lock.artifacts[0]


def test_a_lock_in_an_empty_folder_is_no_damage(place: Place) -> None:
    place.locked()
    shelf = place.shelf()
    shelf.keep(NAME, place.content)
    assert (shelf.new_files, shelf.repaired) == (1, set())


def test_a_wheel_that_lies_there_already_is_held_when_it_is_chosen(place: Place, reads: list[str]) -> None:
    place.kept()
    place.resolution.wheels.clear()
    shelf = place.shelf()
    assert shelf.held(NAME) is None
    shelf.choose(NAME, place.sha256)
    assert shelf.held(NAME) is not None and reads == [NAME]


def test_promises_are_kept(place: Place) -> None:
    place.kept()
    with pytest.raises(IntegrityError, match=rf"this folder has it with {place.sha256}"):
        place.shelf().choose(NAME, "0" * 64)
    place.locked()
    place.house.path(NAME).unlink()
    with pytest.raises(IntegrityError, match=r"imjoy\.lock has it with"):
        place.shelf().choose(NAME, "0" * 64)
    place.content.write_bytes(b"THE BYTES OF A WHEEL")
    with pytest.raises(IntegrityError, match="SHA-256"):
        place.shelf().keep(NAME, place.content)
    place.content.write_bytes(b"longer than that by some")
    with pytest.raises(IntegrityError, match=r"24 bytes, but imjoy\.lock promises 20"):
        place.shelf().keep(NAME, place.content)
    assert place.house.files() == []


def test_a_digest_that_nobody_told_is_found_out(place: Place) -> None:
    shelf = place.shelf()
    shelf.choose(NAME, "")
    assert shelf.promised(NAME) == ""
    shelf.keep(NAME, place.content)
    assert shelf.promised(NAME) == place.sha256


def test_lock_and_record_may_not_differ(place: Place) -> None:
    place.kept()
    place.lock = Lockfile.of([LockedArtifact(f"pypi:{NAME}", 20, "0" * 64)], [], [], [])
    with pytest.raises(IntegrityError, match="what was fetched has"):
        place.shelf()


def test_what_was_chosen_is_known_by_the_record_and_by_the_lock(place: Place) -> None:
    assert place.shelf().chosen(ONE) is None
    place.locked()
    assert place.shelf().chosen(ONE) == (NAME,) and place.shelf().locked_sets == {ONE}
    place.resolution.environments[ONE] = EnvironmentAnswer((OTHER,))
    assert place.shelf().chosen(ONE) == (OTHER,)
    place.resolution.environments[ONE] = EnvironmentAnswer(())
    assert place.shelf().chosen(ONE) == ()


def test_reading_that_takes_long_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel_shelf, "_WORTH_TELLING", 1)
    place.kept()
    os.utime(place.house.path(NAME), ns=(1, 1))
    progress = RecordingProgress()
    place.shelf(WheelCheck(progress))
    assert [event.kind for event in progress.events] == ["step", "working"]
    assert (progress.events[1].done_bytes, progress.events[1].total_bytes) == (20, 20)
