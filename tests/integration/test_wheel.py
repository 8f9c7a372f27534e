"""The wheel holds everything that an installed copy needs, and works from any folder, far from the clone."""

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.processes import run_app
from tests.helpers.source_tree import ROOT, project_files

IMPORTED_FROM = "import imjoy, imjoy_offline; print(imjoy.__file__); print(imjoy_offline.__file__)"
SHIPPED = "from imjoy_offline.paths import shipped_folder; print(shipped_folder('{}'))"


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_the_wheel_holds_the_packages_and_the_data_and_nothing_else(installed_wheel: InstalledWheel) -> None:
    names = names_in(installed_wheel.wheel)
    expected = set()
    for path in project_files():
        first, rest = path.parts[0], path.as_posix()
        if first in ("imjoy", "imjoy_offline"):
            expected.add(rest)
        elif first in ("site_src", "plugin_repository"):
            expected.add(f"imjoy_offline/data/{rest}")
    assert len(expected) > 30
    ours = {name for name in names if ".dist-info/" not in name}
    assert not expected - ours, f"missing in the wheel: {sorted(expected - ours)}"
    assert not ours - expected, f"not meant for the wheel: {sorted(ours - expected)}"


def test_an_installed_copy_answers_from_any_folder(installed_wheel: InstalledWheel, tmp_path: Path) -> None:
    environment = installed_wheel.environment(tmp_path / "home")
    done = run_app(tmp_path, "--help", environment=environment, python=installed_wheel.python)
    assert done.returncode == 0, done.stderr
    assert "--serve" in done.stdout
    assert "mirror" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["home"], "asking for help leaves nothing behind"


def output(python: Path, code: str, folder: Path, environment: dict[str, str]) -> list[str]:
    done = subprocess.run(
        [python, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.split("\n")[:-1]


def test_an_installed_copy_uses_itself_and_the_data_that_came_with_it(
    installed_wheel: InstalledWheel, tmp_path: Path
) -> None:
    environment = installed_wheel.environment(tmp_path / "home")
    folder = installed_wheel.python.parent.parent
    for line in output(installed_wheel.python, IMPORTED_FROM, tmp_path, environment):
        assert Path(line).is_relative_to(folder)
    for name in ("site_src", "plugin_repository"):
        (place,) = output(installed_wheel.python, SHIPPED.format(name), tmp_path, environment)
        assert Path(place).is_relative_to(folder)
        assert Path(place).parts[-3:] == ("imjoy_offline", "data", name)


def test_a_clone_uses_the_folders_beside_its_packages() -> None:
    for name in ("site_src", "plugin_repository"):
        (place,) = output(Path(sys.executable), SHIPPED.format(name), ROOT, {})
        assert Path(place) == ROOT / name


def test_the_environment_holds_no_more_than_was_asked_for(installed_wheel: InstalledWheel, tmp_path: Path) -> None:
    environment = installed_wheel.environment(tmp_path / "home")
    for module in ("pytest", "playwright", "tests"):
        code = f"import importlib.util; print(importlib.util.find_spec({module!r}) is None)"
        assert output(installed_wheel.python, code, tmp_path, environment) == ["True"]
