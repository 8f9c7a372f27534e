"""How a person comes to the app: the printed link, the plain address, a second tab, other names of this computer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.browser import Browser, open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import NAMESPACE, NetworkCut, cut_network
from tests.helpers.processes import LINK, AppProcess, app_process, free_port


@dataclass
class Served:
    """A running app, and browsers that may visit it one after the other."""

    cut: NetworkCut
    app: AppProcess
    link: str
    home: Path

    @property
    def port(self) -> int:
        return int(self._parts()[1])

    @property
    def token(self) -> str:
        return str(self._parts()[2])

    def _parts(self) -> "tuple[str, str, str]":
        found = LINK.search(self.link)
        assert found
        return found[0], found[1], found[2]

    @contextmanager
    def visitor(self, name: str) -> Iterator[Browser]:
        """A browser with a profile of this name."""
        profile = self.home / name
        with open_browser(profile, arguments=self.cut.browser_arguments, environment=self.cut.environment) as browser:
            yield browser


@pytest.fixture
def served(folder: Path, person: dict[str, str], installed_wheel: InstalledWheel, tmp_path: Path) -> Iterator[Served]:
    """The app with the network cut: where that is a namespace of our own, at its usual ports."""
    with cut_network() as cut:
        ports = () if cut.how == NAMESPACE else ("--port", str(free_port()), "--sandbox-port", str(free_port()))
        environment = {**person, **cut.environment}
        with app_process(folder, ("--no-open", *ports), environment=environment, python=installed_wheel.python) as app:
            yield Served(cut, app, app.wait_for_link(), tmp_path / "profiles")
        assert cut.leaks() == []


def expect_engine(page: Page, state: str) -> None:
    expect(page.get_by_role("button", name=f"Engine: {state}", exact=True)).to_be_visible()


def test_the_link_pairs_and_the_plain_address_is_paired_from_then_on(served: Served) -> None:
    plain = f"http://127.0.0.1:{served.port}"
    with served.visitor("one") as browser:
        first = browser.open(served.link)
        expect_engine(first, "Connected")
        assert served.token not in first.url, "the token does not stay in the address bar"
        second = browser.open(plain)
        expect_engine(second, "Connected")
        expect_engine(first, "Connected")
        browser.assert_quiet()
    with served.visitor("one") as again:
        expect_engine(again.open(f"{plain}/"), "Connected")
        again.assert_quiet()


def test_a_browser_that_never_saw_the_link_works_and_says_how_to_connect(served: Served) -> None:
    with served.visitor("stranger") as browser:
        page = browser.open(f"http://127.0.0.1:{served.port}/")
        expect_engine(page, "Not paired")
        page.get_by_role("button", name="Engine: Not paired", exact=True).click()
        expect(page.get_by_role("dialog", name="Engine")).to_contain_text("python -m imjoy")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Add plugins", exact=True).click()
        expect(page.get_by_role("button", name="Install Image Viewer", exact=True)).to_be_visible()
        browser.assert_quiet()
        page.goto(f"http://127.0.0.1:{served.port}/#/app?token=not-the-right-token-at-all")
        page.reload()
        expect_engine(page, "Refused")


@pytest.mark.parametrize("name", ["localhost", "[::1]"])
def test_other_names_lead_to_the_one_address_with_path_query_and_fragment(name: str, served: Served) -> None:
    with served.visitor("visitor") as browser:
        page = browser.context.new_page()
        page.goto(f"http://{name}:{served.port}/no/such/page?x=%20y#/app?w=lab")
        assert page.url == f"http://127.0.0.1:{served.port}/no/such/page?x=%20y#/app?w=lab"
        browser.take_complaints()  # the page is a 404, and the browser says so

        page.goto(served.link.replace("127.0.0.1", name).replace("/#", "/?q=1#"))
        expect_engine(page, "Connected")
        assert page.evaluate("() => location.origin + location.pathname + location.search") == (
            f"http://127.0.0.1:{served.port}/?q=1"
        )
        browser.assert_quiet()


def test_the_app_answers_nothing_else_under_its_other_names(served: Served) -> None:
    with served.visitor("visitor") as browser:
        page = browser.open(f"http://127.0.0.1:{served.port}/")
        refused = page.evaluate(
            "(url) => fetch(url).then((answer) => answer.status, () => 'refused')",
            f"http://localhost:{served.port}/catalogue.json",
        )
        assert refused == "refused"
        socket = page.evaluate(
            """(url) => new Promise((done) => {
              const socket = new WebSocket(url);
              socket.onopen = () => done('open');
              socket.onerror = () => done('refused');
            })""",
            f"ws://localhost:{served.port}/engine",
        )
        assert socket == "refused"
