"""Half-fetched files in ``cache/partial/``: kept when a run is cut off, so that the next one goes on from there.

A part is named by the hash of its address; the note beside it holds what the server said identifies the content. No
addresses are written.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """The part file of one address."""

    folder: Path
    url: str

    @property
    def path(self) -> Path:
        """Where the bytes are."""
        return self.folder / hashlib.sha256(self.url.encode("utf-8")).hexdigest()

    @property
    def _note(self) -> Path:
        return self.path.with_suffix(".tag")

    @property
    def size(self) -> int:
        """How many bytes are there."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def validator(self) -> str:
        """What the server said identifies the content, or an empty text."""
        return self._note.read_text(encoding="utf-8") if self._note.is_file() else ""

    def begin(self, validator: str) -> None:
        """Start anew with content that ``validator`` identifies."""
        self.discard()
        self.folder.mkdir(parents=True, exist_ok=True)
        if validator:
            self._note.write_text(validator, encoding="utf-8")

    def discard(self) -> None:
        """Forget the part."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)


def discard_all(folder: Path) -> None:
    """Forget every part: a run that ended well needs none."""
    for path in folder.glob("*"):
        path.unlink(missing_ok=True)
    if folder.is_dir():
        folder.rmdir()
