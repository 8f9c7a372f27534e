"""The small front door: what a plugin's own process imports, and what ``python -m imjoy`` starts.

Standard library only, Python 3.9 and newer, since this package travels into any plugin's environment. ``api`` is there
in the process of a plugin alone, where ``imjoy.runtime`` puts it.
"""

from typing import Any

__version__ = "0.1.0"

api: Any


def __getattr__(name: str) -> Any:
    if name == "api":
        raise ImportError(
            "`from imjoy import api` works only inside a plugin that the engine runs. "
            "Put the code into a plugin file (*.imjoy.html) and run it in ImJoy Offline."
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
