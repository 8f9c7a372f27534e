import gzip
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from imjoy_offline.cache.archive import ArchiveLimits, TarArchive
from imjoy_offline.errors import ArchiveError
from tests.helpers.upstream import add_file, tarball

FILES = {"package.json": b"{}", "dist/a.js": b"a" * 5000, "dist/b.js": b"b"}


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "some.tgz"
    path.write_bytes(content)
    return path


def with_member(name: str, change: Callable[[tarfile.TarInfo], None]) -> bytes:
    def add(tar: tarfile.TarFile) -> None:
        member = tarfile.TarInfo(name)
        change(member)
        tar.addfile(member)

    return tarball(FILES, more=add)


def link_to(target: str, kind: bytes) -> Callable[[tarfile.TarInfo], None]:
    def change(member: tarfile.TarInfo) -> None:
        member.type, member.linkname = kind, target

    return change


@pytest.mark.parametrize("top", ["package", "vega", "some folder"])
def test_files_are_read_below_whatever_top_folder(tmp_path: Path, top: str) -> None:
    with TarArchive(saved(tmp_path, tarball(FILES, top=top)), "The package x") as archive:
        assert archive.names == frozenset(FILES)
        assert dict(archive.read(["dist/b.js", "package.json"])) == {"dist/b.js": b"b", "package.json": b"{}"}
        assert dict(archive.read(["dist/a.js"])) == {"dist/a.js": b"a" * 5000}


def test_a_plain_tar_is_read_too(tmp_path: Path) -> None:
    with TarArchive(saved(tmp_path, gzip.decompress(tarball(FILES))), "x") as archive:
        assert dict(archive.read(FILES)) == FILES


def test_of_two_members_of_one_name_the_later_counts(tmp_path: Path) -> None:
    twice = tarball(FILES, more=lambda tar: add_file(tar, "package/dist/b.js", b"later"))
    with TarArchive(saved(tmp_path, twice), "x") as archive:
        assert dict(archive.read(["dist/b.js"])) == {"dist/b.js": b"later"}


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        TarArchive(saved(tmp_path, tarball(FILES)), "The package x") as archive,
        pytest.raises(ArchiveError, match=r"The package x does not hold dist/c\.js"),
    ):
        list(archive.read(["dist/c.js", "dist/a.js"]))


@pytest.mark.parametrize(
    "name", ["../out.js", "package/../../out.js", "/etc/out.js", "C:/out.js", "package\\..\\out.js"]
)
def test_a_member_that_leads_out_condemns_the_archive(tmp_path: Path, name: str) -> None:
    bad = tarball(FILES, more=lambda tar: add_file(tar, name, b"evil"))
    with pytest.raises(ArchiveError, match="leads out") as caught, TarArchive(saved(tmp_path, bad), "The package x"):
        pass
    assert "The package x" in caught.value.message
    assert [path.name for path in tmp_path.iterdir()] == ["some.tgz"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (link_to("/etc/passwd", tarfile.SYMTYPE), "is a link"),
        (link_to("package/dist/a.js", tarfile.LNKTYPE), "is a link"),
        (link_to("", tarfile.CHRTYPE), "no regular file"),
        (link_to("", tarfile.FIFOTYPE), "no regular file"),
    ],
)
def test_links_and_devices_are_refused_by_name(
    tmp_path: Path, change: Callable[[tarfile.TarInfo], None], words: str
) -> None:
    with TarArchive(saved(tmp_path, with_member("package/dist/c.js", change)), "x") as archive:
        assert archive.names == frozenset(FILES)
        assert words in archive.refused["dist/c.js"]
        with pytest.raises(ArchiveError, match=words):
            list(archive.read(["dist/c.js"]))
        assert dict(archive.read(["dist/b.js"])) == {"dist/b.js": b"b"}


def test_a_link_over_a_file_hides_the_file(tmp_path: Path) -> None:
    hidden = with_member("package/dist/a.js", link_to("/etc/passwd", tarfile.SYMTYPE))
    with TarArchive(saved(tmp_path, hidden), "x") as archive:
        assert "dist/a.js" not in archive.names


def test_a_huge_member_is_refused_by_name(tmp_path: Path) -> None:
    with TarArchive(saved(tmp_path, tarball(FILES)), "x", ArchiveLimits(member_bytes=4000)) as archive:
        with pytest.raises(ArchiveError, match=r"dist/a\.js, but that has 5000 bytes"):
            list(archive.read(["dist/a.js"]))
        assert dict(archive.read(["dist/b.js"])) == {"dist/b.js": b"b"}


@pytest.mark.parametrize("limits", [ArchiveLimits(members=2), ArchiveLimits(total_bytes=4000)])
def test_an_archive_that_is_too_large_is_refused(tmp_path: Path, limits: ArchiveLimits) -> None:
    with pytest.raises(ArchiveError, match="holds more than"), TarArchive(saved(tmp_path, tarball(FILES)), "x", limits):
        pass


def test_a_header_that_claims_gigabytes_is_not_believed(tmp_path: Path) -> None:
    member = tarfile.TarInfo("package/x")
    member.type, member.size = tarfile.XHDTYPE, 3 << 30
    content = gzip.compress(member.tobuf(tarfile.GNU_FORMAT) + b"\0" * 2048)
    with pytest.raises(ArchiveError, match="too large"), TarArchive(saved(tmp_path, content), "x"):
        pass


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><p>Log in to use this network",
        b"\x1f\x8b" + b"\0" * 40,
        tarball(FILES)[:-40],
        gzip.compress(b"not a tar file" * 100),
    ],
    ids=["empty", "page", "bad gzip", "cut off", "no tar"],
)
def test_what_is_no_archive_is_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ArchiveError) as caught, TarArchive(saved(tmp_path, content), "The package x") as archive:
        list(archive.read(FILES))
    assert "The package x" in caught.value.message and caught.value.hint


def test_an_archive_cut_off_inside_a_member(tmp_path: Path) -> None:
    plain = gzip.decompress(tarball(FILES))
    with pytest.raises(ArchiveError), TarArchive(saved(tmp_path, plain[:3000]), "x") as archive:
        list(archive.read(["dist/a.js"]))


def test_the_file_can_be_removed_afterwards(tmp_path: Path) -> None:
    path = saved(tmp_path, tarball(FILES))
    with TarArchive(path, "x") as archive:
        assert archive.names
    assert archive.closed
    path.unlink()
