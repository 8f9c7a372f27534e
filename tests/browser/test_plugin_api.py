"""What plugins ask of the app, by each kind of plugin that runs in the browser: real frames, real answers, shown.

Every function of the first `api` is called from a window, an iframe and a web worker; what the app shows of it is read
by roles and names.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.app_page import frame_showing, install, run, wait_until_said
from tests.helpers.browser import Browser, open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import cut_network
from tests.helpers.processes import app_process, free_port, run_app

KINDS = {"Window Caller": "window", "Frame Caller": "iframe", "Worker Caller": "web-worker"}
HELPER = """
api.export({
  setup() { this.offset = 100 },
  run(ctx) { return ctx },
  add(a, b) { return this.offset + a + b },
  fail() { throw new RangeError('the stage is too far') },
});
"""
CALLER = """
const told = async (work) => { try { return await work() } catch (error) { return `${error.name}: ${error.message}` } };
api.export({
  async setup() {
    await api.register({
      name: `More of ${api.config.name}`,
      ui: [{ 'Number of more': { id: 'more', type: 'number', placeholder: 5 } }],
      run: (ctx) => api.showMessage(`more of ${api.config.name}: ${ctx.config.more}`),
    });
  },
  async run(ctx) {
    const name = api.config.name;
    const results = { config: [api.config.name, api.config.type, api.config.version, ctx.config.number] };
    await api.log(`a line of ${name}`);
    await api.error(`a complaint of ${name}`);
    await api.showStatus(`the state of ${name}`);
    const helper = await api.getPlugin('Helper');
    results.getPlugin = await helper.add(1, 2);
    results.call = await api.call('Helper', 'add', 3, 4);
    results.run = await api.run('Helper', { data: { from: name }, config: ctx.config });
    results.failing = await told(() => helper.fail());
    results.absent = await told(() => api.getPlugin('Nobody At All'));
    results.noFunction = await told(() => api.call('Helper', 'subtract', 1));
    results.unknown = await told(() => api.bringTheSlides());
    await api.showMessage(`a message of ${name}`);
    const sheet = await api.createWindow({ type: 'Sheet', name: `Results of ${name}`, data: { results } });
    results.window = await sheet.rows();
    await api.showProgress(42);
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
});
"""
ALERTER = "api.export({ setup() {}, run() { return api.alert('look at the stage') } });"
SHEET = """
const results = () => document.getElementById('results');
api.export({
  setup() {},
  run(ctx) { results().textContent = JSON.stringify(ctx.data.results); results().ariaLabel = 'Results' },
  rows() { return results().textContent.length },
});
"""


def plugin_text(name: str, kind: str, script: str, **more: object) -> str:
    config = {"name": name, "type": kind, "version": "1.2.3", **more}
    window = '<window><output id="results"></output></window>\n' if kind == "window" else ""
    return (
        f'<config lang="json">\n{json.dumps(config)}\n</config>\n{window}<script lang="javascript">{script}</script>\n'
    )


def write_plugins(folder: Path, number: int) -> None:
    ui = [{"A number": {"id": "number", "type": "number", "placeholder": number}}]
    plugins = {
        "helper": plugin_text("Helper", "web-worker", HELPER),
        "sheet": plugin_text("Sheet", "window", SHEET),
        "alerter": plugin_text("Alerter", "web-worker", ALERTER),
        **{kind: plugin_text(name, kind, CALLER, ui=ui) for name, kind in KINDS.items()},
    }
    repository = folder / "plugin_repository"
    repository.mkdir()
    for stem, text in plugins.items():
        (repository / f"{stem}.imjoy.html").write_text(text, encoding="utf-8")


@dataclass
class Opened:
    """The app in a browser, every plugin installed, and the number that stands in the forms."""

    page: Page
    browser: Browser
    number: int


@pytest.fixture
def opened(
    folder: Path, person: dict[str, str], installed_wheel: InstalledWheel, tmp_path: Path, seed: int
) -> Iterator[Opened]:
    number = random.Random(seed).randrange(1000)
    write_plugins(folder, number)
    ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
    with cut_network() as cut:
        environment = {**person, **cut.environment}
        python = installed_wheel.python
        mirrored = run_app(folder, "mirror", environment=environment, python=python)
        assert mirrored.returncode == 0, mirrored.stderr
        with (
            app_process(folder, ("--no-open", *ports), environment=environment, python=python) as app,
            open_browser(tmp_path / "profile", arguments=cut.browser_arguments, environment=cut.environment) as browser,
        ):
            page = browser.open(app.wait_for_link())
            install(page, "Helper", "Sheet", "Alerter", *KINDS)
            yield Opened(page, browser, number)
        assert cut.leaks() == []


def shown_results(page: Page) -> dict[str, Any]:
    _, output = frame_showing(page, "status", "Results")
    found: dict[str, Any] = json.loads(output.inner_text())
    return found


@pytest.mark.parametrize("name", list(KINDS))
def test_every_function_works_from(name: str, opened: Opened) -> None:
    page = opened.page
    run(page, name)
    results = shown_results(page)
    assert results["config"] == [name, KINDS[name], "1.2.3", opened.number]
    assert results["getPlugin"] == 103
    assert results["call"] == 107
    assert results["run"] == {"data": {"from": name}, "config": {"number": opened.number}}, "passed on unchanged"
    for what, words in {
        "failing": ("the stage is too far",),
        "absent": ("Nobody At All",),
        "noFunction": ("Helper", "subtract", "add"),
        "unknown": ("bringTheSlides",),
    }.items():
        assert all(word in results[what] for word in words), results[what]

    expect(page.get_by_role("progressbar", name=f"Progress of {name}", exact=True)).to_have_attribute(
        "aria-valuenow", "42"
    )
    expect(page.get_by_role("status", name="Messages", exact=True)).to_contain_text(f"a message of {name}")
    expect(page.get_by_role("status", name="Status", exact=True)).to_contain_text(f"a message of {name}")
    expect(page.get_by_role("region", name=f"Results of {name}", exact=True)).to_be_visible()

    page.get_by_role("button", name=f"Menu of {name}", exact=True).click()
    page.get_by_role("menuitem", name="Show log", exact=True).click()
    log = page.get_by_role("region", name=f"Log of {name}", exact=True).get_by_role("log")
    for line in (f"a line of {name}", f"a complaint of {name}", "Nobody At All"):
        expect(log).to_contain_text(line)
    opened.browser.assert_quiet()


@pytest.mark.parametrize("name", list(KINDS))
def test_what_a_plugin_registers_runs_with_its_own_form(name: str, opened: Opened) -> None:
    page = opened.page
    if KINDS[name] == "window":
        run(page, name)  # its script runs in its window
    page.get_by_role("button", name=f"Settings of {name}", exact=True).click()
    more = page.get_by_role("button", name=f"Run {name}: More of {name}", exact=True)
    expect(more).to_be_visible()
    field = page.get_by_label("Number of more", exact=True)
    expect(field).to_have_value("5")
    field.fill("17")
    more.click()
    wait_until_said(page, f"more of {name}: 17")
    if KINDS[name] == "window":
        expect(page.get_by_role("region", name=name, exact=True)).to_have_count(1)
        page.get_by_role("button", name=f"Close {name}", exact=True).click()
        more.click()
        wait_until_said(page, name, "closed")
    opened.browser.assert_quiet()


def test_an_alert_is_a_dialog_that_the_person_closes(opened: Opened) -> None:
    page = opened.page
    run(page, "Alerter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("look at the stage")
    expect(dialog).to_contain_text("Alerter")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    opened.browser.assert_quiet()
