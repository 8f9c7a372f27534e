"""A mirror run that is killed anywhere and started again ends as one that nobody touched."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from imjoy_offline.cache.vendor import read_vendor
from imjoy_offline.errors import FetchError, OfflineError
from imjoy_offline.mirror.parts import Part
from imjoy_offline.mirror.report import SyncReport
from imjoy_offline.mirror.settings import read_settings
from tests.helpers.mirror_run import move_counter
from tests.helpers.mirrored import MirroredFolder, vendor_of
from tests.helpers.processes import bare_environment, wait_until
from tests.helpers.upstream import Sending, StandIn, integrity

ROOT = Path(__file__).parents[2]
CDN = "https://cdn.jsdelivr.net/npm/"
WANTED = (
    f"{CDN}vega@5/build/vega.js",
    f"{CDN}chart",
    "https://unpkg.com/maps@^1.2/dist/maps.css",
    f"{CDN}vega@5.1.0/none.js",
    f"{CDN}nothing@1/x.js",
)
BIG = os.urandom(400_000)


def publish(stand_in: StandIn) -> str:
    """The packages of these tests; the text of a vendor.toml that pins one of them."""
    stand_in.publish("vega", "5.1.0", {"build/vega.js": "import './more.js'", "build/more.js": BIG})
    stand_in.publish(
        "chart",
        "2.0.0",
        {"main.js": "import('./a.js'); import('./b.js')", "a.js": "a", "b.js": "b"},
        manifest={"main": "main.js"},
    )
    stand_in.publish("maps", "1.2.9", {"dist/maps.css": "a{b:url(i.png)}", "dist/i.png": BIG[::-1]})
    lit = stand_in.publish("lit", "3.0.0", {"index.js": "lit", "html.js": "html"})
    (package,) = vendor_of("lit", "3.0.0", lit, "index.js", "html.js").packages
    files = "".join(f'"{path}" = "{digest}"\n' for path, digest in package.files.items())
    head = f'[[package]]\nname = "lit"\nversion = "3.0.0"\nintegrity = "{integrity(lit.tarball)}"\n'
    return f"{head}[package.files]\n{files}"


def settings_text(stand_in: StandIn) -> str:
    """An imjoy.yaml."""
    return json.dumps({"extra": list(WANTED), "upstream": {"npm": stand_in.registry, "hosts": stand_in.hosts}})


class Killable:
    """A folder in which mirror runs are started as processes."""

    def __init__(self, root: Path, stand_in: StandIn, vendor: str) -> None:
        self.mirrored = MirroredFolder(root)
        (root / "imjoy.yaml").write_text(settings_text(stand_in), encoding="utf-8")
        (root / "vendor.toml").write_text(vendor, encoding="utf-8")
        self._environment = bare_environment(root.parent / "home", NO_PROXY="127.0.0.1", PYTHONPATH=str(ROOT))

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

    def run(self, point: str = "none") -> tuple[int, str, str]:
        """Status, output and errors of a run that ends by itself."""
        with self.started(point) as process:
            out, err = process.communicate(timeout=60)
            return process.returncode, out, err

    def finish(self) -> SyncReport:
        """A run that must end well, in this process."""
        folder = self.mirrored.folder
        return self.mirrored.run(read_settings(folder.settings_file), read_vendor(folder.root / "vendor.toml"))

    @property
    def outcome(self) -> tuple[bytes, list[str], list[str]]:
        """Lock, object names, and every file in the folder beside them."""
        names = sorted(name for name in self.mirrored.every_file() if "/sha256/" not in name)
        return self.mirrored.lock_bytes, self.mirrored.objects(), names


@pytest.fixture
def vendor(stand_in: StandIn) -> str:
    return publish(stand_in)


@pytest.fixture
def untouched(stand_in: StandIn, vendor: str, tmp_path: Path, moves: list[str]) -> Killable:
    """A folder whose run nobody killed."""
    folder = Killable(tmp_path / "untouched", stand_in, vendor)
    folder.finish()
    stand_in.seen.clear()
    return folder


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that take their place in this process."""
    monkeypatch.setattr(Path, "replace", Path.replace)
    return move_counter()


@pytest.fixture
def killed(stand_in: StandIn, vendor: str, tmp_path: Path) -> Killable:
    return Killable(tmp_path / "killed", stand_in, vendor)


# Dying by itself: around a file taking its place (records, objects, the lock), and when a package is done.
POINTS = (
    *("move:1:before", "move:1:after", "move:4:before", "move:7:after", "move:10:before", "move:13:before"),
    *("move:15:after", "item:1", "item:3", "item:4"),
)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point_of_its_own_work(untouched: Killable, killed: Killable, point: str) -> None:
    status, out, _ = killed.run(point)
    assert status != 0 and out == "", f"The run was not killed at {point}."
    killed.finish()
    assert killed.outcome == untouched.outcome
    assert killed.finish().asked == 0


@pytest.mark.parametrize(("from_end", "when"), [(1, "before"), (1, "after"), (0, "before"), (0, "after")])
def test_killed_around_the_lock(
    untouched: Killable, killed: Killable, moves: list[str], from_end: int, when: str
) -> None:
    """The lock and then the record are the last files to take their place."""
    assert moves[-2:] == ["imjoy.lock", "resolution.json"]
    assert killed.run(f"move:{len(moves) - from_end}:{when}")[0] != 0
    assert killed.mirrored.folder.lock_file.exists() == ((from_end, when) != (1, "before"))
    assert killed.finish().asked == 0
    assert killed.outcome == untouched.outcome


@pytest.mark.parametrize("number", [1, 2, 4, 6, 9])
def test_killed_when_upstream_is_asked(untouched: Killable, killed: Killable, stand_in: StandIn, number: int) -> None:
    with killed.started() as process:

        def kill(count: int, path: str) -> Sending | None:
            if count == number:
                process.kill()
                process.wait(10)
            return None

        stand_in.on_request = kill
        assert process.wait(60) != 0
    stand_in.on_request = lambda count, path: None
    killed.finish()
    assert killed.outcome == untouched.outcome


@pytest.mark.parametrize("name", ["vega", "maps"])
def test_killed_in_the_middle_of_a_download(
    untouched: Killable, killed: Killable, stand_in: StandIn, name: str
) -> None:
    path = stand_in.tarball_path(name, {"vega": "5.1.0", "maps": "1.2.9"}[name])
    part = Part(killed.mirrored.folder.cache / "partial", stand_in.base + path)
    holder: list[subprocess.Popen[str]] = []

    def kill() -> None:
        wait_until(lambda: part.size > 100_000, "half of the tarball")
        holder[0].kill()
        holder[0].wait(10)

    stand_in.order(path, Sending(within=kill))
    with killed.started() as process:
        holder.append(process)
        assert process.wait(60) != 0
    stand_in.seen.clear()
    killed.finish()
    (again,) = [seen for seen in stand_in.seen if seen.path == path]
    assert int(again.headers["range"].removeprefix("bytes=").rstrip("-")) > 100_000
    assert killed.outcome == untouched.outcome


def test_what_was_chosen_before_the_kill_stays_chosen(untouched: Killable, killed: Killable, stand_in: StandIn) -> None:
    """Newer versions that come out between kill and restart change nothing."""
    assert killed.run("item:2")[0] != 0
    for name, version in (("vega", "5.9.0"), ("chart", "3.0.0"), ("maps", "1.9.0")):
        stand_in.publish(name, version, {"build/vega.js": "new", "main.js": "new", "dist/maps.css": "new"})
    killed.finish()
    assert killed.outcome == untouched.outcome


def test_a_restart_asks_only_for_what_is_lacking(untouched: Killable, killed: Killable, stand_in: StandIn) -> None:
    assert killed.run("item:3")[0] != 0
    before = {seen.path for seen in stand_in.seen if seen.path.endswith(".tgz")}
    stand_in.seen.clear()
    killed.finish()
    again = [seen.path for seen in stand_in.seen if seen.path.endswith(".tgz")]
    assert len(again) <= 2 and len(before | set(again)) == 4


def test_killed_again_and_again(untouched: Killable, killed: Killable) -> None:
    for point in ("move:2:before", "move:3:after", "item:1", "move:4:before"):
        assert killed.run(point)[0] != 0
    killed.finish()
    assert killed.outcome == untouched.outcome


def test_interrupted_by_the_person(untouched: Killable, killed: Killable, stand_in: StandIn) -> None:
    """Ctrl-C while the network is silent ends the run at once, and what was fetched is kept."""
    release, reached = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        release.wait(30)

    stand_in.order(stand_in.tarball_path("vega", "5.1.0"), Sending(before=hold))
    with killed.started() as process:
        assert reached.wait(30)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert time.monotonic() - begun < 10
        assert process.returncode != 0 and "KeyboardInterrupt" in err
    release.set()
    assert not killed.mirrored.folder.lock_file.exists()
    killed.finish()
    assert killed.outcome == untouched.outcome


def fail_writing(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    sync_file, uses = os.fsync, iter(range(1, 1000))

    def full(handle: int) -> None:
        if next(uses) == number:
            raise OSError(28, "No space left on device")
        sync_file(handle)

    monkeypatch.setattr(os, "fsync", full)


@pytest.mark.parametrize("number", [1, 3, 6, 9, 12])
def test_a_full_disk_is_told_and_harms_nothing(
    untouched: Killable, killed: Killable, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with monkeypatch.context() as disk:
        fail_writing(disk, number)
        with pytest.raises(OSError, match="No space left"):
            killed.finish()
    assert not killed.mirrored.folder.lock_file.exists()
    killed.finish()
    assert killed.outcome == untouched.outcome


def test_upstream_that_dies_in_the_middle(untouched: Killable, killed: Killable, stand_in: StandIn) -> None:
    """What had been reached is locked, the rest is told as missing for now, and the next run completes it."""
    stand_in.on_request = lambda count, path: Sending(cut_after=0) if "maps" in path else None
    assert [item.asked for item in killed.finish().missing if item.passing] == [WANTED[2]]
    stand_in.on_request = lambda count, path: None
    killed.finish()
    assert killed.outcome == untouched.outcome


def test_upstream_that_dies_while_the_app_itself_is_fetched(
    untouched: Killable, killed: Killable, stand_in: StandIn
) -> None:
    stand_in.on_request = lambda count, path: Sending(cut_after=0) if "lit" in path else None
    with pytest.raises((FetchError, OfflineError), match=r"lit@3\.0\.0"):
        killed.finish()
    assert not killed.mirrored.folder.lock_file.exists()
    stand_in.on_request = lambda count, path: None
    killed.finish()
    assert killed.outcome == untouched.outcome
