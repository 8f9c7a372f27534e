"""A mirror run that is killed while it chooses or brings Python wheels, and started again, ends as an untouched one."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from imjoy_offline.mirror.parts import Part
from imjoy_offline.mirror.report import SyncReport
from imjoy_offline.mirror.settings import Settings
from tests.helpers.mirror_run import move_counter
from tests.helpers.mirrored import MirroredFolder
from tests.helpers.package_index import PackageIndex, made_wheel, running_index
from tests.helpers.processes import bare_environment, wait_until
from tests.helpers.upstream import Sending

ROOT = Path(__file__).parents[2]
BIG = made_wheel("big", "2.0", more=os.urandom(400_000))
USER = made_wheel("user", "1.0", "big")
SMALL = made_wheel("small", "0.1")
NEWER = [made_wheel("big", "3.0"), made_wheel("user", "2.0"), made_wheel("small", "0.2")]


@pytest.fixture
def index() -> Iterator[PackageIndex]:
    with running_index() as server:
        server.offer(BIG, USER, SMALL)
        yield server


class Killable:
    """A folder with Python plugins in which mirror runs are started as processes."""

    def __init__(self, root: Path, index: PackageIndex) -> None:
        self.mirrored = MirroredFolder(root)
        self.mirrored.environ = index.environ(root.parent / "home")
        self.mirrored.python_plugin("Images", "user", "small")
        self.mirrored.python_plugin("Other", "small")
        self.mirrored.python_plugin("Wrong", "small", "nowhere")
        self.temporary = root.parent / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self._environment = bare_environment(
            root.parent / "home", **self.mirrored.environ, PYTHONPATH=str(ROOT), TMPDIR=str(self.temporary)
        )

    @contextlib.contextmanager
    def started(self, point: str = "none") -> Iterator[subprocess.Popen[str]]:
        """The run as a process, killed at the end of the block if it lives that long."""
        command = [sys.executable, "-m", "tests.helpers.mirror_run", str(self.mirrored.folder.root), point]
        with subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def killed_at(self, point: str) -> bool:
        """Whether a run died at this point of its own work."""
        with self.started(point) as process:
            out, _ = process.communicate(timeout=60)
            return process.returncode != 0 and out == ""

    def finish(self) -> SyncReport:
        """A run that must end well, in this process."""
        return self.mirrored.run(Settings())

    @property
    def outcome(self) -> dict[str, bytes]:
        """Every file in the folder; of the record, which holds times of files, only that it is there."""
        return {**self.mirrored.every_file(), "cache/resolution.json": b""}


@dataclass(frozen=True)
class Untouched:
    """What a run that nobody killed leaves, and the names of the files that took their place in it, in order."""

    outcome: dict[str, bytes]
    moves: list[str]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Untouched:
    """One for all tests: what is left names no address."""
    with running_index() as index, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        patch.setattr(Path, "replace", Path.replace)
        index.offer(BIG, USER, SMALL)
        folder = Killable(Path(tmp_path_factory.mktemp("untouched")) / "folder", index)
        moves = move_counter()
        assert [item.asked for item in folder.finish().missing] == ["nowhere"]
    assert {"imjoy.lock", "resolution.json", BIG.name} <= set(moves) and len(moves) > 12
    assert sum(name.startswith("pylock.") for name in moves) == 2
    return Untouched(folder.outcome, moves)


@pytest.fixture
def killed(index: PackageIndex, tmp_path: Path) -> Killable:
    return Killable(tmp_path / "killed", index)


def check(killed: Killable, untouched: Untouched) -> None:
    """It ends as the other one did, and then asks nothing."""
    killed.finish()
    assert killed.outcome == untouched.outcome
    killed.finish()
    assert killed.mirrored.told("done") == ["Everything is here; nothing was asked for."]


@pytest.mark.parametrize(
    ("from_end", "when"),
    [*((number, "before") for number in range(6)), (0, "after"), (7, "after"), (9, "before"), (11, "after")],
)
def test_killed_around_every_file_that_takes_its_place(
    untouched: Untouched, killed: Killable, index: PackageIndex, from_end: int, when: str
) -> None:
    """Records, wheels, the lock, the lists. What was chosen stays chosen though newer versions come out meanwhile."""
    number = len(untouched.moves) - from_end
    assert killed.killed_at(f"move:{number}:{when}")
    if number > min(untouched.moves.index(wheel.name) for wheel in (BIG, USER, SMALL)):  # then everything is chosen
        index.offer(*NEWER)
    check(killed, untouched)


@pytest.mark.parametrize("item", [1, 3])
def test_killed_when_an_item_is_done(untouched: Untouched, killed: Killable, item: int) -> None:
    assert killed.killed_at(f"item:{item}")
    check(killed, untouched)


@pytest.mark.parametrize("number", [1, 3, 6])
def test_killed_while_uv_asks(untouched: Untouched, killed: Killable, index: PackageIndex, number: int) -> None:
    with killed.started() as process:

        def kill(count: int, path: str) -> Sending | None:
            if count == number:
                process.kill()
                process.wait(10)
            return None

        index.on_request = kill
        assert process.wait(60) != 0
    index.on_request = lambda count, path: None
    check(killed, untouched)


def test_killed_in_the_middle_of_a_wheel(untouched: Untouched, killed: Killable, index: PackageIndex) -> None:
    path = index.path(BIG)
    part = Part(killed.mirrored.folder.cache / "partial", index.base + path)
    holder: list[subprocess.Popen[str]] = []

    def kill() -> None:
        wait_until(lambda: part.size > 100_000, "half of the wheel")
        holder[0].kill()
        holder[0].wait(10)

    index.order(path, Sending(within=kill))
    with killed.started() as process:
        holder.append(process)
        assert process.wait(60) != 0
    index.seen.clear()
    index.offer(*NEWER)
    check(killed, untouched)
    (again,) = [seen for seen in index.seen if seen.path == path]
    assert int(again.headers["range"].removeprefix("bytes=").rstrip("-")) > 100_000


@pytest.mark.parametrize("sound", [True, False])
def test_killed_with_a_wheel_received_but_not_in_its_place(
    untouched: Untouched, killed: Killable, index: PackageIndex, sound: bool
) -> None:
    """All of it lies there as a part; if it was spoilt since, it is fetched from the start."""
    part = Part(killed.mirrored.folder.cache / "partial", index.base + index.path(BIG))
    part.begin("")
    part.path.write_bytes(BIG.content if sound else BIG.content[:-9][::-1])
    check(killed, untouched)
    assert index.fetched().count(BIG.name) == (0 if sound else 2)


@pytest.mark.parametrize("number", [1, 4, 7, 10])
def test_a_full_disk_is_told_and_harms_nothing(
    untouched: Untouched, killed: Killable, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    sync_file, uses = os.fsync, iter(range(1, 1000))

    def full(handle: int) -> None:
        if next(uses) == number:
            raise OSError(28, "No space left on device")
        sync_file(handle)

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            killed.finish()
    check(killed, untouched)


def test_interrupted_by_the_person_while_uv_waits(untouched: Untouched, killed: Killable, index: PackageIndex) -> None:
    """Ctrl-C ends the run at once, and uv with it."""
    release, reached = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        release.wait(30)

    index.order("/simple/small/", Sending(before=hold))
    with killed.started() as process:
        assert reached.wait(30)
        children = psutil.Process(process.pid).children()
        assert [child.name() for child in children] in (["uv"], ["uv.exe"])
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert process.returncode != 0 and "KeyboardInterrupt" in err
        assert not psutil.wait_procs(children, timeout=10)[1]
    release.set()
    assert not list(killed.temporary.iterdir())
    check(killed, untouched)
