"""The only place that prints: progress for people on stderr, the link and other results on stdout.

On a terminal a moving bar is drawn; elsewhere plain lines. ``NO_COLOR`` is respected. The drawing library is loaded
only when a bar is drawn, so that plain serving starts fast. Programs get the same as lines of JSON.
"""

import json
import os
import sys
import time
import traceback
from typing import TYPE_CHECKING

from imjoy_offline.errors import ImjoyError
from imjoy_offline.progress import ProgressEvent

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_STYLES = {"warning": "33", "step": "1", "done": "32", "error": "31"}
_SECONDS_BETWEEN_LINES = 10.0


class Console:
    """Draws progress events and messages; ``close`` leaves the terminal as it was."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._colour = self._terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._told_working = time.monotonic()

    def emit(self, event: ProgressEvent) -> None:
        """Draw one event."""
        if event.kind == "item" or (event.kind == "working" and self._terminal):
            self._draw_item(event)
            return
        if event.kind == "working":
            self._tell_working(event)
            return
        prefix = "warning: " if event.kind == "warning" else ""
        self._line(prefix + event.text, event.kind)

    def _draw_item(self, event: ProgressEvent) -> None:
        if not self._terminal:
            total = f"/{event.total}" if event.total is not None else ""
            self._line(f"  {event.done}{total} {event.text}")
            return
        if self._bar is None:
            self._start_bar(event)
        if self._bar is not None and self._task is not None:
            self._bar.update(
                self._task, completed=event.done, total=event.total, description=event.text, size=_megabytes(event)
            )

    def _tell_working(self, event: ProgressEvent) -> None:
        """A line now and then, where none can be redrawn."""
        now = time.monotonic()
        if now - self._told_working >= _SECONDS_BETWEEN_LINES:
            self._told_working = now
            self._line(f"  ... {event.text}{', ' if event.text else ''}{_megabytes(event)}".rstrip(", "))

    def _start_bar(self, event: ProgressEvent) -> None:
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._bar = Progress(
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[size]}", markup=False),
            TextColumn("{task.description}", markup=False),
            console=RichConsole(stderr=True),
            transient=True,
        )
        self._bar.start()
        self._task = self._bar.add_task("", total=event.total, size="")

    def _line(self, text: str, style: str = "") -> None:
        self._told_working = time.monotonic()
        self.close()
        code = _STYLES.get(style, "")
        if self._colour and code:
            text = f"\x1b[{code}m{text}\x1b[0m"
        print(text, file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        """A line for the person, on stderr."""
        self._line(text)

    def result(self, text: str) -> None:
        """A line of output, on stdout, seen at once by whoever reads the pipe."""
        self.close()
        print(text, flush=True)

    def error(self, error: ImjoyError) -> None:
        """What went wrong and what to do next."""
        self._line(f"error: {error.message}", "error")
        if error.hint:
            self._line(error.hint)

    def unexpected(self, error: BaseException, debug: bool) -> None:
        """A fault of ours: short for people, whole with ``--debug``."""
        self._line(f"error: unexpected {type(error).__name__}: {error}", "error")
        if debug:
            traceback.print_exception(type(error), error, error.__traceback__, file=sys.stderr)
        else:
            self._line("This is a fault of ImJoy Offline; the same command with --debug shows where.")

    def close(self) -> None:
        """Take the bar away, if one is drawn."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
            self._task = None


class JsonConsole(Console):
    """Says everything on stdout, an object of JSON a line.

    Its members: ``kind``, ``text`` and, where they mean something, ``done``, ``total``, ``bytes``, ``total_bytes``,
    ``code``, ``hint``.
    """

    def emit(self, event: ProgressEvent) -> None:
        """Say one event."""
        counts = {"done": event.done, "total": event.total}
        self._say(event.kind, event.text, **counts, bytes=event.done_bytes, total_bytes=event.total_bytes)

    def note(self, text: str) -> None:
        """Something for the person."""
        self._say("note", text)

    def result(self, text: str) -> None:
        """Output."""
        self._say("result", text)

    def error(self, error: ImjoyError) -> None:
        """What went wrong and what to do next."""
        self._say("error", error.message, hint=error.hint, code=error.code)

    def unexpected(self, error: BaseException, debug: bool) -> None:
        """A fault of ours; with ``--debug`` the traceback follows on stderr."""
        hint = "This is a fault of ImJoy Offline; the same command with --debug shows where."
        self._say("error", f"Unexpected {type(error).__name__}: {error}", hint=hint, code="unexpected")
        if debug:
            traceback.print_exception(type(error), error, error.__traceback__, file=sys.stderr)

    def _say(self, kind: str, text: str, **more: object) -> None:
        print(json.dumps({"kind": kind, "text": text, **more}), flush=True)


def _megabytes(event: ProgressEvent) -> str:
    if event.total_bytes:
        return f"{event.done_bytes / 1e6:.1f} of {event.total_bytes / 1e6:.1f} MB"
    return f"{event.done_bytes / 1e6:.1f} MB" if event.done_bytes else ""
