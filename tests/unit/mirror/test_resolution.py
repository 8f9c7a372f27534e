import json
from pathlib import Path

import pytest

from imjoy_offline.cache.lockfile import LockedArtifact, Lockfile, Pin
from imjoy_offline.mirror.resolution import Answer, AnsweredUrl, Miss, PackageRecord, Resolution, Taken, read_resolution

RECORD = Resolution(
    {"npm:a@1": Pin("npm:a@1", "1.2.3", guess=True)},
    {
        ("@s/a", "1.2.3"): PackageRecord(
            "sha512-x", frozenset(["a.js"]), {"l.js": "is a link"}, {"a.js": Taken("a" * 64, 3)}
        ),
        ("b", "1.0.0"): PackageRecord(),
    },
    {"https://x/a": Answer((AnsweredUrl("https://x/a", "npm:@s/a@1.2.3/a.js", "sibling"),), (Miss("u", "r", True),))},
    "c" * 64,
)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    RECORD.write(tmp_path / "cache/resolution.json")
    assert read_resolution(tmp_path / "cache/resolution.json") == RECORD
    assert RECORD.answers["https://x/a"].passing


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"pins": []},
        {"packages": [{}]},
        {"packages": [{"name": "a", "version": "1", "integrity": "", "names": 1, "refused": {}, "taken": {}}]},
        {
            "packages": [
                {"name": "a", "version": "1", "integrity": "", "names": None, "refused": {}, "taken": {"a": ["x", 1]}}
            ]
        },
        {"answers": {"u": {"files": [["u", "s", "luck"]], "missing": []}}},
        {"answers": {"u": {"files": [["u"]], "missing": []}}},
        {"base": None, "answers": None},
    ],
)
def test_what_cannot_be_read_is_as_good_as_absent(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "resolution.json"
    RECORD.write(path)
    document = json.loads(path.read_text())
    document.update(change)
    path.write_text(json.dumps(document))
    assert read_resolution(path) == Resolution()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"5"])
def test_damaged_files_and_absent_ones(tmp_path: Path, content: bytes) -> None:
    assert read_resolution(tmp_path / "absent") == Resolution()
    (tmp_path / "r").write_bytes(content)
    assert read_resolution(tmp_path / "r") == Resolution()


def test_only_what_goes_with_the_lock_stays(tmp_path: Path) -> None:
    RECORD.write(tmp_path / "r")
    record = read_resolution(tmp_path / "r")
    record.prune(Lockfile.of([LockedArtifact("npm:b@1.0.0/x.js", 1, "a" * 64)], [], [], []), {})
    assert (record.pins, record.answers, list(record.packages)) == ({}, {}, [("b", "1.0.0")])
