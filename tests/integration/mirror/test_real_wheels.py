"""Wheels from the package index that this computer's pip is set up for, installed where there is no index at all."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import uv

from imjoy_offline.cache.lockfile import read_lockfile
from imjoy_offline.cache.wheelhouse import Target, Wheelhouse
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.plugin.packages import python_needs
from tests.helpers.mirrored import MirroredFolder
from tests.helpers.processes import bare_environment
from tests.helpers.supply_settings import supply_environment

ROOT = Path(__file__).parents[3]
WANTED = ("pip: NumPy>=1.26", "tifffile", "six")
PROGRAM = """\
import json, numpy, six, tifffile
print(json.dumps({"files": [numpy.__file__, six.__file__, tifffile.__file__], "sum": int(numpy.arange(10).sum())}))
"""


def mirror(folder: Path, environment: Mapping[str, str]) -> dict[str, int]:
    """The report of a run in a process of its own, with node and npm out of sight."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.mirror_run", str(folder)],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A person who has just been created, on this computer: what reaches the index is in variables alone."""
    home = Path(tmp_path_factory.mktemp("home"))
    return {**bare_environment(home), **supply_environment()}


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> MirroredFolder:
    """A folder with wheels for one plugin, and a plugin for which there are none."""
    folder = MirroredFolder(Path(tmp_path_factory.mktemp("real")) / "a folder")
    folder.python_plugin("Filters", *WANTED)
    folder.python_plugin("Old", "numpy==1.4.0", "six")
    assert mirror(folder.folder.root, environment)["files"] >= 3
    return folder


def test_the_lock_names_wheels_for_this_computer(mirrored: MirroredFolder) -> None:
    lock = read_lockfile(mirrored.folder.lock_file)
    (environment,) = lock.environments
    assert environment.packages == ("numpy>=1.26", "six", "tifffile")
    names = {name.partition("-")[0] for name in environment.wheels}
    assert {"numpy", "six", "tifffile"} <= names
    assert set(mirrored.house.files()) >= set(environment.wheels)
    assert all(
        mirrored.house.fault(w, lock.by_source()[f"pypi:{w}"].sha256, lock.by_source()[f"pypi:{w}"].size) is None
        for w in environment.wheels
    )
    (item,) = lock.missing
    assert (item.asked, item.plugin, item.passing) == ("numpy==1.4.0", "Old", False)


def test_a_second_run_brings_nothing_and_needs_no_network(mirrored: MirroredFolder, tmp_path: Path) -> None:
    before = mirrored.every_file()
    nowhere = bare_environment(
        tmp_path / "home", PIP_CONFIG_FILE=os.devnull, PIP_INDEX_URL="http://127.0.0.1:9/", UV_HTTP_RETRIES="0"
    )
    assert mirror(mirrored.folder.root, nowhere) == {"asked": 0, "files": 0, "missing": 1}
    assert mirrored.every_file() == before


def test_no_file_but_the_wheels_names_an_address(mirrored: MirroredFolder) -> None:
    for name, content in mirrored.every_file().items():
        if not name.endswith(".whl"):
            assert not re.search(rb"https?://|file:", content), name


def test_a_damaged_wheel_is_brought_again(mirrored: MirroredFolder, environment: dict[str, str]) -> None:
    before = mirrored.every_file()
    (name,) = [name for name in mirrored.house.files() if name.startswith("numpy-")]
    mirrored.house.path(name).write_bytes(b"not a wheel")
    assert mirror(mirrored.folder.root, environment)["files"] == 1
    after = mirrored.every_file()
    assert after.pop("cache/resolution.json") and before.pop("cache/resolution.json")
    assert after == before


def test_what_was_mirrored_installs_and_runs_with_no_index_in_reach(mirrored: MirroredFolder, tmp_path: Path) -> None:
    nowhere = bare_environment(
        tmp_path / "home",
        UV_DEFAULT_INDEX="http://127.0.0.1:9/",
        UV_CACHE_DIR=str(tmp_path / "cache"),
        HTTPS_PROXY="http://127.0.0.1:9",
        HTTP_PROXY="http://127.0.0.1:9",
    )

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env=nowhere, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    program, python = uv.find_uv_bin(), tmp_path / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(program, "--no-config", "venv", "--offline", "--python", sys.executable, tmp_path / "env")
    listed = Wheelhouse(WorkingFolder(mirrored.folder.root)).pylock(python_needs(WANTED).packages, Target.here())
    options = ("--offline", "--preview-features", "pylock", "--python", python)
    run(program, "--no-config", "pip", "sync", *options, listed)
    found = json.loads(run(python, "-I", "-c", PROGRAM))
    assert found["sum"] == 45
    assert all(Path(file).is_relative_to(tmp_path / "env") for file in found["files"])
