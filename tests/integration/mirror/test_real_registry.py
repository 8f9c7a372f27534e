"""The mirror against the npm registry that this computer is set up for, whose address is written nowhere."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from imjoy_offline.cache.lockfile import read_lockfile
from imjoy_offline.cache.store import Store
from imjoy_offline.paths import WorkingFolder
from tests.helpers.processes import bare_environment
from tests.helpers.supply_settings import supply_environment

ROOT = Path(__file__).parents[3]
CDN = "https://cdn.jsdelivr.net/npm/"
EXTRA = (
    "npm:idb@8.0.4/build/index.js",
    f"{CDN}uplot@1.6.32/dist/uPlot.min.css",
    f"{CDN}uplot@1.6.32",
    "https://unpkg.com/leaflet@~1.9.4/dist/leaflet.css",
    f"{CDN}simpleheat@0.4.0/simpleheat.min.js",
    f"{CDN}idb@8.0.4/none.js",
)


def mirror(folder: Path, environment: Mapping[str, str]) -> dict[str, int]:
    """The report of a run in a process of its own."""
    folder.mkdir(exist_ok=True)
    (folder / "imjoy.yaml").write_text(json.dumps({"extra": EXTRA}), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.mirror_run", str(folder)],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def check(folder: Path) -> None:
    """The lock, and what lies in the store, are what these packages are known to hold."""
    lock, store = read_lockfile(folder / "imjoy.lock"), Store(WorkingFolder(folder).objects)
    by_url = lock.by_url()
    assert b"openDB" in store.read(by_url[f"{CDN}idb@8.0.4/build/index.js"].sha256)
    assert b".uplot" in store.read(by_url[f"{CDN}uplot@1.6.32/dist/uPlot.min.css"].sha256)
    assert by_url[f"{CDN}uplot@1.6.32"].source.startswith("npm:uplot@1.6.32/dist/")
    assert by_url[f"{CDN}simpleheat@0.4.0/simpleheat.min.js"].how == "sibling"
    picture = by_url["https://unpkg.com/leaflet@~1.9.4/dist/images/marker-icon.png"]
    assert store.read(picture.sha256).startswith(b"\x89PNG")
    assert {package.name for package in lock.packages} == {"idb", "uplot", "leaflet", "simpleheat"}
    assert all(package.integrity.startswith("sha512-") for package in lock.packages)
    assert [item.asked for item in lock.missing] == [f"{CDN}idb@8.0.4/none.js"]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was mirrored with whatever this computer is set up for."""
    folder = Path(tmp_path_factory.mktemp("real")) / "folder"
    assert mirror(folder, os.environ)["asked"] > 0
    return folder


def test_what_this_computer_is_set_up_for_is_found(here: Path) -> None:
    check(here)
    assert mirror(here, os.environ)["asked"] == 0


def test_without_node_and_npm_by_the_environment_alone(tmp_path: Path) -> None:
    folder, programs = tmp_path / "folder", tmp_path / "no programs"
    programs.mkdir()
    given = {name: value for name, value in supply_environment().items() if not name.lower().endswith("userconfig")}
    environment = {**bare_environment(tmp_path / "home"), **given, "PATH": str(programs)}
    assert not any(shutil.which(name, path=environment["PATH"]) for name in ("npm", "node"))
    registry = next((value for name, value in given.items() if name.lower() == "npm_config_registry"), None)
    if registry is None:
        pytest.fail("This computer names no npm registry: neither npm nor an .npmrc nor npm_config_registry is there.")
    mirror(folder, environment)
    check(folder)
    host = (urlsplit(registry).hostname or "").encode()
    assert host
    for path in folder.rglob("*"):
        assert not path.is_file() or "objects" in path.parts or host not in path.read_bytes(), path


def test_offline_a_copy_of_the_folder_is_enough(here: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(here, tmp_path / "copied folder"))
    nowhere = bare_environment(tmp_path / "home", npm_config_registry="http://127.0.0.1:9/", PATH="")
    assert mirror(copied, nowhere) == {"asked": 0, "files": 0, "missing": 1}
    check(copied)
