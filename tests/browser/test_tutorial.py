"""The tutorial does what it says: its plugins, copied from its text, run in the app."""

import re
from pathlib import Path

import pytest

from tests.browser.test_python_plugins import opened
from tests.helpers.app_page import fill_form, install, run, wait_until_said
from tests.helpers.installed_wheel import ROOT, InstalledWheel
from tests.helpers.processes import run_app

TUTORIAL = ROOT / "docs" / "tutorial" / "first-plugin.md"


def tutorial_plugins() -> dict[str, str]:
    """Plugin name to text, as the tutorial prints them."""
    texts = re.findall(r"```html\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
    named = {match[1]: text for text in texts if (match := re.search(r'"name": "([^"]+)"', text))}
    assert len(named) == len(texts) == 2
    return named


@pytest.mark.timeout(420)
def test_the_plugins_of_the_tutorial_run(folder: Path, installed_wheel: InstalledWheel, tmp_path: Path) -> None:
    repository = folder / "plugin_repository"
    repository.mkdir(exist_ok=True)
    text = TUTORIAL.read_text(encoding="utf-8")
    for name, plugin in tutorial_plugins().items():
        assert f"`{name}.imjoy.html`" in text, "the tutorial names the file"
        (repository / f"{name}.imjoy.html").write_text(plugin, encoding="utf-8")
    environment = installed_wheel.environment(tmp_path / "home")
    done = run_app(folder, "mirror", "--strict", environment=environment, python=installed_wheel.python, seconds=240)
    assert done.returncode == 0, done.stderr
    with opened(folder, installed_wheel, tmp_path) as app:
        page = app.page
        install(page, "Bright Pixels", "Spot Counter")
        run(page, "Bright Pixels")
        said = wait_until_said(page, "pixels are brighter than 128", seconds=20)
        bright = int(re.search(r"(\d+) of 65536", said)[1])  # type: ignore[index]
        assert 0 < bright < 65536
        fill_form(page, "Bright Pixels", {"Limit": "255"})
        run(page, "Bright Pixels")
        wait_until_said(page, "0 of 65536 pixels are brighter than 255")
        run(page, "Spot Counter")
        wait_until_said(page, "There are", "spots", seconds=60)
        app.browser.assert_quiet()
