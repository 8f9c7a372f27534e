"""Opening the person's browser on the app: beside the server, and only where a window can appear."""

import os
import sys
import threading
from pathlib import Path

from imjoy_offline.progress import Progress, ProgressEvent
from imjoy_offline.server.pairing import browser_address


def open_browser(url: str, state: Path, folder: Path, progress: Progress) -> threading.Thread:
    """Open ``url`` in a thread: on some systems the call returns only when the browser is closed."""

    def open_it() -> None:
        if not _can_show() or not webbrowser.open(browser_address(url, state, folder)):
            progress.emit(ProgressEvent("note", "No browser could be opened; open the link yourself."))

    import webbrowser

    thread = threading.Thread(target=open_it, daemon=True)
    thread.start()
    return thread


def _can_show() -> bool:
    """Whether a window can appear; without a display, a browser for terminals would take this one over."""
    if sys.platform in ("win32", "darwin", "cygwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
