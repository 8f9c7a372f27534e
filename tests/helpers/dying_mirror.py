"""``python -m imjoy mirror`` as a process that can be told to die at a given point of its own work.

Run as a program, in the working folder: ``python -m tests.helpers.dying_mirror POINT SHIPPED [ARGUMENT ...]``. It runs
the real command line with these arguments; the folders that come with the product are those in SHIPPED, unless that
is ``-``. POINT is

- ``none``: it lives, and prints its steps on stdout as a JSON list;
- ``step:40:before`` and ``step:40:after``: it dies around its 40th step, a step being a write that is put on the disk
  (``write``) or a file or folder that takes its place (``move NAME``);
- ``move:5:before`` and ``move:5:after``: the same, counting moves alone;
- ``item:2``: it dies when the second package is done.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from imjoy_offline.cli.console import Console
from imjoy_offline.cli.main import entry
from imjoy_offline.progress import ProgressEvent

ROOT = Path(__file__).resolve().parents[2]
_SIGNAL = getattr(signal, "SIGKILL", signal.SIGTERM)
DIED = -_SIGNAL if os.name != "nt" else int(_SIGNAL)
"""The exit status of a process that died at its point."""
MOVE = "move "


def die() -> None:
    """End at once, without any clean-up."""
    os.kill(os.getpid(), _SIGNAL)


class Steps:
    """What this process does to the disk from now on, in order; it dies around one step, or at one package."""

    def __init__(self, point: str) -> None:
        self.names: list[str] = []
        self._kind, *details = point.split(":")
        self._number = int(details[0]) if details else 0
        self._when = details[1] if len(details) > 1 else ""

    def watch(self) -> None:
        """Begin; there is no end, since the process has one."""
        sync, replace, rename, emit = os.fsync, Path.replace, Path.rename, Console.emit

        def counted_sync(handle: int) -> None:
            self._around("write", lambda: sync(handle))

        def counted_replace(path: Path, target: Path) -> Path:
            self._around(MOVE + Path(target).name, lambda: replace(path, target))
            return Path(target)

        def counted_rename(path: Path, target: Path) -> Path:
            self._around(MOVE + Path(target).name, lambda: rename(path, target))
            return Path(target)

        def watched_emit(console: Console, event: ProgressEvent) -> None:
            emit(console, event)
            if self._kind == event.kind == "item" and event.done == self._number:
                die()

        os.fsync = counted_sync  # type: ignore[assignment]
        Path.replace = counted_replace  # type: ignore[method-assign, assignment]
        Path.rename = counted_rename  # type: ignore[method-assign, assignment]
        Console.emit = watched_emit  # type: ignore[method-assign, assignment]

    def _around(self, name: str, work: Callable[[], object]) -> None:
        self.names.append(name)
        fatal = self._is_fatal(name)
        if fatal and self._when == "before":
            die()
        work()
        if fatal:
            die()

    def _is_fatal(self, name: str) -> bool:
        if self._kind == "move" and name.startswith(MOVE):
            return sum(one.startswith(MOVE) for one in self.names) == self._number
        return self._kind == "step" and len(self.names) == self._number


@contextlib.contextmanager
def started_mirror(
    folder: Path, point: str, *arguments: str, environment: Mapping[str, str], shipped: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """The run in ``folder`` as a process, killed at the end of the block if it lives that long."""
    command = [sys.executable, "-m", "tests.helpers.dying_mirror", point, str(shipped or "-"), *arguments]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def run_mirror(
    folder: Path, point: str, *arguments: str, environment: Mapping[str, str], shipped: Path | None = None
) -> tuple[int, str, str]:
    """Status, output and errors of a run that ends by itself or at its point."""
    with started_mirror(folder, point, *arguments, environment=environment, shipped=shipped) as process:
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err


def steps_of_run(folder: Path, *, environment: Mapping[str, str], shipped: Path | None = None) -> list[str]:
    """The steps of a run that nobody kills and that must end well."""
    status, out, err = run_mirror(folder, "none", environment=environment, shipped=shipped)
    assert status == 0, err
    steps: list[str] = json.loads(out)
    return steps


def use_shipped(folder: Path) -> Callable[[str], Path]:
    """What stands in for ``shipped_folder`` of the command line."""
    return lambda name: folder / name


def main(arguments: list[str]) -> int:
    """Run."""
    from imjoy_offline.cli import mirror

    point, shipped, *rest = arguments
    if shipped != "-":
        vars(mirror)["shipped_folder"] = use_shipped(Path(shipped))
    steps = Steps(point)
    steps.watch()
    status = entry(["mirror", *rest])
    print(json.dumps(steps.names))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
