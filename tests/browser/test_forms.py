"""Forms: every kind of field from the person to the plugin, errors at their place, and the dialogs of plugins.

Driven by roles and names only. The plugins show what they got.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.helpers.accessibility import barriers
from tests.helpers.app_page import install, run, run_button, wait_on_page, wait_until_said
from tests.helpers.browser import Browser, open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import cut_network
from tests.helpers.processes import app_process, bare_environment, free_port, run_app

KINDS = [
    "<h3>Input</h3>Reads a <b>stack</b>; see <a href='https://pages.example/docs'>the docs</a>.",
    "Width {id: 'width', type: 'number', min: 1, max: 4096, placeholder: 512} px by {id: 'height', type: 'number'} px",
    {"Sample": {"id": "sample", "type": "string", "placeholder": "cells", "required": True, "description": "A name."}},
    {"Channel": {"id": "channel", "type": "choose", "options": [1, 2, {"label": "all", "value": [1, 2]}]}},
    {"Colour": {"id": "colour", "type": "color", "placeholder": "orange"}},
    {"Opacity": {"id": "opacity", "type": "slider", "min": 0, "max": 1, "placeholder": 0.25}},
    "{id: 'gpu', type: 'checkbox', placeholder: true} Use the GPU",
    {"Direction": {"id": "direction", "type": "radio", "options": ["left", "right"]}},
    {"Keep": {"id": "keep", "type": "multichoose", "options": ["masks", "lines", "table"], "placeholder": ["table"]}},
    {"Notes": {"id": "notes", "type": "textarea"}},
    {"Day": {"id": "day", "type": "date", "placeholder": "2024-02-28"}},
    {"Token": {"id": "token", "type": "password"}},
    {"Tiles": {"id": "tiles", "type": "int", "dataID": "tile_count", "placeholder": 4}},
    {"Kept as it is": {"id": "fixed", "type": "string", "readonly": True, "placeholder": "as it is"}},
    {"Unseen": {"id": "unseen", "type": "number", "hide": True, "placeholder": 7}},
    "<details><summary>Advanced</summary>Sigma {id: 'sigma', type: 'number', min: 0.5, placeholder: 2}</details>",
    {"Before it": {"id": "before", "type": "Smooths/blur"}},
]
DEFAULTS: dict[str, Any] = {
    **{"width": 512, "height": 3, "sample": "cells", "channel": 1, "colour": "rgb(255,165,0)", "opacity": 0.25},
    **{"gpu": True, "direction": "left", "keep": ["table"], "notes": "", "day": "2024-02-28", "token": ""},
    **{"tile_count": 4, "fixed": "as it is", "unseen": 7, "sigma": 2, "before": {"radius": 5}},
}
MISTAKES = [
    {"Wrong limit": {"id": "limit", "type": "number", "min": 1, "max": "many", "placeholder": 5}},
    "Broken {id: 'broken', type: number} and {id: 'slip', type: 'numbr'} and {id: 'steps', type: 'ops'}",
    {"Good": {"id": "good", "type": "number", "placeholder": 1}},
]
SHOW = "await api.alert(JSON.stringify(ctx.config))"


def plugin(name: str, ui: object, body: str, *, setup: str = "", more: str = "", api_version: str = "0.1.8") -> str:
    """A web worker with a form."""
    config = {"name": name, "type": "web-worker", "version": "1.0.0", "api_version": api_version, "ui": ui}
    return (
        f'<config lang="json">\n{json.dumps(config)}\n</config>\n<script lang="javascript">\napi.export({{\n'
        f"  async setup() {{ {setup} }},\n  async run(ctx) {{ {body} }},\n{more}}});\n</script>\n"
    )


ASKS = """
    const said = [];
    const tell = async (name, ask) => {
      try { said.push([name, await ask()]); } catch (error) { said.push([name, "rejected"]); }
    };
    const ui = "N {id: 'n', type: 'number', min: 1, placeholder: 3}";
    await tell("form", () => api.showDialog({ name: "Size", ui }));
    await tell("prompt", () => api.prompt("Which sample?", "cells"));
    const question = { content: "<b>Overwrite</b> it?", title: "File", confirm_text: "Overwrite" };
    await tell("confirm", () => api.confirm(question));
    await api.alert(JSON.stringify(said));
"""
PYTHON = """<config lang="json">
{"name": "Asks In Python", "type": "native-python", "version": "1.0.0", "api_version": "0.1.8",
 "ui": "Count {id: 'count', type: 'int', placeholder: 2} Fast {id: 'fast', type: 'checkbox'}"}
</config>
<script lang="python">
import json
from imjoy import api

class Plugin:
    def setup(self):
        pass

    async def run(self, ctx):
        said = {"config": [ctx.config.count, ctx.config.fast]}
        said["form"] = await api.showDialog(name="Size", ui="N {id: 'n', type: 'number', placeholder: %s}" % 3)
        said["confirm"] = await api.confirm("Go on?")
        try:
            said["prompt"] = await api.prompt("Which sample?", "cells")
        except Exception as error:
            said["prompt"] = "rejected"
        await api.alert(json.dumps(said))

api.export(Plugin())
</script>
"""
LEAVES = """<config lang="json">
{"name": "Leaves", "type": "native-python", "version": "1.0.0", "api_version": "0.1.8"}
</config>
<script lang="python">
import asyncio
import os
from imjoy import api

class Plugin:
    def setup(self):
        pass

    async def run(self, ctx):
        api.prompt("Are you there?")
        await asyncio.sleep(2)
        os._exit(3)

api.export(Plugin())
</script>
"""
PLUGINS = {
    "kinds": plugin("Every Kind", KINDS, SHOW),
    "smooths": plugin(
        "Smooths",
        "",
        SHOW,
        setup="const ui = \"Radius {id: 'radius', type: 'number', max: 9, placeholder: 5}\";"
        f" await api.register({{ name: 'blur', ui, run: async (ctx) => {{ {SHOW} }} }});",
    ),
    "mistakes": plugin("Mistakes", MISTAKES, SHOW),
    "live": plugin(
        "Live",
        "N {id: 'n', type: 'number', max: 100, placeholder: 1} {type: 'button', label: 'Preview'}",
        "",
        more="  updates: 0,\n  async update(ctx) { this.updates += 1;"
        " await api.showStatus(`update ${this.updates}: ${ctx.config.n}`); },\n",
    ),
    "asks": plugin("Asks", "", ASKS),
    "asks_old": plugin("Asks As Before", "", ASKS, api_version="0.1.6"),
    "large": plugin(
        "Very Large", [{f"Field {i}": {"id": f"f{i}", "type": "number", "placeholder": i}} for i in range(600)], SHOW
    ),
    "python": PYTHON,
    "leaves": LEAVES,
}


@dataclass
class Opened:
    """The app in a browser, with the network cut."""

    page: Page
    browser: Browser
    link: str

    def form(self, plugin: str, operation: str = "") -> Locator:
        """The form of an operation, unfolded."""
        settings = self.page.get_by_role("button", name=f"Settings of {plugin}", exact=True)
        expect(settings).to_be_visible()
        if settings.get_attribute("aria-expanded") == "false":
            settings.click()
        name = f"Settings of {plugin}{f': {operation}' if operation else ''}"
        form = self.page.get_by_role("form", name=name, exact=True)
        expect(form).to_be_visible()
        return form

    def shown_config(self) -> Any:
        """What the plugin shows in its message, which is closed."""
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        shown = dialog.get_by_text("{").or_(dialog.get_by_text("[[")).first.inner_text()
        dialog.get_by_role("button", name="OK", exact=True).click()
        expect(dialog).to_have_count(0)
        return json.loads(shown)

    def config_of(self, plugin: str) -> Any:
        """Run a plugin and take what it got."""
        run(self.page, plugin)
        return self.shown_config()


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory: pytest.TempPathFactory, installed_wheel: InstalledWheel) -> Path:
    base = Path(tmp_path_factory.mktemp("forms"))
    repository = base / "folder" / "plugin_repository"
    repository.mkdir(parents=True)
    for name, text in PLUGINS.items():
        (repository / f"{name}.imjoy.html").write_text(text, encoding="utf-8")
    environment = installed_wheel.environment(base / "home")
    done = run_app(base / "folder", "mirror", environment=environment, python=installed_wheel.python, seconds=240)
    assert done.returncode == 0, done.stderr
    return base / "folder"


@pytest.fixture(params=[""])
def opened(
    request: pytest.FixtureRequest, mirrored: Path, installed_wheel: InstalledWheel, tmp_path: Path
) -> Iterator[Opened]:
    """The app; ``dark`` and ``narrow`` are how it is looked at."""
    folder = Path(shutil.copytree(mirrored, tmp_path / "folder"))
    ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
    with cut_network() as cut:
        environment = bare_environment(tmp_path / "home", **cut.environment)
        with (
            app_process(folder, ("--no-open", *ports), environment=environment, python=installed_wheel.python) as app,
            open_browser(
                tmp_path / "profile",
                arguments=cut.browser_arguments,
                environment=cut.environment,
                dark=request.param == "dark",
                width=600 if request.param == "narrow" else 1280,
            ) as browser,
        ):
            link = app.wait_for_link()
            yield Opened(browser.open(link), browser, link)
            browser.assert_quiet()
        assert cut.leaks() == []


def test_every_kind_of_field_reaches_the_plugin_with_its_type(opened: Opened) -> None:
    page = opened.page
    install(page, "Smooths", "Every Kind")
    assert opened.config_of("Every Kind") == DEFAULTS

    form = opened.form("Every Kind")
    expect(form.get_by_role("heading", name="Input", exact=True)).to_be_visible()
    expect(form).to_contain_text("see the docs (https://pages.example/docs)")
    expect(form.get_by_label("Unseen", exact=True)).to_have_count(0)
    expect(form.get_by_label("Kept as it is", exact=True)).not_to_be_editable()
    expect(form.get_by_label("Width", exact=True)).to_have_accessible_description("px")
    expect(form.get_by_label("Sample", exact=True)).to_have_accessible_description("A name.")

    form.get_by_role("spinbutton", name="Width", exact=True).fill("64.5")
    form.get_by_role("spinbutton", name="by", exact=True).fill("-2")
    form.get_by_role("textbox", name="Sample", exact=True).fill("it's: {x}")
    form.get_by_role("combobox", name="Channel", exact=True).select_option("all")
    form.get_by_label("Colour", exact=True).fill("#102030")
    form.get_by_role("slider", name="Opacity", exact=True).press("End")
    form.get_by_role("checkbox", name="Use the GPU", exact=True).uncheck()
    form.get_by_role("radio", name="right", exact=True).check()
    form.get_by_role("group", name="Keep", exact=True).get_by_role("checkbox", name="masks", exact=True).check()
    form.get_by_role("textbox", name="Notes", exact=True).fill("one\ntwo")
    form.get_by_label("Day", exact=True).fill("2024-02-29")
    form.get_by_label("Token", exact=True).fill("secret")
    form.get_by_role("spinbutton", name="Tiles", exact=True).fill("9")
    form.get_by_text("Advanced", exact=True).click()
    form.get_by_role("spinbutton", name="Sigma", exact=True).fill("0.5")
    form.get_by_role("spinbutton", name="Radius", exact=True).fill("8")
    entered = {
        **{"width": 64.5, "height": -2, "sample": "it's: {x}", "channel": [1, 2], "colour": "rgb(16,32,48)"},
        **{"opacity": 1, "gpu": False, "direction": "right", "keep": ["masks", "table"], "notes": "one\ntwo"},
        **{"day": "2024-02-29", "token": "secret", "tile_count": 9, "fixed": "as it is", "unseen": 7, "sigma": 0.5},
        "before": {"radius": 8},
    }
    assert opened.config_of("Every Kind") == entered

    form.get_by_role("spinbutton", name="Opacity: number", exact=True).fill("0.125")
    form.get_by_role("textbox", name="Sample", exact=True).press("Enter")
    assert opened.shown_config() == {**entered, "opacity": 0.125}, "Enter runs the plugin with what stands in its form"


def test_what_was_entered_is_there_again_and_can_be_reset(opened: Opened) -> None:
    page = opened.page
    install(page, "Smooths", "Every Kind")
    form = opened.form("Every Kind")
    expect(form.get_by_role("button", name="Reset the settings of Every Kind", exact=True)).to_have_count(0)
    form.get_by_label("Width", exact=True).fill("100")
    form.get_by_role("checkbox", name="Use the GPU", exact=True).uncheck()
    form.get_by_label("Token", exact=True).fill("secret")
    opened.form("Smooths", "blur").get_by_label("Radius", exact=True).fill("6")
    page.reload()

    form = opened.form("Every Kind")
    expect(form.get_by_label("Width", exact=True)).to_have_value("100")
    expect(form.get_by_label("Token", exact=True)).to_have_value("")
    kept = page.evaluate("() => JSON.stringify(localStorage)")
    assert "imjoy_form" in kept
    assert "secret" not in kept, "no secret is written to this browser"
    expect(run_button(page, "Every Kind")).to_be_enabled()
    assert opened.config_of("Every Kind") == {**DEFAULTS, "width": 100, "gpu": False}
    expect(opened.form("Smooths", "blur").get_by_label("Radius", exact=True)).to_have_value("6")

    reset = form.get_by_role("button", name="Reset the settings of Every Kind", exact=True)
    reset.click()
    expect(form.get_by_label("Width", exact=True)).to_have_value("512")
    expect(reset).to_have_count(0)
    assert opened.config_of("Every Kind") == DEFAULTS
    page.reload()
    expect(opened.form("Every Kind").get_by_label("Width", exact=True)).to_have_value("512")
    expect(opened.form("Smooths", "blur").get_by_label("Radius", exact=True)).to_have_value("6")


def test_a_wrong_entry_is_told_at_its_field_and_nothing_runs(opened: Opened) -> None:
    page = opened.page
    install(page, "Smooths", "Every Kind")
    form = opened.form("Every Kind")
    width, sample = form.get_by_label("Width", exact=True), form.get_by_label("Sample", exact=True)
    expect(width).to_have_attribute("aria-invalid", "false")
    width.fill("5000")
    expect(width).to_have_attribute("aria-invalid", "true")
    expect(width).to_have_accessible_description("px Give a number from 1 to 4096")
    sample.fill("")
    expect(sample).to_have_accessible_description("A name. Fill this in")

    run(page, "Every Kind")
    expect(width).to_be_focused()
    wait_until_said(page, "Every Kind was not run", "Width")
    expect(page.get_by_role("dialog")).to_have_count(0)

    width.fill("")
    expect(width).to_have_accessible_description("px Give a number")
    width.fill("10")
    expect(width).to_have_attribute("aria-invalid", "false")
    width.press("Enter")
    expect(sample).to_be_focused()
    sample.fill("cells")

    tiles = form.get_by_label("Tiles", exact=True)
    tiles.fill("2.5")
    expect(tiles).to_have_accessible_description("Give a whole number")
    tiles.fill("2")
    radius = form.get_by_label("Radius", exact=True)
    radius.fill("10")
    expect(radius).to_have_accessible_description("Give a number of at most 9")
    radius.fill("9")

    form.get_by_text("Advanced", exact=True).click()
    sigma = form.get_by_label("Sigma", exact=True)
    sigma.fill("0")
    form.get_by_text("Advanced", exact=True).click()
    expect(sigma).not_to_be_visible()
    form.get_by_role("button", name="Run Every Kind with these settings", exact=True).click()
    expect(sigma).to_be_focused()
    sigma.fill("3")
    assert opened.config_of("Every Kind") == {
        **DEFAULTS,
        **{"width": 10, "tile_count": 2, "sigma": 3, "before": {"radius": 9}},
    }


def test_a_fault_in_a_folded_form_unfolds_it(opened: Opened) -> None:
    page = opened.page
    install(page, "Mistakes")
    opened.form("Mistakes").get_by_label("Good", exact=True).fill("")
    page.get_by_role("button", name="Settings of Mistakes", exact=True).click()
    run(page, "Mistakes")
    expect(opened.form("Mistakes").get_by_label("Good", exact=True)).to_be_focused()


def test_what_the_plugin_got_wrong_is_told_at_its_place_and_the_rest_works(opened: Opened) -> None:
    install(opened.page, "Mistakes")
    form = opened.form("Mistakes")
    expect(form.get_by_label("Wrong limit", exact=True)).to_have_accessible_description(
        "Its plugin gives a max that cannot be used: “many”."
    )
    expect(form).to_contain_text("{id: 'broken', type: number} (the value of type is no number and has no quotes)")
    expect(form).to_contain_text("Did its plugin mean “number”?")
    expect(form).to_contain_text("“ops” belongs to workflows")
    form.get_by_label("Good", exact=True).fill("2")
    assert opened.config_of("Mistakes") == {"limit": 5, "good": 2}


def test_the_form_of_a_registered_operation_has_its_own_button(opened: Opened) -> None:
    page = opened.page
    install(page, "Smooths")
    form = opened.form("Smooths", "blur")
    form.get_by_label("Radius", exact=True).fill("12")
    form.get_by_role("button", name="Run Smooths: blur", exact=True).click()
    expect(form.get_by_label("Radius", exact=True)).to_be_focused()
    for radius in (1, 2):
        form.get_by_label("Radius", exact=True).fill(str(radius))
        form.get_by_role("button", name="Run Smooths: blur", exact=True).click()
        assert opened.shown_config() == {"radius": radius}


def test_a_plugin_is_told_of_changes_once_typing_pauses(opened: Opened) -> None:
    page = opened.page
    install(page, "Live")
    form, status = opened.form("Live"), page.get_by_role("status", name="Status", exact=True)
    number = form.get_by_label("N", exact=True)
    number.fill("")
    number.press_sequentially("42", delay=20)
    expect(status).to_have_text("update 1: 42")
    number.fill("1000")
    form.get_by_role("button", name="Preview", exact=True).click()
    expect(number).to_be_focused()
    number.fill("5")
    expect(status).to_have_text("update 2: 5")
    form.get_by_role("button", name="Preview", exact=True).click()
    expect(status).to_have_text("update 3: 5")


def answer_dialogs(page: Page, number: str, sample: str) -> None:
    """Fill in what the asking plugins ask."""
    dialog = page.get_by_role("dialog", name="Size", exact=True)
    expect(dialog.get_by_label("N", exact=True)).to_be_focused()
    dialog.get_by_label("N", exact=True).fill("0")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("N", exact=True)).to_have_accessible_description("Give a number of at least 1")
    dialog.get_by_label("N", exact=True).fill(number)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Question of Asks", exact=True)
    answer = dialog.get_by_label("Which sample?", exact=True)
    expect(answer).to_be_focused()
    expect(answer).to_have_value("cells")
    page.keyboard.type(sample)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="File", exact=True)
    expect(dialog).to_contain_text("From the plugin Asks")
    expect(dialog).to_contain_text("Overwrite it?")
    dialog.get_by_role("button", name="Overwrite", exact=True).click()


def test_a_plugin_asks_and_gets_the_answers(opened: Opened) -> None:
    install(opened.page, "Asks")
    run(opened.page, "Asks")
    answer_dialogs(opened.page, "12", "yeast")
    assert opened.shown_config() == [["form", {"n": 12}], ["prompt", "yeast"], ["confirm", True]]


@pytest.mark.parametrize(("name", "form"), [("Asks", None), ("Asks As Before", "rejected")])
def test_what_is_cancelled_reaches_the_plugin_as_its_version_wants_it(name: str, form: object, opened: Opened) -> None:
    page = opened.page
    install(page, name)
    run(page, name)
    expect(page.get_by_role("dialog", name="Size", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name=f"Question of {name}", exact=True)).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_role("dialog", name="File", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    assert opened.shown_config() == [["form", form], ["prompt", "rejected"], ["confirm", False]]


def test_the_dialog_of_a_plugin_goes_with_its_plugin(opened: Opened) -> None:
    page = opened.page
    install(page, "Leaves")
    expect(run_button(page, "Leaves")).to_be_enabled(timeout=60_000)
    run(page, "Leaves")
    dialog = page.get_by_role("dialog", name="Question of Leaves", exact=True)
    expect(dialog).to_contain_text("Are you there?")
    expect(dialog).to_have_count(0)
    wait_until_said(page, "Leaves", "exit code 3")


def test_a_python_plugin_has_a_form_and_asks(opened: Opened) -> None:
    page = opened.page
    install(page, "Asks In Python")
    expect(run_button(page, "Asks In Python")).to_be_enabled(timeout=60_000)
    form = opened.form("Asks In Python")
    form.get_by_label("Count", exact=True).fill("5")
    form.get_by_role("checkbox", name="Fast", exact=True).check()
    run(page, "Asks In Python")
    dialog = page.get_by_role("dialog", name="Size", exact=True)
    dialog.get_by_label("N", exact=True).fill("1.5")
    dialog.get_by_role("button", name="OK", exact=True).click()
    dialog = page.get_by_role("dialog", name="Question of Asks In Python", exact=True)
    expect(dialog).to_contain_text("Go on?")
    dialog.get_by_role("button", name="OK", exact=True).click()
    expect(dialog.get_by_label("Which sample?", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Message of Asks In Python", exact=True)).to_be_visible()
    assert opened.shown_config() == {
        "config": [5, True],
        "form": {"n": 1.5},
        "confirm": True,
        "prompt": "rejected",
    }


def test_a_very_large_form_is_in_the_page_only_while_it_is_open(opened: Opened) -> None:
    page = opened.page
    install(page, "Very Large")
    assert page.get_by_role("spinbutton").count() == 0
    form = opened.form("Very Large")
    expect(form.get_by_label("Field 599", exact=True)).to_be_visible()
    form.get_by_label("Field 599", exact=True).fill("7")
    page.get_by_role("button", name="Settings of Very Large", exact=True).click()
    wait_on_page(page, lambda: page.get_by_role("spinbutton").count() == 0, "the form to go")
    assert opened.config_of("Very Large") == {**{f"f{i}": i for i in range(599)}, "f599": 7}


@pytest.mark.parametrize("opened", ["light", "dark", "narrow"], indirect=True)
def test_no_known_barrier_in_forms_and_dialogs(opened: Opened) -> None:
    page = opened.page
    listing = page.get_by_role("banner").get_by_role("button", name="Plugins", exact=True)
    expect(listing).to_be_visible()
    if listing.get_attribute("aria-expanded") == "false":
        listing.click()
    install(page, "Smooths", "Every Kind", "Mistakes", "Asks")
    form = opened.form("Every Kind")
    opened.form("Mistakes")
    form.get_by_text("Advanced", exact=True).click()
    assert barriers(page) == []
    form.get_by_label("Width", exact=True).fill("0")
    form.get_by_label("Sample", exact=True).fill("")
    run(page, "Every Kind")
    expect(form.get_by_label("Width", exact=True)).to_be_focused()
    assert barriers(page) == []
    run(page, "Asks")
    dialog = page.get_by_role("dialog", name="Size", exact=True)
    dialog.get_by_label("N", exact=True).fill("0")
    assert barriers(page) == []
    page.keyboard.press("Escape")
    for name in ("Question of Asks", "File", "Message of Asks"):
        expect(page.get_by_role("dialog", name=name, exact=True)).to_be_visible()
        assert barriers(page) == []
        page.keyboard.press("Escape")
