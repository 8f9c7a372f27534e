"""The lists of wheels that the engine installs from, kept as the lock says; and wheels that no list names any more."""

from collections.abc import Iterator
from pathlib import Path

from imjoy_offline.cache.lockfile import WHEEL_SOURCE, Lockfile
from imjoy_offline.cache.wheelhouse import Target, Wheelhouse, pylock_text
from imjoy_offline.progress import Progress, ProgressEvent


def lists_are_right(lock: Lockfile, house: Wheelhouse) -> bool:
    """Whether there is a list for every environment of the lock, to the byte, and no other."""
    expected = {path: text.encode("utf-8") for path, text in _lists(lock, house)}
    there = house.pylocks()
    return sorted(expected) == there and all(path.read_bytes() == expected[path] for path in there)


def write_lists(lock: Lockfile, house: Wheelhouse) -> None:
    """Make it so."""
    artifacts = lock.by_source()
    for environment in lock.environments:
        house.write_pylock(environment, artifacts)
    expected = {path for path, _ in _lists(lock, house)}
    for path in house.pylocks():
        if path not in expected:
            path.unlink(missing_ok=True)


def _lists(lock: Lockfile, house: Wheelhouse) -> Iterator[tuple[Path, str]]:
    artifacts = lock.by_source()
    for environment in lock.environments:
        target = Target(environment.platform, environment.python)
        yield house.pylock(environment.packages, target), pylock_text(environment, artifacts)


def tell_idle_wheels(lock: Lockfile, house: Wheelhouse, progress: Progress) -> None:
    """Wheels that nothing needs any more stay, since they may be wanted again; the person may remove them."""
    needed = {artifact.source.removeprefix(WHEEL_SOURCE) for artifact in lock.artifacts}
    idle = [name for name in house.files() if name not in needed]
    if idle:
        size = sum(house.path(name).stat().st_size for name in idle)
        what = "wheel that nothing needs" if len(idle) == 1 else "wheels that nothing needs"
        text = f"cache/wheels holds {len(idle)} {what} any more ({size / 1e6:.1f} MB); it is safe to delete: "
        progress.emit(ProgressEvent("note", text + ", ".join(idle)))
