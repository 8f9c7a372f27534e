"""A mirror run that is killed anywhere and started again ends as one that nobody touched.

The run is the whole of ``python -m imjoy mirror``: versions, packages, lock, site, switch. Compared are the lock, the
names of all objects, the list of every file of the site that is served, and what else lies in the folder.
"""

import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from imjoy_offline.errors import FetchError, OfflineError
from imjoy_offline.mirror.parts import Part
from imjoy_offline.site.build import site_fault
from tests.helpers.dying_mirror import DIED, MOVE
from tests.helpers.killable_folder import CDN, PACKAGES, WANTED, KillableFolder, Outcome, Product
from tests.helpers.processes import wait_until
from tests.helpers.upstream import Sending, StandIn, running_stand_in

ASKED_AGAIN = 2  # packages that were in hand when the run was killed
TENTHS = range(10)
ONE_MORE = f"{CDN}here@1/here.js"


@dataclass(frozen=True)
class Whole:
    """A run that nobody killed: its steps, what it left, and the site that is served since."""

    steps: list[str]
    outcome: Outcome
    site: str

    def place(self, tenth: int) -> tuple[int, str]:
        """The number of a step in the middle of this tenth of the run, and whether to die before or after it."""
        return 1 + len(self.steps) * (2 * tenth + 1) // (2 * len(TENTHS)), "after" if tenth % 2 else "before"


def run_whole(folder: KillableFolder) -> Whole:
    steps, site = folder.steps(), folder.folder.current_site()
    assert site is not None
    return Whole(steps, folder.outcome, site.name)


@pytest.fixture(scope="module")
def first_and_update(tmp_path_factory: pytest.TempPathFactory) -> tuple[Whole, Whole]:
    """The first run in a folder and, since then, one that finds a changed product and one more address wanted."""
    base = Path(tmp_path_factory.mktemp("untouched"))
    with running_stand_in() as stand_in:
        product = Product.published(base / "shipped", stand_in)
        folder = KillableFolder(base / "folder", product)
        first = run_whole(folder)
        product.renew()
        folder.want(*WANTED, ONE_MORE)
        return first, run_whole(folder)


@pytest.fixture
def untouched(first_and_update: tuple[Whole, Whole]) -> Whole:
    """The first run."""
    return first_and_update[0]


@pytest.fixture
def steps(untouched: Whole) -> list[str]:
    """The steps of the first run."""
    return untouched.steps


@pytest.fixture
def product(stand_in: StandIn, tmp_path: Path) -> Product:
    return Product.published(tmp_path / "shipped", stand_in)


@pytest.fixture
def killed(product: Product, tmp_path: Path) -> KillableFolder:
    return KillableFolder(tmp_path / "killed", product)


def moves(steps: list[str]) -> list[str]:
    """The names of what took its place, in order."""
    return [step.removeprefix(MOVE) for step in steps if step.startswith(MOVE)]


def test_the_steps_are_the_whole_run(untouched: Whole, steps: list[str]) -> None:
    """Fetching, then the lock and the record, then the site, the pointer to it, and what it was built from."""
    assert moves(steps)[-5:] == ["imjoy.lock", "resolution.json", untouched.site, "current", "inputs"]
    assert moves(steps).count("imjoy.lock") == 1
    objects, files = len(untouched.outcome.objects), len(untouched.outcome.site.splitlines()) + 1
    assert objects > 10 and steps.index(f"{MOVE}imjoy.lock") >= objects * 3  # write, move, write the folder
    assert steps[steps.index(f"{MOVE}imjoy.lock") :].count("write") == files + 3  # record, pointer, inputs


@pytest.mark.parametrize("tenth", TENTHS)
def test_killed_at_ten_points_of_the_whole_run(untouched: Whole, killed: KillableFolder, tenth: int) -> None:
    number, when = untouched.place(tenth)
    status, out, err = killed.run(f"step:{number}:{when}")
    assert (status, out) == (DIED, ""), err
    killed.finish()
    assert killed.outcome == untouched.outcome
    assert killed.finish() == 0


# Dying by itself: around a file taking its place (records, objects, the lock), and when a package is done.
POINTS = (
    *("move:1:before", "move:1:after", "move:4:before", "move:7:after", "move:10:before", "move:13:before"),
    *("move:15:after", "item:1", "item:3", "item:4"),
)


@pytest.mark.parametrize("point", POINTS)
def test_killed_while_it_fetches(untouched: Whole, killed: KillableFolder, point: str) -> None:
    status, out, err = killed.run(point)
    assert (status, out) == (DIED, ""), err
    assert not killed.folder.lock_file.exists()
    killed.finish()
    assert killed.outcome == untouched.outcome
    assert killed.finish() == 0


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("from_end", [5, 4, 3, 2, 1])
def test_killed_around_the_lock_and_the_switch(
    untouched: Whole, killed: KillableFolder, steps: list[str], from_end: int, when: str
) -> None:
    """The lock, the record that goes with it, the site, the pointer to it, and what it was built from."""
    assert killed.run(f"move:{len(moves(steps)) - from_end + 1}:{when}")[0] == DIED
    to_come = from_end - (when == "after")
    assert killed.folder.lock_file.exists() == (to_come <= 4)
    assert (killed.folder.current_site() is not None) == (to_come <= 1)
    assert killed.finish() == 0
    assert killed.outcome == untouched.outcome


@pytest.mark.parametrize("number", [1, 2, 4, 6, 9])
def test_killed_when_upstream_is_asked(
    untouched: Whole, killed: KillableFolder, stand_in: StandIn, number: int
) -> None:
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
    untouched: Whole, killed: KillableFolder, stand_in: StandIn, name: str
) -> None:
    path = stand_in.tarball_path(name, {"vega": "5.1.0", "maps": "1.2.9"}[name])
    part = Part(killed.folder.cache / "partial", stand_in.base + path)
    with killed.started() as process:

        def kill() -> None:
            wait_until(lambda: part.size > 100_000, "half of the tarball")
            process.kill()
            process.wait(10)

        stand_in.order(path, Sending(within=kill))
        assert process.wait(60) != 0
    stand_in.seen.clear()
    killed.finish()
    (again,) = [seen for seen in stand_in.seen if seen.path == path]
    assert int(again.headers["range"].removeprefix("bytes=").rstrip("-")) > 100_000
    assert killed.outcome == untouched.outcome


@pytest.mark.parametrize("tenth", TENTHS)
def test_an_update_that_is_killed_leaves_a_whole_site_served(
    first_and_update: tuple[Whole, Whole], killed: KillableFolder, product: Product, tenth: int
) -> None:
    """A folder that worked goes on working: with the old site, or with the new one."""
    first, update = first_and_update
    killed.finish()
    assert killed.outcome == first.outcome
    product.renew()
    killed.want(*WANTED, ONE_MORE)
    number, when = update.place(tenth)
    status, _, err = killed.run(f"step:{number}:{when}")
    assert status == DIED, err
    served = killed.folder.current_site()
    assert served is not None and site_fault(served) is None
    switched = number - (when == "before") > update.steps.index(f"{MOVE}current")
    assert first.site != update.site and served.name == (update.site if switched else first.site)
    killed.finish()
    assert killed.outcome == update.outcome
    assert {item.name for item in killed.folder.site.iterdir() if item.is_dir()} == {first.site, update.site}
    assert killed.finish() == 0


def test_what_was_chosen_before_the_kill_stays_chosen(
    untouched: Whole, killed: KillableFolder, stand_in: StandIn
) -> None:
    """Newer versions that come out between kill and restart change nothing."""
    assert killed.run("item:2")[0] == DIED
    for name, version in (("vega", "5.9.0"), ("chart", "3.0.0"), ("maps", "1.9.0")):
        stand_in.publish(name, version, {"build/vega.js": "new", "main.js": "new", "dist/maps.css": "new"})
    killed.finish()
    assert killed.outcome == untouched.outcome


def test_a_restart_asks_only_for_what_is_lacking(untouched: Whole, killed: KillableFolder, stand_in: StandIn) -> None:
    assert killed.run(f"item:{PACKAGES - 1}")[0] == DIED
    before = {seen.path for seen in stand_in.seen if seen.path.endswith(".tgz")}
    stand_in.seen.clear()
    killed.finish()
    again = [seen.path for seen in stand_in.seen if seen.path.endswith(".tgz")]
    assert len(again) <= ASKED_AGAIN and len(before | set(again)) == PACKAGES


def test_killed_again_and_again(untouched: Whole, killed: KillableFolder) -> None:
    for point in ("move:2:before", "move:3:after", "item:1", "move:4:before"):
        assert killed.run(point)[0] == DIED
    killed.finish()
    assert killed.outcome == untouched.outcome


def test_interrupted_by_the_person(untouched: Whole, killed: KillableFolder, stand_in: StandIn) -> None:
    """Ctrl-C while the network is silent ends the run at once and in words, and what was fetched is kept."""
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
        assert process.returncode == 130
        assert "What was done is kept" in err and "Traceback" not in err
    release.set()
    assert not killed.folder.lock_file.exists()
    killed.finish()
    assert killed.outcome == untouched.outcome


def fail_writing(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let this process have no more room for its ``number``-th write."""
    sync_file, uses = os.fsync, iter(range(1, 1000))

    def full(handle: int) -> None:
        if next(uses) == number:
            raise OSError(28, "No space left on device")
        sync_file(handle)

    monkeypatch.setattr(os, "fsync", full)


@pytest.mark.parametrize("number", [1, 3, 6, 9, 12])
def test_a_full_disk_is_told_and_harms_nothing(
    untouched: Whole, killed: KillableFolder, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with monkeypatch.context() as disk:
        fail_writing(disk, number)
        with pytest.raises(OSError, match="No space left"):
            killed.finish()
    assert not killed.folder.lock_file.exists()
    killed.finish()
    assert killed.outcome == untouched.outcome


@pytest.mark.parametrize("from_end", [1, 2, 3, 8])
def test_a_disk_that_is_full_when_the_site_is_built(
    untouched: Whole, killed: KillableFolder, steps: list[str], monkeypatch: pytest.MonkeyPatch, from_end: int
) -> None:
    """The last writes are what the site was built from, the pointer to it, and its files."""
    with monkeypatch.context() as disk:
        fail_writing(disk, steps.count("write") - from_end + 1)
        with pytest.raises(OSError, match="No space left"):
            killed.finish()
    assert killed.folder.lock_file.exists()
    assert (killed.folder.current_site() is not None) == (from_end == 1)
    assert killed.finish() == 0
    assert killed.outcome == untouched.outcome


def test_upstream_that_dies_in_the_middle(untouched: Whole, killed: KillableFolder, stand_in: StandIn) -> None:
    """What had been reached is locked, the rest is told as missing for now, and the next run completes it."""
    stand_in.on_request = lambda count, path: Sending(cut_after=0) if "maps" in path else None
    killed.finish()
    assert [item.asked for item in killed.lock.missing if item.passing] == [WANTED[2]]
    stand_in.on_request = lambda count, path: None
    killed.finish()
    assert killed.outcome == untouched.outcome


def test_upstream_that_dies_while_the_app_itself_is_fetched(
    untouched: Whole, killed: KillableFolder, stand_in: StandIn
) -> None:
    stand_in.on_request = lambda count, path: Sending(cut_after=0) if "tiny" in path else None
    with pytest.raises((FetchError, OfflineError), match=r"tiny@1\.0\.0"):
        killed.finish()
    assert not killed.folder.lock_file.exists()
    stand_in.on_request = lambda count, path: None
    killed.finish()
    assert killed.outcome == untouched.outcome
