"""What runs or starts can be seen in one place and stopped there: JavaScript and Python, willing or not."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.helpers.app_page import entry_text, fill_form, install, run, run_button, wait_on_page, wait_until_said
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.plugin_lab import Lab, make_lab, opened_lab, plugin_text

COUNTER = """
api.export({
  setup() {},
  async run(ctx) {
    await api.showStatus("counting cells");
    for (let i = 1; i <= ctx.config.steps; i += 1) {
      await api.showProgress(i / ctx.config.steps);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await api.showMessage(`counted ${ctx.config.steps} steps`);
  },
});
"""
STEPS = "steps: {id: 'steps', type: 'number', placeholder: 4000}"
# Never gives its thread back.
SPINNER = "api.export({ setup() {}, run() { for (;;); } });"
NEVER_READY = "api.export({ setup() { return new Promise(() => undefined); }, run() {} });"
# Starts a process that ignores SIGTERM, and blocks for ever.
BLOCKER = """
import os, subprocess, sys, time
from imjoy import api

CHILD = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"

def run(ctx):
    child = subprocess.Popen([sys.executable, "-c", CHILD])
    print("processes %d and %d" % (os.getpid(), child.pid))
    while True:
        time.sleep(1)

api.export({"setup": lambda: None, "run": run})
"""
WAITER = """
import asyncio
from imjoy import api

class Waiter:
    async def setup(self): pass
    async def run(self, ctx): await asyncio.sleep(600)
    async def wait(self): await asyncio.sleep(600)
    def ready(self): return "ready"

api.export(Waiter())
"""
ASKER = """
api.export({
  setup() {},
  async run() {
    const waiter = await api.getPlugin("Waiter");
    await api.showMessage("asking");
    try {
      await waiter.wait();
    } catch (error) {
      await api.showMessage(`Asker got: ${error.message}`);
    }
    await api.showMessage(`Waiter is ${await (await api.getPlugin("Waiter")).ready()}`);
  },
});
"""
HANGING_SCRIPT = """
import os, time
print("process %d" % os.getpid())
time.sleep(600)
"""
PLUGINS = {
    "Counter": plugin_text("Counter", "web-worker", COUNTER, ui=STEPS),
    "Spinner": plugin_text("Spinner", "web-worker", SPINNER),
    "Spinning Page": plugin_text("Spinning Page", "iframe", SPINNER),
    "Never Ready": plugin_text("Never Ready", "web-worker", NEVER_READY),
    "Blocker": plugin_text("Blocker", "native-python", BLOCKER),
    "Waiter": plugin_text("Waiter", "native-python", WAITER),
    "Asker": plugin_text("Asker", "web-worker", ASKER),
    "Hanging Script": plugin_text("Hanging Script", "native-python", HANGING_SCRIPT),
}


@pytest.fixture(scope="module")
def folder(mirrored_folder: Path, tmp_path_factory: pytest.TempPathFactory, installed_wheel: InstalledWheel) -> Path:
    return make_lab(Path(tmp_path_factory.mktemp("stopping")), mirrored_folder, installed_wheel, PLUGINS)


@pytest.fixture
def lab(folder: Path, installed_wheel: InstalledWheel, tmp_path: Path) -> Iterator[Lab]:
    with opened_lab(folder, installed_wheel, tmp_path) as one:
        yield one


def status_bar(page: Page) -> Locator:
    return page.get_by_role("contentinfo", name="What is running")


def stop_button(place: Locator, name: str) -> Locator:
    return place.get_by_role("button", name=f"Stop {name}", exact=True)


def entry(page: Page, name: str) -> Locator:
    return page.locator(f'[data-plugin="{name}"]')


def expect_state(page: Page, name: str, state: str) -> None:
    expect(entry(page, name)).to_have_attribute("data-state", state)


def add(page: Page, *names: str) -> None:
    """Install plugins without waiting for them: some are never ready."""
    page.get_by_role("button", name="Add plugins").first.click()
    dialog = page.get_by_role("dialog")
    for name in names:
        dialog.get_by_role("button", name=f"Install {name}", exact=True).click()
        expect(entry(page, name)).to_have_count(1)
    page.keyboard.press("Escape")


def logged(page: Page, name: str, pattern: str) -> re.Match[str]:
    """A line of a plugin's log, once it is there."""
    entry(page, name).get_by_role("button", name=f"Menu of {name}", exact=True).click()
    page.get_by_role("menuitem", name="Show log", exact=True).click()
    found: list[re.Match[str]] = []

    def look() -> bool:
        found[:] = re.finditer(pattern, page.get_by_role("log").inner_text())
        return bool(found)

    wait_on_page(page, look, f"{pattern!r} in the log of {name}")
    page.get_by_role("button", name="Close log", exact=True).click()
    return found[-1]


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it is not only waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
    except OSError:
        os.kill(pid, 0)
        return True


def test_a_run_shows_its_progress_is_stopped_and_can_be_run_again(lab: Lab) -> None:
    page = lab.page
    install(page, "Counter")
    expect(status_bar(page)).to_contain_text("Nothing is running")
    run(page, "Counter")
    expect(status_bar(page)).to_contain_text(re.compile(r"Counter: counting cells… \d+ %"))
    expect(page.get_by_role("progressbar", name="Progress of Counter", exact=True)).to_be_visible()
    stop = stop_button(entry(page, "Counter"), "Counter")
    stop.focus()
    page.keyboard.press("Enter")
    wait_until_said(page, "Counter was stopped")
    expect_state(page, "Counter", "ready")
    expect(stop).to_have_count(0)
    expect(run_button(page, "Counter")).to_be_focused()
    expect(status_bar(page)).to_contain_text("Nothing is running")
    fill_form(page, "Counter", {"steps": "2"})
    run(page, "Counter")
    wait_until_said(page, "counted 2 steps")
    expect(page.get_by_role("alert", name="Errors").get_by_role("button")).to_have_count(0)
    lab.browser.assert_quiet()


@pytest.mark.parametrize("name", ["Spinner", "Spinning Page"])
def test_what_never_gives_its_thread_back_is_stopped_all_the_same(name: str, lab: Lab) -> None:
    page = lab.page
    install(page, name)
    run(page, name)
    expect_state(page, name, "busy")
    stop_button(status_bar(page), name).click()
    wait_until_said(page, f"{name} was stopped")
    expect_state(page, name, "ready")
    run(page, name)
    expect_state(page, name, "busy")
    lab.browser.assert_quiet()


def test_a_python_plugin_is_stopped_with_the_processes_that_it_has_started(lab: Lab) -> None:
    page = lab.page
    install(page, "Blocker")
    run(page, "Blocker")
    pids = [int(pid) for pid in logged(page, "Blocker", r"processes (\d+) and (\d+)").groups()]
    assert [is_running(pid) for pid in pids] == [True, True]
    stop_button(entry(page, "Blocker"), "Blocker").click()
    wait_until_said(page, "Blocker was stopped")
    assert [is_running(pid) for pid in pids] == [False, False]
    expect_state(page, "Blocker", "ready")
    run(page, "Blocker")
    expect_state(page, "Blocker", "busy")
    lab.browser.assert_quiet()


def test_what_others_wait_for_ends_with_plugin_and_function_and_they_find_the_one_started_anew(lab: Lab) -> None:
    page = lab.page
    install(page, "Waiter", "Asker")
    run(page, "Asker")
    wait_until_said(page, "asking")
    expect(status_bar(page)).to_contain_text("Waiter: Working for another plugin…")
    stop_button(entry(page, "Waiter"), "Waiter").click()
    wait_until_said(page, "Asker got: Waiter: wait() gets no answer: it was stopped")
    wait_until_said(page, "Waiter is ready", seconds=20)
    expect_state(page, "Asker", "ready")
    lab.browser.assert_quiet()


@pytest.mark.parametrize("name", ["Never Ready", "Hanging Script"])
def test_a_start_is_given_up_and_begins_again_when_it_is_wanted(name: str, lab: Lab) -> None:
    page = lab.page
    add(page, name)
    expect(status_bar(page)).to_contain_text(f"{name}: ")
    pid = int(logged(page, name, r"process (\d+)")[1]) if name == "Hanging Script" else None
    stop_button(status_bar(page), name).click()
    wait_until_said(page, f"The start of {name} was stopped")
    expect_state(page, name, "stopped")
    assert "Its start was stopped" in entry_text(page, name)
    assert pid is None or not is_running(pid)
    expect(status_bar(page)).to_contain_text("Nothing is running")
    entry(page, name).get_by_role("button", name=f"Start {name}", exact=True).click()
    expect_state(page, name, "starting")
    lab.browser.assert_quiet()


def test_all_that_runs_is_in_one_list_and_can_be_stopped_at_once(lab: Lab) -> None:
    page = lab.page
    install(page, "Counter", "Waiter", "Spinner")
    add(page, "Never Ready")
    for name in ("Counter", "Waiter", "Spinner"):
        run(page, name)
    status_bar(page).get_by_role("button", name="All 4", exact=True).click()
    listed = page.get_by_role("dialog", name="All that is running", exact=True)
    for name in ("Counter", "Waiter", "Spinner", "Never Ready"):
        expect(stop_button(listed, name)).to_be_enabled()
    stop_button(listed, "Counter").click()
    expect_state(page, "Counter", "ready")
    expect(stop_button(listed, "Counter")).to_have_count(0)
    listed.get_by_role("button", name="Stop all", exact=True).click()
    for name, state in (("Waiter", "ready"), ("Spinner", "ready"), ("Never Ready", "stopped")):
        expect_state(page, name, state)
    expect(status_bar(page)).to_contain_text("Nothing is running")
    lab.browser.assert_quiet()
