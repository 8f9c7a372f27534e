"""Wheels made by a test: real archives that any installer takes, with whatever in them the test wants."""

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from imjoy_offline.cache.lockfile import LockedArtifact, LockedEnvironment, Lockfile, write_lockfile
from imjoy_offline.cache.wheelhouse import Target, Wheelhouse
from imjoy_offline.paths import WorkingFolder

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class MadeWheel:
    """A wheel's file name and bytes."""

    name: str
    content: bytes
    requires: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        """The package that it is."""
        return self.name.partition("-")[0]

    @property
    def sha256(self) -> str:
        """The digest of its bytes."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def artifact(self) -> LockedArtifact:
        """As a lock names it."""
        return LockedArtifact(f"pypi:{self.name}", len(self.content), self.sha256)


def made_wheel(
    name: str, version: str, files: Mapping[str, str], requires: Sequence[str] = (), tag: str = "py3-none-any"
) -> MadeWheel:
    """A wheel of ``files``, the same bytes each time."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {one}\n" for one in requires)
    wheel = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
    contents = {**files, f"{info}/METADATA": metadata, f"{info}/WHEEL": wheel}
    record = "".join(f"{path},sha256={_hash(text)},{len(text.encode())}\n" for path, text in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in contents.items():
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), text)
    names = tuple(re.split(r"[^A-Za-z0-9_]", one)[0] for one in requires)
    return MadeWheel(f"{name}-{version}-{tag}.whl", buffer.getvalue(), names)


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _taken(packages: Sequence[str], wheels: Sequence[MadeWheel]) -> tuple[str, ...]:
    needed = {requirement for wheel in wheels for requirement in wheel.requires}
    named = [wheel.name for wheel in wheels if wheel.package in {*packages, *needed}]
    return tuple(named)


def carry(
    root: Path, wheels: Sequence[MadeWheel], *environments: Sequence[str], target: Target | None = None
) -> WorkingFolder:
    """A folder as a mirror run leaves it: these wheels, and lists of them.

    Each environment is a set of packages: the wheels of these names, and those that others require.
    """
    folder, where = WorkingFolder(root), target or Target.here()
    house = Wheelhouse(folder)
    folder.wheels.mkdir(parents=True, exist_ok=True)
    for wheel in wheels:
        house.path(wheel.name).write_bytes(wheel.content)
    locked = [
        LockedEnvironment(tuple(packages), where.platform, where.python, _taken(packages, wheels))
        for packages in environments
    ]
    lock = Lockfile.of([wheel.artifact for wheel in wheels], [], [], [], [], locked)
    write_lockfile(folder.lock_file, lock)
    for environment in locked:
        house.write_pylock(environment, lock.by_source())
    return folder
