"""imjoy_offline.server.mirror_runs: the state of a run and what it says; its process is played here.

With a real process: tests/integration/server/test_mirror_runs.py.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from imjoy_offline.errors import InputError, StartError
from imjoy_offline.server.mirror_runs import (
    MirrorRun,
    MirrorRuns,
    RunningAlreadyError,
    check_plugin_address,
    read_event,
)

URL = "https://example.org/a.imjoy.html"


class PlayedChild:
    """A process of which the test says what it says and how it ends; deaf ones do not hear an interrupt."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.said: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self.complained: asyncio.Queue[bytes] = asyncio.Queue()
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.interrupts = 0
        self.kills = 0
        self._deaf = deaf

    def say(self, kind: str, text: str, **more: Any) -> None:
        self.said.put_nowait(json.dumps({"kind": kind, "text": text, **more}).encode() + b"\n")

    def end(self, status: int) -> None:
        if not self.status.done():
            self.said.put_nowait(b"")
            self.complained.put_nowait(b"")
            self.status.set_result(status)

    async def line(self) -> bytes:
        item = await self.said.get()
        if isinstance(item, Exception):
            raise item
        return item

    async def complaint(self) -> bytes:
        return await self.complained.get()

    async def wait(self) -> int:
        return await self.status

    def interrupt(self) -> None:
        self.interrupts += 1
        if not self._deaf:
            self.end(130)

    def kill(self) -> None:
        self.kills += 1
        self.end(-9)


class Played:
    """Runs whose processes are played."""

    def __init__(self, *, deaf: bool = False, error: OSError | None = None) -> None:
        self.children: list[PlayedChild] = []
        self.asked: list[tuple[Path, str]] = []
        self._deaf, self._error = deaf, error
        self.runs = MirrorRuns(Path("folder"), self._start)

    async def _start(self, folder: Path, address: str) -> PlayedChild:
        self.asked.append((folder, address))
        if self._error is not None:
            raise self._error
        self.children.append(PlayedChild(deaf=self._deaf))
        return self.children[-1]


def play(use: Callable[[Played], Awaitable[None]], **options: Any) -> None:
    async def run() -> None:
        await asyncio.wait_for(use(Played(**options)), 10)

    asyncio.run(run())


async def heard(run: MirrorRun) -> list[dict[str, Any]]:
    return [json.loads(line) async for line in run.follow()]


def test_a_run_is_followed_from_its_start_to_its_end_also_by_who_comes_late() -> None:
    async def use(played: Played) -> None:
        run = await played.runs.begin(URL)
        assert played.asked == [(Path("folder"), URL)]
        assert run.describe() == {"id": run.id, "plugin": URL, "state": "running"}
        early = asyncio.create_task(heard(run))
        (child,) = played.children
        child.say("step", "Fetching packages", total=2)
        child.say("item", "a@1", done=1, total=2, bytes=10)
        await asyncio.sleep(0.01)
        for bytes_here in (15, 20, 25):
            child.say("working", "b@1", done=1, total=2, bytes=bytes_here, total_bytes=30)
            await asyncio.sleep(0.01)
        child.say("item", "b@1", done=2, total=2, bytes=30)
        child.say("done", "2 files brought")
        child.end(0)
        events = await early
        kinds = ["step", "item", "working", "working", "working", "item", "done", "end"]
        assert [event["kind"] for event in events] == kinds
        working = {"kind": "working", "text": "b@1", "done": 1, "total": 2, "bytes": 15, "total_bytes": 30}
        assert events[2] == working
        assert events[5] == {"kind": "item", "text": "b@1", "done": 2, "total": 2, "bytes": 30}
        assert events[-1]["state"] == run.state == "done"
        late = await heard(run)
        assert [event["kind"] for event in late] == ["step", "item", "done", "end"]
        assert late[1]["text"] == "b@1"

    play(use)


def test_there_is_one_run_at_a_time_and_then_another() -> None:
    async def use(played: Played) -> None:
        run = await played.runs.begin(URL)
        with pytest.raises(RunningAlreadyError, match=r"example\.org"):
            await played.runs.begin(f"{URL}?2")
        played.children[0].end(0)
        await heard(run)
        again = await played.runs.begin(f"{URL}?2")
        assert len(played.children) == 2
        assert played.runs.find(again.id) is again
        assert played.runs.find(run.id) is None
        await played.runs.close()

    play(use)


@pytest.mark.parametrize(
    ("said", "complaints", "status", "message", "hint"),
    [
        ([("error", "Nothing answers.", {"hint": "Check it."})], [], 4, "Nothing answers.", "Check it."),
        (
            [],
            [b"Traceback\n", b"\n", b"ImportError: no\n"],
            1,
            "without saying why (exit status 1)",
            "Traceback\nImpor",
        ),
        ([], [], -9, "without saying why (exit status -9)", ""),
    ],
)
def test_a_run_that_fails_says_why(
    said: list[tuple[str, str, dict[str, str]]], complaints: list[bytes], status: int, message: str, hint: str
) -> None:
    async def use(played: Played) -> None:
        run = await played.runs.begin(URL)
        (child,) = played.children
        for kind, text, more in said:
            child.say(kind, text, **more)
        for line in complaints:
            child.complained.put_nowait(line)
        child.end(status)
        end = (await heard(run))[-1]
        assert (end["state"], end["status"]) == ("failed", status)
        assert message in end["message"] and hint in end["hint"]

    play(use)


def test_a_process_that_cannot_be_started_is_a_failure_and_no_obstacle() -> None:
    async def use(played: Played) -> None:
        with pytest.raises(StartError, match="no such program"):
            await played.runs.begin(URL)
        run = played.runs.current
        assert run is not None and run.state == "failed"
        assert [event["kind"] for event in await heard(run)] == ["end"]
        with pytest.raises(StartError, match="no such program"):
            await played.runs.begin(URL)

    play(use, error=FileNotFoundError("no such program"))


@pytest.mark.parametrize("deaf", [False, True])
def test_a_run_is_cancelled_whether_it_listens_or_not(deaf: bool) -> None:
    async def use(played: Played) -> None:
        run = await played.runs.begin(URL)
        following = asyncio.create_task(heard(run))
        await played.runs.cancel(run, seconds=0.05)
        assert run.state == "cancelled"
        assert (await following)[-1]["state"] == "cancelled"
        (child,) = played.children
        assert child.interrupts == 1
        assert child.status.result() == (-9 if deaf else 130)
        await played.runs.cancel(run)
        assert run.state == "cancelled"

    play(use, deaf=deaf)


def test_a_run_that_ended_before_it_was_cancelled_stays_what_it_was() -> None:
    async def use(played: Played) -> None:
        run = await played.runs.begin(URL)
        played.children[0].end(0)
        await heard(run)
        await played.runs.cancel(run)
        assert run.state == "done"
        assert played.children[0].interrupts == 0

    play(use)


def test_the_end_of_the_server_ends_the_run_and_begins_no_other() -> None:
    async def use(played: Played) -> None:
        run = await played.runs.begin(URL)
        following = asyncio.create_task(heard(run))
        await played.runs.close()
        assert (await following)[-1]["state"] == "cancelled"
        with pytest.raises(StartError):
            await played.runs.begin(URL)
        assert len(played.children) == 1

    play(use)


def test_without_time_the_process_is_killed() -> None:
    async def use(played: Played) -> None:
        await played.runs.begin(URL)
        played.runs.kill()
        assert played.children[0].kills == 1

    play(use)


def test_a_session_without_serve_starts_none_and_says_the_command() -> None:
    async def use() -> None:
        runs = MirrorRuns(Path())
        assert not runs.allowed
        with pytest.raises(StartError) as refused:
            await runs.begin(URL)
        assert f'python -m imjoy mirror --plugin "{URL}"' in refused.value.hint

    asyncio.run(use())


def test_lines_that_are_none_do_not_end_a_run() -> None:
    async def use(played: Played) -> None:
        run = await played.runs.begin(URL)
        (child,) = played.children
        for line in (b"warning: something\n", b"{\n", b"[]\n", b'{"kind": "end", "text": ""}\n', b"\xff\n"):
            child.said.put_nowait(line)
        child.said.put_nowait(ValueError("a line without an end"))
        child.say("note", "still here")
        child.end(3)
        events = await heard(run)
        assert [event["kind"] for event in events] == ["note", "end"]
        assert "warning: something" in events[-1]["hint"]

    play(use)


def test_what_a_run_says_is_kept_within_bounds() -> None:
    async def use(played: Played) -> None:
        run = await played.runs.begin(URL)
        (child,) = played.children
        for number in range(2000):
            child.say("note", str(number))
        child.end(0)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(child.status), 5)
        while run.state == "running":
            await asyncio.sleep(0.01)
        events = await heard(run)
        assert len(events) <= 400
        assert events[-1]["kind"] == "end"

    play(use)


@pytest.mark.parametrize("address", [URL, "http://127.0.0.1:9/a?b=1&c=%20@dev", "https://x.org"])
def test_addresses_that_a_run_may_bring(address: str) -> None:
    assert check_plugin_address(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a.imjoy.html",
        "/etc/passwd",
        "--strict",
        "npm:x",
        "file:///etc/passwd",
        "ftp://example.org/a",
        "https://",
        "https://user:secret@example.org/a",
        "https://example.org:0/a",
        "https://example.org:port/a",
        "https://exam ple.org/a",
        "https://example.org/a\n--strict",
        "https://example.org/\xfc",
        "https://example.org/" + "a" * 2000,
        "https://[::1/a",
    ],
)
def test_nothing_else_is_ever_told_to_a_run(address: str) -> None:
    async def use(played: Played) -> None:
        with pytest.raises(InputError):
            await played.runs.begin(address)
        assert played.asked == []

    play(use)


def test_an_event_has_the_members_that_are_known() -> None:
    line = {"kind": "item", "text": "x", "done": 1, "total": None, "bytes": True, "evil": "<script>", "hint": 7}
    assert read_event(json.dumps(line).encode()) == {"kind": "item", "text": "x", "done": 1}
