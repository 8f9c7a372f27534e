"""Everything by keyboard: the command palette with every action, the parts of the page, and the list of shortcuts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.helpers.accessibility import barriers
from tests.helpers.app_page import install, run, wait_until_said
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.plugin_lab import Lab, make_lab, opened_lab, plugin_text

SHARPENER = """
api.export({
  async setup() {
    await api.register({ name: "twice", ui: "times: {id: 'times', type: 'number', placeholder: 2}", run: twice });
  },
  run(ctx) { return api.showMessage(`sharpened by ${ctx.config.radius}`); },
});
function twice(ctx) { return api.showMessage(`sharpened ${ctx.config.times} times`); }
"""
ENDLESS = "api.export({ setup() {}, run() { return new Promise(() => undefined); } });"
SHEET = """
api.export({
  setup() {},
  run() {
    const field = document.createElement("input");
    field.setAttribute("aria-label", "Cell");
    document.body.append(field);
  },
});
"""
RADIUS = "radius: {id: 'radius', type: 'number', placeholder: 3}"
PLUGINS = {
    "Sharpener": plugin_text("Sharpener", "web-worker", SHARPENER, ui=RADIUS, description="Makes edges stand out"),
    "Endless": plugin_text("Endless", "web-worker", ENDLESS),
    "Sheet": plugin_text("Sheet", "window", SHEET),
}


@pytest.fixture(scope="module")
def folder(mirrored_folder: Path, tmp_path_factory: pytest.TempPathFactory, installed_wheel: InstalledWheel) -> Path:
    return make_lab(Path(tmp_path_factory.mktemp("palette")), mirrored_folder, installed_wheel, PLUGINS)


@pytest.fixture
def lab(folder: Path, installed_wheel: InstalledWheel, tmp_path: Path) -> Iterator[Lab]:
    with opened_lab(folder, installed_wheel, tmp_path) as one:
        wait_until_there(one.page)
        yield one


def wait_until_there(page: Page) -> None:
    """Until the app has loaded what comes after its first picture."""
    expect(page.get_by_role("contentinfo")).to_contain_text("Nothing is running")


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Commands", exact=True)


def open_palette(page: Page, key: str = "F1") -> Locator:
    """The palette, when all that the catalogue offers is in it; its field has the focus."""
    page.keyboard.press(key)
    opened = palette(page)
    expect(opened.get_by_role("combobox", name="Command", exact=True)).to_be_focused()
    expect(opened.get_by_role("status")).to_contain_text(re.compile(r"^\d+ commands?$"))
    return opened


def chosen(page: Page) -> Locator:
    return palette(page).get_by_role("option", selected=True)


def command(page: Page, search: str, title: str) -> None:
    """Open the palette, type, see that this is the first that is found, and do it."""
    opened = open_palette(page)
    opened.get_by_role("combobox").press_sequentially(search)
    expect(chosen(page)).to_contain_text(title)
    page.keyboard.press("Enter")
    expect(opened).to_have_count(0)


@pytest.mark.parametrize("key", ["F1", "Control+Shift+P"])
def test_it_opens_by_key_is_used_by_keys_and_gives_the_focus_back(key: str, lab: Lab) -> None:
    page = lab.page
    start = page.get_by_role("button", name="Add plugins", exact=True)
    start.focus()
    opened = open_palette(page, key)
    field = opened.get_by_role("combobox")
    listbox = opened.get_by_role("listbox", name="Commands", exact=True)
    assert field.get_attribute("aria-controls") == listbox.get_attribute("id")
    options = listbox.get_by_role("option")
    count = options.count()
    assert count > 10

    def expect_chosen(index: int) -> None:
        expect(options.nth(index)).to_have_attribute("aria-selected", "true")
        expect(listbox.get_by_role("option", selected=True)).to_have_count(1)
        assert field.get_attribute("aria-activedescendant") == options.nth(index).get_attribute("id")

    expect_chosen(0)
    for press, index in (("ArrowDown", 1), ("ArrowUp", 0), ("ArrowUp", count - 1), ("ArrowDown", 0), ("PageDown", 8)):
        page.keyboard.press(press)
        expect_chosen(index)
    page.keyboard.press("Control+End")
    expect_chosen(count - 1)
    expect(options.nth(count - 1)).to_be_in_viewport()
    page.keyboard.type("xqz")
    expect(opened).to_contain_text("No command is found by “xqz”.")
    page.keyboard.press("Enter")
    expect(opened).to_be_visible()
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    expect(start).to_be_focused()
    open_palette(page, key)
    page.keyboard.press(key)
    expect(opened).to_have_count(0)
    lab.browser.assert_quiet()


def test_the_button_and_the_pointer_do_the_same(lab: Lab) -> None:
    page = lab.page
    page.get_by_role("contentinfo").get_by_role("button", name="Commands", exact=True).click()
    expect(palette(page).get_by_role("combobox")).to_be_focused()
    page.keyboard.type("dark")
    palette(page).get_by_role("option", name=re.compile("^Colours: dark")).click()
    expect(palette(page)).to_have_count(0)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    open_palette(page)
    page.mouse.click(20, 300)
    expect(palette(page)).to_have_count(0)
    lab.browser.assert_quiet()


def test_a_plugin_from_its_installation_to_its_removal_by_commands_alone(lab: Lab) -> None:
    page = lab.page
    command(page, "inst sharp", "Install Sharpener")
    wait_until_said(page, "Sharpener is installed")
    command(page, "run sharp", "Run Sharpener")
    wait_until_said(page, "sharpened by 3")
    command(page, "twice", "Run Sharpener: twice")
    wait_until_said(page, "sharpened 2 times")
    command(page, "settings sharp", "Settings of Sharpener")
    expect(page.get_by_label("radius", exact=True)).to_be_focused()
    command(page, "log sharp", "Show the log of Sharpener")
    expect(page.get_by_role("region", name="Log of Sharpener", exact=True).get_by_role("log")).to_be_focused()
    command(page, "docu sharp", "Documentation of Sharpener")
    expect(page.get_by_role("dialog", name="Sharpener", exact=True)).to_contain_text("Makes edges stand out")
    command(page, "close dialogs", "Close the open dialogs")
    expect(page.get_by_role("dialog")).to_have_count(0)
    command(page, "reload sharp", "Reload Sharpener")
    command(page, "run sharp", "Run Sharpener")
    command(page, "remove sharp", "Remove Sharpener…")
    page.get_by_role("dialog", name="Remove Sharpener?").get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator("[data-plugin]")).to_have_count(0)
    opened = open_palette(page)
    opened.get_by_role("combobox").fill("sharpener")
    expect(opened.get_by_role("option")).to_have_count(1)
    lab.browser.assert_quiet()


def test_what_runs_is_stopped_by_a_command_that_is_there_only_then(lab: Lab) -> None:
    page = lab.page
    install(page, "Endless")
    opened = open_palette(page)
    opened.get_by_role("combobox").fill("stop")
    expect(opened.get_by_role("option", name=re.compile("^Stop"))).to_have_count(0)
    page.keyboard.press("Escape")
    run(page, "Endless")
    command(page, "stop", "Stop Endless")
    wait_until_said(page, "Endless was stopped")
    expect(page.locator('[data-plugin="Endless"]')).to_have_attribute("data-state", "ready")
    lab.browser.assert_quiet()


def test_windows_are_gone_to_maximised_and_closed_by_commands(lab: Lab) -> None:
    page = lab.page
    install(page, "Sheet")
    command(page, "run sheet", "Run Sheet")
    expect(page.locator("[data-window]")).to_have_count(1)
    command(page, "run sheet", "Run Sheet")
    expect(page.locator("[data-window]")).to_have_count(2)
    first, second = page.locator("[data-window]").nth(0), page.locator("[data-window]").nth(1)
    command(page, "next window", "Go to the next window")
    expect(first).to_be_focused()
    command(page, "go window sheet 2", "Go to the window Sheet (#2)")
    expect(second).to_be_focused()
    command(page, "maximise", "Maximise: Sheet (#2)")
    expect(first).not_to_be_visible()
    command(page, "restore", "Restore: Sheet (#2)")
    expect(first).to_be_visible()
    command(page, "close window sheet 2", "Close the window Sheet (#2)")
    expect(page.locator("[data-window]")).to_have_count(1)
    lab.browser.assert_quiet()


def test_what_was_used_lately_comes_first_and_stays_so(lab: Lab) -> None:
    page = lab.page
    command(page, "dark", "Colours: dark")
    command(page, "catalogue", "Add plugins: open the catalogue")
    expect(page.get_by_role("dialog", name="Catalogue", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    command(page, "light", "Colours: light")
    page.reload()
    wait_until_there(page)
    titles = open_palette(page).get_by_role("option").all_inner_texts()
    assert [title.split("\n")[0] for title in titles[:2]] == ["Add plugins: open the catalogue", "Colours: dark"]


def test_without_its_server_it_says_what_is_missing_and_does_the_rest(lab: Lab) -> None:
    page = lab.page
    wait_until_there(page)
    open_palette(page)
    page.keyboard.press("Escape")
    expect(palette(page)).to_have_count(0)
    page.route("**/catalogue.json", lambda route: route.abort())
    opened = open_palette(page)
    for _ in range(3):
        # What was asked for just before the way was closed may still be answered.
        if "could not be read" in opened.inner_text():
            break
        page.keyboard.press("Escape")
        expect(palette(page)).to_have_count(0)
        opened = open_palette(page)
    expect(opened).to_contain_text("The catalogue could not be read: the server of this app does not answer.")
    opened.get_by_role("combobox").fill("dark")
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    lab.browser.take_complaints()


def test_one_key_goes_round_the_parts_of_the_page(lab: Lab) -> None:
    page = lab.page
    install(page, "Sheet")
    run(page, "Sheet")
    expect(page.locator("[data-window]")).to_have_count(1)
    page.get_by_role("contentinfo").get_by_role("button", name=re.compile("^Log")).click()
    expect(page.get_by_role("log")).to_be_focused()
    where = "() => document.activeElement.closest('[data-region]')?.dataset.region"

    def go(key: str) -> str:
        page.keyboard.press(key)
        return str(page.evaluate(where))

    assert [go("F6") for _ in range(5)] == ["status", "top", "plugins", "windows", "log"]
    expect(page.get_by_role("log")).to_be_focused()
    assert [go("Shift+F6") for _ in range(2)] == ["windows", "plugins"]
    page.get_by_role("button", name="Menu of Sheet", exact=True).focus()
    go("F6")
    go("Shift+F6")
    expect(page.get_by_role("button", name="Menu of Sheet", exact=True)).to_be_focused()
    lab.browser.assert_quiet()


def test_escape_closes_what_lies_on_top_and_the_focus_goes_back(lab: Lab) -> None:
    page = lab.page
    install(page, "Sharpener")
    menu = page.get_by_role("button", name="Menu of Sharpener", exact=True)
    menu.focus()
    page.keyboard.press("F8")
    log = page.get_by_role("region", name="Log of all plugins", exact=True)
    expect(log.get_by_role("log")).to_be_focused()
    page.keyboard.press("Shift+F1")
    shortcuts = page.get_by_role("dialog", name="Keyboard shortcuts", exact=True)
    for keys in ("Ctrl Shift P", "F1", "F6", "F8", "Esc"):
        expect(shortcuts).to_contain_text(re.compile(r"\s*".join(keys.split())))
    open_palette(page)
    page.keyboard.press("Escape")
    expect(palette(page)).to_have_count(0)
    expect(shortcuts).to_be_visible()
    page.keyboard.press("Escape")
    expect(shortcuts).to_have_count(0)
    expect(log.get_by_role("log")).to_be_focused()
    page.keyboard.press("Escape")
    expect(log).to_have_count(0)
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    run(page, "Sharpener")
    message = page.get_by_role("status", name="Messages").get_by_text("sharpened by 3", exact=True)
    expect(message).to_be_visible()
    page.get_by_role("button", name="Dismiss message", exact=True).focus()
    page.keyboard.press("Escape")
    expect(message).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body")
    lab.browser.assert_quiet()


def test_the_first_tab_offers_ways_past_the_top_bar(lab: Lab) -> None:
    page = lab.page
    page.keyboard.press("Tab")
    skip = page.get_by_role("navigation", name="Skip to", exact=True)
    expect(skip.get_by_role("button", name="Skip to the plugins", exact=True)).to_be_focused()
    expect(skip.get_by_role("button", name="Skip to the plugins", exact=True)).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Add plugins", exact=True)).to_be_focused()


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 600)])
def test_there_is_no_known_barrier_and_the_narrow_list_gives_the_focus_back(
    dark: bool, width: int, folder: Path, installed_wheel: InstalledWheel, tmp_path: Path
) -> None:
    with opened_lab(folder, installed_wheel, tmp_path, dark=dark, width=width) as lab:
        page = lab.page
        wait_until_there(page)
        command(page, "inst endless", "Install Endless")
        wait_until_said(page, "Endless is installed")
        command(page, "run endless", "Run Endless")
        expect(page.get_by_role("contentinfo")).to_contain_text("Endless: Running…")
        assert barriers(page) == []
        open_palette(page)
        assert barriers(page) == []
        page.keyboard.press("Escape")
        page.keyboard.press("Shift+F1")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts", exact=True)).to_be_visible()
        assert barriers(page) == []
        page.keyboard.press("Escape")
        command(page, "go list", "Go to the list of plugins")
        assert barriers(page) == []
        listing = page.get_by_role("complementary", name="Plugins", exact=True)
        expect(listing.locator(":focus")).to_have_count(1)
        if width < 820:
            page.keyboard.press("Escape")
            expect(listing).to_have_count(0)
            expect(page.get_by_role("banner").get_by_role("button", name="Plugins", exact=True)).to_be_focused()
        lab.browser.assert_quiet()
