from dataclasses import replace
from pathlib import Path

import pytest

from imjoy_offline.cache.lockfile import LockedArtifact, LockedEnvironment, Lockfile, MissingItem, write_lockfile
from imjoy_offline.cache.vendor import Vendor
from imjoy_offline.cache.wheelhouse import Target
from imjoy_offline.mirror.assembly import assemble
from imjoy_offline.mirror.environments import EnvironmentAnswer, PackageMiss, PackageSet, named_in
from imjoy_offline.mirror.plan import Plan
from imjoy_offline.mirror.python_assembly import known_sets, wanted_sets
from imjoy_offline.mirror.python_wants import PythonWant
from imjoy_offline.mirror.shelf import Shelf
from imjoy_offline.mirror.wheel_shelf import file_digest
from imjoy_offline.paths import WorkingFolder

HERE, THERE = Target("x86_64-unknown-linux-gnu", "3.11"), Target("x86_64-pc-windows-msvc", "3.12")
A, B = "a-1-py3-none-any.whl", "b-2-py3-none-any.whl"
WANTS = (
    PythonWant("One", "", ("a", "b>1"), (("a", "pip: A", 3), ("b>1", "B > 1", 4))),
    PythonWant("Two", "gpu", ("a", "b>1"), (("a", "a b>1", 7), ("b>1", "a b>1", 7))),
    PythonWant("Two", "cpu", ("a",), (("a", "a", 6),)),
    PythonWant("None", "", ()),
)
PLAN = Plan(Vendor(), python=WANTS, target=HERE)
BOTH, ALONE = PackageSet(("a", "b>1"), HERE), PackageSet(("a",), HERE)


@pytest.fixture
def folder(tmp_path: Path) -> WorkingFolder:
    return WorkingFolder(tmp_path)


def with_wheels(folder: WorkingFolder, *names: str) -> Shelf:
    shelf = Shelf(folder, Vendor())
    for name in names:
        content = folder.root / "content"
        content.write_text(name)
        shelf.wheels.choose(name, file_digest(content))
        shelf.wheels.keep(name, content)
    return shelf


def artifact(shelf: Shelf, name: str) -> LockedArtifact:
    held = shelf.wheels.held(name)
    assert held is not None
    return held


def test_sets_of_plugins_become_environments_with_their_wheels(folder: WorkingFolder) -> None:
    shelf = with_wheels(folder, A, B, "idle-1-py3-none-any.whl")
    lock = assemble(PLAN, shelf, {}, {BOTH: EnvironmentAnswer((B, A)), ALONE: EnvironmentAnswer((A,))})
    assert lock.environments == (
        LockedEnvironment(("a",), HERE.platform, HERE.python, (A,)),
        LockedEnvironment(("a", "b>1"), HERE.platform, HERE.python, (A, B)),
    )
    assert lock.artifacts == (artifact(shelf, A), artifact(shelf, B))


def test_a_set_with_a_wheel_that_is_not_here_is_no_environment(folder: WorkingFolder) -> None:
    shelf = with_wheels(folder, A)
    lock = assemble(PLAN, shelf, {}, {BOTH: EnvironmentAnswer((A, B)), ALONE: EnvironmentAnswer((A,))})
    assert [environment.packages for environment in lock.environments] == [("a",)]


def test_what_is_missing_is_told_in_the_words_of_every_plugin(folder: WorkingFolder) -> None:
    misses = (PackageMiss("a", "no a"), PackageMiss("b>1", "no b", passing=True))
    lock = assemble(PLAN, with_wheels(folder), {}, {BOTH: EnvironmentAnswer(missing=misses)})
    assert set(lock.missing) == {
        MissingItem("pip: A", "One", 3, "no a"),
        MissingItem("B > 1", "One", 4, "no b", passing=True),
        MissingItem("a b>1", "Two", 7, "no a"),
        MissingItem("a b>1", "Two", 7, "no b", passing=True),
    }
    assert lock.environments == ()


def test_the_lock_alone_tells_what_cannot_be_had_on_this_target(folder: WorkingFolder) -> None:
    answer = EnvironmentAnswer(missing=(PackageMiss("b>1", f"Nothing fits {HERE}: no b"),))
    lock = assemble(PLAN, with_wheels(folder), {}, {BOTH: answer})
    write_lockfile(folder.lock_file, lock)
    assert known_sets(PLAN, Shelf(folder, Vendor())) == {BOTH: answer}
    assert known_sets(replace(PLAN, target=THERE), Shelf(folder, Vendor())) == {}


def test_environments_of_other_targets_are_wanted_as_long_as_a_plugin_wants_them(folder: WorkingFolder) -> None:
    shelf = with_wheels(folder, A, B)
    there = [LockedEnvironment(packages, THERE.platform, THERE.python, (A,)) for packages in (("a",), ("no", "longer"))]
    write_lockfile(folder.lock_file, Lockfile.of([artifact(shelf, A)], [], [], [], [], there))
    shelf = Shelf(folder, Vendor())
    other = PackageSet(("a",), THERE)
    assert set(wanted_sets(PLAN, shelf.wheels)) == {BOTH, ALONE, other}
    assert known_sets(PLAN, shelf) == {other: EnvironmentAnswer((A,))}


def test_a_locked_environment_stays_locked_where_a_wheel_is_gone_for_now(folder: WorkingFolder) -> None:
    shelf = with_wheels(folder, A, B)
    answers = {BOTH: EnvironmentAnswer((A, B))}
    lock = assemble(PLAN, shelf, {}, answers)
    write_lockfile(folder.lock_file, lock)
    shelf.wheels.house.path(B).unlink()
    shelf = Shelf(folder, Vendor())
    assert known_sets(PLAN, shelf) == {}
    passing = EnvironmentAnswer((A, B), (PackageMiss("b>1", "not now", passing=True),))
    after = assemble(PLAN, shelf, {}, {BOTH: passing})
    assert (after.environments, after.artifacts) == (lock.environments, lock.artifacts)
    folder.lock_file.unlink()
    assert assemble(PLAN, Shelf(folder, Vendor()), {}, {BOTH: passing}).environments == ()


def test_the_packages_that_words_name() -> None:
    packages = ("scikit-image>=1", "image", "numpy<2; sys_platform == 'linux'")
    assert named_in(packages, "scikit-image") == ("scikit-image>=1",)
    assert named_in(packages, "Because numpy depends on image==2 and") == ("image", "numpy<2; sys_platform == 'linux'")
    assert named_in(packages, "nothing of it") == packages
