"""Environments of plugins: made offline from carried wheels by the real uv, used again, and honest about what lacks."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from imjoy_offline.cache.wheelhouse import Target
from imjoy_offline.engine import plugin_environments
from imjoy_offline.engine.environment import Installer, own_interpreter
from imjoy_offline.engine.plugin_environments import PluginEnvironments, Prepared
from imjoy_offline.engine.plugin_start import PluginStart
from imjoy_offline.errors import DigestMismatch, NotMirroredError, StartError
from tests.helpers.interpreters import installed_interpreters
from tests.helpers.made_wheels import carry, made_wheel
from tests.helpers.worker_programs import plugin_message

COLOURS = made_wheel("colours", "2.1", {"colours.py": "RED = 'ff0000'\n"}, ["pigments>=1"])
PIGMENTS = made_wheel("pigments", "1.4", {"pigments.py": "KIND = 'dry'\n"})
BOTH = [COLOURS, PIGMENTS]


class Lab:
    """A carried folder, a person's cache, and what was said."""

    def __init__(self, root: Path, **options: Any) -> None:
        self.cache = root / "cache of the person"
        self.said: list[str] = []
        self.folder = carry(root / "folder", BOTH, ["colours"])
        self.environments = PluginEnvironments(self.folder, self.cache, **options)

    def prepare(self, *requirements: str, environments: PluginEnvironments | None = None) -> Prepared:
        plugin = PluginStart.read(plugin_message(requirements=list(requirements)))
        return (environments or self.environments).prepare(plugin, self.said.append)

    def made(self) -> list[Path]:
        return sorted(self.cache.glob("environments/*"))


def look(python: Path, code: str) -> str:
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def test_packages_are_installed_from_the_folder_alone(lab: Lab) -> None:
    prepared = lab.prepare("pip:colours")
    code = "import colours, pigments, sys; print(colours.RED, pigments.KIND, colours.__file__, sys.prefix, sep='|')"
    red, kind, where, prefix = look(prepared.python, code).split("|")
    assert (red, kind) == ("ff0000", "dry")
    assert Path(where).is_relative_to(lab.cache)
    assert Path(prefix) == prepared.python.parent.parent
    assert lab.said == ["Making its environment with colours, pigments"]
    assert prepared.notes == ()


def test_the_second_start_makes_nothing(lab: Lab) -> None:
    first = lab.prepare("colours")
    made, lab.said = lab.made(), []
    again = PluginEnvironments(lab.folder, lab.cache, freeze=True)
    assert lab.prepare("colours", environments=again) == first
    assert lab.made() == made
    assert lab.said == []


def test_a_plugin_without_packages_has_an_environment_of_its_own(lab: Lab) -> None:
    python = lab.prepare().python
    assert python.is_relative_to(lab.cache)
    assert look(python, "import importlib.util as u; print(u.find_spec('colours'))") == "None"
    assert python != lab.prepare("colours").python


def test_what_was_not_resolved_while_mirroring_is_found_among_the_wheels(lab: Lab) -> None:
    """A plugin that was written here, of packages that are here."""
    python = lab.prepare("pigments", "colours>2").python
    assert look(python, "import colours; print(colours.RED)") == "ff0000"
    # The same wheels make the same environment.
    assert python == lab.prepare("colours").python
    assert not list(lab.cache.glob("environments/pylock*"))


def test_what_is_not_carried_is_named(lab: Lab) -> None:
    with pytest.raises(NotMirroredError, match=r"needs colours, no-such-thing.*no-such-thing was not found") as e:
        lab.prepare("colours", "no_such_thing")
    assert "imjoy mirror" in e.value.hint
    assert lab.made() == []


def test_a_folder_without_wheels_says_so(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.folder = carry(tmp_path / "empty", [])
    lab.environments = PluginEnvironments(lab.folder, lab.cache)
    with pytest.raises(NotMirroredError, match="Filter needs colours, and this folder carries no Python packages"):
        lab.prepare("colours")


def test_a_wheel_taken_out_is_named_and_nothing_is_left(lab: Lab) -> None:
    lab.environments._wheelhouse.path(PIGMENTS.name).unlink()
    with pytest.raises(NotMirroredError, match=f"lacks {PIGMENTS.name}"):
        lab.prepare("colours")
    assert lab.made() == []


@pytest.mark.parametrize("content", [PIGMENTS.content[:-1] + b"x", PIGMENTS.content + b"x", b""])
def test_a_damaged_wheel_is_named_and_nothing_is_left(lab: Lab, content: bytes) -> None:
    lab.environments._wheelhouse.path(PIGMENTS.name).write_bytes(content)
    with pytest.raises(DigestMismatch, match=f"the wheel {PIGMENTS.name} in this folder is damaged"):
        lab.prepare("colours")
    assert lab.made() == []


def test_a_wheel_that_the_lock_does_not_know_is_not_used(lab: Lab) -> None:
    stranger = made_wheel("stranger", "1", {"stranger.py": ""})
    lab.environments._wheelhouse.path(stranger.name).write_bytes(stranger.content)
    with pytest.raises(NotMirroredError, match=rf"{stranger.name}, which imjoy\.lock does not know"):
        lab.prepare("stranger")


def test_a_changed_wheel_is_not_used_where_only_the_lock_could_tell(lab: Lab) -> None:
    other = made_wheel("pigments", "1.4", {"pigments.py": "KIND = 'wet'\n"})
    lab.environments._wheelhouse.path(other.name).write_bytes(other.content)
    with pytest.raises(DigestMismatch, match=other.name):
        lab.prepare("pigments")


def test_freeze_lets_nothing_be_made(tmp_path: Path) -> None:
    lab = Lab(tmp_path, freeze=True)
    for requirements in (["colours"], []):
        with pytest.raises(StartError, match="--freeze"):
            lab.prepare(*requirements)
    assert lab.made() == []


def test_what_is_no_package_is_told_for_the_log(lab: Lab) -> None:
    notes = lab.prepare("conda: fiji", "cmd: rm x", "colours").notes
    assert [note.partition("which")[0] for note in notes] == [
        "Filter asks for 'conda: fiji', ",
        "Filter asks for 'cmd: rm x', ",
    ]


def test_a_killed_engines_half_made_environment_is_removed_and_made_anew(lab: Lab) -> None:
    target = lab.prepare("colours").python.parent.parent
    (target / "imjoy-environment.json").unlink()
    half = lab.cache / "environments" / f".building-{2**22 - 1}-abc"
    half.mkdir()
    again = PluginEnvironments(lab.folder, lab.cache)
    assert look(lab.prepare("colours", environments=again).python, "import colours; print(1)") == "1"
    assert lab.made() == [target]
    assert json.loads((target / "imjoy-environment.json").read_text())["wheels"] == [COLOURS.name, PIGMENTS.name]


def test_many_that_need_the_same_make_it_once(lab: Lab) -> None:
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(lab.prepare("colours").python)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 5
    assert len(set(found)) == 1
    assert len(lab.said) == 1


def test_two_engines_at_the_same_time_end_with_one(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one is faster by a hair."""
    other = PluginEnvironments(lab.folder, lab.cache)
    put = plugin_environments._put_in_place

    def late(building: Path, target: Path) -> None:
        monkeypatch.setattr(plugin_environments, "_put_in_place", put)
        lab.prepare("colours", environments=other)
        put(building, target)

    monkeypatch.setattr(plugin_environments, "_put_in_place", late)
    python = lab.prepare("colours").python
    assert look(python, "import colours; print(1)") == "1"
    assert lab.made() == [python.parent.parent]


def test_settings_of_the_person_do_not_lead_the_installer_outside(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "PIP_INDEX_URL", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_OFFLINE", "0")
    monkeypatch.setenv("PYTHONPATH", str(lab.cache))
    assert look(lab.prepare("colours").python, "import colours; print(1)") == "1"
    with pytest.raises(NotMirroredError, match="no-such-thing"):
        lab.prepare("no-such-thing")


def test_wheels_for_another_python_are_used_with_that_python(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    version = other_version()
    target = Target(Target.here().platform, version)
    environments = PluginEnvironments(carry(tmp_path / "other", BOTH, ["colours"], target=target), lab.cache)
    python = lab.prepare("colours", environments=environments).python
    assert look(python, "import colours, sys; print('%d.%d' % sys.version_info[:2])") == version


def other_version() -> str:
    """A version of Python that is installed beside the one that runs this; else one that is not, which then fails."""
    own = ".".join(map(str, sys.version_info[:2]))
    fitting = [version for version in installed_interpreters() if version != own]
    return next((one for one in fitting if Installer(Path("unused")).find(one) is not None), own)


def test_the_own_interpreter_is_outside_of_every_environment() -> None:
    own = own_interpreter()
    assert own.path.is_file()
    assert own.version == sys.version_info[:3]
    assert not (own.path.parent.parent / "pyvenv.cfg").exists()


def test_what_runs_ends_with_the_engine(tmp_path: Path) -> None:
    installer = Installer(tmp_path / "uv")
    begun = threading.Event()
    outcome: list[int] = []

    def run() -> None:
        begun.set()
        outcome.append(installer._run([sys.executable, "-c", "import time; time.sleep(600)"], None).returncode)

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait(10)
    while not installer._running and thread.is_alive():
        os.sched_yield()
    installer.close()
    thread.join(20)
    assert outcome
    assert outcome != [0]
    with pytest.raises(StartError):
        installer._run([sys.executable, "-c", ""], None)
