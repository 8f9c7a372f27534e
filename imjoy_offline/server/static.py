"""Files as answers: small ones from memory, large ones as streams, each checked against its digest before it is given.

Conditional requests and ranges are answered here. What an address means is ``server/site``'s affair.
"""

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from imjoy_offline.errors import DigestMismatch, NotMirroredError
from imjoy_offline.server.asgi import Answer, FilePart
from imjoy_offline.server.headers import IMMUTABLE, NO_STORE, REVALIDATE, Headers
from imjoy_offline.server.site import Entry

SMALL_BYTES = 1 << 20
MEMORY_BYTES = 64 << 20
_CHUNK = 1 << 20
_AGAIN = "Run `python -m imjoy mirror`; where there is a network it fetches or builds again what is damaged."
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")


class Shelf:
    """Reads files by their entries, and keeps small ones in memory by digest."""

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._kept_bytes = 0
        self._checked: set[tuple[str, int, int]] = set()

    async def fetch(self, entry: Entry) -> bytes | FilePart:
        """The content, whole: bytes where it is small, else the file that holds it.

        Raises NotMirroredError where the file is missing and DigestMismatch where it is not what it must be.
        """
        kept = self._kept.get(entry.digest)
        if kept is not None:
            self._kept.move_to_end(entry.digest)
            return kept
        content = await asyncio.get_running_loop().run_in_executor(None, self._load, entry)
        if isinstance(content, bytes):
            self._keep(entry.digest, content)
        return content

    async def read(self, entry: Entry) -> bytes:
        """The content as bytes, whatever its size; raises as ``fetch`` does."""
        content = await self.fetch(entry)
        if isinstance(content, bytes):
            return content
        return await asyncio.get_running_loop().run_in_executor(None, content.path.read_bytes)

    def _load(self, entry: Entry) -> bytes | FilePart:
        try:
            state = entry.path.stat()
            if state.st_size <= SMALL_BYTES:
                content = entry.path.read_bytes()
                _compare(entry, hashlib.sha256(content).hexdigest())
                return content
            stamp = (entry.digest, state.st_size, state.st_mtime_ns)
            if stamp not in self._checked:
                _compare(entry, _digest(entry.path))
                self._checked.add(stamp)
        except FileNotFoundError:
            raise NotMirroredError(f"The file of {entry.name} ({entry.digest}) is missing.", hint=_AGAIN) from None
        return FilePart(entry.path, 0, state.st_size)

    def _keep(self, digest: str, content: bytes) -> None:
        if digest in self._kept:
            return
        self._kept[digest] = content
        self._kept_bytes += len(content)
        while self._kept_bytes > self._memory_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _compare(entry: Entry, found: str) -> None:
    if found != entry.digest:
        raise DigestMismatch(
            f"The file of {entry.name} is damaged: it must have the SHA-256 {entry.digest}, but has {found}.",
            hint=_AGAIN,
        )


def file_answer(entry: Entry, content: bytes | FilePart, request: Mapping[str, str], *more: tuple[str, str]) -> Answer:
    """The answer that gives ``content`` to a request with these headers (names in lower case)."""
    cache = IMMUTABLE if entry.immutable else REVALIDATE
    if entry.is_html:
        cache = NO_STORE
    headers: Headers = (
        ("Content-Type", entry.type),
        ("Cache-Control", cache),
        ("ETag", entry.etag),
        ("Accept-Ranges", "bytes"),
        *more,
    )
    if _matches(request.get("if-none-match", ""), entry.etag):
        return Answer(304, headers)
    size = len(content) if isinstance(content, bytes) else content.length
    wanted = parse_range(request.get("range", ""), size)
    if wanted is None or request.get("if-range", entry.etag) != entry.etag:
        return Answer(200, headers, content)
    if wanted.length == 0:
        return Answer(416, (*headers, ("Content-Range", f"bytes */{size}")))
    end = wanted.start + wanted.length
    headers += (("Content-Range", f"bytes {wanted.start}-{end - 1}/{size}"),)
    if isinstance(content, bytes):
        return Answer(206, headers, content[wanted.start : end])
    return Answer(206, headers, FilePart(content.path, content.offset + wanted.start, wanted.length))


def _matches(condition: str, etag: str) -> bool:
    return condition.strip() == "*" or etag in (one.strip().removeprefix("W/") for one in condition.split(","))


@dataclass(frozen=True)
class Range:
    """A stretch that was asked for; a length of 0 means that there is no such stretch."""

    start: int
    length: int


def parse_range(text: str, size: int) -> Range | None:
    """The one range that a Range header asks for; None for none, for several, and for what is no range."""
    match = _RANGE.fullmatch(text.replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        return Range(size - length, length)
    start = int(first)
    end = size - 1 if not last else min(int(last), size - 1)
    if last and int(last) < start:
        return None
    return Range(start, max(0, end - start + 1) if start < size else 0)
