"""Finds a Chromium-based browser that is installed on this computer; installs none.

Standard library only: ``scripts/test.py`` asks before anything is installed, ``tests/helpers/browser.py`` asks again.
"""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

VARIABLE = "IMJOY_TEST_BROWSER"

_COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
_MAC_APPLICATIONS = ("Google Chrome", "Chromium", "Microsoft Edge")
_WINDOWS_PROGRAMS = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
_LINUX_PROGRAMS = ("/opt/google/chrome/chrome", "/opt/microsoft/msedge/msedge", "/usr/lib/chromium/chromium")

NOT_FOUND = (
    "The browser tests need Google Chrome, Chromium or Microsoft Edge: install one of them, or name the program in the "
    f"environment variable {VARIABLE}, then run the same command again."
)


def _candidates(platform: str, environment: Mapping[str, str]) -> Iterator[Path]:
    """Every place where a browser may lie, the likeliest first."""
    for name in _COMMANDS:
        found = shutil.which(name, path=environment.get("PATH", ""))
        if found:
            yield Path(found)
    if platform == "darwin":
        homes: tuple[Path, ...] = (Path("/Applications"), Path(environment.get("HOME", "/")) / "Applications")
        yield from (home / f"{name}.app/Contents/MacOS/{name}" for name in _MAC_APPLICATIONS for home in homes)
    elif platform == "win32":
        homes = tuple(
            Path(environment[name])
            for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
            if name in environment
        )
        yield from (home / program for program in _WINDOWS_PROGRAMS for home in homes)
    else:
        yield from map(Path, _LINUX_PROGRAMS)


def find_browser(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The browser that the person named, else the first one installed, else None.

    A browser that was named but does not exist is None too: what was asked for is never replaced in silence.
    """
    named = environment.get(VARIABLE)
    if named:
        path = Path(shutil.which(named, path=environment.get("PATH", "")) or named)
        return path if path.is_file() else None
    return next((path for path in _candidates(platform, environment) if path.is_file()), None)
