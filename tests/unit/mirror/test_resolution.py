import json
from pathlib import Path

import pytest

from imjoy_offline.cache.lockfile import LockedArtifact, Lockfile, Pin
from imjoy_offline.cache.wheelhouse import Target
from imjoy_offline.mirror.environments import EnvironmentAnswer, PackageMiss, PackageSet, WheelRecord
from imjoy_offline.mirror.resolution import (
    Answer,
    AnsweredUrl,
    DirectRecord,
    Miss,
    PackageRecord,
    Resolution,
    Taken,
    read_resolution,
)

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
    {
        PackageSet(("a", "b>1"), Target("p", "3.11")): EnvironmentAnswer(("a-1-py3-none-any.whl",)),
        PackageSet(("c",), Target("p", "3.11")): EnvironmentAnswer(missing=(PackageMiss("c", "no c", True),)),
    },
    {"a-1-py3-none-any.whl": WheelRecord("d" * 64, 5, 7), "b-1-py3-none-any.whl": WheelRecord("")},
    {
        "https://e.org/a.png": DirectRecord("e" * 64, 8),
        "https://e.org/m": DirectRecord("f" * 64, 0, "text/javascript; charset=utf-8"),
    },
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
        {"environments": [{}]},
        {"environments": [{"packages": [], "platform": "p", "python": "3", "wheels": [], "missing": [["a"]]}]},
        {"wheels": {"a": ["x", None, None]}},
        {"wheels": {"a": ["", 1, 1]}},
        {"wheels": {"a": ["d" * 64, "5", 1]}},
        {"wheels": {"a": []}},
        {"direct": {"https://e.org/m": ["x", 1, ""]}},
        {"direct": {"https://e.org/m": ["d" * 64, 1, "text/made-up"]}},
        {"direct": {"https://e.org/m": ["d" * 64, 1]}},
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
    artifacts = [
        LockedArtifact("npm:b@1.0.0/x.js", 1, "a" * 64),
        LockedArtifact("pypi:b-1-py3-none-any.whl", 1, "a" * 64),
        LockedArtifact("https://e.org/m", 0, "f" * 64),
    ]
    one = {PackageSet(("a",), Target("p", "3.11")): EnvironmentAnswer(())}
    record.prune(Lockfile.of(artifacts, [], [], []), {}, one)
    assert (record.pins, record.answers, list(record.packages)) == ({}, {}, [("b", "1.0.0")])
    assert (record.environments, list(record.wheels)) == (one, ["b-1-py3-none-any.whl"])
    assert list(record.direct) == ["https://e.org/m"]
