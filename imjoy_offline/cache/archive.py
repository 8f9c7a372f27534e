"""Reading chosen files out of a tar archive that comes from outside, without ever unpacking it to a disk.

Only regular files can be read; links and devices are known by name so that asking for one is a clear error; a member
whose name leads out of the archive condemns the whole. Sizes are capped, compressed bombs included.
"""

import gzip
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, cast

from imjoy_offline.errors import ArchiveError

_DAMAGE = (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, UnicodeError)


@dataclass(frozen=True)
class ArchiveLimits:
    """How much an archive may hold: members, bytes of one member, bytes of all."""

    members: int = 100_000
    member_bytes: int = 256 << 20
    total_bytes: int = 4 << 30


class TarArchive:
    """A ``.tar.gz`` or ``.tar`` file, its one top folder (whatever its name) taken off, as npm does.

    A context manager. ``what`` is how errors call the archive. Raises ArchiveError for everything that is wrong.
    """

    def __init__(self, path: Path, what: str, limits: ArchiveLimits | None = None) -> None:
        self._what = what
        self._limits = limits or ArchiveLimits()
        self._path = path
        self._members: dict[str, tarfile.TarInfo] = {}
        self._refused: dict[str, str] = {}

    def __enter__(self) -> "TarArchive":
        self._raw = self._path.open("rb")
        try:
            with self._damage():
                packed = self._raw.read(2) == b"\x1f\x8b"
                self._raw.seek(0)
                plain = gzip.GzipFile(fileobj=self._raw) if packed else self._raw
                metered = _Metered(cast("BinaryIO", plain), self._what, self._limits)
                self._tar = tarfile.open(fileobj=cast("BinaryIO", metered), mode="r:")
                self._index()
        except BaseException:
            self._raw.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tar.close()
        self._raw.close()

    def _index(self) -> None:
        total = 0
        for count, member in enumerate(self._tar):
            if count >= self._limits.members:
                raise self._fault(f"holds more than {self._limits.members} members")
            self._check_name(member.name)
            total += member.size if member.isreg() else 0
            if total > self._limits.total_bytes:
                raise self._fault(f"holds more than {self._limits.total_bytes} bytes")
            _, _, name = member.name.removeprefix("./").partition("/")
            if name and not member.isdir():
                self._note(str(PurePosixPath(name)), member)

    def _note(self, name: str, member: tarfile.TarInfo) -> None:
        # Where a name comes twice, the later member counts, as it does for those who unpack.
        self._members.pop(name, None)
        self._refused.pop(name, None)
        if member.issym() or member.islnk():
            self._refused[name] = "is a link, which is not followed"
        elif not member.isreg() or member.issparse():
            self._refused[name] = "is no regular file"
        elif member.size > self._limits.member_bytes:
            self._refused[name] = f"has {member.size} bytes; at most {self._limits.member_bytes} are taken"
        else:
            self._members[name] = member

    def _check_name(self, name: str) -> None:
        pure = PurePosixPath(name)
        if not name or pure.is_absolute() or ".." in pure.parts or "\\" in name or "\0" in name or ":" in pure.parts[0]:
            raise self._fault(f"has a member whose name leads out of it, {name!r}, and is refused as a whole")

    @property
    def closed(self) -> bool:
        """Whether the file has been let go of."""
        return self._raw.closed

    @property
    def names(self) -> frozenset[str]:
        """The regular files that can be read."""
        return frozenset(self._members)

    @property
    def refused(self) -> Mapping[str, str]:
        """Members that cannot be read, and why in words (``is a link ...``)."""
        return dict(self._refused)

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The files of these names with their bytes, in the order of the archive.

        Raises ArchiveError for a name that is refused or not there, before anything is read.
        """
        chosen = set(names)
        for name in sorted(chosen):
            if name in self._refused:
                raise self._fault(f"holds {name}, but that {self._refused[name]}")
            if name not in self._members:
                raise self._fault(f"does not hold {name}")
        # The stream can only go back by starting anew, so it is read in its own order.
        for name in sorted(chosen, key=lambda item: self._members[item].offset):
            yield name, self._content(name)

    def _content(self, name: str) -> bytes:
        member = self._members[name]
        with self._damage():
            stream = self._tar.extractfile(member)
            content = b"" if stream is None else stream.read()
        if len(content) != member.size:
            raise self._fault(f"ends in the middle of {name}")
        return content

    @contextmanager
    def _damage(self) -> Iterator[None]:
        try:
            yield
        except _DAMAGE as error:
            raise self._fault(f"is damaged or no tar archive ({error})") from error

    def _fault(self, what: str) -> ArchiveError:
        return ArchiveError(f"{self._what} {what}.", hint="Nothing was taken from it.")


class _Metered:
    """A stream for tarfile that refuses reads larger than a member may be (headers can claim any length)."""

    def __init__(self, stream: BinaryIO, what: str, limits: ArchiveLimits) -> None:
        self._stream = stream
        self._what = what
        self._limits = limits

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > self._limits.member_bytes + tarfile.BLOCKSIZE:
            raise ArchiveError(f"{self._what} has a header that is too large.", hint="Nothing was taken from it.")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset > self._limits.total_bytes + self._limits.members * 8 * tarfile.BLOCKSIZE:
            raise ArchiveError(f"{self._what} is too large.", hint="Nothing was taken from it.")
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        self._stream.close()
