"""The address that a browser is opened at: a small page on disk, so that the token is on no command line.

Everybody on a computer can read the command lines of everybody's programs, and a browser is started with its address on
one. The page lies in the person's state directory, readable by its owner only, and leads on to the app.
"""

import html
import os
import platform
from pathlib import Path

from imjoy_offline.server.tokens import state_name, write_private_bytes

_CONFINED = ("/snap/bin/firefox", "/snap/bin/chromium", "/var/lib/flatpak/exports/bin/org.mozilla.firefox")


def browser_address(url: str, state: Path, folder: Path) -> str:
    """The page that leads to ``url``; ``url`` itself where a page on disk cannot be written, or no browser reads it."""
    if _browsers_read_no_files():
        return url
    page = state / "open" / f"{state_name(folder)}.html"
    shown = html.escape(url)
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<title>ImJoy Offline</title><meta http-equiv="refresh" content="0; url={shown}">'
        f'<p><a href="{shown}">Open ImJoy Offline</a></p></html>\n'
    )
    try:
        write_private_bytes(page, text.encode())
    except OSError:
        return url
    return page.absolute().as_uri()


def _browsers_read_no_files() -> bool:
    """Whether the usual browser is confined (and sees no hidden folders), or is that of a Windows around this Linux."""
    if os.name == "nt":
        return False
    return "microsoft" in platform.release().lower() or any(Path(one).exists() for one in _CONFINED)
