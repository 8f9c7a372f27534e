"""imjoy_offline.cli.console: what people are told now and then, and programs line by line."""

import json
import time

import pytest

from imjoy_offline.cli.console import Console, JsonConsole
from imjoy_offline.errors import OfflineError
from imjoy_offline.progress import ProgressEvent


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, as its last entry says."""
    times = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: times[-1])
    return times


def working(done: int, total: int | None = 50_000_000, text: str = "numpy 2.0") -> ProgressEvent:
    return ProgressEvent("working", text, 1, 3, done, total)


def test_what_takes_long_is_told_now_and_then_where_no_line_is_redrawn(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console()
    console.emit(ProgressEvent("step", "Fetching Python wheels"))
    for seconds in range(0, 25, 2):
        clock.append(100.0 + seconds)
        console.emit(working(seconds * 1_000_000))
    assert capsys.readouterr().err.splitlines() == [
        "Fetching Python wheels",
        "  ... numpy 2.0, 10.0 of 50.0 MB",
        "  ... numpy 2.0, 20.0 of 50.0 MB",
    ]


def test_a_line_that_was_said_puts_the_next_word_off(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    clock.append(109.0)
    console.emit(ProgressEvent("item", "numpy 2.0", 1, 3, 5))
    clock.append(118.0)
    console.emit(working(1))
    clock.append(119.5)
    console.emit(working(0, None, "numpy, scipy"))
    assert capsys.readouterr().err.splitlines() == ["  1/3 numpy 2.0", "  ... numpy, scipy"]


def test_everything_is_said_as_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    console = JsonConsole()
    console.emit(ProgressEvent("item", "a@1.0.0", 1, 7, 2048))
    console.note("Copied.\nTwo lines.")
    console.error(OfflineError("Nothing answers.", hint="Check the network."))
    console.unexpected(RuntimeError("broken"), debug=False)
    console.result("done")
    console.close()
    said = capsys.readouterr()
    assert said.err == ""
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert lines[0] == {"kind": "item", "text": "a@1.0.0", "done": 1, "total": 7, "bytes": 2048, "total_bytes": None}
    assert lines[1] == {"kind": "note", "text": "Copied.\nTwo lines."}
    assert lines[2] == {
        "kind": "error",
        "text": "Nothing answers.",
        "hint": "Check the network.",
        "code": "offline",
    }
    assert (lines[3]["kind"], lines[3]["code"]) == ("error", "unexpected")
    assert lines[4] == {"kind": "result", "text": "done"}


def test_a_traceback_goes_beside_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    JsonConsole().unexpected(RuntimeError("broken"), debug=True)
    said = capsys.readouterr()
    assert "RuntimeError: broken" in said.err
    assert len(said.out.splitlines()) == 1
