"""The engine's panel in a real browser: what runs is seen and stopped; another engine is used and forgotten."""

import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.helpers.app_page import entry_text, install, run_button, run_command, wait_until_said
from tests.helpers.browser import Browser, open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.listener import recording_listener
from tests.helpers.netcut import NetworkCut, cut_network
from tests.helpers.processes import LINK, app_process, free_port, run_app

NAME = "Whereabouts"
# Says in which folder it works, which tells whose engine it runs in.
PLUGIN = f"""<config lang="json">
{{"name": "{NAME}", "type": "native-python", "version": "1.0.0", "tags": [], "description": "Says where it is."}}
</config>
<script lang="python">
import os
from imjoy import api

class Plugin:
    def setup(self):
        pass

    def run(self, ctx):
        api.showMessage("working in " + os.getcwd())

api.export(Plugin())
</script>
"""


@dataclass
class Server:
    """One running copy of the app."""

    folder: Path
    origin: str
    token: str

    def connect_src(self) -> list[str]:
        """What the policy of its page lets that connect to."""
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self.origin, timeout=10) as answer:
            policy = answer.headers["Content-Security-Policy"]
        return next(part.split()[1:] for part in policy.split("; ") if part.startswith("connect-src"))


@dataclass
class Lab:
    """Where servers are started, and a browser."""

    folder: Path
    person: dict[str, str]
    wheel: InstalledWheel
    cut: NetworkCut
    browser: Browser
    stack: ExitStack
    servers: list[Server] = field(default_factory=list)

    def start(self, *options: str) -> Server:
        """One more server, over a folder of its own."""
        folder = Path(shutil.copytree(self.folder, self.folder.parent / f"folder-{len(self.servers)}"))
        environment = {**self.person, **self.cut.environment}
        ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
        app = self.stack.enter_context(
            app_process(folder, ("--no-open", *ports, *options), environment=environment, python=self.wheel.python)
        )
        found = LINK.search(app.wait_for_link())
        assert found
        self.servers.append(Server(folder, found[0].split("/#")[0], found[2]))
        return self.servers[-1]

    def open(self, server: Server, more: str = "") -> Page:
        page = self.browser.open(f"{server.origin}/#/app?token={server.token}{more}")
        expect_engine(page, "Connected")
        return page


@pytest.fixture
def lab(folder: Path, person: dict[str, str], installed_wheel: InstalledWheel, tmp_path: Path) -> Iterator[Lab]:
    repository = folder / "plugin_repository"
    repository.mkdir()
    (repository / f"{NAME}.imjoy.html").write_text(PLUGIN, encoding="utf-8")
    done = run_app(folder, "mirror", environment=person, python=installed_wheel.python)
    assert done.returncode == 0, done.stderr
    with cut_network() as cut, ExitStack() as stack:
        browser = stack.enter_context(
            open_browser(tmp_path / "profile", arguments=cut.browser_arguments, environment=cut.environment)
        )
        yield Lab(folder, person, installed_wheel, cut, browser, stack)
        browser.assert_quiet()
        assert cut.leaks() == []


def expect_engine(page: Page, state: str) -> None:
    expect(page.get_by_role("button", name=f"Engine: {state}", exact=True)).to_be_visible()


def panel(page: Page) -> Locator:
    dialog = page.get_by_role("dialog", name="Engine", exact=True)
    if not dialog.is_visible():
        page.get_by_role("button", name="Engine: ").click()
    return dialog


def test_what_runs_is_seen_and_can_be_stopped_also_from_another_page(lab: Lab) -> None:
    server = lab.start()
    page = lab.open(server)
    expect(panel(page)).to_contain_text("No Python plugin runs")
    page.keyboard.press("Escape")
    install(page, NAME)
    worker = panel(page).get_by_role("listitem", name=NAME)
    expect(worker).to_contain_text("Running for")
    expect(worker).to_contain_text("MB")
    expect(worker).to_contain_text("process")
    worker.get_by_role("button", name=f"Stop {NAME}").click()
    expect(panel(page)).to_contain_text("No Python plugin runs")
    page.keyboard.press("Escape")
    assert "it was stopped" in entry_text(page, NAME)
    page.get_by_role("button", name=f"Reload {NAME}", exact=True).click()
    expect(run_button(page, NAME)).to_be_visible()

    other = lab.browser.open(f"{server.origin}/#/app?w=other")
    expect_engine(other, "Connected")
    worker = panel(other).get_by_role("listitem", name=NAME)
    expect(worker).to_contain_text("from another page, in “default”")
    worker.get_by_role("button", name=f"Stop {NAME}").click()
    expect(panel(other)).to_contain_text("No Python plugin runs")
    wait_until_said(page, NAME, "it was stopped from another page")


def test_another_engine_is_used_after_a_question_and_forgotten_again(lab: Lab) -> None:
    server = lab.start()
    own = ["'self'", "data:", server.origin.replace("http", "ws")]
    other = lab.start("--allow-origin", server.origin)
    page = lab.open(server)
    install(page, NAME)
    run_button(page, NAME).click()
    wait_until_said(page, "working in", server.folder.name)

    # The link that the other engine has printed, pasted into the dialog, says everything.
    panel(page).get_by_role("button", name="Connect to an engine…").click()
    dialog = page.get_by_role("dialog", name="Connect to an engine")
    dialog.get_by_label("Address of the engine").fill(f"{other.origin}/#/app?token={other.token}")
    expect(dialog.get_by_label("Address of the engine")).to_have_value(other.origin)
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog).to_contain_text(other.origin)
    expect(dialog).to_contain_text(f"--allow-origin {server.origin}")
    assert server.connect_src() == own, "before the answer nothing is allowed"
    dialog.get_by_role("button", name=f"Connect to {other.origin.removeprefix('http://')}").click()

    expect_engine(page, "Connected")
    expect(panel(page)).to_contain_text(f"connected to the engine at {other.origin}")
    page.keyboard.press("Escape")
    assert server.connect_src() == [*own, other.origin, other.origin.replace("http", "ws")]
    assert other.connect_src() == ["'self'", "data:", other.origin.replace("http", "ws")]
    run_button(page, NAME).click()
    wait_until_said(page, "working in", other.folder.name)
    page.reload()
    expect_engine(page, "Connected")
    expect(panel(page)).to_contain_text(other.origin)

    panel(page).get_by_role("button", name="Use this server's own engine").click()
    expect_engine(page, "Connected")
    expect(panel(page)).to_contain_text("the engine on this computer")
    panel(page).get_by_role("button", name=f"Use {other.origin}").click()
    again = page.get_by_role("dialog", name="Connect to an engine")
    expect(again.get_by_label("Address of the engine")).to_have_value(other.origin)
    again.get_by_role("button", name="Cancel").click()
    panel(page).get_by_role("button", name=f"Forget {other.origin}").click()
    expect(panel(page).get_by_role("region", name="Other engines")).to_have_count(0)
    assert server.connect_src() == own


def test_an_engine_that_lets_this_page_not_in_is_told_with_what_it_needs(lab: Lab) -> None:
    server, other = lab.start(), lab.start()
    page = lab.open(server, "&w=lab")
    page.goto(f"{server.origin}/#/app?engine={other.origin}&token={other.token}")
    page.get_by_role("dialog", name="Connect to another engine?").get_by_role("button", name="Connect to").click()
    expect_engine(page, "No answer")
    expect(panel(page)).to_contain_text(f"--allow-origin {server.origin}")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add plugins").first.click()
    page.get_by_role("button", name=f"Install {NAME}", exact=True).click()
    page.keyboard.press("Escape")
    wait_until_said(page, "Needs the Python engine", f"--allow-origin {server.origin}")
    run_command(page, "own engine", "Engine: use this server's own")
    expect_engine(page, "Connected")
    expect(run_button(page, NAME)).to_be_visible()
    lab.browser.take_complaints()  # what the other engine refuses is a failed request to Chromium


def test_a_wrong_token_is_refused_by_the_other_engine_and_harms_no_pairing(lab: Lab) -> None:
    server = lab.start()
    other = lab.start("--allow-origin", server.origin)
    page = lab.open(server)
    page.goto(f"{server.origin}/#/app?engine={other.origin}&token=a-token-of-somebody-else")
    page.get_by_role("dialog", name="Connect to another engine?").get_by_role("button", name="Connect to").click()
    expect_engine(page, "Refused")
    expect(panel(page)).to_contain_text("Connect again with the token")
    panel(page).get_by_role("button", name="Use this server's own engine").click()
    expect_engine(page, "Connected")
    lab.browser.take_complaints()


def test_an_engine_that_was_forgotten_elsewhere_is_not_tried(lab: Lab) -> None:
    server = lab.start()
    page = lab.open(server)
    with recording_listener() as listener:
        # As if it had been chosen in this browser, while the server knows nothing of it.
        page.evaluate(
            """(chosen) => {
              localStorage.setItem('imjoy_engine', JSON.stringify({ chosen, tokens: { [chosen]: 'x' } }));
            }""",
            listener.origin,
        )
        page.reload()
        expect_engine(page, "Connected")
        wait_until_said(page, listener.origin, "no longer allowed")
        page.get_by_role("button", name="Connect again…").click()
        expect(page.get_by_label("Address of the engine")).to_have_value(listener.origin)
        assert listener.heard == []
