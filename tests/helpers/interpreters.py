"""The Python interpreters of this machine, one a version, for tests of what must run on all of them."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

VERSIONS = tuple(f"3.{minor}" for minor in range(9, 15))


def _candidates(version: str) -> list[str]:
    found = []
    on_path = shutil.which(f"python{version}")
    if on_path:
        found.append(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found += [str(one) for one in sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)]
    launcher = shutil.which("py")
    if launcher and os.name == "nt":
        found.append(launcher)
    return found


def _executable(candidate: str, version: str) -> str | None:
    """The real interpreter behind a candidate: a shim may stand for a version that is not installed."""
    options = [f"-{version}"] if Path(candidate).stem == "py" else []
    asked = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"
    try:
        answer = subprocess.run(
            [candidate, *options, "-I", "-c", asked], capture_output=True, text=True, timeout=30, check=False
        )
    except OSError:
        return None
    got, _, executable = answer.stdout.strip().partition(" ")
    return executable if answer.returncode == 0 and got == version else None


@cache
def installed_interpreters() -> dict[str, str]:
    """Version to executable, this test run's own interpreter among them."""
    found = {"{}.{}".format(*sys.version_info[:2]): sys.executable}
    for version in VERSIONS:
        for candidate in _candidates(version):
            executable = None if version in found else _executable(candidate, version)
            if executable:
                found[version] = executable
    return dict(sorted(found.items(), key=lambda item: int(item[0].split(".")[1])))
