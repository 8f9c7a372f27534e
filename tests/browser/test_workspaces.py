"""Workspaces in a real browser: made, shown, renamed and deleted; what is in one is not in another."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.app_page import entry_text, fill_form, install, run_button, run_command, wait_until_said
from tests.helpers.browser import Browser, open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import cut_network
from tests.helpers.processes import LINK, app_process, free_port

GENERATOR, VIEWER = "Test Image Generator", "Image Viewer"


@dataclass
class Opened:
    """A browser, and where the app is."""

    browser: Browser
    origin: str

    def page(self, rest: str = "/") -> Page:
        return self.browser.open(f"{self.origin}{rest}")


@pytest.fixture
def opened(folder: Path, person: dict[str, str], installed_wheel: InstalledWheel, tmp_path: Path) -> Iterator[Opened]:
    ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
    with cut_network() as cut:
        environment = {**person, **cut.environment}
        with (
            app_process(folder, ("--no-open", *ports), environment=environment, python=installed_wheel.python) as app,
            open_browser(tmp_path / "profile", arguments=cut.browser_arguments, environment=cut.environment) as browser,
        ):
            found = LINK.search(app.wait_for_link())
            assert found
            browser.open(found[0]).close()
            yield Opened(browser, found[0].split("/#")[0])
            browser.assert_quiet()
        assert cut.leaks() == []


def expect_workspace(page: Page, name: str) -> None:
    expect(page.get_by_role("button", name=f"Workspace: {name}", exact=True)).to_be_visible()


def choose(page: Page, item: str, role: str = "menuitem") -> None:
    page.get_by_role("button", name="Workspace:").click()
    page.get_by_role("menu", name="Workspaces").get_by_role(role, name=item).click()  # type: ignore[arg-type]


def create(page: Page, name: str) -> None:
    choose(page, "New workspace…")
    dialog = page.get_by_role("dialog", name="New workspace")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Name").press("Enter")
    expect_workspace(page, name)


def expect_plugins(page: Page, *names: str) -> None:
    for name in names:
        expect(page.locator(f'[data-plugin="{name}"]')).to_be_visible()
    expect(page.locator("[data-plugin]")).to_have_count(len(names))


def test_plugins_settings_and_layout_are_those_of_one_workspace(opened: Opened) -> None:
    page = opened.page()
    install(page, GENERATOR)
    page.get_by_role("button", name=f"Settings of {GENERATOR}", exact=True).click()
    expect(page.get_by_label("Random seed", exact=True)).to_be_visible()

    create(page, "Müller & Söhne")
    assert page.url == f"{opened.origin}/#/app?w=M%C3%BCller%20%26%20S%C3%B6hne"
    expect_plugins(page)
    install(page, GENERATOR, VIEWER)
    expect(page.get_by_label("Random seed", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Plugins", exact=True).click()
    expect(page.get_by_role("complementary", name="Plugins")).to_be_hidden()

    choose(page, "default", "menuitemradio")
    expect_workspace(page, "default")
    expect(page.get_by_role("complementary", name="Plugins")).to_be_visible()
    expect_plugins(page, GENERATOR)
    expect(page.get_by_label("Random seed", exact=True)).to_be_visible()
    page.go_back()
    expect_workspace(page, "Müller & Söhne")
    expect(page.get_by_role("complementary", name="Plugins")).to_be_hidden()
    page.reload()
    expect_workspace(page, "Müller & Söhne")
    # A new tab at the plain address shows what was used last; a link says which one it wants.
    other = opened.page()
    expect_workspace(other, "Müller & Söhne")
    assert other.url.endswith("w=M%C3%BCller%20%26%20S%C3%B6hne")
    named = opened.page("/?w=default#/app")
    expect_workspace(named, "default")
    named.reload()
    expect_workspace(named, "default")


def test_a_workspace_is_renamed_with_all_that_is_in_it(opened: Opened) -> None:
    page = opened.page("/#/app?w=first")
    expect_workspace(page, "first")
    install(page, VIEWER)
    choose(page, "Rename “first”…")
    dialog = page.get_by_role("dialog", name="Rename “first”")
    field = dialog.get_by_label("New name")
    expect(field).to_have_value("first")
    field.fill("default")
    expect(dialog.get_by_role("status")).to_contain_text("already")
    field.fill("second")
    dialog.get_by_role("button", name="Rename").click()
    expect_workspace(page, "second")
    expect(page).to_have_url(f"{opened.origin}/#/app?w=second")
    expect_plugins(page, VIEWER)
    page.reload()
    expect_plugins(page, VIEWER)
    # The old name means a new one from now on.
    fresh = opened.page("/#/app?w=first")
    expect_workspace(fresh, "first")
    expect_plugins(fresh)


def test_a_workspace_is_deleted_only_after_a_question_and_comes_back_empty(opened: Opened) -> None:
    page = opened.page("/#/app?w=short-lived")
    install(page, GENERATOR, VIEWER)
    bystander = opened.page("/#/app?w=short-lived")
    expect_plugins(bystander, GENERATOR, VIEWER)
    choose(page, "Delete “short-lived”…")
    question = page.get_by_role("dialog", name="Delete the workspace “short-lived”?")
    expect(question).to_contain_text("2 plugins")
    expect(question).to_contain_text("workspace/short-lived")
    question.get_by_role("button", name="Cancel").click()
    expect_plugins(page, GENERATOR, VIEWER)
    choose(page, "Delete “short-lived”…")
    question.get_by_role("button", name="Delete").click()
    expect_workspace(page, "default")
    page.get_by_role("button", name="Workspace: default").click()
    expect(page.get_by_role("menuitemradio")).to_have_count(1)
    expect(page.get_by_role("menuitem", name="Delete")).to_have_count(0)
    page.keyboard.press("Escape")

    # The other tab that shows it is told, and can put nothing into what is made anew under that name.
    wait_until_said(bystander, "deleted in another tab")
    again = opened.page("/#/app?w=short-lived")
    expect_plugins(again)
    bystander.get_by_role("button", name="Go to “default”").click()
    expect_workspace(bystander, "default")


def test_open_windows_are_asked_about_before_the_workspace_is_left(opened: Opened) -> None:
    page = opened.page()
    install(page, GENERATOR, VIEWER)
    fill_form(page, GENERATOR, {"Random seed": "7"})
    run_button(page, GENERATOR).click()
    expect(page.locator("[data-window]")).to_have_count(1)
    expect(page.get_by_role("contentinfo")).to_contain_text("Nothing is running")
    choose(page, "New workspace…")
    dialog = page.get_by_role("dialog", name="New workspace")
    dialog.get_by_label("Name").fill("next")
    dialog.get_by_role("button", name="Create").click()
    question = page.get_by_role("dialog", name="Go to the new workspace “next”?")
    expect(question).to_contain_text("1 window is closed")
    question.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-window]")).to_have_count(1)
    expect_workspace(page, "default")
    page.evaluate("() => { location.hash = '#/app?w=elsewhere'; }")
    page.get_by_role("dialog", name="Go to the workspace “elsewhere”?").get_by_role("button", name="Cancel").click()
    assert entry_text(page, VIEWER)
    # The address says again where we are; before, the same address would be no change.
    page.wait_for_function("() => !location.hash.includes('elsewhere')")
    page.evaluate("() => { location.hash = '#/app?w=elsewhere'; }")
    page.get_by_role("dialog", name="Go to the workspace “elsewhere”?").get_by_role("button", name="Go there").click()
    expect_workspace(page, "elsewhere")
    expect(page.locator("[data-window]")).to_have_count(0)


def test_names_that_cannot_be_are_told_while_they_are_typed(opened: Opened) -> None:
    page = opened.page()
    choose(page, "New workspace…")
    dialog = page.get_by_role("dialog", name="New workspace")
    for name, words in (("a/b", "“/”"), ("Default", "already"), ("50%", "“%”")):
        dialog.get_by_label("Name").fill(name)
        expect(dialog.get_by_role("status")).to_contain_text(words)
        dialog.get_by_label("Name").press("Enter")
        expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect_workspace(page, "default")


def test_the_command_palette_offers_the_same(opened: Opened) -> None:
    page = opened.page()
    expect_workspace(page, "default")
    run_command(page, "new workspace", "New workspace")
    page.get_by_role("dialog", name="New workspace").get_by_label("Name").fill("lab")
    page.keyboard.press("Enter")
    expect_workspace(page, "lab")
    run_command(page, "rename workspace", "Rename the workspace “lab”")
    page.get_by_role("dialog", name="Rename “lab”").get_by_label("New name").fill("cellar")
    page.keyboard.press("Enter")
    expect_workspace(page, "cellar")
    run_command(page, "switch default", "Switch to the workspace “default”")
    expect_workspace(page, "default")
    run_command(page, "cellar", "Switch to the workspace “cellar”")
    expect_workspace(page, "cellar")
    run_command(page, "delete workspace", "Delete the workspace “cellar”")
    dialog = page.get_by_role("dialog", name="Delete the workspace “cellar”?")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect_workspace(page, "default")
    run_command(page, "engine another", "Engine: connect to another one")
    expect(
        page.get_by_role("dialog", name="Connect to an engine").get_by_label("Address of the engine")
    ).to_be_focused()
