"""How an engine stands, as a page shows it: which workers run, since when, with how much memory, and what is starting.

The engine's own account and no more: nothing here starts or ends anything. ``engine/router`` asks for it.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

WorkerState = Literal["starting", "running", "ending"]


@dataclass(frozen=True)
class WorkerNote:
    """One worker: its plugin, its process, and how long it has been there, in seconds."""

    peer: str
    name: str
    tag: str | None
    workspace: str
    pid: int
    state: WorkerState
    seconds: float


@dataclass(frozen=True)
class StartingNote:
    """A plugin whose environment is being made, and what that says of itself."""

    name: str
    tag: str | None
    workspace: str
    text: str
    seconds: float


@dataclass(frozen=True)
class EngineNote:
    """All workers and starts of one engine."""

    workers: tuple[WorkerNote, ...]
    starting: tuple[StartingNote, ...]


def measured(note: EngineNote, mine: Iterable[str]) -> dict[str, Any]:
    """``note`` as a page is told of it, with the memory of each worker in bytes; slow enough to be done in a thread.

    ``mine`` are the workers of that page.
    """
    own = frozenset(mine)
    workers = [{**vars(one), "memory": memory_of(one.pid), "mine": one.peer in own} for one in note.workers]
    return {
        "workers": workers,
        "starting": [vars(one) for one in note.starting],
        "engine": {"pid": os.getpid(), "memory": _resident(os.getpid())},
    }


def memory_of(pid: int) -> int | None:
    """What a process and all below it hold, in bytes; what they share counts for each. None where nobody can tell."""
    import psutil  # asked for only while somebody looks

    try:
        below = psutil.Process(pid).children(recursive=True)
    except (psutil.Error, OSError):
        return None
    found = [size for size in (_resident(pid), *(_resident(one.pid) for one in below)) if size is not None]
    return sum(found) if found else None


def _resident(pid: int) -> int | None:
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except (psutil.Error, OSError):
        return None
