"""The two set-up commands: what they say where they cannot go on, and which browser the tests take."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.installed_browser import VARIABLE, find_browser
from tests.helpers.interpreters import installed_interpreters
from tests.helpers.processes import bare_environment
from tests.helpers.source_tree import ROOT
from tests.other_browsers import packages

SCRIPTS = ("install.py", "test.py")


def program(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="ascii")
    path.chmod(0o755)
    return path


def test_the_named_browser_is_taken_and_never_replaced(tmp_path: Path) -> None:
    named, other = program(tmp_path, "a/my-browser"), program(tmp_path, "b/chromium")
    path = str(other.parent)
    assert find_browser("linux", {VARIABLE: str(named), "PATH": path}) == named
    assert find_browser("linux", {VARIABLE: "chromium", "PATH": path}) == other
    assert find_browser("linux", {VARIABLE: str(tmp_path / "none"), "PATH": path}) is None
    assert find_browser("linux", {"PATH": path}) == other


@pytest.mark.parametrize(
    ("platform", "variable", "place"),
    [
        ("darwin", "HOME", "Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
        ("win32", "PROGRAMFILES", "Google/Chrome/Application/chrome.exe"),
        ("win32", "LOCALAPPDATA", "Chromium/Application/chrome.exe"),
        ("win32", "PROGRAMFILES(X86)", "Microsoft/Edge/Application/msedge.exe"),
    ],
)
def test_browsers_are_found_where_they_are_usually_installed(
    platform: str, variable: str, place: str, tmp_path: Path
) -> None:
    browser = program(tmp_path, place)
    assert find_browser(platform, {variable: str(tmp_path), "PATH": ""}) == browser


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_old_python_is_told_in_one_sentence(script: str) -> None:
    interpreters = installed_interpreters()
    old = interpreters.get("3.9")
    text = (ROOT / "scripts" / script).read_text(encoding="utf-8")
    if old is not None:
        done = subprocess.run(
            [old, str(ROOT / "scripts" / script)], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1
        assert "3.10 or newer" in done.stderr
    # Before that sentence nothing may stand that an old Python cannot read.
    ast.parse(text, feature_version=(3, 7))


@pytest.mark.parametrize("script", [*SCRIPTS, "environment.py"])
def test_set_up_needs_the_standard_library_alone(script: str) -> None:
    own = {path.stem for path in (ROOT / "scripts").glob("*.py")} | {"tests"}
    tree = ast.parse((ROOT / "scripts" / script).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name.split(".")[0] in sys.stdlib_module_names | own, name


def test_a_browser_that_cannot_be_brought_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "may_install_packages", lambda: False)
    needed = packages.Needed("Lynx", ("lynx", "curses"), (Path(sys.executable).name, "no-such-program|nor-this-one"))
    with pytest.raises(packages.MissingBrowser, match=r"^Lynx cannot [^.]*no-such-program[^.]*install lynx curses`"):
        packages.bring(needed)


def test_an_other_browser_that_does_not_exist_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.other_browsers", "mosaic"],
        cwd=ROOT,
        env=bare_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "mosaic" in done.stderr
    assert "firefox" in done.stderr


def test_a_stage_that_does_not_exist_is_named(tmp_path: Path) -> None:
    # Run by this very environment, which has everything: nothing is installed by it.
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "test.py"), "--stage", "no such stage"],
        env=bare_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "no such stage" in done.stderr
