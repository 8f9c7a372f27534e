"""imjoy_offline.server.static: what is kept in memory, what is checked, and ranges."""

import asyncio
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imjoy_offline.errors import DigestMismatch, NotMirroredError
from imjoy_offline.server.asgi import FilePart
from imjoy_offline.server.site import Entry
from imjoy_offline.server.static import SMALL_BYTES, Shelf, file_answer, parse_range


def entry_of(path: Path, content: bytes) -> Entry:
    path.write_bytes(content)
    return Entry(path.name, path, hashlib.sha256(content).hexdigest(), "text/plain", immutable=False)


def test_a_small_file_is_read_once(tmp_path: Path) -> None:
    shelf = Shelf()
    entry = entry_of(tmp_path / "small", b"abc")

    async def twice() -> None:
        assert await shelf.fetch(entry) == b"abc"
        entry.path.unlink()
        assert await shelf.fetch(entry) == b"abc"

    asyncio.run(twice())


def test_memory_is_bounded_and_the_oldest_goes_first(tmp_path: Path) -> None:
    shelf = Shelf(memory_bytes=10)
    entries = [entry_of(tmp_path / name, name.encode() * 4) for name in "abc"]

    async def fill() -> None:
        for entry in entries:
            await shelf.fetch(entry)
        for entry in entries:
            entry.path.unlink()
        assert await shelf.fetch(entries[1]) == b"bbbb"
        assert await shelf.fetch(entries[2]) == b"cccc"
        with pytest.raises(NotMirroredError):
            await shelf.fetch(entries[0])

    asyncio.run(fill())


def test_a_large_file_stays_on_disk_and_is_checked_when_it_changes(tmp_path: Path) -> None:
    shelf = Shelf()
    content = bytes(SMALL_BYTES + 1)
    entry = entry_of(tmp_path / "large", content)

    async def fetch() -> None:
        assert await shelf.fetch(entry) == FilePart(entry.path, 0, len(content))
        assert await shelf.read(entry) == content
        entry.path.write_bytes(b"\1" + content[1:])
        with pytest.raises(DigestMismatch, match=entry.digest):
            await shelf.fetch(entry)

    asyncio.run(fetch())


@pytest.mark.parametrize("size", [10, SMALL_BYTES + 10])
def test_what_is_damaged_is_never_given(tmp_path: Path, size: int) -> None:
    entry = entry_of(tmp_path / "file", bytes(size))
    entry.path.write_bytes(bytes(size - 1) + b"\1")
    with pytest.raises(DigestMismatch, match="python -m imjoy mirror"):
        asyncio.run(Shelf().fetch(entry))


@given(st.binary(max_size=50), st.text(alphabet="bytes=0123456789-, ", max_size=16))
def test_any_range_header_gives_a_part_or_the_whole(content: bytes, text: str) -> None:
    entry = Entry("x", Path("x"), "a" * 64, "text/plain", immutable=False)
    answer = file_answer(entry, content, {"range": text})
    assert answer.status in (200, 206, 416)
    if answer.status == 206:
        start, _, end = dict(answer.headers)["Content-Range"].split()[1].partition("/")[0].partition("-")
        assert answer.body == content[int(start) : int(end) + 1]
        assert answer.body
    elif answer.status == 200:
        assert answer.body == content


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("bytes=0-0", 10, (0, 1)),
        ("bytes=9-20", 10, (9, 1)),
        ("bytes=-3", 10, (7, 3)),
        ("bytes=-30", 10, (0, 10)),
        ("bytes=3-", 10, (3, 7)),
        ("bytes=10-", 10, (10, 0)),
        ("bytes=-0", 10, (10, 0)),
        ("bytes=0-", 0, (0, 0)),
    ],
)
def test_ranges(text: str, size: int, expected: tuple[int, int]) -> None:
    found = parse_range(text, size)
    assert found is not None
    assert (found.start, found.length) == expected


@pytest.mark.parametrize(
    "text", ["", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,3-4", "rows=0-1", "bytes=a-b"]
)
def test_what_is_no_single_range_is_passed_over(text: str) -> None:
    assert parse_range(text, 10) is None


def test_a_part_of_a_file_on_disk_stays_on_disk() -> None:
    entry = Entry("x", Path("x"), "a" * 64, "text/plain", immutable=True)
    answer = file_answer(entry, FilePart(Path("x"), 0, 100), {"range": "bytes=10-19"})
    assert answer.body == FilePart(Path("x"), 10, 10)
