"""``imjoy.lock``: what a mirror run brought, what answers which address, and what could not be had.

JSON with sorted keys, the same bytes for the same content; no times, no registry addresses, no credentials. Written
last by a mirror run, read by everybody else.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from imjoy_offline.cache.store import is_digest
from imjoy_offline.errors import LockfileError
from imjoy_offline.paths import atomic_write

How = Literal["exact", "sibling", "basename"]
HOWS: tuple[How, ...] = ("exact", "sibling", "basename")
WHEEL_SOURCE = "pypi:"
_VERSION = 1
_T = TypeVar("_T")


@dataclass(frozen=True, order=True)
class LockedArtifact:
    """One file: ``source`` is ``npm:name@version/path``, ``pypi:<wheel's file name>`` or a URL; ``urls`` are the
    addresses that it answers.

    ``how`` says how loosely the file was matched to an address: by its exact path, as the unminified sibling of the
    file that was asked for, or by its base name; the loosest one counts. ``type`` is what the server of a URL said that
    it is, where the name of the URL does not say so; empty else.
    """

    source: str
    size: int
    sha256: str
    urls: tuple[str, ...] = ()
    how: How = "exact"
    type: str = ""


@dataclass(frozen=True, order=True)
class LockedPackage:
    """One npm package at one version with the sha512 of its tarball."""

    name: str
    version: str
    integrity: str


@dataclass(frozen=True, order=True)
class Pin:
    """What was taken where no exact version was asked for; ``guess`` where nothing at all limited the choice."""

    asked: str
    version: str
    guess: bool = False


@dataclass(frozen=True, order=True)
class MissingItem:
    """Something wanted that could not be had: by which plugin, on which line (0: unknown), and why.

    ``passing`` marks hindrances that may pass (a server's fault); the next mirror run tries those again.
    """

    asked: str
    plugin: str
    line: int
    reason: str
    passing: bool = False


@dataclass(frozen=True, order=True)
class LockedEnvironment:
    """What a set of Python packages was resolved to for one platform and Python: the file names of its wheels.

    ``packages`` are requirements in canonical spelling, sorted; the wheels are artifacts ``pypi:<file name>``.
    """

    packages: tuple[str, ...]
    platform: str
    python: str
    wheels: tuple[str, ...]


@dataclass(frozen=True)
class Lockfile:
    """The whole lock; the tuples are sorted by ``of`` and when read.

    ``plugins`` are the addresses of plugins that a person added one by one.
    """

    artifacts: tuple[LockedArtifact, ...] = ()
    packages: tuple[LockedPackage, ...] = ()
    pins: tuple[Pin, ...] = ()
    missing: tuple[MissingItem, ...] = ()
    plugins: tuple[str, ...] = ()
    environments: tuple[LockedEnvironment, ...] = ()
    version: int = _VERSION

    @classmethod
    def of(
        cls,
        artifacts: Iterable[LockedArtifact],
        packages: Iterable[LockedPackage],
        pins: Iterable[Pin],
        missing: Iterable[MissingItem],
        plugins: Iterable[str] = (),
        environments: Iterable[LockedEnvironment] = (),
    ) -> "Lockfile":
        """A lock in canonical order."""
        return cls(
            tuple(sorted(artifacts)),
            tuple(sorted(packages)),
            tuple(sorted(pins)),
            tuple(sorted(set(missing))),
            tuple(sorted(set(plugins))),
            tuple(sorted(set(environments))),
        )

    def by_url(self) -> Mapping[str, LockedArtifact]:
        """Every address that something answers."""
        return {url: artifact for artifact in self.artifacts for url in artifact.urls}

    def by_source(self) -> Mapping[str, LockedArtifact]:
        """Every file by its source."""
        return {artifact.source: artifact for artifact in self.artifacts}


def lock_bytes(lock: Lockfile) -> bytes:
    """The lock as it stands in the file."""
    document = {
        "version": lock.version,
        "artifacts": [
            {"source": a.source, "size": a.size, "sha256": a.sha256, "urls": sorted(a.urls), "how": a.how}
            | ({"type": a.type} if a.type else {})
            for a in sorted(lock.artifacts)
        ],
        "packages": [{"name": p.name, "version": p.version, "integrity": p.integrity} for p in sorted(lock.packages)],
        "pins": {pin.asked: {"version": pin.version, "guess": pin.guess} for pin in lock.pins},
        "missing": [
            {"asked": m.asked, "plugin": m.plugin, "line": m.line, "reason": m.reason, "passing": m.passing}
            for m in sorted(lock.missing)
        ],
        "plugins": sorted(lock.plugins),
        "environments": [
            {"packages": list(e.packages), "platform": e.platform, "python": e.python, "wheels": sorted(e.wheels)}
            for e in sorted(lock.environments)
        ],
    }
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")


def write_lockfile(path: Path, lock: Lockfile) -> None:
    """Replace the file at once, or leave it as it was."""
    with atomic_write(path) as stream:
        stream.write(lock_bytes(lock))


def read_lockfile(path: Path) -> Lockfile:
    """Read and check the lock; an absent file is an empty lock. Raises LockfileError with the place in words."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Lockfile()
    return parse_lockfile(content)


def parse_lockfile(content: bytes) -> Lockfile:
    """The lock in ``content``; raises LockfileError with the place in words."""
    try:
        document = json.loads(content.decode("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _fault(f"cannot be read ({error})") from None
    if not isinstance(document, dict) or document.get("version") != _VERSION:
        raise _fault(f"is not of version {_VERSION}, the one that this ImJoy Offline knows")
    pins = document.get("pins")
    if not isinstance(pins, dict):
        raise _fault("lacks its table `pins`")
    lock = Lockfile.of(
        _each(document, "artifacts", _artifact),
        _each(document, "packages", _package),
        (_pin(str(asked), entry) for asked, entry in pins.items()),
        _each(document, "missing", _missing),
        _Entry("the top", document).texts("plugins") if "plugins" in document else (),
        _each(document, "environments", _environment) if "environments" in document else (),
    )
    _check(lock)
    return lock


def _each(document: Mapping[str, object], section: str, read: Callable[["_Entry"], _T]) -> list[_T]:
    entries = document.get(section)
    if not isinstance(entries, list):
        raise _fault(f"lacks its list `{section}`")
    return [read(_Entry(f"{section}[{index}]", entry)) for index, entry in enumerate(entries)]


class _Entry:
    """One table of the file, read with errors that name the place."""

    def __init__(self, place: str, value: object) -> None:
        if not isinstance(value, dict):
            raise _fault(f"has no table at {place}")
        self.place = place
        self._value = value

    def has(self, key: str) -> bool:
        return key in self._value

    def text(self, key: str) -> str:
        value = self._value.get(key)
        if not isinstance(value, str):
            raise _fault(f"has no text `{key}` at {self.place}")
        return value

    def number(self, key: str) -> int:
        value = self._value.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise _fault(f"has no whole number `{key}` at {self.place}")
        return value

    def flag(self, key: str) -> bool:
        value = self._value.get(key)
        if not isinstance(value, bool):
            raise _fault(f"has no true or false `{key}` at {self.place}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._value.get(key)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise _fault(f"has no list of texts `{key}` at {self.place}")
        return tuple(sorted(value))


def _artifact(entry: _Entry) -> LockedArtifact:
    digest, how = entry.text("sha256"), entry.text("how")
    if not is_digest(digest):
        raise _fault(f"gives {entry.text('source')} a sha256 that is none: {digest!r}")
    if how not in HOWS:
        raise _fault(f"has an unknown `how` at {entry.place}: {how!r}")
    return LockedArtifact(
        entry.text("source"),
        entry.number("size"),
        digest,
        entry.texts("urls"),
        next(known for known in HOWS if known == how),
        entry.text("type") if entry.has("type") else "",
    )


def _package(entry: _Entry) -> LockedPackage:
    return LockedPackage(entry.text("name"), entry.text("version"), entry.text("integrity"))


def _pin(asked: str, value: object) -> Pin:
    entry = _Entry(f"pins[{asked!r}]", value)
    return Pin(asked, entry.text("version"), entry.flag("guess"))


def _missing(entry: _Entry) -> MissingItem:
    return MissingItem(
        entry.text("asked"), entry.text("plugin"), entry.number("line"), entry.text("reason"), entry.flag("passing")
    )


def _environment(entry: _Entry) -> LockedEnvironment:
    return LockedEnvironment(
        entry.texts("packages"), entry.text("platform"), entry.text("python"), entry.texts("wheels")
    )


def _check(lock: Lockfile) -> None:
    sources: set[str] = set()
    owners: dict[str, str] = {}
    for artifact in lock.artifacts:
        if artifact.source in sources:
            raise _fault(f"lists {artifact.source} twice")
        sources.add(artifact.source)
        for url in artifact.urls:
            if owners.setdefault(url, artifact.source) != artifact.source:
                raise _fault(f"says that {url} is both {owners[url]} and {artifact.source}")
    names: set[tuple[str, str]] = set()
    for package in lock.packages:
        if (package.name, package.version) in names:
            raise _fault(f"lists the package {package.name}@{package.version} twice")
        names.add((package.name, package.version))
    for environment in lock.environments:
        for wheel in environment.wheels:
            if f"{WHEEL_SOURCE}{wheel}" not in sources:
                raise _fault(f"names the wheel {wheel}, of which it has no artifact")


def _fault(what: str) -> LockfileError:
    return LockfileError(
        f"imjoy.lock {what}.",
        hint="Restore it from a copy, or remove it and run `python -m imjoy mirror` again.",
    )
