"""The app in whatever browser, used as a person uses it: by roles and names."""

import base64
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from tests.other_browsers.driving import ESCAPE, Document, Element, Gone, Tab

PATIENCE_SECONDS = 30.0
_SAYING = '[role="alert"], [role="status"], [role="log"], [role="dialog"], [data-plugin]'
_CANVAS = """(canvas) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let text = "";
  for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
  return [width, height, btoa(text)];
}"""

Found = TypeVar("Found")


def wait_for(look: Callable[[], Found | None], what: str, seconds: float = PATIENCE_SECONDS) -> Found:
    """Look until something is found; what goes while it is looked at is looked for again."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(Gone):
            found = look()
            if found:
                return found
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.05)


class AppPage:
    """The app in a tab."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    def element(self, name: str, *roles: str) -> Element:
        """The first element of this name and one of these roles, once it is there."""

        def look() -> Element | None:
            return next((one for role in roles for one in self.tab.find(role, name)), None)

        return wait_for(look, f"{' or '.join(roles)} {name!r}")

    def press(self, name: str, *roles: str) -> None:
        """Press a button or menu entry, once it is there and can be used."""

        def look() -> bool:
            element = self.element(name, *(roles or ("button",)))
            if element.call("(element) => element.getAttribute('aria-disabled')") == "true":
                return False
            element.press()
            return True

        wait_for(look, f"{name!r} to be pressed")

    def said(self, *parts: str, seconds: float = PATIENCE_SECONDS) -> str:
        """The first message, status, log, dialog or plugin that says all of these, once one does."""
        function = "(selector) => [...document.querySelectorAll(selector)].map((element) => element.innerText)"

        def look() -> str | None:
            texts = self.tab.call(function, _SAYING)
            return next((str(text) for text in texts if all(part in text for part in parts)), None)

        return wait_for(look, f"the page to say {list(parts)}", seconds)

    def install(self, *names: str) -> None:
        """Install plugins from the catalogue."""
        self.press("Add plugins")
        for name in names:
            self.press(f"Install {name}")
            wait_for(lambda name=name: self._is_listed(name), f"{name} to be installed")  # type: ignore[misc]
        self.tab.type_text(ESCAPE)
        wait_for(lambda: not self.tab.find("dialog", "Catalogue"), "the catalogue to be closed")
        for name in names:
            self.element(f"Run {name}", "button")

    def _is_listed(self, name: str) -> bool:
        # Behind the dialog nothing has a role; this is the hook that the app keeps for automation.
        function = (
            "(name) => [...document.querySelectorAll('[data-plugin]')].some((one) => one.dataset.plugin === name)"
        )
        return bool(self.tab.call(function, name))

    def run(self, name: str) -> None:
        """Press a plugin's button."""
        self.press(f"Run {name}")

    def fill(self, plugin: str, values: dict[str, str]) -> None:
        """Fill fields of a plugin's form by their labels."""
        settings = self.element(f"Settings of {plugin}", "button")
        if settings.call("(button) => button.getAttribute('aria-expanded')") == "false":
            settings.press()
        for label, value in values.items():
            field = self.element(label, "spinbutton", "combobox", "textbox")
            if field.call("(field) => field.localName") == "select":
                _choose(field, value)
            else:
                field.press()
                field.call("(field) => field.select()")
                self.tab.type_text(value)
            assert field.call("(field) => field.selectedOptions?.[0].label ?? field.value") == value, label

    def frame_showing(self, role: str, name: str, seconds: float = PATIENCE_SECONDS) -> tuple[Document, Element]:
        """The plugin's frame with an element of this role and name, and the element, once it is there."""

        def look() -> tuple[Document, Element] | None:
            for frame in self.tab.frames():
                with suppress(Gone):
                    for element in frame.find(role, name):
                        return frame, element
            return None

        return wait_for(look, f"a frame with {role} {name!r}", seconds)


def _choose(field: Element, label: str) -> None:
    # The list that opens is the system's own and not in the page, so the choice is made as its end is seen there.
    field.call(
        """(field, label) => {
          field.value = [...field.options].find((option) => option.label === label).value;
          for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
        }""",
        label,
    )


def canvas_pixels(canvas: Element) -> tuple[int, int, bytes]:
    """Width, height and RGBA bytes of a canvas, as the browser holds them."""
    width, height, data = canvas.call(_CANVAS)
    return int(width), int(height), base64.b64decode(data)
