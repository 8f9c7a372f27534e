"""What one folder holds and promises: store, lock and record together, with every contradiction named.

The mirror's view of the cache: which files are there and sound, which digests are promised, which versions are pinned.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from imjoy_offline.cache.lockfile import WHEEL_SOURCE, Lockfile, Pin, parse_lockfile
from imjoy_offline.cache.store import Store
from imjoy_offline.cache.vendor import Vendor, npm_source
from imjoy_offline.errors import IntegrityError
from imjoy_offline.mirror.direct_shelf import DirectShelf
from imjoy_offline.mirror.resolution import Resolution, Taken, read_resolution
from imjoy_offline.mirror.wheel_shelf import WheelCheck, WheelShelf
from imjoy_offline.paths import WorkingFolder

_RESTORE = (
    "Nothing was changed. If imjoy.lock was edited, restore it from a copy; or remove imjoy.lock and "
    "cache/resolution.json and run `python -m imjoy mirror` again."
)


class Shelf:
    """Everything in the folder that a mirror run builds upon; raises IntegrityError when made over contradictions.

    ``wheels`` are apart, since they lie apart, and ``direct``, files of plain addresses, since these are no packages;
    all else here is about files of npm packages.
    """

    def __init__(self, folder: WorkingFolder, vendor: Vendor, check: WheelCheck | None = None) -> None:
        self.store = Store(folder.objects)
        self.lock_content = _content(folder.lock_file)
        self.lock = parse_lockfile(self.lock_content) if self.lock_content else Lockfile()
        self._record_path = folder.cache / "resolution.json"
        self.resolution = read_resolution(self._record_path)
        base = hashlib.sha256(self.lock_content).hexdigest() if self.lock_content else ""
        # Beside another lock than its own the record's choices say nothing; a run makes it anew.
        self.settled = self.resolution.base == base
        if not self.settled:
            known = self.resolution
            self.resolution = Resolution(packages=known.packages, base=base, wheels=known.wheels, direct=known.direct)
        self.new_files = 0
        self.repaired: set[str] = set()
        self._vendor = vendor.digests()
        self._artifacts = self.lock.by_source()
        self._pins = {pin.asked: pin for pin in self.lock.pins}
        self._integrities = {(package.name, package.version): package.integrity for package in self.lock.packages}
        self._check_files()
        self._check_packages(vendor)
        self._faults = dict(self._find_faults())
        self.direct = DirectShelf(self.store, self.lock, self.resolution, self._faults)
        self.wheels = WheelShelf(folder, self.lock, self.resolution, check or WheelCheck())

    def save(self) -> None:
        """Write the record."""
        self.resolution.write(self._record_path)

    def pin(self, asked: str) -> Pin | None:
        """The version that was taken before for what is asked."""
        return self._pins.get(asked) or self.resolution.pins.get(asked)

    def integrity(self, name: str, version: str) -> str:
        """The sha512 that is promised for the package's tarball, or an empty text."""
        record = self.resolution.packages.get((name, version))
        return self._integrities.get((name, version)) or (record.integrity if record else "")

    def known(self, name: str, version: str, path: str) -> Taken | None:
        """Digest and size of the file as locked or recorded, whether or not the object is there."""
        artifact = self._artifacts.get(npm_source(name, version, path))
        if artifact is not None:
            return Taken(artifact.sha256, artifact.size)
        record = self.resolution.packages.get((name, version))
        return record.taken.get(path) if record else None

    def held(self, name: str, version: str, path: str) -> Taken | None:
        """The file, where the store has it whole and sound."""
        known = self.known(name, version, path)
        if known is None or known.sha256 in self._faults or not self.store.has(known.sha256, known.size):
            return None
        return known

    @property
    def lock_is_whole(self) -> bool:
        """Whether the object of every locked file, but for wheels, is there and sound."""
        return not any(artifact.sha256 in self._faults for artifact in self.lock.artifacts)

    def keep(self, name: str, version: str, path: str, content: bytes) -> Taken:
        """Put a fetched file into the store; raises IntegrityError where another digest is promised."""
        source = npm_source(name, version, path)
        taken = Taken(hashlib.sha256(content).hexdigest(), len(content))
        known = self.known(name, version, path)
        promised = self._vendor.get(source) or (known.sha256 if known else taken.sha256)
        if promised != taken.sha256 or (known is not None and known != taken):
            raise IntegrityError(
                f"{source} has the SHA-256 {taken.sha256} ({taken.size} bytes) as it is fetched now, "
                f"but {'vendor.toml' if source in self._vendor else 'imjoy.lock'} promises {promised}"
                f"{f' ({known.size} bytes)' if known else ''}.",
                hint=_RESTORE,
            )
        fault = self._faults.pop(taken.sha256, None)
        if fault is not None or not self.store.has(taken.sha256, taken.size):
            self.store.put(content, digest=taken.sha256)
            self.new_files += 1
        # A lock that was brought to an empty cache is no damage.
        if fault == "damaged" or (fault and path in self.resolution.package(name, version).taken):
            self.repaired.add(source)
        self.resolution.package(name, version).taken[path] = taken
        return taken

    def _check_files(self) -> None:
        for source, artifact in self._artifacts.items():
            pinned = self._vendor.get(source)
            if pinned is not None and pinned != artifact.sha256:
                raise IntegrityError(
                    f"imjoy.lock says that {source} has the SHA-256 {artifact.sha256}, but vendor.toml pins {pinned}.",
                    hint=_RESTORE,
                )
        for (name, version), record in self.resolution.packages.items():
            for path, taken in list(record.taken.items()):
                if self._vendor.get(npm_source(name, version, path), taken.sha256) != taken.sha256:
                    del record.taken[path]
                    continue
                locked = self._artifacts.get(npm_source(name, version, path))
                if locked is not None and (locked.sha256, locked.size) != (taken.sha256, taken.size):
                    raise IntegrityError(
                        f"imjoy.lock says that {locked.source} has the SHA-256 {locked.sha256} ({locked.size} bytes), "
                        f"but what was fetched has {taken.sha256} ({taken.size} bytes).",
                        hint=_RESTORE,
                    )

    def _check_packages(self, vendor: Vendor) -> None:
        promises = [((package.name, package.version), package.integrity) for package in vendor.packages]
        promises += [(key, record.integrity) for key, record in self.resolution.packages.items() if record.integrity]
        for (name, version), integrity in promises:
            if self._integrities.setdefault((name, version), integrity) != integrity:
                raise IntegrityError(
                    f"imjoy.lock gives the npm package {name}@{version} another sha512 than it came with.",
                    hint=_RESTORE,
                )

    def _find_faults(self) -> Iterator[tuple[str, str]]:
        expected = {
            artifact.sha256: artifact.size
            for artifact in self.lock.artifacts
            if not artifact.source.startswith(WHEEL_SOURCE)
        }
        for record in self.resolution.packages.values():
            expected.update({taken.sha256: taken.size for taken in record.taken.values()})
        expected.update({record.sha256: record.size for record in self.resolution.direct.values()})
        for digest, size in expected.items():
            fault = self.store.fault(digest, size)
            if fault is not None:
                yield digest, fault


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
