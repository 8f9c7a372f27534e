"""The virtual environment that the two set-up commands share, and what the system must bring for it.

Standard library only, since it runs before anything is installed. It talks to pip, venv and apt-get and to nobody
else; ``install.py`` and ``test.py`` call it.
"""

import functools
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")


class SetUpError(Exception):
    """Set-up cannot go on; the message is one sentence that says what to do."""


def say(text: str) -> None:
    """One line for the person, at once even where the output is a pipe."""
    print(text, flush=True)


def run(command: Sequence[str | Path], *, quiet: bool = False) -> int:
    """Run a command in the clone and return its exit status; ``quiet`` shows its output only when it fails."""
    words = [str(word) for word in command]
    if not quiet:
        return subprocess.run(words, cwd=ROOT, check=False).returncode
    done = subprocess.run(
        words, cwd=ROOT, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        sys.stdout.buffer.write(done.stdout)
        sys.stdout.flush()
    return done.returncode


def may_install_packages() -> bool:
    """Whether this is a Debian-like system on which we are allowed to install packages."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


@functools.cache
def _update_package_lists() -> bool:
    return run(["apt-get", "-qq", "update"], quiet=True) == 0


def install_packages(*names: str) -> bool:
    """Install Debian packages where ``may_install_packages``; False when apt-get could not."""
    say(f"Installing {' '.join(names)} with apt-get ...")
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "install", "-y", "--no-install-recommends"]
    return _update_package_lists() and run([*command, *names], quiet=True) == 0


def environment_python(folder: Path) -> Path:
    """Where a virtual environment has its interpreter."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _works(python: Path) -> bool:
    """Whether the interpreter starts, is new enough and has pip (not so after a move or an upgrade of the system)."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 10))"
    return python.exists() and run([python, "-c", check], quiet=True) == 0


def _has_ensurepip() -> bool:
    importlib.invalidate_caches()
    try:
        return importlib.util.find_spec("ensurepip.__main__") is not None
    except ModuleNotFoundError:
        return False


def _require_ensurepip() -> None:
    """Raise SetUpError unless this Python can make virtual environments, installing what Debian leaves out."""
    if _has_ensurepip():
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if may_install_packages() and install_packages(package) and _has_ensurepip():
        return
    raise SetUpError(
        f"This Python ({sys.executable}) cannot make virtual environments: its ensurepip is missing; on Debian and "
        f"Ubuntu `sudo apt-get install {package}` brings it, then run the same command again."
    )


def project_environment() -> Path:
    """The Python to install into: that of the active virtual environment, else of ``.venv`` in the clone.

    Makes ``.venv`` where it is missing, and makes it anew where it no longer works. Raises SetUpError.
    """
    if sys.prefix != sys.base_prefix or (Path(sys.prefix) / "conda-meta").is_dir():
        return Path(sys.executable)
    folder = ROOT / ".venv"
    python = environment_python(folder)
    if not _works(python):
        _require_ensurepip()
        say(f"Making the virtual environment {folder} ...")
        try:
            venv.create(folder, clear=folder.exists(), with_pip=True, symlinks=os.name != "nt")
        except (OSError, subprocess.CalledProcessError) as error:
            raise SetUpError(f"The virtual environment {folder} could not be made: {error}.") from error
    return python


def install_project(python: Path, *, extra: str = "", unless_done: bool = False) -> None:
    """Install the project and what it depends on; raises SetUpError when pip fails.

    Into the clone's own ``.venv`` it is installed in place, so that an updated clone needs no second run; into
    anybody else's environment as a copy, unless ``extra`` asks for the tests, which belong to the clone.
    ``unless_done`` leaves out what an earlier run with the same ``pyproject.toml`` did.
    """
    folder = python.parent.parent
    in_place = bool(extra) or folder == ROOT / ".venv"
    facts = f"{ROOT}\n{extra}\n".encode() + (ROOT / "pyproject.toml").read_bytes()
    digest = hashlib.sha256(facts).hexdigest()
    stamp = folder / f"imjoy-offline-{extra or 'plain'}.stamp"
    if unless_done and stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return
    what = f"{ROOT}[{extra}]" if extra else str(ROOT)
    say(f"Installing ImJoy Offline{f' and its {extra} tools' if extra else ''} into {folder} ...")
    if run([python, *PIP, "install", *(["--editable"] if in_place else []), what], quiet=True) != 0:
        raise SetUpError("pip could not install ImJoy Offline; what it said stands above. Is this computer connected?")
    stamp.write_text(digest, encoding="ascii")
