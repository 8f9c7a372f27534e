"""Python plugins with requirements, in the real server over a folder that carries their wheels."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from imjoy_offline.paths import WorkingFolder
from tests.helpers.engine_page import EnginePage, StartFailed, engine_page
from tests.helpers.made_wheels import carry, made_wheel
from tests.helpers.served_site import build_served_site, serving

SHAPES = made_wheel("shapes", "3.0", {"shapes.py": "CORNERS = 4\n"})
LOUD = made_wheel("loud", "1.0", {"loud.py": "raise RuntimeError('not on this computer')\n"})
PLUGIN = """
import shapes, sys
from imjoy import api
api.export({"about": lambda: [shapes.__file__, sys.prefix, shapes.CORNERS]})
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> WorkingFolder:
    root = tmp_path_factory.mktemp("carried") / "folder"
    build_served_site(root)
    return carry(root, [SHAPES, LOUD], ["shapes"], ["loud"])


@pytest.fixture(scope="module")
def page(folder: WorkingFolder) -> Iterator[EnginePage]:
    with serving(folder, folder.root.parent / "state") as served, engine_page(served) as connected:
        yield connected


def test_it_imports_what_it_asks_for_from_an_environment_of_its_own(page: EnginePage, folder: WorkingFolder) -> None:
    where, prefix, corners = page.start("Shapes", PLUGIN, requirements=["pip: shapes"]).call("about")
    assert corners == 4
    assert Path(where).is_relative_to(prefix)
    assert not Path(prefix).is_relative_to(folder.root)


def test_making_an_environment_is_told_and_the_second_start_makes_none(folder: WorkingFolder, tmp_path: Path) -> None:
    with serving(folder, tmp_path / "state") as served, engine_page(served) as page:
        page.start("Shapes", PLUGIN, requirements=["shapes"])
        page.start("Shapes", PLUGIN, requirements=["shapes"])
        told = [message["text"] for message in page.told if message["type"] == "progress"]
    assert told.count("Making its environment with shapes") == 1


def test_a_plugin_does_not_see_what_others_ask_for(page: EnginePage) -> None:
    with pytest.raises(StartFailed, match="No module named 'shapes'"):
        page.start("Bare", "import shapes")


def test_what_the_folder_does_not_carry_is_named(page: EnginePage) -> None:
    with pytest.raises(StartFailed) as failure:
        page.start("Needy", "", requirements=["shapes", "scipy>=1.10"])
    assert failure.value.message.startswith("Needy needs scipy>=1.10, shapes;")
    assert "scipy was not found" in failure.value.message
    assert "python -m imjoy mirror" in failure.value.hint


def test_a_wheel_taken_out_of_the_folder_is_named_by_a_fresh_install(folder: WorkingFolder, tmp_path: Path) -> None:
    copied = WorkingFolder(Path(shutil.copytree(folder.root, tmp_path / "copied")))
    (copied.wheels / SHAPES.name).unlink()
    with serving(copied, tmp_path / "state") as served, engine_page(served) as page:
        with pytest.raises(StartFailed, match=f"Shapes cannot be installed: this folder lacks {SHAPES.name}"):
            page.start("Shapes", PLUGIN, requirements=["shapes"])
        assert page.start("Bare", "import sys; from imjoy import api; api.export({'run': lambda: 1})").call("run") == 1


def test_frozen_it_runs_what_is_there_and_makes_nothing(folder: WorkingFolder, tmp_path: Path) -> None:
    with serving(folder, tmp_path / "state") as served, engine_page(served) as page:
        page.start("Shapes", PLUGIN, requirements=["shapes"])
    with serving(folder, tmp_path / "state", freeze=True) as served, engine_page(served) as page:
        assert page.start("Shapes", PLUGIN, requirements=["shapes"]).call("about")[2] == 4
        with pytest.raises(StartFailed, match="--freeze"):
            page.start("Other", "", requirements=["loud"])


def test_a_failure_of_its_import_names_what_it_did_not_get(page: EnginePage) -> None:
    with pytest.raises(StartFailed) as failure:
        page.start("Mixed", "import fiji", requirements=["conda: fiji", "shapes"])
    assert "No module named 'fiji'" in failure.value.message
    assert "asks for 'conda: fiji', which it does not get" in failure.value.hint


def test_what_it_does_not_get_stands_in_its_log(page: EnginePage) -> None:
    plugin = page.start("Noted", "from imjoy import api; api.export({'run': lambda: 1})", requirements=["cmd: date"])
    assert plugin.call("run") == 1
    assert [line for line in plugin.log if line.startswith("warning: Noted asks for 'cmd: date'")]
