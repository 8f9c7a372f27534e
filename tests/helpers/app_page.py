"""The app in a browser as a person uses it: by roles and names only, so that what is found can be used by all.

Nothing here knows how a page is built; a test that needs more asks the page itself.
"""

import base64
import re
from collections.abc import Callable

from playwright.sync_api import Frame, Locator, Page, expect

from tests.helpers.processes import wait_until


def install(page: Page, *names: str) -> None:
    """Open the catalogue, install each plugin, close the catalogue."""
    page.get_by_role("button", name="Add plugins").first.click()
    dialog = page.get_by_role("dialog")
    for name in names:
        dialog.get_by_role("button", name=f"Install {name}", exact=True).click()
        expect(dialog.get_by_role("button", name=f"Install {name}", exact=True)).to_have_count(0)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    for name in names:
        expect(run_button(page, name)).to_be_visible()


def run_button(page: Page, name: str) -> Locator:
    """The button that runs a plugin."""
    return page.get_by_role("button", name=f"Run {name}", exact=True)


def entry_text(page: Page, name: str) -> str:
    """What the list of plugins says of one of them."""
    return page.locator(f'[data-plugin="{name}"]').first.inner_text()


def wait_on_page(page: Page, holds: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Poll until it holds, while the page goes on: between two looks its events are taken in."""

    def look() -> bool:
        page.wait_for_timeout(20)
        return holds()

    wait_until(look, what, seconds)


def run(page: Page, name: str) -> None:
    """Press a plugin's button, once it can be pressed: what it does for another one may not have ended yet."""
    button = run_button(page, name)
    expect(button).not_to_have_attribute("aria-disabled", "true")
    button.click()


def fill_form(page: Page, plugin: str, values: dict[str, str]) -> None:
    """Fill fields of a plugin's form by their labels, opening the form where it is folded."""
    settings = page.get_by_role("button", name=f"Settings of {plugin}", exact=True)
    for label, value in values.items():
        field = page.get_by_label(label, exact=True)
        # A form that is open may still be on its way.
        if not field.is_visible() and settings.count() and settings.get_attribute("aria-expanded") != "true":
            settings.click()
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def frame_showing(page: Page, role: str, name: str | re.Pattern[str], seconds: float = 20) -> tuple[Frame, Locator]:
    """The plugin's frame that shows an element of this role and name, and the element."""
    found: list[tuple[Frame, Locator]] = []

    def look() -> bool:
        for frame in page.frames[1:]:
            if not frame.is_detached():
                locator = frame.get_by_role(role, name=name)  # type: ignore[arg-type]
                if locator.count():
                    found.append((frame, locator.first))
                    return True
        return False

    wait_on_page(page, look, f"a frame with {role} {name!r}", seconds)
    return found[0]


def canvas_pixels(canvas: Locator) -> tuple[int, int, bytes]:
    """Width, height and RGBA bytes of a canvas, as the browser holds them."""
    width, height, data = canvas.evaluate(
        """(canvas) => {
          const { width, height } = canvas;
          const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
          let text = '';
          for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
          return [width, height, btoa(text)];
        }"""
    )
    return int(width), int(height), base64.b64decode(data)


def wait_until_said(page: Page, *parts: str, seconds: float = 10) -> str:
    """Wait until one message, log, dialog or plugin entry says all of these; returns what it says."""
    places = page.locator('[role="alert"], [role="status"], [role="log"], [role="dialog"], [data-plugin]')
    found: list[str] = []

    def look() -> bool:
        found[:] = [text for text in places.all_inner_texts() if all(part in text for part in parts)]
        return bool(found)

    wait_on_page(page, look, f"the page to say {list(parts)}", seconds)
    return found[0]


def run_command(page: Page, search: str, title: str) -> None:
    """Find a command in the palette, see that it comes first, and run it, by keyboard alone."""
    page.keyboard.press("F1")
    palette = page.get_by_role("dialog", name="Commands", exact=True)
    palette.get_by_role("combobox").fill(search)
    expect(palette.get_by_role("option", selected=True)).to_contain_text(title)
    page.keyboard.press("Enter")
