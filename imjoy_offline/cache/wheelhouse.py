"""The wheelhouse: Python wheels by their file names, and for each set of packages the list of wheels that it takes.

The lists are ``pylock`` files (PEP 751) at ``cache/pylock.<key>.toml`` with paths relative to them, so that the folder
can be moved. They are derived from the lock, which is the authority. ``mirror`` writes, ``engine`` reads.
"""

import hashlib
import json
import platform
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

from imjoy_offline.cache.lockfile import WHEEL_SOURCE, LockedArtifact, LockedEnvironment
from imjoy_offline.errors import IntegrityError
from imjoy_offline.paths import WorkingFolder, atomic_write

_SYSTEMS = {"linux": "unknown-linux", "darwin": "apple-darwin", "win32": "pc-windows-msvc"}
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_PYLOCK = re.compile(r"pylock\.[0-9a-f]{32}\.toml")


@dataclass(frozen=True, order=True)
class Target:
    """What wheels must run on: a platform as uv spells it, and a version of Python such as ``3.11``."""

    platform: str
    python: str

    @classmethod
    def here(cls, python: Sequence[int] = sys.version_info[:2]) -> "Target":
        """This machine, with the running Python or the version given."""
        machine = platform.machine().lower()
        system = _SYSTEMS.get(sys.platform, sys.platform)
        if system == "unknown-linux":
            system += "-gnu" if platform.libc_ver()[0] == "glibc" else "-musl"
        return cls(f"{_MACHINES.get(machine, machine)}-{system}", ".".join(map(str, python[:2])))

    def __str__(self) -> str:
        return f"Python {self.python} on {self.platform}"


@dataclass(frozen=True, order=True)
class ListedWheel:
    """One entry of a list: the wheel's file name, the package that it is, its SHA-256, and its size (0: not said)."""

    name: str
    package: str
    sha256: str
    size: int = 0


def environment_key(packages: Iterable[str], target: Target) -> str:
    """The name under which the wheels of these packages are listed for this target: 32 hexadecimal digits."""
    facts = json.dumps([sorted(packages), target.platform, target.python])
    return hashlib.sha256(facts.encode("utf-8")).hexdigest()[:32]


def wheel_parts(file_name: str) -> tuple[str, str]:
    """Name and version that a wheel's file name says; raises IntegrityError for a name that no wheel has."""
    try:
        name, version, _, _ = parse_wheel_filename(file_name)
    except InvalidWheelFilename as error:
        raise IntegrityError(f"{file_name!r} is no name of a wheel: {error}.") from None
    return str(name), str(version)


class Wheelhouse:
    """The wheels of one working folder; nothing is created by asking."""

    def __init__(self, folder: WorkingFolder) -> None:
        self._folder = folder

    def path(self, file_name: str) -> Path:
        """Where a wheel lies or would lie; raises IntegrityError for a name that no wheel has."""
        wheel_parts(file_name)
        return self._folder.wheels / file_name

    def fault(self, file_name: str, sha256: str, size: int) -> str | None:
        """``"missing"`` or ``"damaged"`` where the wheel cannot be relied upon, else None; all of it is read.

        A ``size`` of 0 is not known.
        """
        path = self.path(file_name)
        try:
            if size and path.stat().st_size != size:
                return "damaged"
            with path.open("rb") as stream:
                digest = hashlib.sha256()
                for chunk in iter(lambda: stream.read(1 << 20), b""):
                    digest.update(chunk)
        except FileNotFoundError:
            return "missing"
        return None if digest.hexdigest() == sha256 else "damaged"

    def keep(self, file_name: str, content: Path, sha256: str) -> int:
        """Copy a fetched wheel into its place and return its size; raises IntegrityError for another digest."""
        digest = hashlib.sha256()
        size = 0
        with content.open("rb") as source, atomic_write(self.path(file_name)) as stream:
            for chunk in iter(lambda: source.read(1 << 20), b""):
                digest.update(chunk)
                size += len(chunk)
                stream.write(chunk)
            if digest.hexdigest() != sha256:
                raise IntegrityError(
                    f"The wheel {file_name} has the SHA-256 {digest.hexdigest()}, not {sha256} as it must.",
                    hint="Nothing of it was kept. Something on the way there changes files; try another network.",
                )
        return size

    def files(self) -> list[str]:
        """The file names of all wheels that are there."""
        return sorted(path.name for path in self._folder.wheels.glob("*.whl") if path.is_file())

    def pylock(self, packages: Iterable[str], target: Target) -> Path:
        """Where the list of the wheels of these packages lies or would lie."""
        return self._folder.cache / f"pylock.{environment_key(packages, target)}.toml"

    def pylocks(self) -> list[Path]:
        """All lists that are there."""
        return sorted(path for path in self._folder.cache.glob("pylock.*.toml") if _PYLOCK.fullmatch(path.name))

    def write_pylock(self, environment: LockedEnvironment, artifacts: Mapping[str, LockedArtifact]) -> bool:
        """Write the list of a locked environment; False where it was there already, the same to the byte.

        ``artifacts`` has the wheels by their source, ``pypi:<file name>``.
        """
        path = self.pylock(environment.packages, Target(environment.platform, environment.python))
        content = pylock_text(environment, artifacts).encode("utf-8")
        with suppress(FileNotFoundError):
            if path.read_bytes() == content:
                return False
        with atomic_write(path) as stream:
            stream.write(content)
        return True


def read_pylock(path: Path) -> tuple[ListedWheel, ...]:
    """The wheels that a list names, ours or one that uv has made, sorted; raises IntegrityError where it is none."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(sorted(_listed(package["name"], package["wheels"][0]) for package in document.get("packages", [])))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise IntegrityError(
            f"The list of wheels {path.name} cannot be read ({error!r}).",
            hint="Run `python -m imjoy mirror`; it writes the list anew.",
        ) from None


def _listed(package: str, wheel: Mapping[str, Any]) -> ListedWheel:
    place = wheel.get("name") or wheel.get("path") or urlsplit(wheel["url"]).path
    name = unquote(str(place)).rpartition("/")[2]
    wheel_parts(name)
    return ListedWheel(name, package, str(wheel["hashes"]["sha256"]), int(wheel.get("size", 0)))


def pylock_text(environment: LockedEnvironment, artifacts: Mapping[str, LockedArtifact]) -> str:
    """The list in the format of PEP 751; the same text for the same environment."""
    lines = ['lock-version = "1.0"', 'created-by = "imjoy-offline"']
    for wheel in sorted(environment.wheels):
        artifact = artifacts[f"{WHEEL_SOURCE}{wheel}"]
        name, version = wheel_parts(wheel)
        lines += [
            "",
            "[[packages]]",
            f"name = {json.dumps(name)}",
            f"version = {json.dumps(version)}",
            f"wheels = [{{ name = {json.dumps(wheel)}, path = {json.dumps(f'wheels/{wheel}')}, size = {artifact.size}, "
            f'hashes = {{ sha256 = "{artifact.sha256}" }} }}]',
        ]
    lines += [
        "",
        "[tool.imjoy-offline]",
        f"packages = {json.dumps(list(environment.packages))}",
        f"platform = {json.dumps(environment.platform)}",
        f"python = {json.dumps(environment.python)}",
    ]
    return "\n".join(lines) + "\n"
