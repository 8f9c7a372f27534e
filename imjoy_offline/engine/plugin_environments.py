"""Which environment a plugin runs in: found by what it asks for, made where it is not there yet, used again afterwards.

Environments lie in the person's cache directory, not in the working folder: they hold links and paths of this computer,
and a folder must be able to go to another one. Each is keyed by the list of its wheels and by its interpreter, is made
beside and takes its place when it is whole, and can be removed at any time.
"""

import atexit
import hashlib
import json
import os
import secrets
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from imjoy_offline.cache.lockfile import WHEEL_SOURCE, read_lockfile
from imjoy_offline.cache.wheelhouse import ListedWheel, Target, Wheelhouse, read_pylock
from imjoy_offline.engine.environment import Installer, InstallError, Interpreter, environment_python, own_interpreter
from imjoy_offline.engine.plugin_start import PluginStart
from imjoy_offline.errors import DigestMismatch, ImjoyError, NotMirroredError, StartError
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.plugin.packages import PythonNeeds, python_needs

Say = Callable[[str], None]

_BUILDING = ".building-"
_ABANDONED_SECONDS = 3600
_MARK = "imjoy-environment.json"
_CONNECTED = "Run `python -m imjoy mirror` in this folder on a connected computer"


@dataclass(frozen=True)
class Prepared:
    """The Python that a plugin runs on, and sentences for its log."""

    python: Path
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Plan:
    """What an environment is to be made of; ``pylock`` is None for one without packages."""

    interpreter: Interpreter
    pylock: Path | None = None
    wheels: tuple[ListedWheel, ...] = ()


class PluginEnvironments:
    """The environments that the plugins of one working folder run in; ``cache`` is the person's cache directory."""

    def __init__(self, folder: WorkingFolder, cache: Path, *, freeze: bool = False) -> None:
        self._folder = folder
        self._wheelhouse = Wheelhouse(folder)
        self._root = cache / "environments"
        self._freeze = freeze
        self._installer = Installer(cache / "uv")
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._cleaned = False
        # What it has started must not outlive the engine.
        atexit.register(self.close)

    def close(self) -> None:
        """End what is being made."""
        self._installer.close()

    def prepare(self, plugin: PluginStart, say: Say) -> Prepared:
        """The Python of an environment with the plugin's requirements; blocks while it is made.

        Raises NotMirroredError where the folder lacks something that it takes, DigestMismatch where a wheel is damaged,
        StartError where ``--freeze`` forbids to make it or where making it fails.
        """
        needs = python_needs(plugin.requirements)
        notes = _notes(plugin, needs)
        with self._planned(plugin, needs, say) as plan:
            key = _key(plan)
            with self._lock:
                making = self._making.setdefault(key, threading.Lock())
            # Plugins that need the same one wait for the first.
            with making:
                target = self._root / key
                if not _is_whole(target):
                    self._make(plugin, plan, target, say)
        return Prepared(environment_python(target), notes)

    # --- what it is made of ---------------------------------------------------------------------------------------

    @contextmanager
    def _planned(self, plugin: PluginStart, needs: PythonNeeds, say: Say) -> Iterator[_Plan]:
        own = own_interpreter()
        if not needs.packages:
            yield _Plan(own)
            return
        listed = self._wheelhouse.pylock(needs.packages, Target.here(own.version))
        if listed.is_file():
            yield _Plan(own, listed, read_pylock(listed))
            return
        other = self._for_another_python(needs)
        if other is not None:
            yield other
            return
        if not self._wheelhouse.files():
            raise NotMirroredError(
                f"{plugin.name} needs {_some(needs.packages)}, and this folder carries no Python packages.",
                hint=f"{_CONNECTED}, then carry the folder back.",
            )
        # A plugin that was changed or written here may still get what it needs of the wheels that are there.
        say("Looking for its packages among those that this folder carries")
        self._root.mkdir(parents=True, exist_ok=True)
        output = self._root / f"pylock.{secrets.token_hex(8)}.toml"
        try:
            yield self._resolved(plugin, needs, own, output)
        finally:
            output.unlink(missing_ok=True)

    def _for_another_python(self, needs: PythonNeeds) -> _Plan | None:
        """The wheels were brought for another version of Python than this one, which is installed here too."""
        here = Target.here()
        for environment in read_lockfile(self._folder.lock_file).environments:
            if environment.packages != needs.packages or environment.platform != here.platform:
                continue
            listed = self._wheelhouse.pylock(environment.packages, Target(environment.platform, environment.python))
            interpreter = self._installer.find(environment.python) if listed.is_file() else None
            if interpreter is not None:
                return _Plan(interpreter, listed, read_pylock(listed))
        return None

    def _resolved(self, plugin: PluginStart, needs: PythonNeeds, interpreter: Interpreter, output: Path) -> _Plan:
        try:
            self._installer.resolve(needs.packages, self._folder.wheels, interpreter, output)
        except InstallError as error:
            raise NotMirroredError(
                f"{plugin.name} needs {_some(needs.packages)}; the Python packages that this folder carries do not do "
                f"for that on {Target.here()}: {error.message}",
                hint=f"{_CONNECTED}, with a Python of the same version, then carry the folder back.",
            ) from None
        wheels = read_pylock(output)
        # Only what the lock knows is trusted: here nobody but the files themselves has told their digests.
        locked = read_lockfile(self._folder.lock_file).by_source()
        for wheel in wheels:
            artifact = locked.get(f"{WHEEL_SOURCE}{wheel.name}")
            if artifact is None:
                raise NotMirroredError(
                    f"{plugin.name} would need the wheel {wheel.name}, which imjoy.lock does not know.",
                    hint=f"{_CONNECTED}; it locks what plugins need.",
                )
            if artifact.sha256 != wheel.sha256:
                raise _damaged(plugin, wheel.name)
        return _Plan(interpreter, output, wheels)

    # --- making it ------------------------------------------------------------------------------------------------

    def _make(self, plugin: PluginStart, plan: _Plan, target: Path, say: Say) -> None:
        if self._freeze:
            raise StartError(
                f"{plugin.name} needs a Python environment that is not there yet, and the engine was started with "
                "--freeze, which lets no plugin make one.",
                hint="Start `python -m imjoy` without --freeze once, and start the plugin then.",
            )
        missing = [wheel.name for wheel in plan.wheels if not self._wheelhouse.path(wheel.name).is_file()]
        if missing:
            raise NotMirroredError(
                f"{plugin.name} cannot be installed: this folder lacks {_some(missing)}.",
                hint=f"{_CONNECTED}; it brings what is missing again.",
            )
        say(f"Making its environment{_with_packages(plan.wheels)}")
        self._clean()
        building = self._root / f"{_BUILDING}{os.getpid()}-{secrets.token_hex(4)}"
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            self._installer.make(building, plan.interpreter, plan.pylock)
            facts = {"python": str(plan.interpreter.path), "wheels": [wheel.name for wheel in plan.wheels]}
            (building / _MARK).write_text(json.dumps(facts, indent=1), encoding="utf-8")
            _put_in_place(building, target)
        except InstallError as error:
            raise self._explained(plugin, plan, error) from None
        except OSError as error:
            raise StartError(
                f"The environment of {plugin.name} could not be made: {error}.",
                hint="Make room on the disk of your home folder, or let its cache directory be written to.",
            ) from error
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def _explained(self, plugin: PluginStart, plan: _Plan, error: InstallError) -> ImjoyError:
        """What really is the matter, as far as it can be found out."""
        for wheel in plan.wheels:
            if self._wheelhouse.fault(wheel.name, wheel.sha256, wheel.size) is not None:
                return _damaged(plugin, wheel.name)
        return StartError(
            f"The environment of {plugin.name} could not be made: {error.message}",
            hint="Reload the plugin to try again.",
        )

    def _clean(self) -> None:
        """Remove what engines that were killed have left half-made."""
        if self._cleaned:
            return
        self._cleaned = True
        for item in self._root.glob(f"{_BUILDING}*"):
            if _abandoned(item):
                shutil.rmtree(item, ignore_errors=True)
        for item in self._root.glob("pylock.*"):
            if time.time() - item.stat().st_mtime > _ABANDONED_SECONDS:
                item.unlink(missing_ok=True)


def _is_whole(target: Path) -> bool:
    """Whether the environment is there, all of it, and so is the Python that it was made of."""
    return (target / _MARK).is_file() and environment_python(target).exists()


def _put_in_place(building: Path, target: Path) -> None:
    """Let the new environment take its place, unless another engine was faster."""
    if target.exists() and not _is_whole(target):
        target.rename(building.with_name(f"{building.name}-old"))
        shutil.rmtree(building.with_name(f"{building.name}-old"), ignore_errors=True)
    try:
        building.rename(target)
    except OSError:
        if not _is_whole(target):
            raise


def _key(plan: _Plan) -> str:
    """The name of the environment: 32 hexadecimal digits of what it is made of."""
    wheels = sorted(f"{wheel.name} {wheel.sha256}" for wheel in plan.wheels)
    facts = json.dumps([wheels, str(plan.interpreter.path), plan.interpreter.version, sys.platform])
    return hashlib.sha256(facts.encode("utf-8")).hexdigest()[:32]


def _abandoned(item: Path) -> bool:
    import psutil

    process = item.name.removeprefix(_BUILDING).partition("-")[0]
    if not process.isdigit() or not psutil.pid_exists(int(process)):
        return True
    with suppress(OSError):
        return time.time() - item.stat().st_mtime > _ABANDONED_SECONDS
    return False


def _notes(plugin: PluginStart, needs: PythonNeeds) -> tuple[str, ...]:
    return tuple(f"{plugin.name} asks for {one.asked!r}, which it does not get. {one.reason}" for one in needs.unmet)


def _with_packages(wheels: tuple[ListedWheel, ...]) -> str:
    return f" with {_some([wheel.package for wheel in wheels])}" if wheels else ""


def _some(names: tuple[str, ...] | list[str]) -> str:
    """A few names, and how many more there are."""
    more = len(names) - 4
    return ", ".join(names) if more < 1 else f"{', '.join(names[:4])} and {more} more"


def _damaged(plugin: PluginStart, wheel: str) -> DigestMismatch:
    return DigestMismatch(
        f"{plugin.name} cannot be installed: the wheel {wheel} in this folder is damaged.",
        hint="Run `python -m imjoy mirror --strict` here while connected; it reads every wheel and fetches this one.",
    )
