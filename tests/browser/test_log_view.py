"""The log of one plugin and of all together: levels, search, tracebacks, thousands of lines; copied, saved, cleared."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.helpers.accessibility import barriers
from tests.helpers.app_page import fill_form, install, run, wait_on_page, wait_until_said
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.plugin_lab import Lab, make_lab, opened_lab, plugin_text

STAGE = """
import logging
from imjoy import api

class Stage:
    def setup(self):
        print("the stage is set up")
    def run(self, ctx):
        logging.warning("the stage is slow")
        raise ValueError("the stage is too far")

api.export(Stage())
"""
TALKER = """
api.export({
  setup() {},
  async run(ctx) {
    const { lines, pause } = ctx.config;
    for (let i = 1; i <= lines; i += 1) {
      const told = api.log(`line ${i} of ${lines}`);
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      else if (i % 100 === 0) await told;
    }
    await api.showMessage(`all ${lines} lines`);
  },
});
"""
FORM = "lines: {id: 'lines', type: 'number', placeholder: 3} pause: {id: 'pause', type: 'number', placeholder: 0}"
PLUGINS = {
    "Stage": plugin_text("Stage", "native-python", STAGE),
    "Talker": plugin_text("Talker", "web-worker", TALKER, ui=FORM),
}
MOST_ROWS = 2000


@pytest.fixture(scope="module")
def folder(mirrored_folder: Path, tmp_path_factory: pytest.TempPathFactory, installed_wheel: InstalledWheel) -> Path:
    return make_lab(Path(tmp_path_factory.mktemp("logs")), mirrored_folder, installed_wheel, PLUGINS)


@pytest.fixture
def lab(folder: Path, installed_wheel: InstalledWheel, tmp_path: Path) -> Iterator[Lab]:
    with opened_lab(folder, installed_wheel, tmp_path) as one:
        one.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield one


def log_of(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=f"Log of {name}", exact=True)


def open_log(page: Page, name: str | None = None) -> Locator:
    """The log of a plugin by its menu, or of all by the status bar."""
    if name is None:
        page.get_by_role("contentinfo").get_by_role("button", name=re.compile("^Log")).click()
        return log_of(page, "all plugins")
    page.get_by_role("button", name=f"Menu of {name}", exact=True).click()
    page.get_by_role("menuitem", name="Show log", exact=True).click()
    return log_of(page, name)


def talk(page: Page, lines: int, pause: int = 0, *, wait: bool = True) -> None:
    fill_form(page, "Talker", {"lines": str(lines), "pause": str(pause)})
    run(page, "Talker")
    if wait:
        wait_until_said(page, f"all {lines} lines", seconds=60)


def test_levels_search_and_the_logs_of_one_and_of_all(lab: Lab) -> None:
    page = lab.page
    install(page, "Stage", "Talker")
    talk(page, 3)
    run(page, "Stage")
    wait_until_said(page, "Stage", "the stage is too far", seconds=20)
    expect(page.get_by_role("contentinfo")).to_contain_text("Log: 2 errors")
    log = open_log(page)
    lines = log.get_by_role("log")
    expect(lines).to_contain_text(re.compile("Talker.*line 3 of 3.*Stage.*the stage is slow", re.DOTALL))
    expect(page.get_by_role("contentinfo")).not_to_contain_text("errors")
    for name in ("4 infos", "1 warning", "2 errors"):
        expect(log.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")

    log.get_by_role("button", name="4 infos", exact=True).click()
    expect(lines).not_to_contain_text("line 3 of 3")
    expect(lines).to_contain_text("the stage is slow")
    log.get_by_role("button", name="1 warning", exact=True).click()
    log.get_by_role("button", name="2 errors", exact=True).click()
    expect(log).to_contain_text("No line passes the filter.")
    for name in ("4 infos", "1 warning", "2 errors"):
        log.get_by_role("button", name=name, exact=True).click()

    search = log.get_by_role("searchbox", name="Search in the log", exact=True)
    search.fill("LINE 2")
    expect(lines).to_contain_text("line 2 of 3")
    expect(lines).not_to_contain_text("line 1 of 3")
    search.press("Escape")
    expect(search).to_have_value("")
    expect(lines).to_contain_text("line 1 of 3")

    log.get_by_label("Log of", exact=True).select_option("Stage")
    expect(log_of(page, "Stage").get_by_role("log")).not_to_contain_text("line 1 of 3")
    expect(log_of(page, "Stage").get_by_role("button", name="0 infos", exact=True)).to_have_count(0)
    lab.browser.assert_quiet()


def test_a_traceback_is_one_line_until_it_is_opened_or_searched_for(lab: Lab) -> None:
    page = lab.page
    install(page, "Stage")
    run(page, "Stage")
    errors = page.get_by_role("alert", name="Errors")
    expect(errors).to_contain_text("Stage: run() failed: ValueError: the stage is too far")
    expect(errors.get_by_role("button", name="Show log", exact=True)).to_have_count(1)
    errors.get_by_role("button", name="Show log", exact=True).click()
    lines = log_of(page, "Stage").get_by_role("log")
    expect(lines).to_be_focused()
    code = lines.get_by_text('raise ValueError("the stage is too far")')
    more = lines.get_by_role("button", name=re.compile(r"^\d+ more lines$"))
    expect(lines).to_contain_text("run() failed: … ValueError: the stage is too far")
    expect(code).to_be_hidden()
    expect(more).to_have_attribute("aria-expanded", "false")
    more.click()
    expect(code).to_be_visible()
    lines.get_by_role("button", name="Show less", exact=True).click()
    expect(code).to_be_hidden()
    log_of(page, "Stage").get_by_role("searchbox").fill("raise ValueError")
    expect(code).to_be_visible()
    lab.browser.assert_quiet()


def test_thousands_of_lines_stay_quick_and_what_is_not_shown_is_said(lab: Lab) -> None:
    page = lab.page
    install(page, "Talker")
    log = open_log(page, "Talker")
    lines = log.get_by_role("log")
    expect(log).to_contain_text("Nothing has been logged.")
    talk(page, 6000)
    expect(lines).to_contain_text("line 6000 of 6000")
    rows = lines.locator("> *")
    assert rows.count() == MOST_ROWS
    expect(log).to_contain_text(f"{6000 - MOST_ROWS} older lines are not shown.")
    log.get_by_role("button", name="Show older lines", exact=True).click()
    expect(rows).to_have_count(2 * MOST_ROWS)
    expect(log).to_contain_text(f"{6000 - 2 * MOST_ROWS} older lines are not shown.")
    search = log.get_by_role("searchbox", name="Search in the log", exact=True)
    search.fill("line 17 of")
    expect(rows).to_have_count(1)
    search.fill("")
    with page.expect_download() as download:
        log.get_by_role("button", name="Save as text", exact=True).click()
    assert download.value.suggested_filename == "Talker log.txt"
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert [line.split("info")[1].strip() for line in text.splitlines()] == [
        f"line {i} of 6000" for i in range(1, 6001)
    ]

    talk(page, 6000)
    expect(log).to_contain_text(re.compile(r"The \d+ oldest lines are not kept any more\."))
    expect(log.get_by_role("button", name=re.compile(r"^\d+ infos$"))).to_have_accessible_name(
        re.compile(r"^10\d\d\d infos$")
    )
    lab.browser.assert_quiet()


def is_at_end(lines: Locator) -> bool:
    return bool(lines.evaluate("element => element.scrollTop + element.clientHeight >= element.scrollHeight - 24"))


def test_the_end_is_followed_unless_somebody_has_scrolled_up(lab: Lab) -> None:
    page = lab.page
    install(page, "Talker")
    log = open_log(page, "Talker")
    lines = log.get_by_role("log")
    talk(page, 300)
    wait_on_page(page, lambda: is_at_end(lines), "the last line to be seen")
    talk(page, 400, 20, wait=False)
    lines.focus()
    page.keyboard.press("Home")
    expect(log.get_by_role("button", name=re.compile(r"^\d+ new lines?$"))).to_be_visible()
    wait_on_page(page, lambda: lines.evaluate("element => element.scrollTop") == 0, "the first line to be seen")
    expect(lines).to_contain_text("line 90 of 400")
    assert lines.evaluate("element => element.scrollTop") == 0
    log.get_by_role("button", name=re.compile(r"^\d+ new lines?$")).click()
    wait_on_page(page, lambda: is_at_end(lines), "the last line to be seen")
    expect(log.get_by_role("button", name=re.compile(r"new line"))).to_have_count(0)
    expect(lines).to_be_focused()
    expect(lines).to_contain_text("line 150 of 400")
    assert is_at_end(lines)
    lab.browser.assert_quiet()


def test_a_log_is_copied_and_cleared_of_one_plugin_or_of_all(lab: Lab) -> None:
    page = lab.page
    install(page, "Stage", "Talker")
    talk(page, 2)
    log = open_log(page)
    log.get_by_role("button", name="Copy", exact=True).click()
    wait_until_said(page, "3 lines were copied")
    copied = re.sub(r"\S+Z info +", "", page.evaluate("navigator.clipboard.readText()"))
    assert copied == "Stage: the stage is set up\nTalker: line 1 of 2\nTalker: line 2 of 2\n"
    log.get_by_label("Log of", exact=True).select_option("Talker")
    log = log_of(page, "Talker")
    log.get_by_role("searchbox").fill("line 2")
    log.get_by_role("button", name="Copy", exact=True).click()
    wait_until_said(page, "1 line was copied")
    assert re.fullmatch(r"\S+Z info    line 2 of 2\n", page.evaluate("navigator.clipboard.readText()"))
    log.get_by_role("searchbox").fill("")
    log.get_by_role("button", name="Clear", exact=True).click()
    expect(log).to_contain_text("Nothing has been logged.")
    expect(log.get_by_role("button", name="Clear", exact=True)).to_be_disabled()
    log.get_by_label("Log of", exact=True).select_option("All plugins")
    expect(log_of(page, "all plugins").get_by_role("log")).to_contain_text("the stage is set up")
    lab.browser.assert_quiet()


def test_the_log_goes_on_when_its_plugin_is_loaded_anew_and_closes_when_it_is_removed(lab: Lab) -> None:
    page = lab.page
    install(page, "Stage", "Talker")
    log = open_log(page, "Stage")
    set_up = log.get_by_role("log").get_by_text("the stage is set up", exact=True)
    expect(set_up).to_have_count(1)
    page.get_by_role("button", name="Menu of Stage", exact=True).click()
    page.get_by_role("menuitem", name="Reload", exact=True).click()
    expect(set_up).to_have_count(2)
    page.get_by_role("button", name="Menu of Stage", exact=True).click()
    page.get_by_role("menuitem", name="Remove…", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(log).to_have_count(0)
    lab.browser.assert_quiet()


def test_the_height_is_changed_by_keys_and_kept(lab: Lab) -> None:
    page = lab.page
    expect(page.get_by_role("button", name="Add plugins", exact=True)).to_be_enabled()
    log = open_log(page)
    edge = log.get_by_role("separator", name="Height of the log", exact=True)
    height = log.evaluate("element => element.offsetHeight")
    edge.focus()
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    higher = log.evaluate("element => element.offsetHeight")
    assert higher > height
    page.reload()
    expect(page.get_by_role("button", name="Add plugins", exact=True)).to_be_enabled()
    assert open_log(page).evaluate("element => element.offsetHeight") == higher


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 600)])
def test_there_is_no_known_barrier(
    dark: bool, width: int, folder: Path, installed_wheel: InstalledWheel, tmp_path: Path
) -> None:
    with opened_lab(folder, installed_wheel, tmp_path, dark=dark, width=width) as lab:
        page = lab.page
        if width < 820:
            page.get_by_role("banner").get_by_role("button", name="Plugins", exact=True).click()
        install(page, "Stage", "Talker")
        run(page, "Stage")
        wait_until_said(page, "Stage", "the stage is too far", seconds=20)
        if width < 820:
            page.keyboard.press("Escape")
        log = open_log(page)
        log.get_by_role("button", name=re.compile("more lines")).click()
        log.get_by_role("button", name=re.compile("infos?$")).click()
        assert barriers(page) == []
