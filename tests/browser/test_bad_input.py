"""Bad input: one clear message where the person is looking, and what worked goes on working.

A folder's own repository holds one plugin for each fault, beside good ones.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.app_page import entry_text, install, run, wait_until_said
from tests.helpers.browser import Browser, open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import NetworkCut, cut_network
from tests.helpers.processes import app_process, bare_environment, free_port, run_app

LIBRARY = "https://cdn.jsdelivr.net/npm/idb@8.0.4/build/umd.js"


def plugin(name: str, run_body: str, *, setup: str = "", more: str = "") -> str:
    """A small web-worker plugin."""
    return (
        f'<config lang="json">\n{{\n  "name": "{name}",\n  "type": "web-worker",{more}\n  "version": "1.0.0"\n}}\n'
        f'</config>\n<script lang="javascript">\napi.export({{\n  setup() {{ {setup} }},\n'
        f"  async run() {{ {run_body} }},\n}});\n</script>\n"
    )


PLUGINS: dict[str, bytes] = {
    "good.imjoy.html": plugin("Good One", "await api.showMessage('the good one ran')").encode(),
    "bom.imjoy.html": b"\xef\xbb\xbf" + plugin("With BOM", "await api.showMessage('the marked one ran')").encode(),
    "twice.imjoy.html": plugin(
        "Says It Twice",
        "await api.showMessage('the doubled one ran')",
        more='\n  "description": "yesterday",\n  "description": "today",',
    ).encode(),
    "broken_config.imjoy.html": (
        b'<docs>\nHello.\n</docs>\n<config lang="json">\n{\n  "name": "Broken Config",\n  "type": web-worker\n}\n'
        b"</config>\n"
        b'<script lang="javascript">\napi.export({});\n</script>\n'
    ),
    "no_script.imjoy.html": b'<config lang="json">\n{"name": "No Script", "type": "web-worker"}\n</config>\n',
    "no_config.imjoy.html": b'<script lang="javascript">\napi.export({});\n</script>\n',
    "throws.imjoy.html": plugin("Throws In Setup", "", setup="throw new Error('the lens is missing')").encode(),
    "throws_late.imjoy.html": plugin("Throws In Run", "throw new RangeError('the stage is too far')").encode(),
    "syntax.imjoy.html": plugin("Not JavaScript", "this is not a program").encode(),
    "library.imjoy.html": plugin(
        "Uses A Library",
        "await api.showMessage(`the library is a ${typeof idb.openDB}`)",
        more=f'\n  "requirements": ["{LIBRARY}"],',
    ).encode(),
}


def write_plugins(folder: Path) -> None:
    repository = folder / "plugin_repository"
    repository.mkdir(parents=True)
    for name, content in PLUGINS.items():
        (repository / name).write_bytes(content)


def locked(folder: Path, url: str) -> dict[str, object]:
    """What the lock says of an address."""
    lock = json.loads((folder / "imjoy.lock").read_text(encoding="utf-8"))
    (artifact,) = [one for one in lock["artifacts"] if url in one["urls"]]
    found: dict[str, object] = artifact
    return found


def object_of(folder: Path, url: str) -> Path:
    """The stored bytes of an address."""
    digest = str(locked(folder, url)["sha256"])
    return folder / "cache" / "objects" / "sha256" / digest[:2] / digest


def damage(path: Path) -> None:
    """Change one byte and nothing else."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


@dataclass
class Mirrored:
    """A folder with every fault in it, and what the mirror run said."""

    folder: Path
    said: str
    environment: dict[str, str]
    product: InstalledWheel


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory: pytest.TempPathFactory, installed_wheel: InstalledWheel) -> Mirrored:
    base = Path(tmp_path_factory.mktemp("bad input"))
    folder = base / "folder"
    write_plugins(folder)
    environment = installed_wheel.environment(base / "home")
    done = run_app(folder, "mirror", environment=environment, python=installed_wheel.python, seconds=240)
    assert done.returncode == 0, done.stderr
    return Mirrored(folder, done.stdout + done.stderr, environment, installed_wheel)


@dataclass
class Opened:
    """The app on a copy of that folder, in a browser, with the network cut."""

    folder: Path
    page: Page
    browser: Browser
    cut: NetworkCut

    def expect_the_rest_to_work(self) -> None:
        """A good plugin still installs and runs."""
        if not self.page.get_by_role("button", name="Run Good One", exact=True).count():
            install(self.page, "Good One")
        run(self.page, "Good One")
        wait_until_said(self.page, "the good one ran")
        self.page.get_by_role("button", name="Dismiss message").first.click()


@pytest.fixture
def opened(mirrored: Mirrored, tmp_path: Path) -> Iterator[Opened]:
    folder = Path(shutil.copytree(mirrored.folder, tmp_path / "folder"))
    ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
    with cut_network() as cut:
        environment = bare_environment(tmp_path / "home", **cut.environment)
        with (
            app_process(folder, ("--no-open", *ports), environment=environment, python=mirrored.product.python) as app,
            open_browser(tmp_path / "profile", arguments=cut.browser_arguments, environment=cut.environment) as browser,
        ):
            yield Opened(folder, browser.open(app.wait_for_link()), browser, cut)
        assert cut.leaks() == []


def test_the_mirror_run_names_each_fault_once_with_file_and_line(mirrored: Mirrored) -> None:
    def lines_about(*parts: str) -> list[str]:
        return [line for line in mirrored.said.splitlines() if all(part in line for part in parts)]

    assert len(lines_about("broken_config.imjoy.html", "line 7")) == 1, mirrored.said
    assert len(lines_about("no_config.imjoy.html")) == 1, mirrored.said
    assert len(lines_about("no_script.imjoy.html")) == 1, mirrored.said
    assert len(lines_about("twice.imjoy.html", "description")) == 1, mirrored.said
    assert not lines_about("bom.imjoy.html")
    assert "Traceback" not in mirrored.said


def test_the_catalogue_says_what_is_wrong_and_offers_what_is_right(opened: Opened) -> None:
    page = opened.page
    page.get_by_role("button", name="Add plugins", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Install Good One", exact=True)).to_be_enabled()
    expect(dialog.get_by_role("button", name="Install With BOM", exact=True)).to_be_enabled()
    for name in ("Broken Config", "broken_config"):
        assert dialog.get_by_role("button", name=f"Install {name}", exact=True).count() == 0
    text = dialog.inner_text()
    assert "broken_config" in text
    assert "line 7" in text
    page.keyboard.press("Escape")
    opened.expect_the_rest_to_work()
    opened.browser.assert_quiet()


def test_a_byte_order_mark_and_a_key_said_twice_do_no_harm(opened: Opened) -> None:
    install(opened.page, "With BOM", "Says It Twice")
    run(opened.page, "With BOM")
    wait_until_said(opened.page, "the marked one ran")
    run(opened.page, "Says It Twice")
    wait_until_said(opened.page, "the doubled one ran")
    said = entry_text(opened.page, "Says It Twice")
    assert "today" in said
    assert "yesterday" not in said, "the last one counts"
    opened.browser.assert_quiet()


@pytest.mark.parametrize(
    ("name", "cause"),
    [("Throws In Setup", "the lens is missing"), ("Not JavaScript", "SyntaxError"), ("No Script", "script")],
)
def test_a_plugin_that_cannot_start_says_why_at_its_place(name: str, cause: str, opened: Opened) -> None:
    page = opened.page
    page.get_by_role("button", name="Add plugins", exact=True).click()
    expect(page.get_by_role("button", name="Install Good One", exact=True)).to_be_visible()
    button = page.get_by_role("dialog").get_by_role("button", name=f"Install {name}", exact=True)
    if button.count() and button.is_enabled():
        button.click()
        wait_until_said(page, name, cause)
        page.keyboard.press("Escape")
        wait_until_said(page, cause)
        assert "Run" not in entry_text(page, name)
    else:  # what the catalogue knows to be impossible is not offered, and the reason stands there
        assert cause in page.get_by_role("dialog").inner_text()
        page.keyboard.press("Escape")
    opened.expect_the_rest_to_work()


def test_a_run_that_fails_is_told_with_the_plugins_name_and_its_error(opened: Opened) -> None:
    install(opened.page, "Throws In Run")
    run(opened.page, "Throws In Run")
    wait_until_said(opened.page, "Throws In Run", "the stage is too far")
    run(opened.page, "Throws In Run")  # it has not ended: it can be tried again
    opened.expect_the_rest_to_work()


def test_a_damaged_object_is_named_and_the_rest_goes_on(opened: Opened) -> None:
    damage(object_of(opened.folder, LIBRARY))
    page = opened.page
    page.get_by_role("button", name="Add plugins", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Install Uses A Library", exact=True).click()
    wait_until_said(page, "Uses A Library", "idb@8.0.4/build/umd.js")
    page.keyboard.press("Escape")
    opened.expect_the_rest_to_work()
    assert opened.cut.leaks() == []


def test_a_sound_object_is_used(opened: Opened) -> None:
    install(opened.page, "Uses A Library")
    run(opened.page, "Uses A Library")
    wait_until_said(opened.page, "the library is a function")
    opened.browser.assert_quiet()


def test_a_damaged_object_is_repaired_by_the_next_mirror_run(mirrored: Mirrored, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(mirrored.folder, tmp_path / "folder"))
    stored = object_of(folder, LIBRARY)
    sound = stored.read_bytes()
    damage(stored)
    with cut_network() as cut:
        environment = bare_environment(tmp_path / "home", **cut.environment)
        alone = run_app(folder, "mirror", environment=environment, python=mirrored.product.python)
    assert alone.returncode in (4, 5), alone.stderr
    assert "idb@8.0.4/build/umd.js" in alone.stderr
    assert "Traceback" not in alone.stderr
    done = run_app(folder, "mirror", environment=mirrored.environment, python=mirrored.product.python, seconds=240)
    assert done.returncode == 0, done.stderr
    assert stored.read_bytes() == sound
    assert "idb@8.0.4/build/umd.js" in done.stdout + done.stderr, "what was repaired is said"


def test_a_wrong_hash_in_the_lock_is_an_integrity_error_and_the_built_site_goes_on(
    mirrored: Mirrored, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(mirrored.folder, tmp_path / "folder"))
    digest = str(locked(folder, LIBRARY)["sha256"])
    lock = folder / "imjoy.lock"
    lock.write_text(lock.read_text(encoding="utf-8").replace(digest, "0" * 64), encoding="utf-8")
    done = run_app(folder, "mirror", environment=mirrored.environment, python=mirrored.product.python, seconds=240)
    assert done.returncode == 5, done.stderr
    assert "idb@8.0.4/build/umd.js" in done.stderr
    assert "Traceback" not in done.stderr
    environment = bare_environment(tmp_path / "home")
    ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
    with app_process(folder, ("--no-open", *ports), environment=environment, python=mirrored.product.python) as app:
        app.wait_for_link()
