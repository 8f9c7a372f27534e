"""The README's first command in a fresh clone, with the Python of the system and nothing else, and what it leaves."""

import ast
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.helpers.interpreters import installed_interpreters
from tests.helpers.netcut import cut_network
from tests.helpers.processes import app_process, bare_environment, free_port
from tests.helpers.source_tree import ROOT, project_files
from tests.helpers.supply_settings import supply_environment

README_COMMAND = "python3 scripts/install.py && python3 -m imjoy --serve"
SHIPPED = sorted(path.name.removesuffix(".imjoy.html") for path in (ROOT / "plugin_repository").glob("*.imjoy.html"))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What git would give to a stranger."""
    clone = tmp_path / "clone"
    for name in project_files():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, clone / name)
    return clone


@pytest.fixture
def python(tmp_path: Path) -> str:
    """The Python behind the environment that runs the tests; a conda environment would be installed into, so not it."""
    base: str = getattr(sys, "_base_executable", sys.executable)
    if not (Path(sys.base_prefix) / "conda-meta").is_dir():
        return base
    subprocess.run([base, "-m", "venv", tmp_path / "venv"], check=True, timeout=120)
    return str(tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def test_a_python_that_is_too_old_is_told_what_to_do(clone: Path, tmp_path: Path) -> None:
    program = clone / "imjoy" / "__main__.py"
    ast.parse(program.read_text(encoding="utf-8"), feature_version=(3, 9))
    old = installed_interpreters().get("3.9")
    if old is not None:
        done = subprocess.run(
            [old, "-m", "imjoy", "--serve"],
            cwd=clone,
            env=bare_environment(tmp_path / "home"),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 3
        assert "needs Python 3.10 or newer" in done.stderr and "scripts/install.py" in done.stderr
        assert len(done.stderr.splitlines()) == 2


def answers(link: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(link.split("#")[0], timeout=10) as answer:
        return bool(answer.status == 200 and b"<title>" in answer.read())


def test_one_command_serves_and_from_then_on_the_plain_one_does_without_a_network(
    clone: Path, python: str, tmp_path: Path
) -> None:
    assert README_COMMAND in (clone / "README.md").read_text(encoding="utf-8")
    environment = bare_environment(tmp_path / "home", **supply_environment())
    done = subprocess.run(
        [python, "scripts/install.py"], cwd=clone, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
    with app_process(clone, ("--serve", "--no-open", *ports), environment=environment, python=python) as app:
        assert answers(app.wait_for_link(120))
        app.interrupt()
        assert app.wait_for_end() == 0, app.output
    plugins = json.loads(next((clone / "cache" / "site").glob("*/catalogue.json")).read_bytes())["plugins"]
    assert sorted(plugin["name"] for plugin in plugins) == SHIPPED, "the clone's own plugins are the shipped ones"
    with cut_network() as cut:
        alone = bare_environment(tmp_path / "home", **cut.environment)
        with app_process(clone, ("--no-open", *ports), environment=alone, python=python) as app:
            assert answers(app.wait_for_link())
        assert cut.leaks() == []
