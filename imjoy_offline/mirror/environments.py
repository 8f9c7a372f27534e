"""Sets of Python packages and what came of them, as values, and as the record ``cache/resolution.json`` holds them.

Pure. No address of an index is in it: where a wheel lies is found out again when it is wanted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from imjoy_offline.cache.lockfile import LockedEnvironment
from imjoy_offline.cache.store import is_digest
from imjoy_offline.cache.wheelhouse import Target


@dataclass(frozen=True, order=True)
class PackageSet:
    """Packages in canonical spelling, sorted, that are to be installed together, and what they must run on."""

    packages: tuple[str, ...]
    target: Target

    @classmethod
    def of(cls, environment: LockedEnvironment) -> "PackageSet":
        """The set that a locked environment was made for."""
        return cls(environment.packages, Target(environment.platform, environment.python))


@dataclass(frozen=True, order=True)
class PackageMiss:
    """One package of a set that cannot be had, and why; ``passing`` where asking again may bring it."""

    package: str
    reason: str
    passing: bool = False


@dataclass(frozen=True)
class EnvironmentAnswer:
    """What came of a set: the file names of the wheels that it takes, or what is missing.

    Both, where wheels were chosen of which some cannot be brought for now.
    """

    wheels: tuple[str, ...] = ()
    missing: tuple[PackageMiss, ...] = ()

    @property
    def passing(self) -> bool:
        """Whether asking again may bring more."""
        return any(miss.passing for miss in self.missing)


@dataclass(frozen=True)
class WheelRecord:
    """A wheel that was chosen, by its SHA-256 (empty where its index does not tell it).

    Once it is in the folder and was read in full: its ``size`` in bytes, and ``stamp``, the time of its last change as
    the file system tells it, in nanoseconds.
    """

    sha256: str
    size: int | None = None
    stamp: int | None = None


def named_in(packages: Iterable[str], words: str) -> tuple[str, ...]:
    """Those of the packages (in canonical spelling) whose names stand in ``words``; all, where none does."""
    every = tuple(packages)
    names = {package: re.split(r"[^a-z0-9-]", package, maxsplit=1)[0] for package in every}
    found = tuple(package for package in every if re.search(rf"(?<![\w-]){re.escape(names[package])}(?![\w-])", words))
    return found or every


def environment_json(one: PackageSet, answer: EnvironmentAnswer) -> Mapping[str, object]:
    """An entry of the record."""
    return {
        "packages": list(one.packages),
        "platform": one.target.platform,
        "python": one.target.python,
        "wheels": list(answer.wheels),
        "missing": [[miss.package, miss.reason, miss.passing] for miss in answer.missing],
    }


def read_environment(entry: Mapping[str, list[str]]) -> tuple[PackageSet, EnvironmentAnswer]:
    """The entry that ``environment_json`` made; raises what a mangled one leads to."""
    target = Target(str(entry["platform"]), str(entry["python"]))
    missing = tuple(_miss(*miss) for miss in entry["missing"])
    answer = EnvironmentAnswer(tuple(str(name) for name in entry["wheels"]), missing)
    return PackageSet(tuple(str(package) for package in entry["packages"]), target), answer


def _miss(package: object, reason: object, passing: object) -> PackageMiss:
    return PackageMiss(str(package), str(reason), bool(passing))


def wheel_json(record: WheelRecord) -> list[object]:
    """An entry of the record."""
    return [record.sha256, record.size, record.stamp]


def read_wheel(sha256: object, size: object, stamp: object) -> WheelRecord:
    """The entry that ``wheel_json`` made; raises ValueError for a mangled one."""
    numbers = [number for number in (size, stamp) if number is not None]
    if not isinstance(sha256, str) or not (is_digest(sha256) or sha256 == ""):
        raise ValueError
    if not all(isinstance(number, int) for number in numbers) or (numbers and not sha256):
        raise ValueError
    return WheelRecord(sha256, size if isinstance(size, int) else None, stamp if isinstance(stamp, int) else None)
