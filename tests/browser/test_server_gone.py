"""The server was stopped while its page stayed open: a person is told within seconds, and goes on once it is back."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.helpers.app_page import frame_showing, install, run, wait_until_said
from tests.helpers.browser import open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import cut_network
from tests.helpers.processes import app_process, free_port

VIEWER, GENERATOR = "Image Viewer", "Test Image Generator"


@pytest.mark.parametrize("plugins", [(VIEWER,), (VIEWER, GENERATOR)], ids=["nothing has run", "something runs"])
def test_a_start_without_a_server_is_told_at_once_and_works_when_it_is_back(
    plugins: tuple[str, ...], folder: Path, person: dict[str, str], installed_wheel: InstalledWheel, tmp_path: Path
) -> None:
    arguments = ("--no-open", "--port", str(free_port()), "--sandbox-port", str(free_port()))
    with cut_network() as cut:
        environment = {**person, **cut.environment}
        python = installed_wheel.python
        with open_browser(
            tmp_path / "profile", arguments=cut.browser_arguments, environment=cut.environment
        ) as browser:
            with app_process(folder, arguments, environment=environment, python=python) as app:
                page = browser.open(app.wait_for_link())
                install(page, *plugins)
                app.kill()
            started = time.monotonic()
            run(page, VIEWER)
            said = wait_until_said(page, VIEWER, "does not answer any more", "python -m imjoy")
            assert time.monotonic() - started < 5
            assert said.count("does not answer any more") == 1, "one message is enough"

            with app_process(folder, arguments, environment=environment, python=python) as app:
                app.wait_for_link()
                run(page, VIEWER)
                frame_showing(page, "toolbar", "View")
                expect(page.get_by_role("button", name="Engine: Connected", exact=True)).to_be_visible(timeout=60_000)
        assert cut.leaks() == []
