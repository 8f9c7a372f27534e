"""One mirror run as a process of its own, that can be told to die at a given point.

``python -m tests.helpers.mirror_run FOLDER [POINT]``: settings come from the folder's imjoy.yaml, pinned packages
from its vendor.toml, plugins from its plugin_repository. POINT is ``item:2`` (dies when the second item is done) or
``move:5:before`` and ``move:5:after`` (dies around the fifth file that takes its place). Prints the report as JSON.
"""

import json
import os
import signal
import sys
from pathlib import Path

from imjoy_offline.cache.vendor import Vendor, read_vendor
from imjoy_offline.mirror.plan import plan
from imjoy_offline.mirror.settings import read_settings
from imjoy_offline.mirror.sync import sync
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.progress import ProgressEvent
from tests.helpers.mirrored import OwnRepository


def die() -> None:
    """End at once, without any clean-up."""
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


class DyingProgress:
    """Dies at the event of kind ``item`` with this number; 0 means never."""

    def __init__(self, fatal: int) -> None:
        self._fatal = fatal

    def emit(self, event: ProgressEvent) -> None:
        """Count items."""
        if event.kind == "item" and event.done == self._fatal:
            die()


def move_counter(fatal: int = 0, before: bool = False) -> list[str]:
    """The names of files that take their place from now on; dies around the ``fatal``-th, or never."""
    move, moved = Path.replace, list[str]()

    def counted(self: Path, target: Path) -> Path:
        moved.append(target.name)
        if len(moved) == fatal and before:
            die()
        there = move(self, target)
        if len(moved) == fatal:
            die()
        return Path(there)

    Path.replace = counted  # type: ignore[method-assign, assignment]
    return moved


def main(arguments: list[str]) -> None:
    """Run."""
    folder = WorkingFolder(Path(arguments[0]))
    kind, *details = (arguments[1] if len(arguments) > 1 else "none").split(":")
    if kind == "move":
        move_counter(int(details[0]), details[1] == "before")
    settings = read_settings(folder.settings_file)
    pinned = folder.root / "vendor.toml"
    vendor = read_vendor(pinned) if pinned.exists() else Vendor()
    made = plan(settings, vendor, [OwnRepository.of(folder)])
    report = sync(folder, made, settings, DyingProgress(int(details[0]) if kind == "item" else 0))
    print(json.dumps({"asked": report.asked, "files": report.downloaded_files, "missing": len(report.missing)}))


if __name__ == "__main__":
    main(sys.argv[1:])
