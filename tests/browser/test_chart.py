"""Chart with its library mirrored from the real registry and the network cut: what it draws, says, saves and refuses.

A plugin of the folder's own repository plots; what is on the canvas, in the table and in the saved file is compared
with numbers made here.
"""

import csv
import io
import itertools
import json
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Locator, Page, expect

from tests.helpers.accessibility import AXE
from tests.helpers.app_page import canvas_pixels, fill_form, frame_showing, install, run, wait_on_page, wait_until_said
from tests.helpers.browser import Browser, open_browser
from tests.helpers.generated_images import noise
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import NetworkCut, cut_network
from tests.helpers.processes import app_process, bare_environment, free_port, run_app

LIBRARY = "https://cdn.jsdelivr.net/npm/uplot@1.6.32/dist/uPlot.iife.min.js"
PLOTTER = """\
<config lang="json">
{"name": "Plotter", "type": "web-worker", "version": "1.0.0", "api_version": "0.1.8", "description": "Plots",
 "ui": [{"What": {"id": "what", "type": "string", "placeholder": ""}}],
 "dependencies": ["Chart", "Test Image Generator"], "requirements": []}
</config>
<script lang="javascript">
class Plotter {
  setup() {}
  async run({config}) {
    const {data, image, call, values, steps, tell, clear} = JSON.parse(config.what);
    const chart = await api.createWindow({type: 'Chart', name: 'Plot', data});
    if (image) {
      const generator = await api.getPlugin('Test Image Generator');
      await chart[call](await generator.generate(image), values);
    } else if (call) await chart[call](values);
    for (const step of steps ?? []) await chart.append(step, {limit: 25});
    if (tell) {
      const {kind, points, y, series: [{name}]} = await chart.getInfo();
      await api.showMessage(`${name}: ${points} ${kind} from ${y.min} to ${y.max}`);
    }
    if (clear) await chart.clear();
  }
}
api.export(new Plotter());
</script>
"""

pytestmark = pytest.mark.timeout(300)


@dataclass
class Ground:
    """The app with Chart and a plugin that plots, in a browser, with the network cut."""

    page: Page
    browser: Browser
    cut: NetworkCut
    sandbox: int

    def plot(self, name: str | re.Pattern[str], **what: object) -> tuple[Frame, Locator]:
        """Let the plugin plot; the frame and the figure of this name."""
        self.begin(**what)
        return frame_showing(self.page, "img", name)

    def begin(self, **what: object) -> None:
        """Let the plugin plot."""
        for close in self.page.get_by_role("button", name="Close Plot", exact=True).all():
            close.click()
        fill_form(self.page, "Plotter", {"What": json.dumps(what)})
        run(self.page, "Plotter")


@pytest.fixture(scope="module")
def plotting_folder(
    tmp_path_factory: pytest.TempPathFactory, mirrored_folder: Path, installed_wheel: InstalledWheel
) -> Path:
    """A mirrored folder with the plugin that plots in its own repository."""
    folder = Path(shutil.copytree(mirrored_folder, tmp_path_factory.mktemp("charts") / "folder"))
    (folder / "plugin_repository").mkdir()
    (folder / "plugin_repository" / "Plotter.imjoy.html").write_text(PLOTTER, encoding="utf-8")
    environment = installed_wheel.environment()
    done = run_app(folder, "mirror", environment=environment, python=installed_wheel.python, seconds=240)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module", params=["light", "dark"])
def ground(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    plotting_folder: Path,
    installed_wheel: InstalledWheel,
) -> Iterator[Ground]:
    base = tmp_path_factory.mktemp(request.param)
    sandbox = free_port()
    arguments = ("--no-open", "--port", str(free_port()), "--sandbox-port", str(sandbox))
    with cut_network() as cut:
        environment = bare_environment(base / "home", **cut.environment)
        with (
            app_process(plotting_folder, arguments, environment=environment, python=installed_wheel.python) as app,
            open_browser(
                base / "profile",
                arguments=cut.browser_arguments,
                environment=cut.environment,
                dark=request.param == "dark",
            ) as browser,
        ):
            page = browser.open(app.wait_for_link())
            install(page, "Plotter")
            yield Ground(page, browser, cut, sandbox)
            browser.assert_quiet()
            assert cut.leaks() == []


def columns_of(figure: Locator, colour: tuple[int, int, int]) -> list[int]:
    """How many pixels of this colour every column of the canvas has."""
    width, height, pixels = canvas_pixels(figure.locator("canvas"))
    wanted = bytes((*colour, 255))
    return [
        sum(pixels[4 * (y * width + x) : 4 * (y * width + x) + 4] == wanted for y in range(height))
        for x in range(width)
    ]


def test_its_library_comes_from_the_mirror(ground: Ground) -> None:
    asked: list[str] = []
    ground.page.on("request", lambda request: asked.append(request.url))
    ground.plot(re.compile("^Line chart"), data={"y": [1, 2]})
    origin = f"http://127.0.0.1:{ground.sandbox}"
    assert f"{origin}/cdn/x/https/{LIBRARY.removeprefix('https://')}" in asked
    assert not [url for url in asked if not url.startswith(("http://127.0.0.1:", "blob:", "data:"))]


def test_bars_are_as_high_as_their_values(ground: Ground, seed: int) -> None:
    chance = random.Random(seed)
    values = [chance.randrange(20, 200) for _ in range(chance.randrange(3, 8))]
    _, figure = ground.plot(
        re.compile("^Bars chart “Wells”: 1 series"),
        data={
            "title": "Wells",
            "x": [f"W{i}" for i in range(len(values))],
            "series": [{"y": values, "colour": "#ff00ff"}],
        },
    )
    columns = columns_of(figure, (255, 0, 255))
    heights: list[int] = []
    for before, now in zip([0, *columns], columns, strict=False):
        if now > 2 and before <= 2:
            heights.append(now)
    assert len(heights) == len(values)
    tallest = max(heights)
    assert tallest > 100
    for height, value in zip(heights, values, strict=True):
        assert abs(height - tallest * value / max(values)) <= 1.5, (heights, values)


def test_a_line_runs_through_its_values_and_breaks_at_gaps(ground: Ground) -> None:
    values: list[float | None] = [float(i) for i in range(200)]
    values[80:120] = [None] * 40
    _, figure = ground.plot(re.compile("^Line chart"), data={"series": [{"y": values, "colour": "#ff00ff"}]})
    width, height, pixels = canvas_pixels(figure.locator("canvas"))
    rows = {
        x: [y for y in range(height) if pixels[4 * (y * width + x) : 4 * (y * width + x) + 3] == b"\xff\x00\xff"]
        for x in range(width)
    }
    drawn = [x for x, found in rows.items() if found]
    middles = [sum(rows[x]) / len(rows[x]) for x in drawn]
    assert middles == sorted(middles, reverse=True), "a rising line has to rise"
    gaps = [(a, b) for a, b in itertools.pairwise(drawn) if b - a > 5]
    assert len(gaps) == 1
    extent = drawn[-1] - drawn[0]
    assert abs((gaps[0][0] - drawn[0]) / extent - 79 / 199) < 0.02
    assert abs((gaps[0][1] - drawn[0]) / extent - 120 / 199) < 0.02


def test_the_values_are_read_with_the_keyboard_alone(ground: Ground) -> None:
    frame, _ = ground.plot(
        "Line chart “Temperature”: 2 series (inside, outside), 4 points, x from 0 to 3, values from -2.5 to 39",
        data={
            "title": "Temperature",
            "xLabel": "hour",
            "series": {"inside": [37, 38, 39, 37], "outside": [4, 1, -2.5, 0]},
        },
    )
    area = frame.get_by_role("group", name=re.compile("^Chart area"))
    readout = frame.get_by_role("status", name="Values at the cursor")
    area.focus()
    for key, said in (
        ("ArrowRight", "hour 0 · inside 37 · outside 4"),
        ("ArrowRight", "hour 1 · inside 38 · outside 1"),
        ("End", "hour 3 · inside 37 · outside 0"),
        ("ArrowLeft", "hour 2 · inside 39 · outside -2.5"),
        ("Home", "hour 0 · inside 37 · outside 4"),
    ):
        ground.page.keyboard.press(key)
        expect(readout).to_have_text(said)
        expect(readout).to_have_attribute("aria-live", "polite")
    hide = frame.get_by_role("button", name=re.compile("^outside"))
    hide.press("Enter")
    expect(hide).to_have_attribute("aria-pressed", "false")
    area.focus()
    ground.page.keyboard.press("ArrowRight")
    expect(readout).to_have_text("hour 1 · inside 38")


def test_the_histogram_of_an_image_is_counted_right_down_to_the_saved_file(ground: Ground, seed: int) -> None:
    settings = {"pattern": "noise", "channels": "RGB", "width": 61, "height": 47, "seed": seed}
    frame, _ = ground.plot(
        re.compile(r"^Steps chart “Noise”: 3 series \(red, green, blue\), 256 points"),
        **{"image": settings, "call": "histogram", "values": {"title": "Noise"}},
    )
    with ground.page.expect_download() as download:
        frame.get_by_role("button", name="CSV", exact=True).click()
    assert download.value.suggested_filename == "Noise.csv"
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"))))
    assert rows[0] == ["value", "red", "green", "blue"]
    pixels = noise(seed, 61 * 47 * 3)
    counts = [[pixels[channel::3].count(value) for channel in range(3)] for value in range(256)]
    assert [[int(cell) for cell in row] for row in rows[1:]] == [[value, *counts[value]] for value in range(256)]


def test_the_values_can_be_seen_as_a_table_and_the_picture_saved(ground: Ground) -> None:
    frame, figure = ground.plot(
        re.compile("^Points chart"), data={"kind": "points", "x": [2, 1], "y": [0.5, 7], "xLabel": "area"}
    )
    with ground.page.expect_download() as download:
        frame.get_by_role("button", name="PNG", exact=True).click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG\r\n")
    frame.get_by_role("button", name="Table", exact=True).click()
    table = frame.get_by_role("table")
    expect(table.get_by_role("row")).to_have_text(["areaseries 1", "17", "20.5"])
    expect(figure).to_be_hidden()
    frame.get_by_role("button", name="Table", exact=True).click()
    expect(figure).to_be_visible()


def test_points_that_come_one_after_the_other_are_added(ground: Ground) -> None:
    steps = [{"loss": 1 / (1 + i), "accuracy": 1 - 1 / (2 + i)} for i in range(30)]
    frame, _ = ground.plot(
        re.compile(r"^Line chart: 2 series \(loss, accuracy\), 25 points, x from 5 to 29"), steps=steps
    )
    expect(frame.get_by_role("status", name="Points and range")).to_contain_text("50 points")


def test_a_caller_can_ask_what_is_drawn_and_take_it_away(ground: Ground) -> None:
    frame, _ = ground.plot("No chart", data={"kind": "bar", "y": [2, 5]}, tell=True, clear=True)
    expect(frame.get_by_text("No data yet.")).to_be_visible()
    wait_until_said(ground.page, "series 1: 2 bars from 2 to 5")


def test_zooming_the_scale_and_another_kind_keep_the_chart_whole(ground: Ground) -> None:
    frame, _ = ground.plot(re.compile("^Line chart"), data={"y": [1, 10, 100, 1000]})
    frame.get_by_role("button", name="Log", exact=True).click()
    expect(frame.get_by_role("button", name="Log", exact=True)).to_have_attribute("aria-pressed", "true")
    for kind, label in (("bars", "Bars"), ("area", "Area"), ("steps", "Steps"), ("points", "Points")):
        frame.get_by_label("Kind of chart").select_option(kind)
        expect(frame.get_by_role("img", name=re.compile(f"^{label} chart"))).to_be_visible()
    frame.get_by_role("group", name=re.compile("^Chart area")).focus()
    for key in ("+", "+", "-", "0", "Escape"):
        ground.page.keyboard.press(key)
    expect(frame.get_by_role("alert")).to_be_hidden()


def test_a_table_of_this_computer_is_opened(ground: Ground) -> None:
    run(ground.page, "Chart")
    frame, _ = frame_showing(ground.page, "img", "No chart")
    expect(frame.get_by_text("No data yet.")).to_be_visible()
    table = b"well;cells;dead\nA1;12,5;3\nA2;20;1\n"
    chooser = frame.get_by_label("Table file")
    chooser.set_input_files({"name": "plate.csv", "mimeType": "text/csv", "buffer": table})
    name = "Bars chart “plate.csv”: 2 series (cells, dead), 2 points, x from A1 to A2, values from 1 to 20"
    expect(frame.get_by_role("img", name=name)).to_be_visible()
    chooser.set_input_files({"name": "empty.csv", "mimeType": "text/csv", "buffer": b"\n"})
    expect(frame.get_by_role("alert")).to_contain_text("empty.csv cannot be drawn: The file is empty")
    # What was seen before is still there.
    frame.get_by_role("button", name="OK", exact=True).click()
    expect(frame.get_by_role("alert")).to_be_hidden()
    expect(frame.get_by_role("img", name=name)).to_be_visible()
    ground.page.get_by_role("button", name="Close Chart", exact=True).click()


def test_what_cannot_be_drawn_is_said_in_the_window_and_to_the_caller(ground: Ground) -> None:
    ground.begin(call="plot", values={"x": [1, 2], "y": [1, 2, 3]})
    words = "series 1 has 3 values, but x has 2"
    wait_until_said(ground.page, "Plotter", words)
    _, alert = frame_showing(ground.page, "alert", re.compile(""))
    expect(alert).to_contain_text(words)


def test_no_known_barrier_in_its_window(ground: Ground) -> None:
    frame, _ = ground.plot(
        re.compile("^Line chart"), data={"title": "A chart", "yLabel": "y", "series": {"a": [1, 2], "b": [2, 3]}}
    )
    frame.evaluate(AXE.read_text(encoding="utf-8"))
    for _ in ("chart", "table"):
        found = frame.evaluate("async () => (await axe.run(document)).violations")
        assert [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found] == []
        frame.get_by_role("button", name="Table", exact=True).click()


def test_it_follows_the_colours_of_the_system_while_it_is_open(ground: Ground) -> None:
    frame, figure = ground.plot(re.compile("^Line chart"), data={"y": [1, 2, 3]})
    axis = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join()"
    before = figure.locator("canvas").evaluate(axis)
    ground_of = "() => getComputedStyle(document.body).backgroundColor"
    first = frame.evaluate(ground_of)
    other = "light" if ground.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "dark"
    ground.page.emulate_media(color_scheme=other)  # type: ignore[arg-type]
    wait_on_page(ground.page, lambda: frame.evaluate(ground_of) != first, "another ground")
    wait_on_page(ground.page, lambda: figure.locator("canvas").evaluate(axis) != before, "other colours")
    ground.page.emulate_media(color_scheme="dark" if other == "light" else "light")
