"""The content-addressed store: every outside byte that this folder holds, by SHA-256.

Objects lie at ``objects/sha256/ab/<digest>`` as regular files; they are written to ``objects/incoming/`` first,
checked, and moved. It knows nothing of names or addresses (that is the lock's). The mirror writes; site and server
read.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from imjoy_offline.errors import DigestMismatch, IntegrityError, NotMirroredError

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20
_MIRROR_AGAIN = "Run `python -m imjoy mirror` where there is a network; it fetches the object again."


def is_digest(text: str) -> bool:
    """Whether ``text`` is a SHA-256 in lower-case hexadecimal."""
    return _DIGEST.fullmatch(text) is not None


@dataclass(frozen=True)
class Stored:
    """What the store now holds."""

    digest: str
    size: int


class Store:
    """The objects below one folder; nothing is created before the first ``put``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / "incoming"

    def path(self, digest: str) -> Path:
        """Where the object lies or would lie; raises IntegrityError for what is no digest."""
        if not is_digest(digest):
            raise IntegrityError(f"{digest!r} is not a SHA-256 digest.")
        return self.root / "sha256" / digest[:2] / digest

    def has(self, digest: str, size: int | None = None) -> bool:
        """Whether the object is there (and has this size); its content is not looked at."""
        path = self.path(digest)
        return path.is_file() and (size is None or path.stat().st_size == size)

    def put(self, content: bytes | BinaryIO, *, digest: str | None = None) -> Stored:
        """Keep ``content``; with ``digest`` given, raise DigestMismatch and keep nothing where it differs."""
        self._incoming.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._incoming)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                found, size = _copy(content, stream)
                stream.flush()
                os.fsync(stream.fileno())
            if digest is not None and found != digest:
                raise DigestMismatch(
                    f"Content of {size} bytes has the SHA-256 {found}, not {digest} as it must.",
                    hint="Nothing was stored.",
                )
            temporary.chmod(0o644)
            self._move(temporary, found)
        finally:
            temporary.unlink(missing_ok=True)
        return Stored(found, size)

    def _move(self, temporary: Path, digest: str) -> None:
        target = self.path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.replace(target)
        except PermissionError:
            # Windows refuses to replace a file that somebody reads; a sound object need not be replaced.
            if self.fault(digest) is not None:
                raise
        _sync_folder(target.parent)

    def open(self, digest: str) -> BinaryIO:
        """The object as a stream, unverified; raises NotMirroredError where there is none."""
        path = self.path(digest)
        try:
            return path.open("rb")
        except FileNotFoundError:
            raise NotMirroredError(f"The store has no object {digest}.", hint=_MIRROR_AGAIN) from None

    def read(self, digest: str) -> bytes:
        """The object's bytes, verified; raises NotMirroredError or DigestMismatch."""
        with self.open(digest) as stream:
            content = stream.read()
        found = hashlib.sha256(content).hexdigest()
        if found != digest:
            raise _damaged(digest, len(content))
        return content

    def verify(self, digest: str) -> int:
        """The object's size, its content read and compared; raises NotMirroredError or DigestMismatch."""
        with self.open(digest) as stream:
            found, size = _copy(stream, None)
        if found != digest:
            raise _damaged(digest, size)
        return size

    def fault(self, digest: str, size: int | None = None) -> str | None:
        """``"missing"`` or ``"damaged"`` where the object cannot be relied upon, else None."""
        if not self.path(digest).is_file():
            return "missing"
        try:
            found = self.verify(digest)
        except DigestMismatch:
            return "damaged"
        return None if size is None or found == size else "damaged"

    def digests(self) -> Iterator[str]:
        """Every object's digest, sorted."""
        for path in sorted((self.root / "sha256").glob("??/*")):
            if is_digest(path.name) and path.is_file():
                yield path.name

    def clean(self) -> int:
        """Remove what interrupted writes left behind; say how many files that were."""
        left = [path for path in self._incoming.glob("*") if path.is_file()]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)


def _copy(content: bytes | BinaryIO, out: BinaryIO | None) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    chunks: Iterator[bytes] = (
        iter((content,)) if isinstance(content, bytes) else iter(lambda: content.read(_CHUNK), b"")
    )
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        if out is not None:
            out.write(chunk)
    return digest.hexdigest(), size


def _damaged(digest: str, size: int) -> DigestMismatch:
    return DigestMismatch(
        f"The stored object {digest} ({size} bytes) is damaged: its content does not have that SHA-256.",
        hint=_MIRROR_AGAIN,
    )


def _sync_folder(folder: Path) -> None:
    # A moved name survives a power cut only when its folder is synced too; Windows cannot open folders.
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
