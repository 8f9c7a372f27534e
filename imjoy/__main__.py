"""``python -m imjoy``: hands over to the command line of ImJoy Offline.

In a clone whose own virtual environment ``.venv`` has what the application needs, and the Python that was called has
not, the call goes on there: so ``python3 -m imjoy`` works after the one set-up command, whatever Python the system has.
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


def main() -> int:
    """Run the command line; without what it needs, say how to install it."""
    try:
        if sys.version_info < (3, 10):  # noqa: UP036 - this file is what tells older Pythons so
            raise ModuleNotFoundError("the application needs Python 3.10 or newer", name="python")
        from imjoy_offline.cli.main import entry
    except ModuleNotFoundError as missing:
        if missing.name is not None and missing.name.split(".")[0] == "imjoy_offline":
            raise
        python = own_python()
        if python is not None:
            return hand_over(python)
        sys.stderr.write(
            f"ImJoy Offline cannot start with this Python ({sys.executable}): {missing}.\n"
            "Install it first: python3 scripts/install.py in a clone, or pip install . for this Python.\n"
        )
        return 3
    return entry()


if __name__ == "__main__":
    sys.exit(main())
