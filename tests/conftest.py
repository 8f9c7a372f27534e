"""What every test shares: the rule about skips, time limits, lines for the person who reads the run, the wheel."""

import random
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.installed_wheel import InstalledWheel, install_wheel
from tests.helpers.no_skips import pytest_make_collect_report, pytest_runtest_makereport
from tests.helpers.processes import bare_environment, run_app

__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport"]

UNIT_TEST_SECONDS = 20


def pytest_configure() -> None:
    """Whoever starts the tests in the background may have them ignore Ctrl-C, and everything that they start too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A unit test that takes longer than this waits for something that it should not need."""
    for item in items:
        if item.nodeid.startswith("tests/unit/") and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(UNIT_TEST_SECONDS))


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Writes a line into the run's output, whether the test passes or fails."""
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    name = request.node.name

    def write(text: str) -> None:
        if reporter is not None and capture is not None:
            with capture.global_and_fixture_disabled():
                reporter.ensure_newline()
                reporter.write_line(f"{name}: {text}")

    return write


@pytest.fixture
def seed(say: Callable[[str], None]) -> int:
    """A random number for one test, printed so that a failure can be had again."""
    number = random.SystemRandom().randrange(1, 2**31)
    say(f"the seed is {number}")
    return number


@pytest.fixture(scope="session")
def installed_wheel(tmp_path_factory: pytest.TempPathFactory) -> InstalledWheel:
    """The product built and installed once, outside the clone."""
    return install_wheel(Path(tmp_path_factory.mktemp("installed")))


@pytest.fixture(scope="session")
def mirrored_folder(tmp_path_factory: pytest.TempPathFactory, installed_wheel: InstalledWheel) -> Path:
    """A working folder that the installed product mirrored from the real registries; tests take a copy of it."""
    folder = Path(tmp_path_factory.mktemp("mirrored"))
    environment = installed_wheel.environment()
    done = run_app(folder, "mirror", environment=environment, python=installed_wheel.python, seconds=240)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return folder


@pytest.fixture
def folder(mirrored_folder: Path, tmp_path: Path) -> Path:
    """A mirrored working folder of this test's own."""
    return Path(shutil.copytree(mirrored_folder, tmp_path / "folder"))


@pytest.fixture
def person(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody with an empty home, without any setting that leads to a registry."""
    return bare_environment(tmp_path / "home")
