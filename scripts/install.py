"""Set-up in one command: ``python3 scripts/install.py``, then ``python3 -m imjoy --serve``.

Inside an active virtual environment it installs there; otherwise into ``.venv`` in the clone, which
``python3 -m imjoy`` finds by itself. Needs nothing but Python.
"""

import sys

if sys.version_info < (3, 10):  # noqa: UP036 - older Pythons are told in a sentence, not by a traceback
    sys.exit(f"ImJoy Offline needs Python 3.10 or newer; this is Python {sys.version.split()[0]} ({sys.executable}).")

import environment


def main() -> int:
    """Install; returns the exit status."""
    try:
        python = environment.project_environment()
        environment.install_project(python)
    except environment.SetUpError as error:
        print(error, file=sys.stderr)
        return 1
    environment.say(f"ImJoy Offline is installed. Start it, in {environment.ROOT}, with: python3 -m imjoy --serve")
    return 0


if __name__ == "__main__":
    sys.exit(main())
