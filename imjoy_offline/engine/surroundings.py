"""What a worker's process gets of the engine's own environment: what programs need to run, and nothing that is secret.

A list of what passes, not of what does not: tokens, passwords, proxies and the settings of pip, uv and Python have many
names, and new ones come.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_NAMES = frozenset(
    (
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "TERM"),
        *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "JAVA_HOME"),
        *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "USERNAME", "HOMEDRIVE"),
        *("HOMEPATH", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "NUMBER_OF_PROCESSORS", "OS"),
    )
)
_PREFIXES = ("LC_", "XDG_", "CUDA_", "NVIDIA_", "HIP_", "ROCM_", "OMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "PROCESSOR_")


def worker_environment(own: Mapping[str, str], python: Path) -> dict[str, str]:
    """The environment variables of a worker that runs on ``python``."""
    kept = {name: value for name, value in own.items() if _passes(name.upper()) and "://" not in value}
    programs = str(python.parent)
    path = kept.get("PATH", os.defpath)
    more = {"PATH": f"{programs}{os.pathsep}{path}", "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1"}
    if (python.parent.parent / "pyvenv.cfg").is_file():
        more["VIRTUAL_ENV"] = str(python.parent.parent)
    if sys.platform == "win32":
        # There the names do not depend on case, and a second PATH would be one too many.
        kept = {name: value for name, value in kept.items() if name.upper() != "PATH"}
    return {**kept, **more}


def _passes(name: str) -> bool:
    return name in _NAMES or name.startswith(_PREFIXES)
