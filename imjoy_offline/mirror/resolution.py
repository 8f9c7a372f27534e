"""``cache/resolution.json``: what a mirror run has found out so far, so that a killed run ends as it would have.

Written whole and at once whenever it grows: pins before anything is fetched by them, then packages with their files,
then the answer to each wanted address; for Python, the wheels that were chosen before any is fetched. Derived, and
never the authority: the lock is. No addresses of registries in it.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from imjoy_offline.cache.lockfile import HOWS, WHEEL_SOURCE, How, Lockfile, Pin
from imjoy_offline.cache.store import is_digest
from imjoy_offline.cache.vendor import npm_source
from imjoy_offline.mime import declared_type
from imjoy_offline.mirror.environments import (
    EnvironmentAnswer,
    PackageSet,
    WheelRecord,
    environment_json,
    read_environment,
    read_wheel,
    wheel_json,
)

TEMPORARY_NAME = "resolution.writing"
_VERSION = 1


@dataclass(frozen=True)
class Taken:
    """A file in the store."""

    sha256: str
    size: int


@dataclass
class PackageRecord:
    """What is known of one package at one version.

    ``names`` are the files of its tarball, None until that was read; ``refused`` its members that may not be taken,
    with the reason; ``taken`` the files that are in the store.
    """

    integrity: str = ""
    names: frozenset[str] | None = None
    refused: dict[str, str] = field(default_factory=dict)
    taken: dict[str, Taken] = field(default_factory=dict)


@dataclass(frozen=True)
class DirectRecord:
    """A file of a plain address in the store; ``type`` is empty where the address says it."""

    sha256: str
    size: int
    type: str = ""


@dataclass(frozen=True)
class AnsweredUrl:
    """One address and the file that answers it."""

    url: str
    source: str
    how: How = "exact"


@dataclass(frozen=True)
class Miss:
    """One address that nothing answers."""

    url: str
    reason: str
    passing: bool = False


@dataclass(frozen=True)
class Answer:
    """What came of one wanted address: it and what its file refers to, and what of these is missing."""

    files: tuple[AnsweredUrl, ...] = ()
    missing: tuple[Miss, ...] = ()

    @property
    def passing(self) -> bool:
        """Whether asking again may bring more."""
        return any(miss.passing for miss in self.missing)


@dataclass
class Resolution:
    """The growing record of one folder.

    ``base`` is the SHA-256 of the lock file that pins, answers and environments go with; beside any other lock they
    say nothing. ``wheels`` are by file name, ``direct`` by address.
    """

    pins: dict[str, Pin] = field(default_factory=dict)
    packages: dict[tuple[str, str], PackageRecord] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    base: str = ""
    environments: dict[PackageSet, EnvironmentAnswer] = field(default_factory=dict)
    wheels: dict[str, WheelRecord] = field(default_factory=dict)
    direct: dict[str, DirectRecord] = field(default_factory=dict)

    def package(self, name: str, version: str) -> PackageRecord:
        """The record of this package, made where there is none."""
        return self.packages.setdefault((name, version), PackageRecord())

    def prune(
        self, lock: Lockfile, answers: Mapping[str, Answer], environments: Mapping[PackageSet, EnvironmentAnswer]
    ) -> None:
        """Keep only what goes with the lock and these answers."""
        sources = {artifact.source for artifact in lock.artifacts}
        self.environments = dict(environments)
        chosen = {name for answer in environments.values() for name in answer.wheels}
        self.wheels = {
            name: record for name, record in self.wheels.items() if name in chosen or f"{WHEEL_SOURCE}{name}" in sources
        }
        self.direct = {url: record for url, record in self.direct.items() if url in sources}
        self.pins = {pin.asked: pin for pin in lock.pins}
        self.answers = dict(answers)
        self.packages = {
            (name, version): record
            for (name, version), record in self.packages.items()
            if any(source.startswith(npm_source(name, version, "")) for source in sources)
        }

    def write(self, path: Path) -> None:
        """Replace the file at once."""
        document = {
            "version": _VERSION,
            "base": self.base,
            "pins": {pin.asked: {"version": pin.version, "guess": pin.guess} for pin in self.pins.values()},
            "packages": [_record_json(name, version, record) for (name, version), record in self.packages.items()],
            "answers": {url: _answer_json(answer) for url, answer in self.answers.items()},
            "environments": [environment_json(one, answer) for one, answer in self.environments.items()],
            "wheels": {name: wheel_json(record) for name, record in self.wheels.items()},
            "direct": {url: [record.sha256, record.size, record.type] for url, record in self.direct.items()},
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        # Only one run writes here at a time, so its temporary file can have one name, and none is left to pile up.
        temporary = path.with_name(TEMPORARY_NAME)
        with temporary.open("wb") as stream:
            stream.write(json.dumps(document, sort_keys=True, ensure_ascii=False).encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)


def _record_json(name: str, version: str, record: PackageRecord) -> Mapping[str, object]:
    return {
        "name": name,
        "version": version,
        "integrity": record.integrity,
        "names": None if record.names is None else sorted(record.names),
        "refused": record.refused,
        "taken": {path: [taken.sha256, taken.size] for path, taken in record.taken.items()},
    }


def _answer_json(answer: Answer) -> Mapping[str, object]:
    return {
        "files": [[item.url, item.source, item.how] for item in answer.files],
        "missing": [[miss.url, miss.reason, miss.passing] for miss in answer.missing],
    }


def read_resolution(path: Path) -> Resolution:
    """The record in the file; what cannot be read is as good as absent, since it can all be found out again."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != _VERSION:
            return Resolution()
        return Resolution(
            {
                asked: Pin(str(asked), str(pin["version"]), bool(pin["guess"]))
                for asked, pin in document["pins"].items()
            },
            {(str(entry["name"]), str(entry["version"])): _record(entry) for entry in document["packages"]},
            {str(url): _answer(entry) for url, entry in document["answers"].items()},
            str(document["base"]),
            dict(read_environment(entry) for entry in document["environments"]),
            {str(name): read_wheel(*entry) for name, entry in document["wheels"].items()},
            {str(url): _direct(*entry) for url, entry in document.get("direct", {}).items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Resolution()


def _record(entry: Mapping[str, object]) -> PackageRecord:
    names, taken, refused = entry["names"], entry["taken"], entry["refused"]
    if not isinstance(taken, dict) or not isinstance(refused, dict) or not (names is None or isinstance(names, list)):
        raise ValueError
    return PackageRecord(
        str(entry["integrity"]),
        None if names is None else frozenset(str(name) for name in names),
        {str(path): str(reason) for path, reason in refused.items()},
        {str(path): _taken(*values) for path, values in taken.items()},
    )


def _taken(digest: object, size: object) -> Taken:
    if not isinstance(digest, str) or not is_digest(digest) or not isinstance(size, int):
        raise ValueError
    return Taken(digest, size)


def _direct(digest: object, size: object, kind: object) -> DirectRecord:
    taken = _taken(digest, size)
    if not isinstance(kind, str) or kind != declared_type(kind):
        raise ValueError(f"the unknown type {kind!r}")
    return DirectRecord(taken.sha256, taken.size, kind)


def _answer(entry: Mapping[str, list[list[str]]]) -> Answer:
    for _, _, how in entry["files"]:
        if how not in HOWS:
            raise ValueError
    return Answer(
        tuple(
            AnsweredUrl(str(url), str(source), next(known for known in HOWS if known == how))
            for url, source, how in entry["files"]
        ),
        tuple(Miss(str(url), str(reason), bool(passing)) for url, reason, passing in entry["missing"]),
    )
