"""``python -m tests.screenshots``: draws the pictures of docs/images anew, of the app as it is.

It mirrors for real into a temporary folder first, so it needs the registries. Not a test: whoever runs it looks at the
pictures.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.helpers.app_page import fill_form, frame_showing, install, run
from tests.helpers.browser import open_browser
from tests.helpers.processes import app_process, bare_environment, free_port, run_app
from tests.helpers.source_tree import ROOT
from tests.helpers.supply_settings import supply_environment

IMAGES = ROOT / "docs" / "images"
SIZES = {1280: 800, 600: 900}


def show_list(page: Page) -> None:
    """Show the list of plugins, which in a narrow page lies over the windows and goes away by itself."""
    page.wait_for_timeout(500)
    listing = page.get_by_role("banner").get_by_role("button", name="Plugins", exact=True)
    if listing.get_attribute("aria-expanded") != "true":
        listing.click()


def fill_workspace(page: Page) -> None:
    """Two windows side by side: what a first hour with the app looks like."""
    show_list(page)
    install(page, "Filter Chain")
    show_list(page)
    fill_form(page, "Filter Chain", {"Show": "histogram", "Random seed": "7"})
    run(page, "Filter Chain")
    frame_showing(page, "img", "Image of 256 by 256 pixels, float32, grey values", seconds=120)
    expect(page.locator("[data-window]")).to_have_count(2, timeout=30_000)
    page.wait_for_timeout(1500)


def workspace(page: Page) -> None:
    """As it is."""
    page.wait_for_timeout(300)


def catalogue(page: Page) -> None:
    """The catalogue over it."""
    show_list(page)
    page.get_by_role("button", name="Add plugins").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(500)


def commands(page: Page) -> None:
    """The commands, with something typed."""
    page.keyboard.press("F1")
    page.keyboard.type("run")
    page.wait_for_timeout(500)


def engine(page: Page) -> None:
    """The engine's panel, with a worker in it."""
    page.get_by_role("button", name="Engine").first.click()
    page.wait_for_timeout(1500)


SCREENS: dict[str, Callable[[Page], None]] = {
    "workspace": workspace,
    "catalogue": catalogue,
    "commands": commands,
    "engine": engine,
}


def take(link: str, scratch: Path, *, dark: bool, width: int) -> None:
    """All screens in one colour and width."""
    name = f"{'dark' if dark else 'light'}-{width}"
    with open_browser(scratch / f"profile {name}", dark=dark, width=width, height=SIZES[width]) as browser:
        page = browser.open(link)
        fill_workspace(page)
        for screen, show in SCREENS.items():
            show(page)
            page.screenshot(path=IMAGES / f"{screen}-{name}.png")
            page.keyboard.press("Escape")
            page.wait_for_timeout(300)


def main() -> None:
    """Draw them."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as text:
        scratch = Path(text)
        folder = scratch / "lab"
        folder.mkdir()
        environment = bare_environment(scratch / "home", **supply_environment())
        done = run_app(folder, "mirror", environment=environment, seconds=600)
        assert done.returncode == 0, done.stderr
        ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
        with app_process(folder, ("--no-open", *ports), environment=bare_environment(scratch / "home")) as app:
            link = app.wait_for_link()
            for width in SIZES:
                for dark in (False, True):
                    take(link, scratch, dark=dark, width=width)


if __name__ == "__main__":
    main()
