"""One mirror run at a time in a folder: a lock that the operating system drops when its holder dies."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imjoy_offline.errors import StartError

if sys.platform == "win32":
    import msvcrt

    def _grab(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _grab(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def one_run(cache: Path) -> Iterator[None]:
    """Hold the folder's turn; raises StartError where another run holds it."""
    cache.mkdir(parents=True, exist_ok=True)
    handle = os.open(cache / "mirror.turn", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            _grab(handle)
        except OSError as error:
            # Some network file systems know no locks; there the person must take care.
            if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
                raise StartError(
                    f"Another mirror run is at work in {cache.parent}.", hint="Wait for it to end, or end it first."
                ) from None
        yield
    finally:
        os.close(handle)
