"""The product as a stranger has it: the wheel built from this clone, installed far from it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.processes import bare_environment
from tests.helpers.supply_settings import supply_environment

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class InstalledWheel:
    """A wheel, and the Python of a fresh virtual environment that holds nothing else."""

    wheel: Path
    python: Path
    home: Path

    def environment(self, home: Path | None = None, **more: str) -> dict[str, str]:
        """A bare environment that reaches the registries which this computer reaches."""
        return bare_environment(home or self.home, **supply_environment(), **more)


def _run(*command: str | Path, cwd: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"


def build_wheel(folder: Path) -> Path:
    """The wheel of this clone, built with the hatchling that the test tools brought."""
    command = ("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    _run(sys.executable, *command, cwd=folder, environment=dict(os.environ))
    (wheel,) = folder.glob("imjoy_offline-*.whl")
    return wheel


def install_wheel(folder: Path) -> InstalledWheel:
    """Build and install; ``folder`` is empty and lies outside the clone."""
    home = folder / "home"
    environment = bare_environment(home, **supply_environment())
    wheel = build_wheel(folder)
    _run(sys.executable, "-m", "venv", folder / "venv", cwd=folder, environment=environment)
    python = folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet")
    _run(python, *pip, wheel, cwd=folder, environment=environment)
    return InstalledWheel(wheel, python, home)
