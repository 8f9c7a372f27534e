"""Lets so many lines for the plugin's log pass in a time and counts the rest, so that a plugin that prints without end
fills neither memory nor the connection. Safe in threads, and where Python tidies up in the middle of anything.
"""

import threading
import time
from collections.abc import Callable
from typing import Optional

LINES = 200
SECONDS = 1.0
LONGEST = 8 * 1024
LONGEST_TRACEBACK = 64 * 1024


class LogGate:
    """``pass_on`` is given level (info, warning or error) and message of every line that passes."""

    def __init__(
        self,
        pass_on: Callable[[str, str], None],
        *,
        lines: int = LINES,
        seconds: float = SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pass_on = pass_on
        self._lines = lines
        self._seconds = seconds
        self._now = now
        # A line may be written while another one is: by a destructor that runs in its midst.
        self._lock = threading.RLock()
        self._since = float("-inf")
        self._count = 0
        self._dropped = 0
        self._timer: Optional[threading.Timer] = None

    def write(self, level: str, message: str, longest: int = LONGEST) -> None:
        """Pass a line on, shortened where it is very long, or count it."""
        with self._lock:
            now = self._now()
            if now - self._since >= self._seconds:
                self.flush()
                self._since = now
                self._count = 0
            self._count += 1
            if self._count > self._lines:
                self._drop()
                return
        self._pass_on(level, _shortened(message, longest))

    def traceback(self, text: str) -> None:
        """Pass a traceback on as one line of the level error."""
        self.write("error", text, LONGEST_TRACEBACK)

    def _drop(self) -> None:
        self._dropped += 1
        if self._timer is None:
            # Nothing may come after this line that would tell of those that were left out.
            self._timer = threading.Timer(self._seconds, self.flush)
            self._timer.daemon = True
            self._timer.start()

    def flush(self) -> None:
        """Say how many were left out, if any."""
        with self._lock:
            dropped, self._dropped = self._dropped, 0
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        if dropped:
            lines = "line was" if dropped == 1 else "lines were"
            self._pass_on("warning", f"{dropped} more {lines} left out, since they came too fast")


def _shortened(message: str, longest: int) -> str:
    if len(message) <= longest:
        return message
    # The beginning says what it is about, the end of a traceback what happened.
    half = longest // 2
    return f"{message[:half]} ... ({len(message)} characters) ... {message[-half:]}"
