import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imjoy_offline.cache.lockfile import (
    LockedArtifact,
    LockedEnvironment,
    LockedPackage,
    Lockfile,
    MissingItem,
    Pin,
    lock_bytes,
    parse_lockfile,
    read_lockfile,
    write_lockfile,
)
from imjoy_offline.errors import EXIT_INTEGRITY, LockfileError

LOCK = Lockfile.of(
    [
        LockedArtifact("npm:vega@5.3.0/build/vega.js", 12, "b" * 64, ("https://cdn.jsdelivr.net/npm/vega@5",)),
        LockedArtifact("pypi:numpy-2.0.0-py3-none-any.whl", 9, "c" * 64),
        LockedArtifact("npm:ä@1.0.0/a.js", 3, "a" * 64, ("https://unpkg.com/ä@1.0.0/a.min.js?v=1",), "sibling"),
        LockedArtifact("https://e.org/m", 5, "d" * 64, ("https://e.org/m",), type="text/javascript; charset=utf-8"),
    ],
    [LockedPackage("vega", "5.3.0", "sha512-x"), LockedPackage("ä", "1.0.0", "sha512-y")],
    [Pin("npm:vega@5", "5.3.0"), Pin("npm:left", "1.0.0", guess=True)],
    [MissingItem("https://example.org/x.js", "Viewer", 7, "No rule.", passing=True)],
    ["https://unpkg.com/lab@1.0.0/Tool.imjoy.html"],
    [LockedEnvironment(("numpy>=2",), "x86_64-unknown-linux-gnu", "3.11", ("numpy-2.0.0-py3-none-any.whl",))],
)


def text_of(**more: object) -> bytes:
    document = json.loads(lock_bytes(LOCK))
    document.update(more)
    return json.dumps(document).encode()


def test_a_lock_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "imjoy.lock"
    write_lockfile(path, LOCK)
    assert read_lockfile(path) == LOCK
    assert path.read_bytes().endswith(b"}\n")
    assert "ä".encode() in path.read_bytes()


def test_an_absent_lock_is_empty(tmp_path: Path) -> None:
    assert read_lockfile(tmp_path / "imjoy.lock") == Lockfile()


@given(st.permutations(LOCK.artifacts), st.permutations(LOCK.packages), st.permutations(LOCK.pins))
def test_the_order_of_finding_does_not_show(
    artifacts: list[LockedArtifact], packages: list[LockedPackage], pins: list[Pin]
) -> None:
    assert lock_bytes(
        Lockfile.of(artifacts, packages, pins, LOCK.missing, LOCK.plugins, LOCK.environments)
    ) == lock_bytes(LOCK)
    assert lock_bytes(
        Lockfile(tuple(artifacts), tuple(packages), tuple(pins), LOCK.missing, LOCK.plugins, LOCK.environments)
    ) == lock_bytes(LOCK)


def test_the_same_miss_counts_once() -> None:
    assert Lockfile.of([], [], [], [LOCK.missing[0], LOCK.missing[0]]).missing == LOCK.missing


def test_it_answers_by_address_and_by_source() -> None:
    assert LOCK.by_url()["https://cdn.jsdelivr.net/npm/vega@5"].source == "npm:vega@5.3.0/build/vega.js"
    assert LOCK.by_source()["npm:ä@1.0.0/a.js"].how == "sibling"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b"[]", "not of version 1"),
        (text_of(version=2), "not of version 1"),
        (text_of(artifacts=None), "`artifacts`"),
        (text_of(environments=[{}]), r"`packages` at environments\[0\]"),
        (
            text_of(environments=[{"packages": ["a"], "platform": "p", "python": "3.11", "wheels": ["a-1.whl"]}]),
            "names the wheel a-1.whl, of which it has no artifact",
        ),
        (text_of(pins=[]), "`pins`"),
        (text_of(pins={"npm:a": {"version": "1.0.0"}}), r"pins\['npm:a'\]"),
        (text_of(artifacts=[1]), r"artifacts\[0\]"),
        (
            text_of(artifacts=[{"source": "s", "size": -1, "sha256": "a" * 64, "urls": [], "how": "exact"}]),
            r"`size` at artifacts\[0\]",
        ),
        (
            text_of(artifacts=[{"source": "npm:a@1.0.0/a", "size": 1, "sha256": "A" * 64, "urls": [], "how": "exact"}]),
            "gives npm:a@1.0.0/a a sha256 that is none",
        ),
        (
            text_of(artifacts=[{"source": "s", "size": 1, "sha256": "a" * 64, "urls": [], "how": "luck"}]),
            "unknown `how`",
        ),
        (
            text_of(artifacts=[{"source": "s", "size": 1, "sha256": "a" * 64, "urls": [], "how": "exact", "type": 1}]),
            r"`type` at artifacts\[0\]",
        ),
        (
            text_of(artifacts=[{"source": "s", "size": 1, "sha256": "a" * 64, "urls": "x", "how": "exact"}]),
            "`urls`",
        ),
        (text_of(missing=[{"asked": "a", "plugin": "p", "line": True, "reason": "r", "passing": False}]), "`line`"),
    ],
)
def test_a_broken_lock_is_an_error_in_words(content: bytes, words: str) -> None:
    with pytest.raises(LockfileError, match=words) as caught:
        parse_lockfile(content)
    assert "imjoy.lock" in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_status == EXIT_INTEGRITY


def test_contradictions_are_found() -> None:
    first, second, *_ = LOCK.artifacts
    with pytest.raises(LockfileError, match=f"lists {first.source} twice"):
        parse_lockfile(lock_bytes(replace(LOCK, environments=(), artifacts=(first, replace(first, size=9)))))
    with pytest.raises(LockfileError, match="is both"):
        parse_lockfile(lock_bytes(replace(LOCK, environments=(), artifacts=(first, replace(second, urls=first.urls)))))
    package = LOCK.packages[0]
    with pytest.raises(LockfileError, match=r"vega@5\.3\.0 twice"):
        parse_lockfile(lock_bytes(replace(LOCK, packages=(package, replace(package, integrity="other")))))


def test_a_failed_write_leaves_the_old_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "imjoy.lock"
    write_lockfile(path, LOCK)
    before = path.read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_lockfile(path, Lockfile())
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["imjoy.lock"]
