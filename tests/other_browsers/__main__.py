"""``python -m tests.other_browsers [firefox] [webkit]``: the main path of the app in browsers that the suite has not.

Both where none is named. Debian's packages are installed where we may. It mirrors for real into an empty folder first,
so it needs the registries; from then on the network is cut and watched. Ends with 1 where anything has failed.
"""

import argparse
import random
import re
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.test_python_plugins import PLUGINS
from tests.helpers.listening_server import ListeningServer
from tests.helpers.netcut import NetworkCut, cut_network
from tests.helpers.processes import app_process, bare_environment, free_port, run_app
from tests.helpers.supply_settings import supply_environment
from tests.other_browsers.app import AppPage
from tests.other_browsers.driving import Browser, Surroundings
from tests.other_browsers.firefox import open_firefox
from tests.other_browsers.packages import FIREFOX, SYSTEM_PYTHON, WEBKIT, MissingBrowser, Needed, bring, firefox_program
from tests.other_browsers.path import DARK, LIGHT
from tests.other_browsers.visit import Step, Visit
from tests.other_browsers.webkit import open_webkit
from tests.security.test_sandbox import write_plugins

Opener = Callable[[Surroundings], AbstractContextManager[Browser]]
BROWSERS: dict[str, tuple[Needed, Opener]] = {
    "firefox": (FIREFOX, lambda surroundings: open_firefox(firefox_program(), surroundings)),
    "webkit": (WEBKIT, lambda surroundings: open_webkit(SYSTEM_PYTHON, surroundings)),
}
_PROXY = re.compile("^--proxy-server=(.+)$")


@dataclass(frozen=True)
class Served:
    """A mirrored folder, and the ports that its plugins were made for."""

    folder: Path
    app: int
    sandbox: int
    listener: int


def mirror(scratch: Path) -> Served:
    """An empty folder, mirrored, with the suite's probes and Python plugins in its own repository."""
    served = Served(scratch / "folder", free_port(), free_port(), free_port())
    served.folder.mkdir()
    write_plugins(served.folder, served.app, served.sandbox, served.listener)
    for name in ("adder.imjoy.html", "caller.imjoy.html", "fails.imjoy.html"):
        (served.folder / "plugin_repository" / name).write_text(PLUGINS[name], encoding="utf-8")
    environment = bare_environment(scratch / "home", **supply_environment())
    done = run_app(served.folder, "mirror", environment=environment, seconds=600)
    if done.returncode != 0:
        sys.exit(f"The mirror run failed:\n{done.stdout}\n{done.stderr}")
    return served


@contextmanager
def visit(name: str, served: Served, scratch: Path, options: argparse.Namespace, *, dark: bool) -> Iterator[Visit]:
    """The folder served with the network cut, and the app opened in a fresh browser by its printed link."""
    home = scratch / f"{name}{'-dark' if dark else ''}"
    folder = Path(shutil.copytree(served.folder, home / "folder"))
    arguments = ("--no-open", "--port", str(served.app), "--sandbox-port", str(served.sandbox))
    with cut_network() as cut, ListeningServer(served.listener).running() as listener:
        environment = bare_environment(home / "home", **cut.environment)
        with app_process(folder, arguments, environment=environment) as server:
            link = server.wait_for_link()
            surroundings = Surroundings(home / "browser", environment, _proxy(cut), dark)
            with BROWSERS[name][1](surroundings) as browser:
                page = AppPage(browser.open(link))
                chance = random.Random(options.seed)
                yield Visit(name, browser, link, page, cut, listener, chance, options.screenshots)
            assert "Traceback" not in server.output, server.output


def _proxy(cut: NetworkCut) -> str | None:
    matches = (_PROXY.match(argument) for argument in cut.browser_arguments)
    return next((match[1] for match in matches if match), None)


def take(steps: Sequence[tuple[str, Step]], one: Visit) -> list[str]:
    """Take steps and say how each went; the names of those that failed."""
    failed = []
    for words, step in steps:
        started = time.monotonic()
        try:
            detail = step(one)
        except Exception as error:  # noqa: BLE001 - the other steps are still worth knowing
            failed.append(words)
            print(f"  FAILED  {words}\n          {error}", flush=True)
            if not isinstance(error, AssertionError):
                traceback.print_exc()
        else:
            print(
                f"  ok      {words}{f' ({detail})' if detail else ''}, {time.monotonic() - started:.1f} s", flush=True
            )
    return failed


def drive(name: str, served: Served, scratch: Path, options: argparse.Namespace) -> list[str]:
    """The whole path in one browser; what failed."""
    with visit(name, served, scratch, options, dark=False) as one:
        print(f"{BROWSERS[name][0].name} {one.browser.version}", flush=True)
        failed = take(LIGHT, one)
    with visit(name, served, scratch, options, dark=True) as one:
        return failed + take(DARK, one)


def main() -> int:
    """Bring, mirror, drive, and say what failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.other_browsers", description=__doc__)
    parser.add_argument("browsers", nargs="*", metavar="BROWSER", help=f"{' or '.join(BROWSERS)}; all by default")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 2**31), help="for the images")
    parser.add_argument("--screenshots", type=Path, metavar="FOLDER", help="keep pictures of what was seen here")
    options = parser.parse_args()
    names: list[str] = options.browsers or list(BROWSERS)
    if unknown := [name for name in names if name not in BROWSERS]:
        parser.error(f"there is no browser {unknown[0]!r}; there are: {', '.join(BROWSERS)}")
    if options.screenshots is not None:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    failed: dict[str, list[str]] = {}
    for name in names:
        try:
            bring(BROWSERS[name][0])
        except MissingBrowser as error:
            print(error, file=sys.stderr)
            failed[name] = ["it is not there"]
    with tempfile.TemporaryDirectory() as scratch:
        there = [name for name in names if name not in failed]
        served = mirror(Path(scratch)) if there else None
        print(f"The seed is {options.seed}", flush=True)
        for name in there:
            assert served is not None
            failed[name] = drive(name, served, Path(scratch), options)
    bad = {name: steps for name, steps in failed.items() if steps}
    for name, steps in bad.items():
        print(f"{name}: {len(steps)} failed: {'; '.join(steps)}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
