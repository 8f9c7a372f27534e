"""Programs that a drive starts: each ends with its block, together with all that it has started."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from tests.other_browsers.driving import DriverError

START_SECONDS = 60.0
END_SECONDS = 10.0

Found = TypeVar("Found")


@contextlib.contextmanager
def started(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A program whose output goes to ``log``."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)


def wait_for_start(look: Callable[[], Found | None], process: "subprocess.Popen[bytes]", log: Path) -> Found:
    """Look until the program is ready, and return what was found; raises DriverError with what it said instead."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        ended = process.poll() is not None
        if found := look():
            return found
        if ended or time.monotonic() > deadline:
            state = f"ended with {process.returncode}" if ended else f"was not ready within {START_SECONDS:g} s"
            said = log.read_text(encoding="utf-8", errors="replace")
            raise DriverError("no start", f"{process.args!r} {state}: {said}")
        time.sleep(0.05)
