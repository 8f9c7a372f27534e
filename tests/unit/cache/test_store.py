import hashlib
import io
from pathlib import Path, PurePosixPath

import pytest

from imjoy_offline.cache.store import Store, is_digest
from imjoy_offline.errors import DigestMismatch, IntegrityError, NotMirroredError
from tests.helpers.portable_names import name_problems


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def every_file(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_content_is_kept_under_its_digest(tmp_path: Path) -> None:
    store = Store(tmp_path / "objects")
    stored = store.put(b"let a = 1;")
    assert (stored.digest, stored.size) == (digest_of(b"let a = 1;"), 10)
    assert every_file(tmp_path) == [f"objects/sha256/{stored.digest[:2]}/{stored.digest}"]
    assert store.read(stored.digest) == b"let a = 1;"
    assert store.verify(stored.digest) == 10
    assert store.has(stored.digest) and store.has(stored.digest, 10) and not store.has(stored.digest, 11)
    assert list(store.digests()) == [stored.digest]


def test_a_stream_is_stored_like_bytes(tmp_path: Path) -> None:
    store = Store(tmp_path)
    content = bytes(range(256)) * 9000
    assert store.put(io.BytesIO(content)) == store.put(content)
    with store.open(digest_of(content)) as stream:
        assert stream.read() == content


def test_nothing_is_made_before_something_is_stored(tmp_path: Path) -> None:
    store = Store(tmp_path / "objects")
    assert not store.has("0" * 64)
    assert list(store.digests()) == []
    assert store.clean() == 0
    assert not (tmp_path / "objects").exists()


def test_content_with_another_digest_than_promised_is_not_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(DigestMismatch, match="Nothing was stored") as caught:
        store.put(b"changed on the way", digest=digest_of(b"promised"))
    assert digest_of(b"changed on the way") in str(caught.value)
    assert every_file(tmp_path) == []


def test_a_damaged_object_is_named_and_never_given_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(b"sound").digest
    store.path(digest).write_bytes(b"s0und")
    with pytest.raises(DigestMismatch, match="python -m imjoy mirror") as caught:
        store.read(digest)
    assert digest in str(caught.value) and "5 bytes" in str(caught.value)
    assert store.fault(digest) == "damaged"
    store.put(b"sound")
    assert store.fault(digest, 5) is None
    assert store.fault(digest, 6) == "damaged"


def test_an_absent_object_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(NotMirroredError, match="a" * 64):
        store.read("a" * 64)
    assert store.fault("a" * 64) == "missing"


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 64, "a" * 63, "g" * 64, "a" * 64 + "\n"])
def test_only_digests_are_paths(tmp_path: Path, name: str) -> None:
    assert not is_digest(name)
    with pytest.raises(IntegrityError):
        Store(tmp_path).path(name)


def test_what_an_interrupted_write_left_is_cleaned(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(b"kept").digest
    (tmp_path / "incoming" / "tmpabc").write_bytes(b"half a fi")
    assert store.clean() == 1
    assert every_file(tmp_path) == [f"sha256/{digest[:2]}/{digest}"]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        Store(tmp_path).put(Broken())
    assert every_file(tmp_path) == []


def test_names_suit_every_file_system(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in range(40):
        store.put(str(number).encode())
    paths = list(tmp_path.rglob("*"))
    assert name_problems(PurePosixPath(path.relative_to(tmp_path)) for path in paths) == []
    assert all(path.is_dir() or (path.is_file() and not path.is_symlink()) for path in paths)
