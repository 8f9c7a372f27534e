"""Which wheels one folder holds and promises: wheelhouse, lock and record together.

Wheels are large. One that was read in full once is believed as long as its size and the time of its last change stay
as they were then; after a copy to another disk, or on demand, every byte is read again.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from imjoy_offline.cache.lockfile import WHEEL_SOURCE, LockedArtifact, Lockfile
from imjoy_offline.cache.wheelhouse import Wheelhouse
from imjoy_offline.errors import IntegrityError
from imjoy_offline.mirror.environments import PackageSet, WheelRecord
from imjoy_offline.mirror.resolution import Resolution
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.progress import Progress, ProgressEvent, SilentProgress

_RESTORE = (
    "Nothing was changed. If imjoy.lock was edited, restore it from a copy. To take what the index offers now, remove "
    "imjoy.lock, cache/resolution.json and the wheel in cache/wheels, and run `python -m imjoy mirror` again."
)
_WORTH_TELLING = 64 << 20


class WheelCheck:
    """Reads wheels to be sure of them, each once in a run; ``thorough`` believes none without reading it."""

    def __init__(self, progress: Progress | None = None, *, thorough: bool = False) -> None:
        self._progress = progress or SilentProgress()
        self._thorough = thorough
        self._sound: set[tuple[str, WheelRecord]] = set()

    def examine(
        self, house: Wheelhouse, expected: Mapping[str, WheelRecord]
    ) -> tuple[dict[str, WheelRecord], dict[str, str]]:
        """The records of the wheels that are sound, stamped as they lie there now, and what is wrong with the others.

        ``expected`` are wheels by file name; the fault is ``"missing"`` or ``"damaged"``.
        """
        sound: dict[str, WheelRecord] = {}
        faults: dict[str, str] = {}
        doubtful: dict[str, WheelRecord] = {}
        for name, record in expected.items():
            status = _status(house.path(name))
            if status is None:
                faults[name] = "missing"
                continue
            found = WheelRecord(record.sha256, status.st_size, status.st_mtime_ns)
            believed = (found == record and not self._thorough) or (name, found) in self._sound
            (sound if believed else doubtful)[name] = found
        for name, found in self._told(doubtful):
            size = expected[name].size
            fault = house.fault(name, found.sha256, (found.size or 0) if size is None else size)
            if fault is None:
                sound[name] = found
                self._sound.add((name, found))
            else:
                faults[name] = fault
        return sound, faults

    def _told(self, doubtful: Mapping[str, WheelRecord]) -> Iterator[tuple[str, WheelRecord]]:
        """The wheels to read, one by one, with a word for the person where it takes long."""
        total, read = sum(record.size or 0 for record in doubtful.values()), 0
        if total >= _WORTH_TELLING:
            self._progress.emit(ProgressEvent("step", "Reading the Python wheels in this folder, to be sure of them"))
        for number, (name, record) in enumerate(sorted(doubtful.items()), start=1):
            yield name, record
            read += record.size or 0
            if total >= _WORTH_TELLING:
                self._progress.emit(ProgressEvent("working", name, number, len(doubtful), read, total))


class WheelShelf:
    """The wheels that a mirror run builds upon; raises IntegrityError when made over contradictions.

    ``restamped`` says that wheels had to be read and are sound, so that the record should be written anew.
    """

    def __init__(self, folder: WorkingFolder, lock: Lockfile, resolution: Resolution, check: WheelCheck) -> None:
        self.house = Wheelhouse(folder)
        self.new_files = 0
        self.repaired: set[str] = set()
        self._check = check
        self._records = resolution.wheels
        self._answers = resolution.environments
        self._environments = {PackageSet.of(environment): environment.wheels for environment in lock.environments}
        self._locked = {
            artifact.source.removeprefix(WHEEL_SOURCE): artifact
            for artifact in lock.artifacts
            if artifact.source.startswith(WHEEL_SOURCE)
        }
        self._kept_before = frozenset(name for name, record in self._records.items() if record.stamp is not None)
        self._sound, self._faults = check.examine(self.house, self._expected())
        self.restamped = any(self._records.get(name) != record for name, record in self._sound.items())
        self._records.update(self._sound)

    @property
    def locked_sets(self) -> frozenset[PackageSet]:
        """What the lock has environments for."""
        return frozenset(self._environments)

    def chosen(self, one: PackageSet) -> tuple[str, ...] | None:
        """The file names of the wheels that were chosen for these packages before; None where none were."""
        answer = self._answers.get(one)
        if answer is not None and (answer.wheels or not answer.missing):
            return answer.wheels
        return self._environments.get(one)

    def held(self, name: str) -> LockedArtifact | None:
        """The wheel as a lock names it, where it is in the folder whole and sound."""
        record = self._sound.get(name)
        if record is None or record.size is None:
            return None
        return LockedArtifact(f"{WHEEL_SOURCE}{name}", record.size, record.sha256)

    def named(self, name: str) -> LockedArtifact | None:
        """The wheel as a lock names it, where it is held, or was when the folder was locked."""
        return self.held(name) or self._locked.get(name)

    def promised(self, name: str) -> str:
        """The SHA-256 that the wheel must have; an empty text where nobody has told it yet."""
        locked, record = self._locked.get(name), self._records.get(name)
        return locked.sha256 if locked is not None else record.sha256 if record is not None else ""

    def choose(self, name: str, sha256: str) -> None:
        """Note a wheel that an index offers; raises IntegrityError where lock or folder have it with other bytes.

        ``sha256`` is empty where the index does not tell it. A wheel that already lies in the folder is then held.
        """
        locked, sound = self._locked.get(name), self._sound.get(name)
        known = locked.sha256 if locked is not None else sound.sha256 if sound is not None else sha256
        if sha256 and known != sha256:
            where = "imjoy.lock" if locked is not None else "this folder"
            raise IntegrityError(
                f"The package index offers {name} with the SHA-256 {sha256}, but {where} has it with {known}.",
                hint=_RESTORE,
            )
        if sound is None:
            self._records[name] = WheelRecord(known)
            if known:
                found, _ = self._check.examine(self.house, {name: self._records[name]})
                self._sound.update(found)
                self._records.update(found)

    def keep(self, name: str, content: Path) -> None:
        """Copy a fetched wheel into the folder; raises IntegrityError where it has not the promised bytes.

        Safe in a thread beside others: the wheel was chosen before, so that no entry of the record is added here.
        """
        locked = self._locked.get(name)
        if locked is not None and content.stat().st_size != locked.size:
            raise IntegrityError(
                f"The wheel {name} has {content.stat().st_size} bytes, but imjoy.lock promises {locked.size}.",
                hint=_RESTORE,
            )
        sha256 = self.promised(name) or file_digest(content)
        size = self.house.keep(name, content, sha256)
        self.new_files += 1
        fault = self._faults.pop(name, None)
        # A lock that was brought to an empty cache is no damage.
        if fault == "damaged" or (fault and name in self._kept_before):
            self.repaired.add(f"{WHEEL_SOURCE}{name}")
        record = WheelRecord(sha256, size, self.house.path(name).stat().st_mtime_ns)
        self._sound[name] = self._records[name] = record

    def _expected(self) -> dict[str, WheelRecord]:
        expected = {name: record for name, record in self._records.items() if record.sha256}
        for name, artifact in self._locked.items():
            record = self._records.get(name)
            if record is not None and record.stamp is not None and record.sha256 != artifact.sha256:
                raise IntegrityError(
                    f"imjoy.lock says that {artifact.source} has the SHA-256 {artifact.sha256}, but what was fetched "
                    f"has {record.sha256}.",
                    hint=_RESTORE,
                )
            stamp = record.stamp if record is not None and record.size == artifact.size else None
            expected[name] = WheelRecord(artifact.sha256, artifact.size, stamp)
        return expected


def file_digest(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for chunk in iter(lambda: stream.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
