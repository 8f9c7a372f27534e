"""The browsers as Debian packages: found, or installed where we may, else named in one sentence."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.environment import install_packages, may_install_packages

# Debian's own Python: the bindings to GTK belong to it.
SYSTEM_PYTHON = Path("/usr/bin/python3")
_BINDINGS = "import gi; gi.require_version('Gtk', '3.0'); gi.require_version('WebKit2', '4.1')"


class MissingBrowser(Exception):
    """A browser is not there and cannot be brought; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Needed:
    """What a browser needs here."""

    name: str
    packages: tuple[str, ...]
    commands: tuple[str, ...]
    """One of each bar-separated group must be found."""
    bindings: bool = False

    def lacking(self) -> list[str]:
        """What is not there, in words."""
        found = [command for command in self.commands if not any(map(shutil.which, command.split("|")))]
        if self.bindings and not _has_bindings():
            found.append("Python bindings of WebKitGTK 4.1")
        return found


FIREFOX = Needed("Firefox", ("firefox-esr",), ("firefox-esr|firefox",))
WEBKIT = Needed(
    "WebKitGTK",
    ("webkit2gtk-driver", "python3-gi", "gir1.2-webkit2-4.1", "xvfb"),
    ("WebKitWebDriver", "Xvfb"),
    bindings=True,
)


def _has_bindings() -> bool:
    return SYSTEM_PYTHON.exists() and (
        subprocess.run([SYSTEM_PYTHON, "-c", _BINDINGS], capture_output=True, check=False).returncode == 0
    )


def bring(needed: Needed) -> None:
    """See to it that a browser is there; raises MissingBrowser."""
    if needed.lacking() and may_install_packages():
        install_packages(*needed.packages)
    lacking = needed.lacking()
    if lacking:
        raise MissingBrowser(
            f"{needed.name} cannot be driven here, since {' and '.join(lacking)} is missing: on Debian "
            f"`sudo apt-get install {' '.join(needed.packages)}` brings it, then run the same command again."
        )


def firefox_program() -> Path:
    """Where Firefox is."""
    found = shutil.which("firefox-esr") or shutil.which("firefox")
    assert found is not None
    return Path(found)
