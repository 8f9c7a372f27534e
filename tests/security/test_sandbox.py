"""What plugins can and cannot reach, tried by real plugins in a real browser: from a page and from a worker.

The probes are plugins of the folder's own repository; each tells what it got, or the error. What must not be reached
is reachable for the browser itself (the controls at the end show it), and the network is cut and watched meanwhile.
"""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.helpers.app_page import frame_showing, install, run, wait_on_page, wait_until_said
from tests.helpers.browser import Browser, open_browser
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.listening_server import ListeningServer
from tests.helpers.netcut import NetworkCut, cut_network
from tests.helpers.processes import app_process, bare_environment, free_port, run_app

PLUGINS = Path(__file__).with_name("sandbox_plugins")
NEVER_MIRRORED = "https://cdn.jsdelivr.net/npm/never-mirrored@1.0.0/"
NEVER_REQUIRED = "https://cdn.jsdelivr.net/npm/idb@8.0.4/never.js"
ELSEWHERE = "https://nowhere.example/data.json"
PLAYER = "https://cdn.jsdelivr.net/npm/papaparse@5.4.1/player/player.html"
RUNAWAYS = ("Runaway", "Posting Runaway", "Refreshing Runaway")
Results = dict[str, dict[str, Any]]

pytestmark = pytest.mark.timeout(420)


@dataclass
class Ground:
    """Where the probes ran, and what they found."""

    app: int
    sandbox: int
    link: str
    listener: ListeningServer
    cut: NetworkCut
    browser: Browser
    page: Page
    frame: Results
    worker: Results
    leaks: list[str]


def write_plugins(folder: Path, app: int, sandbox: int, listener: int) -> None:
    """The probes, made for these three ports, as the folder's own repository."""
    repository = folder / "plugin_repository"
    repository.mkdir(parents=True)
    probes = (PLUGINS / "probes.js.txt").read_text(encoding="utf-8")
    for path in PLUGINS.glob("*.imjoy.html"):
        text = path.read_text(encoding="utf-8").replace("@PROBES@", probes)
        for name, port in (("APP", app), ("SANDBOX", sandbox), ("LISTENER", listener)):
            text = text.replace(f"@{name}@", f"127.0.0.1:{port}")
        (repository / path.name).write_text(text, encoding="utf-8")


def results_of(page: Page, plugin: str, label: str) -> Results:
    """Run a probe and read what it found from its window."""
    run(page, plugin)
    _, output = frame_showing(page, "status", label)
    wait_on_page(page, lambda: bool(output.inner_text()), f"the results of {plugin}", 150)
    results: Results = json.loads(output.inner_text())
    return results


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, installed_wheel: InstalledWheel) -> Iterator[Ground]:
    """Mirror, cut, serve, open, run both probes once; the tests judge what was found."""
    folder = Path(tmp_path_factory.mktemp("sandbox"))
    app, sandbox, other = free_port(), free_port(), free_port()
    write_plugins(folder, app, sandbox, other)
    environment = installed_wheel.environment(folder.parent / f"{folder.name}-home")
    mirrored = run_app(folder, "mirror", environment=environment, python=installed_wheel.python, seconds=240)
    assert mirrored.returncode == 0, mirrored.stderr
    arguments = ("--no-open", "--port", str(app), "--sandbox-port", str(sandbox))
    person = bare_environment(folder.parent / f"{folder.name}-person")
    with (
        cut_network() as cut,
        ListeningServer(other).running() as listener,
        app_process(
            folder, arguments, environment={**person, **cut.environment}, python=installed_wheel.python
        ) as server,
        open_browser(
            folder.parent / f"{folder.name}-profile", arguments=cut.browser_arguments, environment=cut.environment
        ) as browser,
    ):
        link = server.wait_for_link()
        page = browser.open(link)
        install(page, "Broadcaster", "Worker Probe", "Result Sheet", "Frame Probe", *RUNAWAYS)
        worker = results_of(page, "Worker Probe", "Worker results")
        frame = results_of(page, "Frame Probe", "Frame results")
        yield Ground(app, sandbox, link, listener, cut, browser, page, frame, worker, cut.leaks())


# ------------------------------------------------------------------ what must fail, from inside

REACHED_NOT_BY_BOTH = (
    "fetch app api",
    "fetch app page",
    "fetch app catalogue",
    "fetch app opaquely",
    "engine socket",
    "socket to sandbox port",
    "fetch another port",
    "fetch another port opaquely",
    "post to another port",
    "xhr to another port",
    "socket to another port",
    "event source to another port",
    "import from another port",
    "engine socket by another constructor",
    "another port by another constructor",
    "broadcast of another plugin",
    "parent document",
)
REACHED_NOT_BY_PAGES = (
    "fetch another port untouched",
    "fetch app api untouched",
    "fetch outside untouched",
    "engine socket untouched",
    "worker untouched",
    "beacon to another port",
    "peer connection",
    "peer connection by another constructor",
    "peer connection of a frame of its own",
    "top document",
    "parent storage",
    "parent location",
    "frame element",
    "image from another port",
    "script from another port",
    "style from another port",
    "worker from another port",
    "popup of another port",
    "top navigation",
    "service worker",
)
REACHED_NOT_BY_WORKERS = (
    "own document",
    "import scripts from another port",
    "worker from another port",
    "engine socket from a worker of its own",
)


def test_the_origin_is_null_in_page_and_worker(ground: Ground) -> None:
    assert ground.frame["origin"]["got"] == "null"
    assert ground.worker["origin"]["got"] == "null"


@pytest.mark.parametrize("probe", [*REACHED_NOT_BY_BOTH, *REACHED_NOT_BY_PAGES])
def test_a_page_cannot(probe: str, ground: Ground) -> None:
    result = ground.frame[probe]
    assert result["error"] is not None, f"it got {result['got']!r}"
    assert "nothing happened" not in result["error"], "it must be refused, not left waiting"


@pytest.mark.parametrize("probe", [*REACHED_NOT_BY_BOTH, *REACHED_NOT_BY_WORKERS])
def test_a_worker_cannot(probe: str, ground: Ground) -> None:
    result = ground.worker[probe]
    assert result["error"] is not None, f"it got {result['got']!r}"
    assert "nothing happened" not in result["error"], "it must be refused, not left waiting"


def test_another_plugin_cannot_be_read(ground: Ground) -> None:
    found = ground.frame["other plugins"]["got"]
    assert found, "there was no other plugin to try"
    assert set(found) == {"SecurityError"}


def test_frames_of_the_app_and_of_others_are_not_readable(ground: Ground) -> None:
    for probe in ("frame of another port", "frame of the app"):
        assert ground.frame[probe]["got"] in (None, "readable: nothing"), probe


def test_the_browsers_own_policy_refuses_what_no_shim_has_seen(ground: Ground) -> None:
    refused = ground.frame["markup that nobody has looked at"]["got"]
    assert len(refused) >= 5, refused


def test_storage_is_the_plugins_own_memory_and_there_are_no_cookies(ground: Ground) -> None:
    assert ground.frame["cookies"]["got"] in (None, "", "nothing")
    assert ground.frame["local storage"]["error"] is None
    assert ground.page.evaluate("() => document.cookie") == ""


def test_another_program_of_this_computer_was_asked_nothing(ground: Ground) -> None:
    assert ground.listener.requests == []


def test_nothing_left_the_computer_by_name_or_number(ground: Ground) -> None:
    assert ground.leaks == []


# ------------------------------------------------------------------ what must work, and what must fail by name


def test_a_page_loads_a_mirrored_library_every_way(ground: Ground) -> None:
    assert ground.frame["library by requirement"]["got"] == "function", ground.frame["library by requirement"]
    assert ground.frame["injected script of a mirrored library"]["got"] == "function"
    assert ground.frame["fetch of a mirrored library"]["got"] == [True, True]
    assert ground.frame["import of a mirrored module"]["got"] == "function"


def test_a_worker_loads_a_mirrored_library_every_way(ground: Ground) -> None:
    assert ground.worker["library by requirement"]["got"] == "function", ground.worker["library by requirement"]
    assert ground.worker["import scripts of a mirrored library"]["got"] == "function"
    assert ground.worker["fetch of a mirrored library"]["got"] == [True, True]
    assert ground.worker["import of a mirrored module"]["got"] == "function"


WORKERS_OF_ITS_OWN = ("worker from text of no type", "worker from data of no type", "module worker from text")


@pytest.mark.parametrize("probe", WORKERS_OF_ITS_OWN)
def test_a_plugin_starts_workers_of_its_own(probe: str, ground: Ground) -> None:
    assert ground.frame[probe]["got"] == "runs", ground.frame[probe]
    assert ground.worker[probe]["got"] == "runs", ground.worker[probe]


# Way to ask, and the address that it asks for. Where the error is the browser's own, the log names the address.
UNMIRRORED = {
    "fetch of what is not mirrored": f"{NEVER_MIRRORED}fetch.js",
    "fetch of a host never heard of": ELSEWHERE,
    "xhr of what is not mirrored": f"{NEVER_MIRRORED}xhr.js",
    "import of what is not mirrored": f"{NEVER_MIRRORED}import.js",
    "computed import of what is not mirrored": f"{NEVER_MIRRORED}computed.js",
}
UNMIRRORED_IN_PAGES = {
    **UNMIRRORED,
    "injected script of what is not mirrored": f"{NEVER_MIRRORED}script.js",
    "style of what is not mirrored": f"{NEVER_MIRRORED}style.css",
}
UNMIRRORED_IN_WORKERS = {**UNMIRRORED, "import scripts of what is not mirrored": f"{NEVER_MIRRORED}import_scripts.js"}
NAMED_BY_THE_ERROR_ITSELF = (
    *("fetch of what is not mirrored", "fetch of a host never heard of", "import of what is not mirrored"),
    "computed import of what is not mirrored",
)
# In a page the browser itself maps it, and says so to the plugin alone.
NAMED_BY_THE_BROWSER = "computed import of what is not mirrored"


def check_failure(probe: str, result: dict[str, Any], address: str) -> None:
    assert result["error"] is not None, f"it got {result['got']!r}"
    assert result["ms"] < 1000
    if probe in NAMED_BY_THE_ERROR_ITSELF:
        # The browser names it as it stands on the sandbox's port: without the colon and slashes of the scheme.
        assert address.partition("://")[2] in result["error"]


@pytest.mark.parametrize("probe", list(UNMIRRORED_IN_PAGES))
def test_what_is_not_mirrored_fails_within_a_second_in_a_page(probe: str, ground: Ground) -> None:
    check_failure(probe, ground.frame[probe], UNMIRRORED_IN_PAGES[probe])


@pytest.mark.parametrize("probe", list(UNMIRRORED_IN_WORKERS))
def test_what_is_not_mirrored_fails_within_a_second_in_a_worker(probe: str, ground: Ground) -> None:
    check_failure(probe, ground.worker[probe], UNMIRRORED_IN_WORKERS[probe])


def open_log(page: Page, plugin: str) -> Locator:
    page.get_by_role("button", name=f"Menu of {plugin}", exact=True).click()
    page.get_by_role("menuitem", name="Show log", exact=True).click()
    return page.get_by_role("region", name=f"Log of {plugin}", exact=True).get_by_role("log")


@pytest.mark.parametrize(
    ("plugin", "addresses"), [("Frame Probe", UNMIRRORED_IN_PAGES), ("Worker Probe", UNMIRRORED_IN_WORKERS)]
)
def test_the_log_names_every_address_that_was_not_there(plugin: str, addresses: dict[str, str], ground: Ground) -> None:
    log = open_log(ground.page, plugin)
    in_page = plugin == "Frame Probe"
    for address in [one for probe, one in addresses.items() if not (in_page and probe == NAMED_BY_THE_BROWSER)]:
        expect(log).to_contain_text(address)


@pytest.mark.parametrize("plugin", ["Wants In A Page", "Wants In A Worker"])
def test_a_requirement_that_is_not_mirrored_is_named_within_a_second(plugin: str, ground: Ground) -> None:
    page = ground.page
    page.get_by_role("button", name="Add plugins").first.click()
    page.get_by_role("dialog").get_by_role("button", name=f"Install {plugin}", exact=True).click()
    started = time.monotonic()
    wait_until_said(page, plugin, NEVER_REQUIRED, "could not be loaded")
    assert time.monotonic() - started < 1
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert ground.cut.leaks() == []


# ------------------------------------------------------------------ the two ports


def asked(url: str, **headers: str) -> tuple[int, str, bytes]:
    """Status, type and content, as any program of this computer gets them."""
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return int(answer.status), str(answer.headers["Content-Type"]), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, str(error.headers["Content-Type"]), error.read()


def test_a_mirrored_page_is_on_the_sandbox_port_and_nowhere_on_the_apps(ground: Ground) -> None:
    path = f"/cdn/x/{PLAYER.replace('://', '/')}"
    status, kind, content = asked(f"http://127.0.0.1:{ground.sandbox}{path}")
    assert (status, kind.split(";")[0]) == (200, "text/html")
    assert b"<html" in content.lower()
    npm = "/cdn/npm/" + PLAYER.partition("/npm/")[2]
    for own in (path, npm, path.replace("/cdn/x/", "/app/"), "/cdn/x/"):
        status, _, answer = asked(f"http://127.0.0.1:{ground.app}{own}")
        assert status == 404, own
        assert b"<h1" not in content or content not in answer


def test_a_mirrored_page_asked_for_in_a_tab_of_the_app_is_404(ground: Ground) -> None:
    page = ground.browser.context.new_page()
    answer = page.goto(f"http://127.0.0.1:{ground.app}/cdn/x/{PLAYER.replace('://', '/')}")
    assert answer is not None
    assert answer.status == 404
    page.close()


@pytest.mark.parametrize("runaway", RUNAWAYS)
def test_a_page_that_runs_away_reaches_nobody_and_ends_in_words(runaway: str, ground: Ground) -> None:
    before = list(ground.listener.requests)
    windows = ground.page.get_by_role("tab", name=re.compile("^Result Sheet"))
    run(ground.page, runaway)
    window = ground.page.get_by_role("region", name=runaway, exact=True)
    expect(window).to_contain_text(f"{runaway} has ended")
    assert ground.listener.requests == before
    assert ground.cut.leaks() == []
    assert ground.page.evaluate("() => location.origin") == f"http://127.0.0.1:{ground.app}"
    count = windows.count()
    run(ground.page, "Result Sheet")
    expect(windows).to_have_count(count + 1)


# ------------------------------------------------------------------ controls


def test_the_probes_would_have_found_an_open_door(ground: Ground) -> None:
    """The same doors are open elsewhere: the listener answers, the app's page reads itself, a plugin hears itself."""
    status, _, _ = asked(f"http://127.0.0.1:{ground.listener.server_address[1]}/control")
    assert status == 200
    assert ground.listener.requests[-1].startswith("GET /control")
    assert ground.page.evaluate("async () => (await fetch('/catalogue.json')).status") == 200
    expect(open_log(ground.page, "Broadcaster")).to_contain_text("it hears itself")
