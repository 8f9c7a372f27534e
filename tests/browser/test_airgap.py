"""The promise, whole: what one command mirrored serves everything by itself, with the network cut and watched.

The product is the installed wheel, far from the clone, used by somebody with an empty home and an empty browser. The
app is driven by roles and names alone, and the picture on the screen is compared with one made here, from the
documentation of the plugin that draws it.
"""

import random
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.helpers import filtered_images
from tests.helpers.app_page import canvas_pixels, fill_form, frame_showing, install, run, wait_until_said
from tests.helpers.browser import Browser, open_browser
from tests.helpers.generated_images import as_rgba, noise
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import NetworkCut, cut_network
from tests.helpers.portable_names import name_problems
from tests.helpers.positive_control import assert_leaks_are_caught
from tests.helpers.processes import AppProcess, app_process, bare_environment, run_app

GENERATOR, VIEWER, FILTERS, CHAIN = "Test Image Generator", "Image Viewer", "Image Filters", "Filter Chain"
CHANNELS = {"grey": 1, "RGB": 3}


@dataclass
class Offline:
    """Everything that shares one cut network."""

    cut: NetworkCut
    app: AppProcess
    link: str
    browser: Browser


@contextmanager
def offline(
    folder: Path, product: InstalledWheel, tmp_path: Path, arguments: Sequence[str] = ("--no-open",)
) -> Iterator[Offline]:
    """The network cut; in it the server over ``folder``, started as a person starts it, and an empty browser."""
    with cut_network() as cut:
        environment = bare_environment(tmp_path / "home", **cut.environment)
        with (
            app_process(folder, arguments, environment=environment, python=product.python) as app,
            open_browser(tmp_path / "profile", arguments=cut.browser_arguments, environment=cut.environment) as browser,
        ):
            yield Offline(cut, app, app.wait_for_link(), browser)


def draw_and_compare(page: Page, seed: int, channels: str, width: int, height: int) -> None:
    """Run the generator with these settings and compare the viewer's pixels with the array, one by one."""
    settings = {"Random seed": seed, "Channels": channels, "Width": width, "Height": height, "Pattern": "noise"}
    fill_form(page, GENERATOR, {label: str(value) for label, value in settings.items()})
    run(page, GENERATOR)
    kind = "RGB" if channels == "RGB" else "grey values"
    _, canvas = frame_showing(page, "img", f"Image of {width} by {height} pixels, uint8, {kind}")
    found_width, found_height, pixels = canvas_pixels(canvas)
    assert (found_width, found_height) == (width, height)
    expected = as_rgba(noise(seed, width * height * CHANNELS[channels]), CHANNELS[channels])
    assert pixels == expected, "The pixels drawn are not the array generated."


@pytest.mark.timeout(420)
def test_plugins_run_from_a_mirrored_folder_with_the_network_cut(
    mirrored_folder: Path,
    installed_wheel: InstalledWheel,
    tmp_path: Path,
    seed: int,
    say: Callable[[str], None],
) -> None:
    folder = Path(shutil.copytree(mirrored_folder, tmp_path / "instrument computer"))
    chance = random.Random(seed)
    with offline(folder, installed_wheel, tmp_path) as all_cut:
        say(f"{all_cut.cut.how}; the app is at {all_cut.link.split('#')[0]}")
        page = all_cut.browser.open(all_cut.link)
        install(page, GENERATOR, VIEWER)
        for channels in ("grey", "RGB"):
            width, height = chance.randrange(17, 300), chance.randrange(17, 300)
            draw_and_compare(page, seed, channels, width, height)
        all_cut.browser.assert_quiet()
        assert all_cut.cut.leaks() == []
        assert "Traceback" not in all_cut.app.output
        assert_leaks_are_caught(all_cut.cut, all_cut.browser)


def chain_and_compare(page: Page, chance: random.Random, say: Callable[[str], None], name: str) -> None:
    """Send an image with random settings through a filter with random options; compare what the viewer has drawn."""
    width, height, seed = chance.randrange(40, 200), chance.randrange(40, 200), chance.randrange(1, 2**31)
    channels = chance.choice(tuple(CHANNELS))
    steps = [(name, filtered_images.random_options(chance, name))]
    say(f"{steps} on {width} by {height}, {channels}, seed {seed}")
    settings = {"Pattern": "noise", "Channels": channels, "Random seed": seed, "Width": width, "Height": height}
    form = {**filtered_images.chain_form(steps), **{label: str(value) for label, value in settings.items()}}
    close_windows(page)
    fill_form(page, CHAIN, form)
    run(page, CHAIN)
    pixels = np.frombuffer(noise(seed, width * height * CHANNELS[channels]), np.uint8)
    image = pixels.reshape((height, width, 3) if channels == "RGB" else (height, width))
    wanted = filtered_images.through(image, steps, channels=channels == "RGB")
    kind = "RGB" if channels == "RGB" else "grey values"
    about = f"Image of {wanted.shape[1]} by {wanted.shape[0]} pixels, {wanted.dtype}, {kind}"
    _, canvas = frame_showing(page, "img", about, seconds=90)
    found_width, found_height, found = canvas_pixels(canvas)
    assert (found_width, found_height) == (wanted.shape[1], wanted.shape[0])
    drawn = filtered_images.drawn(wanted)
    if name in filtered_images.EXACT:
        assert found == drawn, "The pixels drawn are not those that SciPy computes."
    else:
        rgba = (found_height, found_width, 4)
        assert filtered_images.close(
            np.frombuffer(found, np.uint8).reshape(rgba), np.frombuffer(drawn, np.uint8).reshape(rgba)
        ), "The pixels drawn are not those that SciPy computes."


def close_windows(page: Page) -> None:
    """Close every window of a plugin."""
    windows = page.locator("[data-window]")
    while windows.count():
        before = windows.count()
        page.get_by_role("main").get_by_role("button", name=re.compile("^Close (?!log|window)")).first.click()
        expect(windows).to_have_count(before - 1)


ABOUT = """<config lang="json">
{"name": "Where Is NumPy", "type": "web-worker", "version": "1.0.0", "dependencies": ["Image Filters"]}
</config>
<script lang="javascript">
api.export({
  setup() {},
  async run() {
    const { numpy, python } = await (await api.getPlugin("Image Filters")).about();
    await api.showMessage(`numpy is at [${numpy.file}] of [${python.prefix}]`);
  },
});
</script>
"""


@pytest.mark.timeout(600)
def test_python_plugins_with_packages_run_from_carried_wheels_with_the_network_cut(
    mirrored_folder: Path,
    installed_wheel: InstalledWheel,
    tmp_path: Path,
    seed: int,
    say: Callable[[str], None],
) -> None:
    """Generator, SciPy in a process and environment of its own, and viewer: every pixel is the one that SciPy says."""
    folder = Path(shutil.copytree(mirrored_folder, tmp_path / "instrument computer"))
    add_plugin(folder, "Where Is NumPy", ABOUT, installed_wheel, tmp_path)
    chance = random.Random(seed)
    with offline(folder, installed_wheel, tmp_path) as all_cut:
        page = all_cut.browser.open(all_cut.link)
        install(page, GENERATOR, VIEWER, FILTERS, CHAIN, "Where Is NumPy")
        for name in (chance.choice(filtered_images.EXACT), chance.choice(filtered_images.NAMES)):
            chain_and_compare(page, chance, say, name)
        run(page, "Where Is NumPy")
        said = wait_until_said(page, "numpy is at [", "] of [", seconds=60)
        where, prefix = re.findall(r"\[([^\]]+)\]", said)[:2]
        assert Path(where).is_relative_to(prefix), "NumPy comes from the plugin's own environment"
        assert Path(prefix).is_relative_to(tmp_path / "home"), "which was made here"
        assert not Path(prefix).is_relative_to(folder), "and not carried"
        all_cut.browser.assert_quiet()
        assert all_cut.cut.leaks() == []
        assert "Traceback" not in all_cut.app.output


def add_plugin(folder: Path, name: str, text: str, product: InstalledWheel, tmp_path: Path) -> None:
    """Put a plugin into the folder's own repository and mirror again, with no way to any network."""
    (folder / "plugin_repository").mkdir(exist_ok=True)
    (folder / "plugin_repository" / f"{name}.imjoy.html").write_text(text, encoding="utf-8")
    with cut_network() as cut:
        environment = bare_environment(tmp_path / "home of the mirror", **cut.environment)
        done = run_app(folder, "mirror", environment=environment, python=product.python)
    assert done.returncode == 0, done.stderr


def test_a_wheel_taken_out_of_the_folder_is_named_where_the_plugin_is_installed(
    mirrored_folder: Path, installed_wheel: InstalledWheel, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(mirrored_folder, tmp_path / "folder"))
    (wheel,) = (folder / "cache" / "wheels").glob("scipy-*.whl")
    wheel.unlink()
    with offline(folder, installed_wheel, tmp_path) as all_cut:
        page = all_cut.browser.open(all_cut.link)
        page.get_by_role("button", name="Add plugins").first.click()
        page.get_by_role("dialog").get_by_role("button", name=f"Install {FILTERS}", exact=True).click()
        wait_until_said(page, FILTERS, wheel.name, seconds=60)
        page.keyboard.press("Escape")
        # The plugins that it depends on came along, and work.
        draw_and_compare(page, 5, "grey", 30, 20)
        assert all_cut.cut.leaks() == []


@pytest.mark.timeout(420)
def test_a_folder_that_was_copied_elsewhere_works_and_so_does_what_was_installed_there(
    mirrored_folder: Path, installed_wheel: InstalledWheel, tmp_path: Path, seed: int
) -> None:
    first = Path(shutil.copytree(mirrored_folder, tmp_path / "first"))
    (tmp_path / "far" / "away").mkdir(parents=True)
    second = Path(shutil.move(str(first), tmp_path / "far" / "away" / "Ordner für später"))
    with offline(second, installed_wheel, tmp_path) as all_cut:
        page = all_cut.browser.open(all_cut.link)
        install(page, GENERATOR, VIEWER)
        draw_and_compare(page, seed, "grey", 64, 48)
        # A reload finds what was installed: it is kept by this browser for this address.
        page.reload()
        expect(page.get_by_role("button", name=f"Run {GENERATOR}", exact=True)).to_be_visible()
        draw_and_compare(page, seed, "RGB", 31, 33)
        all_cut.browser.assert_quiet()
        assert all_cut.cut.leaks() == []


def test_a_mirrored_folder_holds_plain_files_with_names_for_every_disk(mirrored_folder: Path) -> None:
    paths = [path for path in mirrored_folder.rglob("*")]
    assert len(paths) > 10
    assert not [path for path in paths if path.is_symlink() or not (path.is_file() or path.is_dir())]
    assert not name_problems(PurePosixPath(path.relative_to(mirrored_folder).as_posix()) for path in paths)
