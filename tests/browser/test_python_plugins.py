"""Python plugins in the app, as a person meets them: installed, run, called by JavaScript, failing, dying, and without
an engine. They need no packages; those with packages are in the airgap test.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.app_page import entry_text, fill_form, install, run, wait_until_said
from tests.helpers.browser import Browser, open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import cut_network
from tests.helpers.processes import app_process, bare_environment, free_port, run_app


def python_plugin(name: str, script: str, more: str = "") -> str:
    """A native Python plugin."""
    return (
        f'<config lang="json">\n{{\n  "name": "{name}",\n  "type": "native-python",{more}\n  "version": "1.0.0"\n}}\n'
        f'</config>\n<script lang="python">\n{script}\n</script>\n'
    )


ADDER = """
from imjoy import api

class Adder:
    async def setup(self):
        print("the adder is set up")

    async def run(self, ctx):
        total = self.add(ctx.config.first, ctx.config.second)
        await api.showMessage("The sum is %g" % total)

    def add(self, a, b):
        return a + b

    def echo(self, value):
        return value

    def fail(self):
        raise ValueError("the stage is too far")

    def die(self):
        import os
        os._exit(3)

api.export(Adder())
"""
FIELDS = """
  "ui": "first: {id: 'first', type: 'number', placeholder: 1} second: {id: 'second', type: 'number', placeholder: 2}",
""".rstrip()
FAILS = """
from imjoy import api

def run(ctx):
    raise ValueError("the stage is too far")

api.export({"setup": lambda: None, "run": run})
"""
CALLER = """<config lang="json">
{"name": "Caller", "type": "web-worker", "version": "1.0.0", "dependencies": ["Adder"]}
</config>
<script lang="javascript">
class Caller {
  setup() {}
  async run() {
    const adder = await api.getPlugin("Adder");
    const sum = await adder.add(20, 22);
    const bytes = new Uint8Array(3 * 2 ** 20).map((_, index) => (index * 31) % 251);
    const image = { _rtype: "ndarray", _rvalue: bytes, _rshape: [3, 1024, 1024], _rdtype: "uint8" };
    const back = await adder.echo(image);
    const same = back._rvalue.length === bytes.length && bytes.every((value, index) => back._rvalue[index] === value);
    await api.showMessage(`JavaScript got ${sum}, and the array ${same ? "unchanged" : "changed"}`);
  }
}
api.export(new Caller());
</script>
"""
PLUGINS = {
    "adder.imjoy.html": python_plugin("Adder", ADDER, FIELDS),
    "caller.imjoy.html": CALLER,
    "fails.imjoy.html": python_plugin("Fails", FAILS),
    "dies.imjoy.html": python_plugin(
        "Dies", "import os\nfrom imjoy import api\napi.export({'setup': lambda: None, 'run': lambda ctx: os._exit(3)})"
    ),
    "broken.imjoy.html": python_plugin("Broken", "import no_such_module"),
}


@dataclass
class Opened:
    """The app in a browser."""

    page: Page
    browser: Browser


@pytest.fixture(scope="module")
def lab(mirrored_folder: Path, tmp_path_factory: pytest.TempPathFactory, installed_wheel: InstalledWheel) -> Path:
    """A mirrored folder with these plugins in its own repository; nothing had to be asked for them."""
    base = Path(tmp_path_factory.mktemp("python plugins"))
    folder = Path(shutil.copytree(mirrored_folder, base / "folder"))
    (folder / "plugin_repository").mkdir()
    for name, text in PLUGINS.items():
        (folder / "plugin_repository" / name).write_text(text, encoding="utf-8")
    environment = bare_environment(base / "home", npm_config_registry="http://127.0.0.1:9/")
    done = run_app(folder, "mirror", environment=environment, python=installed_wheel.python)
    assert done.returncode == 0, done.stderr
    return folder


@contextmanager
def opened(folder: Path, product: InstalledWheel, tmp_path: Path, arguments: Sequence[str] = ()) -> Iterator[Opened]:
    """The app on a folder, with the network cut."""
    ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
    with cut_network() as cut:
        environment = bare_environment(tmp_path / "home", **cut.environment)
        options = ("--no-open", *ports, *arguments)
        with (
            app_process(folder, options, environment=environment, python=product.python) as app,
            open_browser(tmp_path / "profile", arguments=cut.browser_arguments, environment=cut.environment) as browser,
        ):
            yield Opened(browser.open(app.wait_for_link()), browser)
            assert "Traceback" not in app.output
        assert cut.leaks() == []


@pytest.fixture
def app(lab: Path, installed_wheel: InstalledWheel, tmp_path: Path) -> Iterator[Opened]:
    with opened(lab, installed_wheel, tmp_path) as one:
        yield one


def test_a_python_plugin_runs_with_its_form_and_is_called_by_javascript(app: Opened) -> None:
    page = app.page
    install(page, "Adder", "Caller")
    fill_form(page, "Adder", {"first": "1.5", "second": "40"})
    run(page, "Adder")
    wait_until_said(page, "The sum is 41.5", seconds=20)
    run(page, "Caller")
    wait_until_said(page, "JavaScript got 42, and the array unchanged", seconds=20)
    app.browser.assert_quiet()


def test_a_failure_is_told_with_plugin_and_function_and_its_traceback_is_in_the_log(app: Opened) -> None:
    page = app.page
    install(page, "Fails")
    run(page, "Fails")
    wait_until_said(page, "Fails", "run() failed", "ValueError: the stage is too far", seconds=20)
    page.get_by_role("button", name="Show log", exact=False).first.click()
    page.get_by_role("log").get_by_role("button", name="more lines").click()
    wait_until_said(page, 'raise ValueError("the stage is too far")')
    run(page, "Fails")  # it has not ended: it can be tried again
    wait_until_said(page, "the stage is too far")


def test_a_process_that_ends_settles_the_call_by_name_and_the_plugin_says_so(app: Opened) -> None:
    page = app.page
    install(page, "Dies", "Adder")
    run(page, "Dies")
    wait_until_said(page, "Dies", "exit code 3", seconds=20)
    assert "exit code 3" in entry_text(page, "Dies")
    run(page, "Adder")
    wait_until_said(page, "The sum is 3")


def test_a_script_that_fails_says_why_at_its_place(app: Opened) -> None:
    page = app.page
    page.get_by_role("button", name="Add plugins").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Install Broken", exact=True).click()
    wait_until_said(page, "Broken", "No module named 'no_such_module'", seconds=20)
    page.keyboard.press("Escape")
    assert "no_such_module" in entry_text(page, "Broken")


def test_without_an_engine_javascript_runs_and_a_python_plugin_says_what_it_needs(
    lab: Path, installed_wheel: InstalledWheel, tmp_path: Path
) -> None:
    with opened(lab, installed_wheel, tmp_path, ["--no-engine"]) as app:
        page = app.page
        page.get_by_role("button", name="Add plugins").first.click()
        dialog = page.get_by_role("dialog")
        for name in ("Adder", "Test Image Generator", "Image Viewer"):
            dialog.get_by_role("button", name=f"Install {name}", exact=True).click()
        page.keyboard.press("Escape")
        run(page, "Test Image Generator")
        expect(page.locator("[data-window]")).to_have_count(1)
        wait_until_said(page, "Adder", "Needs the Python engine", "--no-engine")
        app.browser.assert_quiet()
