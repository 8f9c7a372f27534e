"""What happens, told as events: library code emits them, only the command line draws them."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

Kind = Literal["step", "plan", "item", "working", "note", "warning", "done"]


@dataclass(frozen=True)
class ProgressEvent:
    """One thing that happened; of kind ``working``: how far that has come which takes long, told again and again.

    ``done`` and ``total`` count items, ``done_bytes`` and ``total_bytes`` bytes; a total is None where it is not known.
    """

    kind: Kind
    text: str
    done: int = 0
    total: int | None = None
    done_bytes: int = 0
    total_bytes: int | None = None


class Progress(Protocol):
    """Whoever wants to hear of events."""

    def emit(self, event: ProgressEvent) -> None:
        """Take one event; called from the thread that does the work."""


class SilentProgress:
    """Hears everything and says nothing."""

    def emit(self, event: ProgressEvent) -> None:
        """Drop the event."""


@dataclass
class RecordingProgress:
    """Keeps the events, for tests and reports."""

    events: list[ProgressEvent] = field(default_factory=list)

    def emit(self, event: ProgressEvent) -> None:
        """Append the event."""
        self.events.append(event)
