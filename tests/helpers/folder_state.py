"""What lies in a folder, in enough detail that anything touched shows."""

import hashlib
from pathlib import Path


def files_of(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Every file with its time of change, its identity on the disk, and its digest."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mtime_ns,
            path.stat().st_ino,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
