"""Where folders lie, and the check that a name stays inside its folder.

``WorkingFolder`` is the person's folder (lock, cache, own plugins); ``site_src`` and ``plugin_repository`` that ship
with the package lie in the wheel at ``imjoy_offline/data/``, or in a clone beside the package.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from imjoy_offline.errors import InputError, StartError

_PACKAGE = Path(__file__).resolve().parent


def shipped_folder(name: str) -> Path:
    """The folder ``site_src`` or ``plugin_repository`` that came with this installation.

    Raises StartError when the installation lacks it.
    """
    for candidate in (_PACKAGE / "data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise StartError(
        f"This installation of ImJoy Offline lacks its folder {name}.",
        hint="Install it again with pip.",
    )


@dataclass(frozen=True)
class WorkingFolder:
    """The layout of one working folder; nothing is created by asking."""

    root: Path

    @property
    def settings_file(self) -> Path:
        """``imjoy.yaml``, which may be absent."""
        return self.root / "imjoy.yaml"

    @property
    def lock_file(self) -> Path:
        """``imjoy.lock``, written by a mirror run."""
        return self.root / "imjoy.lock"

    @property
    def cache(self) -> Path:
        """What mirror runs brought."""
        return self.root / "cache"

    @property
    def objects(self) -> Path:
        """The content-addressed store."""
        return self.cache / "objects"

    @property
    def wheels(self) -> Path:
        """The Python wheels, by file name."""
        return self.cache / "wheels"

    @property
    def site(self) -> Path:
        """Built sites by digest, and the pointer ``current``."""
        return self.cache / "site"

    def current_site(self) -> Path | None:
        """The built site that the pointer ``current`` names; None where there is none, or its folder is gone."""
        try:
            name = (self.site / "current").read_text(encoding="ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        if not re.fullmatch(r"[0-9a-f]{64}", name):
            return None
        built = self.site / name
        return built if (built / "server.json").is_file() else None

    @property
    def ports_file(self) -> Path:
        """The remembered ports."""
        return self.cache / "ports.json"

    @property
    def own_repository(self) -> Path:
        """The lab's own plugins, which may be absent."""
        return self.root / "plugin_repository"


def contained(folder: Path, name: str) -> Path:
    """``folder/name`` where that is truly inside ``folder``; raises InputError for every way out."""
    pure = PurePosixPath(name)
    if not name or "\\" in name or "\0" in name or ":" in name or pure.is_absolute() or ".." in pure.parts:
        raise InputError(f"The name {name!r} leads out of its folder.")
    root = folder.resolve()
    path = (root / pure).resolve()
    if not path.is_relative_to(root) or path == root:
        raise InputError(f"The name {name!r} leads out of its folder.")
    return path


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """A binary file that takes ``path``'s place only when the block ends well; otherwise nothing changes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
