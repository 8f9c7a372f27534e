"""Programs that tests start: a bare environment for them, and the application as a process that can be watched.

Every process started here ends with its block, whatever happens in it.
"""

import contextlib
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "COMSPEC", "PATHEXT", "PYENV_ROOT")
LINK = re.compile(r"http://127\.0\.0\.1:(\d+)/#/app\?token=(\S+)")


def bare_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a person who has just been created: an empty HOME, no caches, no settings."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    homes = {name: str(home) for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")}
    return {**kept, **homes, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", **more}


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 10.0) -> None:
    """Poll until it holds; fails naming ``what`` when it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"Waited {seconds:g} s for {what}."
        time.sleep(0.02)


class AppProcess:
    """``python -m imjoy`` with its output, line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            self._queue.put(line)
        self._queue.put(None)

    @property
    def output(self) -> str:
        """Everything said so far."""
        return "\n".join(self.lines)

    def wait_for(self, pattern: str | re.Pattern[str], seconds: float = 20.0) -> re.Match[str]:
        """The first match of ``pattern`` in any line, old or new; fails with the whole output."""
        deadline = time.monotonic() + seconds
        for line in list(self.lines):
            if found := re.search(pattern, line):
                return found
        while True:
            try:
                line_or_end = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"No {pattern!r} within {seconds:g} s in:\n{self.output}") from None
            if line_or_end is None:
                raise AssertionError(f"It ended ({self.process.wait(10)}) without {pattern!r}:\n{self.output}")
            if found := re.search(pattern, line_or_end):
                return found

    def wait_for_link(self, seconds: float = 20.0) -> str:
        """The link that it prints, which opens the app paired."""
        return self.wait_for(LINK, seconds).group(0)

    def wait_for_end(self, seconds: float = 20.0) -> int:
        """Its exit status, once it has ended by itself."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"It still runs after {seconds:g} s:\n{self.output}") from None
        self._reader.join(10)
        return status

    def interrupt(self) -> None:
        """What Ctrl-C in its terminal does: the signal goes to it and to every process that it started."""
        if os.name == "nt":
            self.process.send_signal(getattr(signal, "CTRL_BREAK_EVENT"))  # noqa: B009 - there on Windows only
        else:
            os.killpg(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        """End it and what it started, at once."""
        if os.name == "nt":
            self.process.kill()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self._reader.join(10)
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextlib.contextmanager
def app_process(
    folder: Path,
    arguments: Sequence[str] = ("--no-open",),
    *,
    environment: Mapping[str, str],
    python: Path | str = sys.executable,
) -> Iterator[AppProcess]:
    """``python -m imjoy`` in ``folder``; killed at the end of the block if it still runs."""
    process = subprocess.Popen(
        [str(python), "-m", "imjoy", *arguments],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=os.name != "nt",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    app = AppProcess(process)
    try:
        yield app
    finally:
        app.kill()


def run_app(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str],
    python: Path | str = sys.executable,
    seconds: float = 120.0,
) -> subprocess.CompletedProcess[str]:
    """``python -m imjoy`` until it ends, with both outputs apart."""
    return subprocess.run(
        [str(python), "-m", "imjoy", *arguments],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )
