"""The app can be used by everybody: no known barrier in light or dark, and the way to a first picture by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.accessibility import barriers
from tests.helpers.app_page import frame_showing, install
from tests.helpers.browser import open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import cut_network
from tests.helpers.processes import app_process, free_port

NAMES = ("Test Image Generator", "Image Viewer")


@pytest.fixture(params=["light", "dark", "narrow"])
def page(
    request: pytest.FixtureRequest,
    folder: Path,
    person: dict[str, str],
    installed_wheel: InstalledWheel,
    tmp_path: Path,
) -> Iterator[Page]:
    """The app, just opened; narrow is the width of a telephone."""
    ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
    with cut_network() as cut:
        environment = {**person, **cut.environment}
        with (
            app_process(folder, ("--no-open", *ports), environment=environment, python=installed_wheel.python) as app,
            open_browser(
                tmp_path / "profile",
                arguments=cut.browser_arguments,
                environment=cut.environment,
                dark=request.param == "dark",
                width=390 if request.param == "narrow" else 1280,
            ) as browser,
        ):
            yield browser.open(app.wait_for_link())
            browser.assert_quiet()


def test_no_known_barrier_from_the_empty_app_to_the_first_picture(page: Page) -> None:
    adding = page.get_by_role("button", name="Add plugins", exact=True)
    listing = page.get_by_role("banner").get_by_role("button", name="Plugins", exact=True)
    expect(listing).to_be_visible()
    if listing.get_attribute("aria-expanded") == "false":
        listing.click()
    expect(adding).to_be_visible()
    assert barriers(page) == []
    adding.click()
    expect(page.get_by_role("button", name=f"Install {NAMES[0]}", exact=True)).to_be_visible()
    assert barriers(page) == []
    page.keyboard.press("Escape")
    install(page, *NAMES)
    assert barriers(page) == []
    settings = page.get_by_role("button", name=f"Settings of {NAMES[0]}", exact=True)
    if settings.get_attribute("aria-expanded") == "false":
        settings.click()
    expect(page.get_by_label("Random seed", exact=True)).to_be_visible()
    assert barriers(page) == []


def press_until_focused(page: Page, role: str, name: str) -> None:
    """Go on with the tabulator until this element has the focus, as somebody without a mouse does."""
    wanted = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
    for _ in range(60):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"The tabulator never came to {role} {name!r}.")


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_the_first_picture_can_be_had_with_the_keyboard_alone(page: Page) -> None:
    expect(page.get_by_role("button", name="Add plugins", exact=True)).to_be_enabled()
    press_until_focused(page, "button", "Add plugins")
    page.keyboard.press("Enter")
    for name in NAMES:
        expect(page.get_by_role("button", name=f"Install {name}", exact=True)).to_be_visible()
        press_until_focused(page, "button", f"Install {name}")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=f"Install {name}", exact=True)).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name=f"Run {NAMES[0]}", exact=True)).to_be_enabled()
    press_until_focused(page, "button", f"Run {NAMES[0]}")
    page.keyboard.press("Enter")
    frame_showing(page, "img", "Image of 256 by 256 pixels, uint8, grey values")
