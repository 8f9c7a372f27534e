"""The promise, whole: what one command mirrored serves everything by itself, with the network cut and watched.

The product is the installed wheel, far from the clone, used by somebody with an empty home and an empty browser. The
app is driven by roles and names alone, and the picture on the screen is compared with one made here, from the
documentation of the plugin that draws it.
"""

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.app_page import canvas_pixels, fill_form, frame_showing, install, run
from tests.helpers.browser import Browser, open_browser
from tests.helpers.generated_images import as_rgba, noise
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import NetworkCut, cut_network
from tests.helpers.portable_names import name_problems
from tests.helpers.positive_control import assert_leaks_are_caught
from tests.helpers.processes import AppProcess, app_process, bare_environment

GENERATOR, VIEWER = "Test Image Generator", "Image Viewer"
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
