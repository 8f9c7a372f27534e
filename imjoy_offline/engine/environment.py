"""Virtual environments made by uv from carried wheels: nothing is asked of any network, and no configuration is read.

The only place of the engine that starts uv, or a Python to ask who it is. Every call blocks; ``plugin_environments``
makes them in threads. ``close`` ends what still runs.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from imjoy_offline.engine.surroundings import worker_environment
from imjoy_offline.errors import ImjoyError, StartError

_ASK_SECONDS = 20.0
_IDENTIFY = (
    "import json, os, sys; print(json.dumps([os.path.realpath(getattr(sys, '_base_executable', sys.executable)), "
    "list(sys.version_info[:3]), sys.implementation.name]))"
)
_NOISE = ("warning:", "Using Python", "Using CPython", "Resolved ", "hint:", "Activate with")


class InstallError(ImjoyError):
    """uv could not do it; the message is what it says of the cause."""

    code = "install"


@dataclass(frozen=True)
class Interpreter:
    """A Python to make environments of: its real path and its version."""

    path: Path
    version: tuple[int, int, int]

    def __str__(self) -> str:
        return f"Python {'.'.join(map(str, self.version))}"


def own_interpreter() -> Interpreter:
    """The Python that runs this, outside of its own virtual environment."""
    base = getattr(sys, "_base_executable", "") or sys.executable
    return Interpreter(Path(os.path.realpath(base)), sys.version_info[:3])


class Installer:
    """Runs uv with a cache of its own, which should be on the disk of the environments."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def make(self, target: Path, interpreter: Interpreter, pylock: Path | None) -> None:
        """Make an environment at ``target``, which does not exist, that holds what ``pylock`` lists.

        It can be renamed afterwards. Raises InstallError, with what uv said.
        """
        self._uv("venv", "--relocatable", "--no-project", "--python", interpreter.path, target)
        if pylock is not None:
            python = environment_python(target)
            # The names of wheels in it are relative to where it lies.
            self._uv("pip", "sync", "--preview-features", "pylock", "--strict", "--python", python, pylock)

    def resolve(self, packages: Sequence[str], wheels: Path, interpreter: Interpreter, output: Path) -> None:
        """Write the list of the wheels in ``wheels`` that these packages take; raises InstallError."""
        asked = output.with_suffix(".in")
        asked.write_text("".join(f"{package}\n" for package in packages), encoding="utf-8")
        try:
            self._uv(
                *("pip", "compile", "--no-index", "--find-links", wheels, "--only-binary", ":all:", "--no-header"),
                *("--format", "pylock.toml", "--python", interpreter.path, "--output-file", output, asked),
            )
        finally:
            asked.unlink(missing_ok=True)

    def find(self, version: str) -> Interpreter | None:
        """An installed CPython of this version, such as ``3.11``; None where there is none."""
        for command in _candidates(version):
            try:
                done = self._run([*command, "-I", "-c", _IDENTIFY], _ASK_SECONDS)
                path, (major, minor, micro), kind = json.loads(done.stdout)
            except (OSError, ValueError, TypeError, subprocess.TimeoutExpired):
                continue
            if kind == "cpython" and f"{major}.{minor}" == version:
                return Interpreter(Path(path), (major, minor, micro))
        return None

    def _uv(self, *arguments: str | Path) -> None:
        import uv  # its own start-up is not the server's

        command = [uv.find_uv_bin(), "--no-config", "--offline", "--no-python-downloads", "--no-progress", "--quiet"]
        done = self._run([*command, "--cache-dir", self._cache, *arguments], None)
        if done.returncode != 0:
            raise InstallError(_cause(done.stderr) or f"uv ended with status {done.returncode}")

    def _run(self, command: Sequence[str | Path], seconds: float | None) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in command]
        with self._lock:
            if self._closed:
                raise StartError("The engine is being stopped.")
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=_surroundings(os.environ),
            )
            self._running.add(process)
        try:
            output, errors = process.communicate(timeout=seconds)
        except BaseException:
            process.kill()
            process.communicate()
            raise
        finally:
            with self._lock:
                self._running.discard(process)
        return subprocess.CompletedProcess(words, process.returncode, output, errors)

    def close(self) -> None:
        """End what runs; nothing can be started any more."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            process.kill()


def environment_python(folder: Path) -> Path:
    """Where a virtual environment has its interpreter."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _surroundings(own: Mapping[str, str]) -> dict[str, str]:
    """No settings of pip, uv or Python, no proxies, no tokens."""
    return worker_environment(own, Path(sys.executable))


def _candidates(version: str) -> Iterator[list[str]]:
    """Commands that may be a Python of this version."""
    if os.name == "nt":
        launcher = shutil.which("py")
        if launcher:
            yield [launcher, f"-{version}"]
    seen = set()
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        found = shutil.which(f"python{version}", path=folder) if folder else None
        if found and found not in seen:
            seen.add(found)
            yield [found]
    # Where several are installed side by side, each in a folder named by its version.
    beside = own_interpreter().path.parent.parent.parent
    for path in sorted(beside.glob(f"*{version}*/bin/python{version}"), reverse=True):
        yield [str(path)]


def _cause(text: str) -> str:
    """What uv says of the cause, in one line."""
    lines = [line.strip() for line in text.splitlines()]
    kept = [line for line in lines if line and not line.startswith(_NOISE)]
    return " ".join(line.removeprefix("error: ").removeprefix("cause: ") for line in kept)
