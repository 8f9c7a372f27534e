"""No known barrier in what links, workspaces and the engine's panel show; and they are used with the keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import page, press_until_focused
from tests.helpers.accessibility import barriers

__all__ = ["page"]

VIEWER_PATH = "plugin=https://example.org/Viewer.imjoy.html"


def follow(page: Page, query: str) -> None:
    page.evaluate("(query) => { location.hash = `#/app?${query}`; }", query)


def test_no_known_barrier_in_questions_menus_and_panels(page: Page) -> None:
    engine = page.get_by_role("button", name="Engine: Connected", exact=True)
    expect(engine).to_be_visible()
    engine.click()
    expect(page.get_by_role("dialog", name="Engine")).to_contain_text("No Python plugin runs")
    assert barriers(page) == []
    page.get_by_role("button", name="Connect to an engine…").click()
    address = page.get_by_label("Address of the engine")
    address.fill("http://192.168.1.5:9000")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("tunnel")
    assert barriers(page) == []
    address.fill("http://127.0.0.1:9")
    page.get_by_label("Token").fill("a-token")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Connect to 127.0.0.1:9")).to_be_visible()
    assert barriers(page) == []
    page.keyboard.press("Escape")

    follow(page, VIEWER_PATH)
    dialog = page.get_by_role("dialog", name="Install a plugin?")
    expect(dialog).to_contain_text("python -m imjoy mirror")
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    page.get_by_role("button", name="Workspace: default").click()
    expect(page.get_by_role("menu", name="Workspaces")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("menuitem", name="New workspace…").click()
    page.get_by_label("Name").fill("a/b")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("must not")
    assert barriers(page) == []


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_a_workspace_is_made_and_left_with_the_keyboard_alone(page: Page) -> None:
    expect(page.get_by_role("button", name="Engine: Connected", exact=True)).to_be_visible()
    press_until_focused(page, "button", "Workspace: default")
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitemradio", name="default")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="New workspace…")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("by keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Workspace: by keyboard")).to_be_visible()
    press_until_focused(page, "button", "Workspace: by keyboard")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Workspace: by keyboard")).to_be_focused()


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_a_question_of_a_link_begins_at_its_harmless_answer(page: Page) -> None:
    expect(page.get_by_role("button", name="Engine: Connected", exact=True)).to_be_visible()
    follow(page, "engine=http://127.0.0.1:9&token=x")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Connect to another engine?")).to_have_count(0)
