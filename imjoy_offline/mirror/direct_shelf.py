"""Which files of plain addresses one folder holds and promises: store, lock and record together.

A file is named by its address. What lies there may change; what was taken once stays, until the person lets it go.
"""

from collections.abc import MutableMapping
from pathlib import Path
from urllib.parse import urlsplit

from imjoy_offline.cache.lockfile import Lockfile
from imjoy_offline.cache.store import Store
from imjoy_offline.errors import IntegrityError
from imjoy_offline.mime import UNKNOWN, content_type, declared_type
from imjoy_offline.mirror.resolution import DirectRecord, Resolution
from imjoy_offline.mirror.wheel_shelf import file_digest

_CHANGED = (
    "Nothing was changed. To take what lies there now, remove imjoy.lock and cache/resolution.json and run "
    "`python -m imjoy mirror` again."
)


def is_direct(source: str) -> bool:
    """Whether the lock's name of a file is an address."""
    return source.startswith(("http://", "https://"))


class DirectShelf:
    """Made by ``shelf``, which shares its list of faults: what is wrong with objects, by digest."""

    def __init__(self, store: Store, lock: Lockfile, resolution: Resolution, faults: MutableMapping[str, str]) -> None:
        self.new_files = 0
        self.repaired: set[str] = set()
        self._store = store
        self._resolution = resolution
        self._faults = faults
        self._locked = {
            artifact.source: DirectRecord(artifact.sha256, artifact.size, artifact.type)
            for artifact in lock.artifacts
            if is_direct(artifact.source)
        }
        for url, record in list(resolution.direct.items()):
            if self._locked.get(url, record) != record:
                del resolution.direct[url]

    def known(self, url: str) -> DirectRecord | None:
        """The file as locked or recorded, whether or not the object is there."""
        return self._locked.get(url) or self._resolution.direct.get(url)

    def held(self, url: str) -> DirectRecord | None:
        """The file, where the store has it whole and sound."""
        known = self.known(url)
        if known is None or known.sha256 in self._faults or not self._store.has(known.sha256, known.size):
            return None
        return known

    def read(self, record: DirectRecord) -> bytes:
        """The file's bytes."""
        return self._store.read(record.sha256)

    def keep(self, url: str, path: Path, header: str) -> DirectRecord:
        """Copy a fetched file into the store; ``header`` is the type that its server declared.

        Raises IntegrityError where the lock promises other bytes.
        """
        kind = "" if content_type(urlsplit(url).path) != UNKNOWN else declared_type(header)
        record = DirectRecord(file_digest(path), path.stat().st_size, kind)
        locked = self._locked.get(url)
        if locked is not None and locked.sha256 != record.sha256:
            raise IntegrityError(
                f"{url} has the SHA-256 {record.sha256} ({record.size} bytes) as it is fetched now, but imjoy.lock "
                f"promises {locked.sha256} ({locked.size} bytes).",
                hint=_CHANGED,
            )
        record = locked or record
        fault = self._faults.pop(record.sha256, None)
        if fault is not None or not self._store.has(record.sha256, record.size):
            with path.open("rb") as stream:
                self._store.put(stream, digest=record.sha256)
            self.new_files += 1
        # A lock that was brought to an empty cache is no damage.
        if fault == "damaged" or (fault and url in self._resolution.direct):
            self.repaired.add(url)
        self._resolution.direct[url] = record
        return record
