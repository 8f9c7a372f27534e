"""A plugin that lies outside, from the link to its first run: asked about, downloaded by the server, installed, run."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.helpers.accessibility import barriers
from tests.helpers.app_page import run_button, wait_until_said
from tests.helpers.browser import Browser, open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.lab_plugin import (
    BROKEN_URL,
    LIBRARY_URL,
    PLAIN_LIBRARY_URL,
    PLAIN_NAME,
    PLAIN_URL,
    PLUGIN_NAME,
    PLUGIN_URL,
    plugin_text,
    publish_lab_plugin,
    use_stand_in,
)
from tests.helpers.netcut import cut_network
from tests.helpers.processes import LINK, app_process, free_port
from tests.helpers.upstream import Sending, StandIn, running_stand_in

INSTALL = f"Install {PLUGIN_NAME}"


@dataclass
class Serving:
    """A session of ``--serve``, its upstream, and a browser that is paired."""

    upstream: StandIn
    browser: Browser
    origin: str
    token: str

    def follow(self, plugin: str, more: str = "") -> Page:
        """A new tab that follows a link to a plugin."""
        page = self.browser.open(f"{self.origin}/#/app?plugin={plugin}{more}&token={self.token}")
        expect(page.get_by_role("button", name="Engine: Connected", exact=True)).to_be_visible()
        return page

    def hold(self, part: str) -> threading.Event:
        """Let the upstream answer for ``part`` only after this event."""
        released = threading.Event()

        def wait() -> None:
            released.wait(30)

        self.upstream.on_request = lambda count, path: Sending(before=wait) if part in path else None
        return released


@pytest.fixture
def serving(folder: Path, person: dict[str, str], installed_wheel: InstalledWheel, tmp_path: Path) -> Iterator[Serving]:
    ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
    with cut_network() as cut, running_stand_in() as upstream:
        publish_lab_plugin(upstream)
        use_stand_in(folder, upstream)
        environment = {**person, **cut.environment}
        arguments = ("--serve", "--no-open", *ports)
        with (
            app_process(folder, arguments, environment=environment, python=installed_wheel.python) as app,
            open_browser(tmp_path / "profile", arguments=cut.browser_arguments, environment=cut.environment) as browser,
        ):
            found = LINK.search(app.wait_for_link(60))
            assert found
            yield Serving(upstream, browser, found[0].split("/#")[0], found[2])
            browser.assert_quiet()
        assert cut.leaks() == []


def question(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Install a plugin?")


def test_from_the_link_to_the_first_run(serving: Serving) -> None:
    released = serving.hold("lab-plugin")
    page = serving.follow(f"{PLUGIN_URL}%23GPU", "&w=lab")
    dialog = question(page)
    expect(dialog).to_contain_text(PLUGIN_URL)
    expect(dialog).to_contain_text("cdn.jsdelivr.net")
    assert serving.upstream.asked("lab-plugin") == 0, "nothing is asked before the person says so"
    dialog.get_by_role("button", name="Download").click()
    expect(dialog.get_by_role("progressbar", name="Download")).to_be_visible()
    expect(dialog.get_by_role("status")).to_contain_text("…")
    expect(dialog.get_by_role("button", name="Cancel the download")).to_be_visible()
    assert barriers(page) == []
    released.set()

    expect(dialog.get_by_role("heading", name=PLUGIN_NAME)).to_be_visible()
    assert barriers(page) == []
    assert PLUGIN_NAME not in page.locator("[data-plugin]").all_inner_texts(), "downloading installs nothing"
    for words in ("Version 1.2.0", "web-worker", PLUGIN_URL):
        expect(dialog).to_contain_text(words)
    runs = dialog.get_by_role("region", name="What will run")
    expect(runs).to_contain_text("sandbox")
    expect(runs).to_contain_text(LIBRARY_URL)
    expect(dialog.get_by_label("Variant")).to_have_value("GPU")
    dialog.get_by_text("Show its source").click()
    expect(dialog).to_contain_text("api.showMessage")
    dialog.get_by_role("button", name=INSTALL, exact=True).click()

    expect(dialog).to_have_count(0)
    wait_until_said(page, f"{PLUGIN_NAME} is installed")
    expect(page).to_have_url(f"{serving.origin}/#/app?w=lab")
    run_button(page, PLUGIN_NAME).click()
    wait_until_said(page, "The sum is 42, tag GPU")
    page.reload()
    run_button(page, PLUGIN_NAME).click()
    wait_until_said(page, "The sum is 42, tag GPU")

    # What is mirrored now is answered from the folder: nothing is asked again, and what is installed is known.
    asked = len(serving.upstream.seen)
    again = serving.follow(f"{PLUGIN_URL}@CPU", "&w=lab")
    expect(question(again)).to_contain_text("letter by letter the same")
    expect(question(again).get_by_label("Variant")).to_have_value("CPU")
    again.keyboard.press("Escape")
    elsewhere = serving.follow(PLUGIN_URL, "&w=other")
    expect(question(elsewhere).get_by_role("button", name=INSTALL, exact=True)).to_be_visible()
    assert len(serving.upstream.seen) == asked


def test_a_plugin_and_a_library_at_plain_addresses(serving: Serving) -> None:
    page = serving.follow(PLAIN_URL, "&w=lab")
    dialog = question(page)
    expect(dialog).to_contain_text(PLAIN_URL)
    released = serving.hold("/lib/add")
    dialog.get_by_role("button", name="Download").click()
    # What takes long is named while it is fetched.
    expect(dialog).to_contain_text(PLAIN_LIBRARY_URL)
    expect(dialog.get_by_role("button", name="Cancel the download")).to_be_visible()
    released.set()
    expect(dialog.get_by_role("region", name="What will run")).to_contain_text(PLAIN_LIBRARY_URL)
    dialog.get_by_role("button", name=f"Install {PLAIN_NAME}", exact=True).click()
    run_button(page, PLAIN_NAME).click()
    wait_until_said(page, "The sum is 42, tag CPU")


def test_a_download_is_cancelled_hidden_and_found_again(serving: Serving) -> None:
    released = serving.hold("lab-plugin")
    page = serving.follow(PLUGIN_URL)
    dialog = question(page)
    dialog.get_by_role("button", name="Download").click()
    dialog.get_by_role("button", name="Cancel the download").click()
    expect(dialog.get_by_role("alert")).to_contain_text("cancelled")
    dialog.get_by_role("button", name="Try again").click()
    dialog.get_by_role("button", name="Download").click()
    expect(dialog.get_by_role("button", name="Cancel the download")).to_be_visible()

    # Loaded anew in the middle, the page finds its run again.
    page.reload()
    expect(question(page).get_by_role("button", name="Cancel the download")).to_be_visible()
    # Another link meanwhile is told that one run is at work.
    other = serving.follow(BROKEN_URL)
    question(other).get_by_role("button", name="Download").click()
    expect(question(other).get_by_role("alert")).to_contain_text("Another mirror run is at work")
    other.close()

    question(page).get_by_role("button", name="Hide").click()
    wait_until_said(page, "goes on")
    released.set()
    wait_until_said(page, PLUGIN_URL, "is in this folder now", seconds=30)
    page.get_by_role("button", name="Show it").click()
    question(page).get_by_role("button", name=INSTALL, exact=True).click()
    expect(run_button(page, PLUGIN_NAME)).to_be_visible()
    serving.browser.take_complaints()  # a refusal with 409 is a failed request to Chromium


def test_what_is_no_plugin_and_what_is_not_there_are_told_with_what_to_do(serving: Serving) -> None:
    for url, words in (
        (BROKEN_URL, "cannot be used as a plugin"),
        ("https://cdn.jsdelivr.net/npm/no-such-package@1.0.0/No.imjoy.html", "no-such-package"),
    ):
        page = serving.follow(url)
        dialog = question(page)
        dialog.get_by_role("button", name="Download").click()
        expect(dialog.get_by_role("alert")).to_contain_text(words)
        expect(dialog.get_by_role("button", name="Install")).to_have_count(0)
        dialog.get_by_role("button", name="Try again").click()
        expect(dialog.get_by_role("button", name="Download")).to_be_visible()
        page.close()


def test_a_python_plugin_is_said_to_run_on_the_computer(serving: Serving) -> None:
    # Asked for on no Python that there is, so that nothing has to be brought for it here.
    text = plugin_text("Lab Python", "numpy>=1.26; python_version < '3'").replace("web-worker", "native-python")
    text = text.replace('<script lang="javascript">', '<script lang="python">')
    serving.upstream.publish("lab-python", "1.0.0", {"Python.imjoy.html": text})
    page = serving.follow("https://cdn.jsdelivr.net/npm/lab-python@1.0.0/Python.imjoy.html")
    dialog = question(page)
    dialog.get_by_role("button", name="Download").click()
    runs = dialog.get_by_role("region", name="What will run")
    expect(runs).to_contain_text("Runs as a program on this computer, outside the browser")
    expect(runs).to_contain_text("numpy>=1.26")
    page.keyboard.press("Escape")
    expect(page.locator("[data-plugin]")).to_have_count(0)


def test_a_browser_that_is_not_paired_is_told_so_and_downloads_nothing(serving: Serving) -> None:
    page = serving.browser.open(f"{serving.origin}/#/app?plugin={PLUGIN_URL}")
    expect(question(page)).to_contain_text("not paired")
    expect(question(page).get_by_role("button", name="Download")).to_have_count(0)
    assert serving.upstream.asked("lab-plugin") == 0
