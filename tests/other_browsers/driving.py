"""What the path needs of a browser, whatever language that browser is driven in.

Elements are found as people and screen readers find them: by the role and name that the browser itself computes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


class DriverError(Exception):
    """The browser did not do what it was asked; ``kind`` is the driver's own word for the reason."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class Gone(DriverError):
    """The document or element has gone meanwhile, as happens while a page draws itself anew."""


class Element(Protocol):
    """An element of a document."""

    def press(self) -> None:
        """Click it with the pointer, as a person does."""
        ...

    def call(self, function: str, *arguments: Any) -> Any:
        """What a JavaScript function returns for this element and these arguments; values as in JSON."""
        ...


class Document(Protocol):
    """The document of a tab, or of a frame in it, of whatever origin."""

    def call(self, function: str, *arguments: Any) -> Any:
        """What a JavaScript function returns here, awaited; values as in JSON."""
        ...

    def find(self, role: str, name: str) -> Sequence[Element]:
        """The elements that have this role and exactly this name."""
        ...


class Tab(Document, Protocol):
    """A tab, which is its own topmost document."""

    def frames(self) -> Sequence[Document]:
        """The documents of its frames, but for those that are there for nobody to see."""
        ...

    def type_text(self, text: str) -> None:
        """Press these keys, one after the other; what has the focus gets them."""
        ...

    def reload(self) -> None:
        """Load it anew."""
        ...

    def close(self) -> None:
        """Close it."""
        ...

    def save_screenshot(self, path: Path) -> None:
        """Write what it shows as a PNG file."""
        ...


class Browser(Protocol):
    """A running browser with an empty profile."""

    version: str
    stalls_nested_workers: bool
    """Whether being driven makes it stop now and then in a worker that starts a worker, whatever the page."""

    def open(self, url: str) -> Tab:
        """A new tab with this address, loaded."""
        ...

    def take_complaints(self) -> list[str]:
        """Console errors, uncaught errors and failed requests since the last time, of all pages, frames and workers."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """Where a browser is to be started."""

    folder: Path
    """For its profile and everything else that it keeps; empty."""
    environment: dict[str, str]
    proxy: str | None
    """Where the network is not cut, whom to ask instead of it."""
    dark: bool = False
    """What the system prefers."""


ESCAPE = "\ue00c"
