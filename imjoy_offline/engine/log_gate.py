"""Lets so many log lines of a worker pass in a time and counts the rest. Pure: the time is given.

A worker that prints without end must fill neither the page nor the connection to it.
"""

from dataclasses import dataclass

LINES = 200
SECONDS = 1.0
# A traceback is one line; what is not one, the worker itself keeps shorter.
LONGEST_LINE = 80 * 1024


@dataclass(frozen=True)
class LogLine:
    """One line for the plugin's log in the app; ``level`` is info, warning or error."""

    level: str
    message: str


class LogGate:
    """The gate of one worker."""

    def __init__(self, lines: int = LINES, seconds: float = SECONDS) -> None:
        self._lines = lines
        self._seconds = seconds
        self._since = float("-inf")
        self._count = 0
        self._dropped = 0

    @property
    def due(self) -> float | None:
        """When ``flush`` has something to say even if no further line comes; None while nothing was left out."""
        return self._since + self._seconds if self._dropped else None

    def accept(self, line: LogLine, now: float) -> tuple[LogLine, ...]:
        """What passes, now that ``line`` came."""
        before: tuple[LogLine, ...] = ()
        if now - self._since >= self._seconds:
            before = self.flush()
            self._since = now
            self._count = 0
        self._count += 1
        if self._count > self._lines:
            self._dropped += 1
            return before
        return (*before, _shortened(line))

    def flush(self) -> tuple[LogLine, ...]:
        """How many were left out, if any."""
        dropped, self._dropped = self._dropped, 0
        if not dropped:
            return ()
        lines = "line was" if dropped == 1 else "lines were"
        return (LogLine("warning", f"{dropped} more {lines} left out, since they came too fast"),)


def _shortened(line: LogLine) -> LogLine:
    if len(line.message) <= LONGEST_LINE:
        return line
    return LogLine(line.level, f"{line.message[:LONGEST_LINE]}… ({len(line.message)} characters)")
