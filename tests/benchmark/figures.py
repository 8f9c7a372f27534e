"""A figure beside its limit, both measured in the same run, as a row of a table."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """Seconds of ours and of the limit; ``aim`` is what design or documentation promise, in words."""

    what: str
    ours: float
    limit: float
    limit_is: str
    aim: str

    @property
    def ratio(self) -> float:
        """Ours as a multiple of the limit."""
        return self.ours / self.limit

    def row(self) -> str:
        """One row of the table."""
        cells = (self.what, told(self.ours), f"{told(self.limit)} ({self.limit_is})", f"{self.ratio:.2f}", self.aim)
        return f"| {' | '.join(cells)} |"


HEAD = "| what | ours, median | limit in the same run, median | ratio | aim |\n| --- | --- | --- | --- | --- |"


def told(seconds: float) -> str:
    """A time in the unit that suits it."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:.{1 if seconds < 0.1 else 0}f} ms"


def in_turn(ours: Callable[[], float], limit: Callable[[], float], *, runs: int, warm: int = 1) -> tuple[float, float]:
    """Medians of two measurements that take turns, so that a machine that grows slower slows both."""
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(warm + runs):
        for kept, measure in zip(found, (ours, limit), strict=True):
            seconds = measure()
            if number >= warm:
                kept.append(seconds)
    return median(found[0]), median(found[1])


def median(seconds: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(seconds)
