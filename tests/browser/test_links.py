"""Links in a real browser: what is read of them, what is asked, and that nothing happens without an answer."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.app_page import run_button, wait_until_said
from tests.helpers.browser import Browser, open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.lab_plugin import PLUGIN_URL
from tests.helpers.listener import recording_listener
from tests.helpers.netcut import cut_network
from tests.helpers.processes import LINK, app_process, free_port
from tests.helpers.source_tree import ROOT

VECTORS = json.loads((ROOT / "tests/vectors/links.json").read_text(encoding="utf-8"))["links"]
# In a browser, what is read must not depend on what the app then does; so this is taken down before the app runs.
TAKE_DOWN = "globalThis.__asked = { search: location.search, hash: location.hash };"
READ = """async () => {
  const { readLink } = await import('/app/js/shell/link.js');
  return readLink(globalThis.__asked);
}"""


@dataclass
class Opened:
    """The app, a browser, and where they are."""

    browser: Browser
    origin: str
    token: str

    def page(self, rest: str = "") -> Page:
        return self.browser.open(f"{self.origin}{rest}")

    def ask(self, target: str) -> Any:
        request = urllib.request.Request(self.origin + target, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return json.load(answer)


@pytest.fixture
def opened(folder: Path, person: dict[str, str], installed_wheel: InstalledWheel, tmp_path: Path) -> Iterator[Opened]:
    ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
    with cut_network() as cut:
        environment = {**person, **cut.environment}
        with (
            app_process(folder, ("--no-open", *ports), environment=environment, python=installed_wheel.python) as app,
            open_browser(tmp_path / "profile", arguments=cut.browser_arguments, environment=cut.environment) as browser,
        ):
            found = LINK.search(app.wait_for_link())
            assert found
            yield Opened(browser, found[0].split("/#")[0], found[2])
            browser.assert_quiet()
        assert cut.leaks() == []


def expect_engine(page: Page, state: str) -> None:
    expect(page.get_by_role("button", name=f"Engine: {state}", exact=True)).to_be_visible()


def test_a_browser_reads_links_as_the_vectors_say(opened: Opened) -> None:
    page = opened.browser.context.new_page()
    page.add_init_script(TAKE_DOWN)
    for vector in VECTORS[::3]:
        # The same address twice would not load the page anew.
        page.goto("about:blank")
        page.goto(f"{opened.origin}{vector['link']}")
        read = page.evaluate(READ)
        expected = vector["expected"]
        plugin = expected.get("plugin")
        if plugin is not None and plugin["kind"] == "unreadable":
            assert read["plugin"]["kind"] == "unreadable", vector
            plugin = read["plugin"]
        assert read == {
            "route": expected.get("route", ""),
            "workspace": expected.get("w"),
            "plugin": plugin,
            "engine": expected.get("engine"),
            "token": expected.get("token"),
        }, vector
        asked = page.evaluate("() => location.href")
        assert "token=" not in asked or expected.get("token") is None, f"a token stays in {asked}"
    opened.browser.take_complaints()  # links with made-up tokens are refused, and Chromium says so


def test_all_four_at_once_in_any_order_are_done_one_after_the_other(opened: Opened) -> None:
    other = f"http://127.0.0.1:{free_port()}"
    parts = [f"engine={other}", "plugin=Image%20Viewer", "token=not-the-token-of-this-server", "w=lab+2"]
    for order in (parts, parts[::-1]):
        page = opened.browser.context.new_page()
        page.goto(f"{opened.origin}/#/app?{'&'.join(order)}")
        expect(page.get_by_role("button", name="Workspace: lab 2", exact=True)).to_be_visible()
        question = page.get_by_role("dialog", name="Connect to another engine?")
        expect(question).to_contain_text(other)
        assert "token" not in page.url and "engine" not in page.url
        question.get_by_role("button", name="Cancel").click()
        catalogue = page.get_by_role("dialog", name="Catalogue")
        expect(catalogue.get_by_role("searchbox", name="Search plugins")).to_have_value("Image Viewer")
        expect(catalogue.get_by_role("button", name="Install Image Viewer", exact=True)).to_be_visible()
        expect(catalogue.get_by_role("button", name="Install Test Image Generator", exact=True)).to_have_count(0)
        catalogue.get_by_role("button", name="Close dialog").click()
        expect(page).to_have_url(f"{opened.origin}/#/app?w=lab%202")
        page.close()
    assert opened.ask("/api/engines") == {"engines": []}


def test_a_link_alone_connects_nothing_and_downloads_nothing(opened: Opened) -> None:
    with recording_listener() as listener:
        page = opened.page(f"/#/app?engine={listener.origin}&token=some-other-token&plugin={PLUGIN_URL}")
        question = page.get_by_role("dialog", name="Connect to another engine?")
        expect(question).to_contain_text(listener.origin)
        page.wait_for_timeout(500)
        assert opened.ask("/api/engines") == {"engines": []}
        page.keyboard.press("Escape")
        asked = page.get_by_role("dialog", name="Install a plugin?")
        expect(asked).to_contain_text(PLUGIN_URL)
        page.wait_for_timeout(500)
        assert opened.ask("/api/mirror") == {"allowed": False, "run": None}
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert opened.ask("/api/engines") == {"engines": []}
        assert listener.heard == []


def test_a_token_for_another_engine_is_not_taken_for_the_own_one(opened: Opened) -> None:
    page = opened.page(f"/#/app?token={opened.token}")
    expect_engine(page, "Connected")
    page.goto(f"{opened.origin}/#/app?engine=http://127.0.0.1:{free_port()}&token=some-other-token")
    question = page.get_by_role("dialog", name="Connect to another engine?")
    expect(question).to_be_visible()
    assert page.url == f"{opened.origin}/#/app"
    question.get_by_role("button", name="Cancel").click()
    expect_engine(page, "Connected")
    page.reload()
    expect_engine(page, "Connected")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_the_own_engine_by_any_name_is_paired_without_a_question(opened: Opened, name: str) -> None:
    engine = opened.origin.replace("127.0.0.1", name)
    page = opened.page(f"/?engine={engine}&token={opened.token}#/app")
    expect_engine(page, "Connected")
    expect(page.get_by_role("dialog", name="Connect to another engine?")).to_have_count(0)
    assert page.url == f"{opened.origin}/#/app"


def test_an_engine_that_cannot_be_reached_is_explained_before_it_is_tried(opened: Opened) -> None:
    page = opened.page("/#/app?engine=http://192.168.1.5:9000&token=some-token")
    dialog = page.get_by_role("dialog", name="Connect to another engine?")
    expect(dialog.get_by_role("status")).to_contain_text("ssh -L 9000:127.0.0.1:9000 192.168.1.5")
    expect(dialog.get_by_role("button", name="Go on")).to_have_attribute("aria-disabled", "true")
    dialog.get_by_label("Address of the engine").press("Enter")
    expect(dialog.get_by_role("status")).to_be_visible()


def test_a_plugin_link_without_serve_says_the_exact_command(opened: Opened) -> None:
    page = opened.page(f"/#/app?plugin={PLUGIN_URL}&token={opened.token}")
    dialog = page.get_by_role("dialog", name="Install a plugin?")
    expect(dialog).to_contain_text(f'python -m imjoy mirror --plugin "{PLUGIN_URL}"')
    expect(dialog).to_contain_text("without --serve")
    expect(dialog.get_by_role("button", name="Download")).to_have_count(0)
    dialog.get_by_role("button", name="Look again").click()
    expect(dialog).to_contain_text("python -m imjoy mirror")
    dialog.get_by_role("button", name="Close", exact=True).click()
    expect(page).to_have_url(f"{opened.origin}/#/app")


def test_what_cannot_be_a_plugin_or_a_workspace_is_told_in_words(opened: Opened) -> None:
    page = opened.page("/#/app?plugin=file:///etc/passwd&w=../etc")
    wait_until_said(page, "http and https addresses only", "file:///etc/passwd")
    wait_until_said(page, "the workspace “../etc”", "must not have a “/”")
    expect(page.get_by_role("button", name="Workspace: default", exact=True)).to_be_visible()


def test_a_link_typed_into_an_open_page_is_followed_too(opened: Opened) -> None:
    page = opened.page(f"/#/app?token={opened.token}")
    expect_engine(page, "Connected")
    page.evaluate("() => { location.hash = '#/app?plugin=Image+Viewer'; }")
    dialog = page.get_by_role("dialog", name="Catalogue")
    expect(dialog.get_by_role("searchbox")).to_have_value("Image Viewer")
    dialog.get_by_role("button", name="Install Image Viewer", exact=True).click()
    expect(dialog.get_by_role("button", name="Install Image Viewer", exact=True)).to_have_count(0)
    dialog.get_by_role("button", name="Close dialog").click()
    expect(run_button(page, "Image Viewer")).to_be_visible()
