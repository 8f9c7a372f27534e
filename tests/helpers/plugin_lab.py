"""The app on a folder with small plugins of a test's own, in a browser with the network cut; none needs a package."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.helpers.browser import Browser, open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import cut_network
from tests.helpers.processes import app_process, bare_environment, free_port, run_app


def plugin_text(name: str, kind: str, script: str, **config: object) -> str:
    """A plugin file; the script is Python where ``kind`` is native-python, else JavaScript."""
    language = "python" if kind == "native-python" else "javascript"
    whole = json.dumps({"name": name, "type": kind, "version": "1.0.0", **config})
    return f'<config lang="json">\n{whole}\n</config>\n<script lang="{language}">\n{script}\n</script>\n'


def make_lab(base: Path, mirrored: Path, product: InstalledWheel, plugins: Mapping[str, str]) -> Path:
    """A copy of a mirrored folder with these plugin files, by name, in its own repository."""
    folder = Path(shutil.copytree(mirrored, base / "folder"))
    repository = folder / "plugin_repository"
    repository.mkdir()
    for name, text in plugins.items():
        (repository / f"{name}.imjoy.html").write_text(text, encoding="utf-8")
    environment = bare_environment(base / "home", npm_config_registry="http://127.0.0.1:9/")
    done = run_app(folder, "mirror", environment=environment, python=product.python)
    assert done.returncode == 0, done.stderr
    return folder


@dataclass
class Lab:
    """The app, opened."""

    page: Page
    browser: Browser


@contextmanager
def opened_lab(
    folder: Path,
    product: InstalledWheel,
    tmp_path: Path,
    arguments: Sequence[str] = (),
    *,
    dark: bool = False,
    width: int = 1280,
) -> Iterator[Lab]:
    """The app on a folder."""
    ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
    with cut_network() as cut:
        environment = bare_environment(tmp_path / "home", **cut.environment)
        options = ("--no-open", *ports, *arguments)
        with (
            app_process(folder, options, environment=environment, python=product.python) as app,
            open_browser(
                tmp_path / "profile",
                arguments=cut.browser_arguments,
                environment=cut.environment,
                dark=dark,
                width=width,
            ) as browser,
        ):
            yield Lab(browser.open(app.wait_for_link()), browser)
            assert "Traceback" not in app.output
        assert cut.leaks() == []
