"""Windows in the dock: split, tabbed, moved, maximised and closed, and no plugin's page is ever loaded anew by it.

The plugins in ``dock_plugins`` tell what would betray it: each page of the counter makes a token of its own, and the
clerk holds a counter from outside and calls it.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.helpers.accessibility import barriers
from tests.helpers.app_page import install, run, run_button, wait_on_page
from tests.helpers.browser import Browser, open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import NetworkCut, cut_network
from tests.helpers.processes import app_process, bare_environment, free_port, run_app

PLUGINS = Path(__file__).with_name("dock_plugins")
COUNTER = "Counter"
CLERK = "Clerk"
HELD = "The clerk's counter"
GAUGE = "Gauge with a name that is far too long for the bar of a window"
COUNT_LOADS = """() => {
  window.loadsOfFrames = {};
  document.addEventListener('load', ({ target }) => {
    const id = target instanceof HTMLIFrameElement && target.closest('[data-window]')?.dataset.window;
    if (id) window.loadsOfFrames[id] = (window.loadsOfFrames[id] ?? 0) + 1;
  }, true);
}"""

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Rectangle:
    """Where something is on the page, in CSS pixels."""

    left: float
    top: float
    right: float
    bottom: float
    seen: bool

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def overlaps(self, other: "Rectangle") -> bool:
        """Whether both have more than a border in common."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide > 1 and high > 1


@dataclass
class Desk:
    """The app in a browser, its windows as a person finds them."""

    page: Page
    browser: Browser

    def tab(self, title: str) -> Locator:
        return self.page.get_by_role("tab", name=title, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def window(self, title: str) -> Locator:
        """The content of a window, seen or not."""
        return self.page.locator(f'[data-window][aria-label="{title}"]')

    def inside(self, title: str) -> FrameLocator:
        return self.page.frame_locator(f'[data-window][aria-label="{title}"] iframe')

    def show_list(self, shown: bool = True) -> None:
        """Show or hide the list of plugins, which in a narrow page lies over the windows."""
        listing = self.page.get_by_role("banner").get_by_role("button", name="Plugins", exact=True)

        def is_right() -> bool:
            if (listing.get_attribute("aria-expanded") == "true") == shown:
                return True
            listing.click()
            return False

        # It goes away by itself when a window opens, perhaps between the look and the click.
        wait_on_page(self.page, is_right, "the list of plugins")

    def open(self, plugin: str, title: str) -> None:
        """Run a plugin and wait until its window is there with its page."""

        def listed() -> bool:
            # In a narrow page the list goes away by itself when a window opens, perhaps right now.
            self.show_list()
            return run_button(self.page, plugin).is_visible()

        wait_on_page(self.page, listed, f"the button of {plugin}")
        run(self.page, plugin)
        expect(self.tab(title)).to_have_count(1)
        expect(self.inside(title).get_by_text(re.compile("Token|gauge"))).to_be_attached()

    def place(self, title: str) -> Rectangle:
        window = self.window(title)
        left, top, right, bottom = window.evaluate(
            "(element) => { const { left, top, right, bottom } = element.getBoundingClientRect();"
            " return [left, top, right, bottom]; }"
        )
        return Rectangle(left, top, right, bottom, window.is_visible())

    def wait(self, holds: Callable[..., bool], *titles: str) -> None:
        """Wait until it holds of the places of these windows."""
        places: list[Rectangle] = []

        def look() -> bool:
            places[:] = [self.place(one) for one in titles]
            return holds(*places)

        try:
            wait_on_page(self.page, look, "the windows to be where they should")
        except AssertionError as error:
            raise AssertionError(f"{error} They are: {dict(zip(titles, places, strict=True))}") from None

    def drag(self, grip: Locator, x: float, y: float, to: str) -> None:
        """Drag something with the mouse, as a person does: over whatever lies between, until the mark is right.

        ``to`` is the part of the place there: center, or one of its edges.
        """
        box = grip.bounding_box()
        assert box
        mouse = self.page.mouse
        mouse.move(box["x"] + 30, box["y"] + box["height"] / 2)
        mouse.down()
        mouse.move(box["x"] + 44, box["y"] + box["height"] / 2 + 8, steps=3)
        mouse.move(x, y, steps=8)

        def is_marked() -> bool:
            mouse.move(x + 1, y)
            mouse.move(x, y)
            return self.page.locator(f".dv-drop-target-anchor.dv-drop-target-{to}").count() == 1

        wait_on_page(self.page, is_marked, f"the mark for {to}")
        mouse.up()

    def token(self, title: str) -> str:
        return self.inside(title).get_by_label("Token").inner_text()

    def loads(self) -> dict[str, int]:
        counted: dict[str, int] = self.page.evaluate("() => window.loadsOfFrames")
        return counted

    def assert_never_loaded_anew(self) -> None:
        windows = self.page.evaluate(
            "() => [...document.querySelectorAll('[data-window]')].map((w) => w.dataset.window)"
        )
        loads = self.loads()
        assert windows
        assert {one: loads.get(one) for one in windows} == dict.fromkeys(windows, 1)

    def assert_answers(self, count: int, token: str) -> None:
        """The clerk's counter is the page that it was, and a call from another plugin comes through."""
        run(self.page, CLERK)
        expect(self.page.get_by_text(f"the counter says {count}, token {token}").first).to_be_visible()


@dataclass
class Ground:
    """A running app with the plugins of this test, for one browser after the other."""

    link: str
    cut: NetworkCut
    home: Path

    @contextmanager
    def desk(
        self, *, width: int = 1280, height: int = 800, dark: bool = False, installed: bool = False
    ) -> Iterator[Desk]:
        """A browser with an empty profile, the plugins installed, or the profile of the one before."""
        profile = self.home / "profile"
        if not installed:
            shutil.rmtree(profile, ignore_errors=True)
        cut = self.cut
        with open_browser(
            profile,
            arguments=cut.browser_arguments,
            environment=cut.environment,
            dark=dark,
            width=width,
            height=height,
        ) as browser:
            page = browser.open(self.link)
            desk = Desk(page, browser)
            page.evaluate(COUNT_LOADS)
            desk.show_list()
            expect(page.get_by_role("button", name="Add plugins", exact=True)).to_be_visible()
            if not installed:
                install(page, COUNTER, CLERK, GAUGE)
            yield desk
            browser.assert_quiet()


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, installed_wheel: InstalledWheel) -> Iterator[Ground]:
    """Mirror with the plugins as the folder's own, cut the network, serve."""
    home = Path(tmp_path_factory.mktemp("dock"))
    folder = home / "folder"
    shutil.copytree(PLUGINS, folder / "plugin_repository")
    environment = installed_wheel.environment(home / "mirroring")
    mirrored = run_app(folder, "mirror", environment=environment, python=installed_wheel.python, seconds=240)
    assert mirrored.returncode == 0, mirrored.stderr
    ports = ("--no-open", "--port", str(free_port()), "--sandbox-port", str(free_port()))
    with cut_network() as cut:
        person = {**bare_environment(home / "person"), **cut.environment}
        with app_process(folder, ports, environment=person, python=installed_wheel.python) as app:
            yield Ground(app.wait_for_link(), cut, home)


# ------------------------------------------------------------------ with the mouse


def test_the_mouse_splits_tabs_moves_maximises_and_closes_and_nothing_is_loaded_anew(ground: Ground) -> None:
    with ground.desk() as desk:
        page = desk.page
        desk.open(CLERK, HELD)
        token = desk.token(HELD)
        desk.open(COUNTER, COUNTER)
        desk.open(COUNTER, f"{COUNTER} (#2)")
        other = desk.token(COUNTER)
        desk.assert_answers(1, token)

        # Into the place of another: tabs.
        middle = desk.place(COUNTER)
        desk.drag(desk.tab(HELD), (middle.left + middle.right) / 2, (middle.top + middle.bottom) / 2, "center")
        desk.wait(lambda a, b: a.seen and not b.seen and abs(a.left - b.left) < 2, HELD, COUNTER)
        desk.assert_answers(2, token)
        desk.tab(COUNTER).click()
        desk.wait(lambda a, b: b.seen and not a.seen, HELD, COUNTER)
        assert desk.token(COUNTER) == other

        # To the lower edge of that place: split.
        place = desk.place(COUNTER)
        desk.drag(desk.tab(HELD), (place.left + place.right) / 2, place.bottom - 30, "bottom")
        desk.wait(lambda a, b: a.seen and b.seen and b.bottom < a.top, HELD, COUNTER)
        told = desk.place(HELD)
        expect(desk.inside(HELD).get_by_label("Resizes")).to_have_text(
            re.compile(rf"^{told.width - 2:.0f} by {told.height - 1:.0f}$")
        )
        desk.assert_answers(3, token)

        # To the edge of the whole dock: moved.
        everything = page.locator(".windows").bounding_box()
        assert everything
        desk.drag(desk.tab(HELD), everything["x"] + 12, everything["y"] + everything["height"] / 2, "left")
        desk.wait(lambda a, b, c: a.right < b.left and a.right < c.left, HELD, COUNTER, f"{COUNTER} (#2)")
        desk.assert_answers(4, token)

        # The divider beside it, over the frames of both.
        before = desk.place(HELD)
        page.mouse.move(before.right + 4, before.top + 100)
        page.mouse.down()
        page.mouse.move(before.right + 150, before.top + 160, steps=6)
        desk.wait(lambda a: a.width > before.width + 100, HELD)
        page.mouse.move(5, before.top + 160, steps=6)
        desk.wait(lambda a: a.width < 250, HELD)
        page.mouse.up()
        page.wait_for_timeout(200)
        desk.wait(lambda a, b: a.seen and b.seen and a.width > 220, HELD, COUNTER)
        page.mouse.move(desk.place(HELD).right + 4, before.top + 100)
        page.mouse.down()
        page.mouse.move(before.right + 60, before.top + 160, steps=6)
        page.mouse.up()
        desk.wait(lambda a: abs(a.width - before.width - 56) < 8, HELD)
        desk.assert_answers(5, token)

        # Maximised by its button, then back by a double click; the others are tabs meanwhile.
        desk.button(f"Maximise {HELD}").click()
        desk.wait(
            lambda a, b, c: a.width > everything["width"] - 30 and not b.seen and not c.seen,
            HELD,
            COUNTER,
            f"{COUNTER} (#2)",
        )
        desk.assert_answers(6, token)
        desk.tab(HELD).dblclick()
        desk.wait(lambda a, b, c: a.seen and b.seen and c.seen, HELD, COUNTER, f"{COUNTER} (#2)")

        # Closing one leaves the others.
        desk.button(f"Close {COUNTER} (#2)").click()
        expect(desk.tab(f"{COUNTER} (#2)")).to_have_count(0)
        expect(page.locator("[data-window]")).to_have_count(2)
        desk.tab(COUNTER).click(button="middle")
        expect(desk.tab(COUNTER)).to_have_count(0)
        desk.wait(lambda a: a.width > everything["width"] - 30, HELD)
        desk.assert_answers(7, token)
        desk.assert_never_loaded_anew()


def test_a_window_that_opens_while_something_is_dragged_waits_for_the_hand(ground: Ground) -> None:
    with ground.desk() as desk:
        page = desk.page
        desk.open(COUNTER, COUNTER)
        desk.open(GAUGE, GAUGE)
        before = desk.place(COUNTER)
        page.mouse.move(before.right + 4, before.top + 100)
        page.mouse.down()
        page.mouse.move(before.right + 30, before.top + 100, steps=3)
        page.get_by_role("button", name=f"Run {CLERK}", exact=True).evaluate("(button) => button.click()")
        expect(desk.inside(HELD).get_by_label("Token")).to_be_attached()
        expect(desk.tab(HELD)).to_have_count(0)
        page.mouse.move(before.right - 60, before.top + 100, steps=3)
        desk.wait(lambda a: a.width < before.width - 40, COUNTER)
        page.mouse.up()
        expect(desk.tab(HELD)).to_be_visible()
        desk.wait(lambda a, b, c: a.seen and b.seen and c.seen, COUNTER, GAUGE, HELD)
        desk.assert_never_loaded_anew()


# ------------------------------------------------------------------ with the keyboard


def focused(page: Page) -> str:
    """What has the keyboard: the name of a tab or button, or the page in a window."""
    name = page.evaluate(
        """() => {
          const element = document.activeElement;
          if (element instanceof HTMLIFrameElement) return `in ${element.closest('[data-window]').ariaLabel}`;
          return element.ariaLabel ?? element.textContent.trim();
        }"""
    )
    return str(name)


def press(page: Page, key: str, then: str) -> None:
    """Press a key and wait until this has the keyboard."""
    page.keyboard.press(key)
    wait_on_page(page, lambda: focused(page) == then, f"{then!r} after {key}; it is {focused(page)!r}")


def test_the_keyboard_does_all_that_the_mouse_can_do(ground: Ground) -> None:
    with ground.desk() as desk:
        page = desk.page
        desk.open(CLERK, HELD)
        token = desk.token(HELD)
        desk.open(COUNTER, COUNTER)

        # In and out of a frame, which has every other key to itself.
        run(page, CLERK)
        for _ in range(8):
            page.keyboard.press("F6")
            if focused(page) == HELD:
                break
        assert focused(page) == HELD
        press(page, "Enter", f"in {HELD}")
        page.keyboard.press("Tab")
        page.keyboard.type("Delete is not ours")
        page.keyboard.press("Delete")
        expect(desk.inside(HELD).get_by_label("Note")).to_have_value("Delete is not ours")
        press(page, "Control+F6", f"in {COUNTER}")
        press(page, "Control+Shift+F6", f"in {HELD}")
        press(page, "F6", HELD)
        press(page, "F6", COUNTER)
        press(page, "Shift+F6", HELD)

        # Tabs, and from tab to tab.
        page.keyboard.press("Shift+ArrowRight")
        desk.wait(lambda a, b: a.seen and not b.seen, HELD, COUNTER)
        press(page, "ArrowLeft", COUNTER)
        desk.wait(lambda a, b: b.seen and not a.seen, HELD, COUNTER)
        press(page, "End", HELD)
        page.keyboard.press("Control+Shift+ArrowLeft")
        expect(page.get_by_role("tab").first).to_have_text(HELD)
        assert focused(page) == HELD
        desk.assert_never_loaded_anew()

        # Split, to each side.
        sides: dict[str, Callable[..., bool]] = {
            "Down": lambda a, b: a.seen and b.seen and a.top > b.bottom,
            "Left": lambda a, b: a.seen and b.seen and a.right < b.left,
            "Up": lambda a, b: a.seen and b.seen and a.bottom < b.top,
        }
        for side, holds in sides.items():
            for _ in range(3):
                page.keyboard.press(f"Shift+Arrow{side}")
            desk.wait(holds, HELD, COUNTER)
            assert focused(page) == HELD
        page.keyboard.press("Shift+ArrowRight")
        desk.wait(lambda a, b: a.seen and b.seen and a.left > b.right, HELD, COUNTER)

        # Sizes.
        width = desk.place(HELD).width
        page.keyboard.press("Control+ArrowRight")
        desk.wait(lambda a: a.width > width + 10, HELD)
        page.keyboard.press("Control+ArrowLeft")
        page.keyboard.press("Control+ArrowLeft")
        desk.wait(lambda a: a.width < width - 10, HELD)

        # All the room, and back.
        page.keyboard.press("Shift+Enter")
        desk.wait(lambda a, b: a.width > 900 and not b.seen, HELD, COUNTER)
        page.keyboard.press("Shift+Enter")
        desk.wait(lambda a, b: a.width < 900 and b.seen, HELD, COUNTER)

        # The menu has the same, by name; the focus comes back to where it was.
        page.keyboard.press("Shift+F10")
        menu = page.get_by_role("menu", name=f"Window menu of {HELD}", exact=True)
        items = menu.get_by_role("menuitem").all_inner_texts()
        names = {text.splitlines()[0].strip() for text in items}
        assert {"Maximise", "Move left", "Move up", "Move down", "Wider", "Narrower", "Next window", "Close"} <= names
        page.keyboard.press("Escape")
        expect(menu).to_have_count(0)
        assert focused(page) == HELD
        page.keyboard.press("Shift+F10")
        while "Move left" not in focused(page):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        desk.wait(lambda a, b: a.seen and not b.seen and abs(a.left - b.left) < 2, HELD, COUNTER)
        desk.assert_answers(1, token)
        desk.assert_never_loaded_anew()

        # Closed, the keyboard is with the next one; at the end the page still has it.
        desk.tab(HELD).focus()
        press(page, "Delete", COUNTER)
        expect(desk.tab(HELD)).to_have_count(0)
        page.keyboard.press("Delete")
        expect(page.locator("[data-window]")).to_have_count(0)
        expect(page.get_by_role("heading", name="No window is open")).to_be_visible()
        press(page, "F6", "Log")


# ------------------------------------------------------------------ kept


def test_windows_open_where_they_were_after_the_page_was_loaded_anew(ground: Ground) -> None:
    with ground.desk() as desk:
        page = desk.page
        desk.open(COUNTER, COUNTER)
        desk.open(GAUGE, GAUGE)
        desk.open(COUNTER, f"{COUNTER} (#2)")
        desk.tab(GAUGE).focus()
        for _ in range(4):
            page.keyboard.press("Shift+ArrowLeft")
        for _ in range(2):
            page.keyboard.press("Control+ArrowLeft")
        desk.wait(lambda a, b, c: a.right < b.left and a.right < c.left, GAUGE, COUNTER, f"{COUNTER} (#2)")
        titles = (GAUGE, COUNTER, f"{COUNTER} (#2)")
        places = [desk.place(one) for one in titles]

        page.reload()
        page.evaluate(COUNT_LOADS)
        expect(page.get_by_role("heading", name="No window is open")).to_be_visible()
        # In another order than they were opened first.
        desk.open(COUNTER, COUNTER)
        desk.open(COUNTER, f"{COUNTER} (#2)")
        desk.open(GAUGE, GAUGE)
        for title, place in zip(titles, places, strict=True):
            now = desk.place(title)
            for side in ("left", "top", "right", "bottom"):
                assert abs(getattr(now, side) - getattr(place, side)) < 4, (title, now, place)

        # One that is closed and opened again takes its old place too.
        desk.button(f"Close {GAUGE}").click()
        expect(desk.tab(GAUGE)).to_have_count(0)
        desk.open(GAUGE, GAUGE)
        assert abs(desk.place(GAUGE).width - places[0].width) < 4
        desk.assert_never_loaded_anew()
    with ground.desk(installed=True) as desk:
        desk.open(GAUGE, GAUGE)
        desk.open(COUNTER, COUNTER)
        assert desk.place(GAUGE).right < desk.place(COUNTER).left, "another day it is the same"
        stored = desk.page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('imjoy_layout'))")
        assert stored == ["imjoy_layout"], "that of the first workspace"


@pytest.mark.parametrize("stored", ["not json", json.dumps({"version": 1, "tree": {"direction": "row", "parts": [7]}})])
def test_a_stored_layout_that_makes_no_sense_is_passed_over(stored: str, ground: Ground) -> None:
    with ground.desk() as desk:
        desk.page.evaluate("(text) => localStorage.setItem('imjoy_layout', text)", stored)
        desk.page.reload()
        desk.page.evaluate(COUNT_LOADS)
        desk.open(COUNTER, COUNTER)
        desk.wait(lambda a: a.seen and a.width > 900, COUNTER)


# ------------------------------------------------------------------ narrow, wide, many


def test_in_a_narrow_page_all_share_one_place_and_it_is_as_before_when_there_is_room_again(ground: Ground) -> None:
    with ground.desk(width=1280) as desk:
        page = desk.page
        desk.open(CLERK, HELD)
        token = desk.token(HELD)
        desk.open(COUNTER, COUNTER)
        desk.open(GAUGE, GAUGE)
        places = [desk.place(one) for one in (HELD, COUNTER, GAUGE)]
        desk.show_list(False)
        page.set_viewport_size({"width": 600, "height": 800})
        desk.wait(lambda a, b, c: c.width > 500 and c.seen and not a.seen and not b.seen, HELD, COUNTER, GAUGE)
        expect(page.get_by_role("tablist")).to_have_count(1)
        expect(desk.button(f"Maximise {GAUGE}")).to_have_count(0)
        desk.tab(HELD).click()
        desk.wait(
            lambda a, b, c: a.seen and a.left >= 0 and a.right <= 600 and not b.seen and not c.seen,
            HELD,
            COUNTER,
            GAUGE,
        )
        # Nothing can be dragged apart for which there is no room.
        page.get_by_role("button", name=f"Window menu of {HELD}", exact=True).click()
        expect(page.get_by_role("menuitem", name="Next window")).to_be_visible()
        expect(page.get_by_role("menuitem", name=re.compile("Move|Wider|Maximise"))).to_have_count(0)
        page.keyboard.press("Escape")

        page.set_viewport_size({"width": 1280, "height": 800})
        desk.show_list()
        desk.wait(lambda a, b, c: a.seen and b.seen and c.seen, HELD, COUNTER, GAUGE)
        for title, place in zip((HELD, COUNTER, GAUGE), places, strict=True):
            assert abs(desk.place(title).left - place.left) < 4
            assert abs(desk.place(title).bottom - place.bottom) < 4
        desk.assert_answers(1, token)
        desk.assert_never_loaded_anew()


def test_a_wide_page_is_filled_without_overlap_and_a_smaller_one_shows_it_in_tabs(ground: Ground) -> None:
    with ground.desk(width=2560, height=1440) as desk:
        page = desk.page
        titles = [COUNTER, *(f"{COUNTER} (#{number})" for number in range(2, 9))]
        for title in titles:
            desk.open(COUNTER, title)
        places = [desk.place(one) for one in titles]
        for i, place in enumerate(places):
            assert place.seen
            assert place.width >= 330
            assert place.height >= 250
            assert not any(place.overlaps(other) for other in places[i + 1 :])
        covered = sum(place.width * place.height for place in places)
        assert covered > 0.8 * (2560 - 336) * (1440 - 48)

        page.set_viewport_size({"width": 900, "height": 500})
        desk.wait(lambda a: a.right <= 900 and a.bottom <= 500, titles[-1])
        expect(page.get_by_role("tab")).to_have_count(len(titles))
        for title in titles:
            place = desk.place(title)
            assert not place.seen or (place.right <= 900 and place.bottom <= 500)
        page.set_viewport_size({"width": 2560, "height": 1440})
        desk.wait(lambda a, b, c: a.seen and b.seen and c.seen, *titles[:3])
        assert all(desk.place(one).seen for one in titles)
        desk.assert_never_loaded_anew()


def test_twenty_windows_can_be_told_apart_and_reached(ground: Ground) -> None:
    with ground.desk() as desk:
        page = desk.page
        titles = [COUNTER, *(f"{COUNTER} (#{number})" for number in range(2, 21))]
        for title in titles:
            desk.open(COUNTER, title)
        desk.assert_never_loaded_anew()
        for bar in page.get_by_role("tablist").all():
            place, room = bar.bounding_box(), page.locator(".windows").bounding_box()
            assert place
            assert room
            assert place["x"] + place["width"] <= room["x"] + room["width"]
        # The tab that is seen is in view, and the list of its place holds the others by their whole names.
        shown = desk.tab(titles[-1])
        expect(shown).to_have_attribute("aria-selected", "true")
        expect(shown).to_be_in_viewport(ratio=0.9)
        expect(shown).to_have_attribute("title", titles[-1])
        shown.locator("xpath=ancestor::*[contains(@class, 'dv-groupview')]").get_by_role(
            "button", name=re.compile("All . windows in this place")
        ).click()
        menu = page.get_by_role("menu", name="Windows in this place")
        entries = menu.get_by_role("menuitemradio")
        count = entries.count()
        assert count > 3
        name = entries.first.inner_text().strip()
        entries.first.click()
        expect(desk.tab(name)).to_have_attribute("aria-selected", "true")
        assert desk.place(name).seen
        # With the keyboard from one to the next through all of them.
        seen = set()
        desk.tab(name).focus()
        for _ in titles:
            page.keyboard.press("Control+F6")
            wait_on_page(page, lambda: focused(page).startswith("in "), "a window has the keyboard")
            seen.add(focused(page).removeprefix("in "))
        assert seen == set(titles)


# ------------------------------------------------------------------ for everybody, and soon


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (600, False)])
def test_no_known_barrier_in_the_dock(width: int, dark: bool, ground: Ground) -> None:
    with ground.desk(width=width, dark=dark) as desk:
        page = desk.page
        for title in (COUNTER, f"{COUNTER} (#2)"):
            desk.open(COUNTER, title)
        desk.open(GAUGE, GAUGE)
        desk.open(CLERK, HELD)
        if width < 820:
            desk.show_list(False)
        else:
            desk.tab(GAUGE).focus()
            for _ in range(2):
                page.keyboard.press("Shift+ArrowRight")
        assert barriers(page) == []
        page.get_by_role("button", name=re.compile("^Window menu of")).first.click()
        expect(page.get_by_role("menu")).to_be_visible()
        assert barriers(page) == []
        page.keyboard.press("Escape")
        if width >= 820:
            desk.tab(GAUGE).focus()
            page.keyboard.press("Shift+Enter")
            expect(desk.button(f"Restore {GAUGE}")).to_be_visible()
            assert barriers(page) == []


def test_the_dock_is_fetched_with_the_first_window_and_not_before(ground: Ground) -> None:
    with ground.desk() as desk:
        page = desk.page
        # Long enough for what the app fetches in its spare time.
        page.wait_for_timeout(2_000)
        parts = "() => performance.getEntriesByType('resource').map(({ name }) => name)"
        assert not [name for name in page.evaluate(parts) if "dockview" in name or name.endswith("/desk.js")]
        desk.open(COUNTER, COUNTER)
        assert [name for name in page.evaluate(parts) if "dockview-core" in name]
