"""``python -m imjoy``: hands over to the command line of ImJoy Offline.

In a clone that has its own virtual environment ``.venv``, a Python into which the product is not installed goes on
there: so ``python3 -m imjoy`` works after the one set-up command, whatever Python the system has. Whether a package
or two that the application needs happen to be there tells nothing, so they are not asked.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Optional

CLONE = Path(__file__).resolve().parent.parent


def own_python() -> Optional[Path]:
    """The Python of the clone's virtual environment, where there is one and it is not the one running."""
    for name in ("bin/python", "Scripts/python.exe"):
        python = CLONE / ".venv" / name
        if python.exists() and Path(sys.prefix).resolve() != (CLONE / ".venv").resolve():
            return python
    return None


def hand_over(python: Path) -> int:
    """Go on in another Python with the same arguments; returns only where the system has no exec (Windows)."""
    arguments = [str(python), "-m", "imjoy", *sys.argv[1:]]
    # The other interpreter must find this very copy, whatever folder it is called from.
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, [str(CLONE), os.environ.get("PYTHONPATH")])))
    if os.name == "nt":
        # exec on Windows returns to the shell at once; waiting for the child keeps the terminal and Ctrl-C right.
        return subprocess.call(arguments, env=environment)
    os.execve(str(python), arguments, environment)  # noqa: S606
    return 0


def is_installed() -> bool:
    """Whether pip installed the product into the Python that is running, and so what it needs too."""
    from importlib import metadata  # slow to import, and needed in a clone only

    try:
        metadata.distribution("imjoy-offline")
    except metadata.PackageNotFoundError:
        return False
    return True


def main() -> int:
    """Run the command line; a Python that cannot is told what can."""
    python = own_python()
    if python is not None and not is_installed():
        return hand_over(python)
    if sys.version_info < (3, 10):  # noqa: UP036 - this file is what tells older Pythons so
        sys.stderr.write(
            f"ImJoy Offline needs Python 3.10 or newer; this is Python {sys.version.split()[0]} ({sys.executable}).\n"
            "Install it with a newer one: python3 scripts/install.py in a clone, or pip install . for that Python.\n"
        )
        return 3
    from imjoy_offline.cli.main import entry

    return entry()


if __name__ == "__main__":
    sys.exit(main())
