"""The server as a process of its own, so that signals and a second start are real.

Run as a program it serves: ``server_process.py FOLDER STATE OPTIONS`` with the options of ServerConfig as JSON.
"""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass
class ServerProcess:
    """A started process and the lines that it has said."""

    process: "subprocess.Popen[str]"
    said: "queue.Queue[str]" = field(default_factory=queue.Queue)
    lines: list[str] = field(default_factory=list)

    def wait_for(self, start: str, seconds: float = 20) -> str:
        """The rest of the first line, from now on, that begins with ``start``."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self.said.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line {start!r} came, only {self.lines}") from None
            self.lines.append(line)
            if line.startswith(start):
                return line[len(start) :].strip()

    def ready(self) -> dict[str, Any]:
        """What the process says when it answers."""
        answer: dict[str, Any] = json.loads(self.wait_for("ready "))
        return answer

    def end(self, seconds: float = 20) -> tuple[int, list[str]]:
        """Wait for the process to end by itself: exit status and all lines."""
        status = self.process.wait(seconds)
        while not self.said.empty():
            self.lines.append(self.said.get())
        return status, self.lines


@contextmanager
def server_process(
    folder: Path, state: Path, environment: dict[str, str] | None = None, **options: Any
) -> Iterator[ServerProcess]:
    """Start a server; it is killed when the block ends, if it has not ended."""
    settings = {"port": 0, "sandbox_port": 0, "open_browser": False, **options}
    process = subprocess.Popen(
        [sys.executable, Path(__file__), folder, state, json.dumps(settings)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env={**os.environ, **(environment or {}), "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"},
    )
    server = ServerProcess(process)
    stream = process.stdout
    assert stream is not None

    def listen() -> None:
        for line in stream:
            server.said.put(line)

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        yield server
    finally:
        process.kill()
        process.wait(20)
        listener.join(20)
        stream.close()


def main(folder: str, state: str, options: str) -> int:
    """Serve, and say what happens as lines."""
    from imjoy_offline.errors import ImjoyError
    from imjoy_offline.paths import WorkingFolder
    from imjoy_offline.progress import ProgressEvent
    from imjoy_offline.server.config import ServerConfig
    from imjoy_offline.server.launch import serve

    class Lines:
        def emit(self, event: ProgressEvent) -> None:
            print(event.kind, event.text, flush=True)

    settings = json.loads(options)
    settings["allow_origins"] = tuple(settings.get("allow_origins", ()))
    try:
        config = ServerConfig(WorkingFolder(Path(folder)), state=Path(state), cache=Path(state) / "cache", **settings)
        return serve(config, Lines(), lambda ready: print("ready", json.dumps(vars(ready)), flush=True))
    except ImjoyError as error:
        print("error", type(error).__name__, error, flush=True)
        return error.exit_status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
