"""The sandbox's promises, tried by the suite's own probes and held against what the suite holds Chromium to."""

import json
import time
from typing import Any

from tests.other_browsers.app import wait_for
from tests.other_browsers.visit import Visit
from tests.security import test_sandbox as promises

# The probes wait up to six seconds each for what never answers, which is a fault of one of them.
PROBE_SECONDS = 60.0
NESTING_TRIES = 4
# A navigation that is not refused replaces the page in less.
GOING_SECONDS = 1.5


def _results(visit: Visit, plugin: str, label: str) -> promises.Results:
    visit.page.run(plugin)
    _, output = visit.page.frame_showing("status", label, PROBE_SECONDS)
    text = wait_for(lambda: str(output.call("(output) => output.textContent")), f"{plugin}'s results", PROBE_SECONDS)
    results: promises.Results = json.loads(text)
    return results


def _results_of_nesting(visit: Visit, plugin: str, label: str) -> promises.Results:
    """The results of a worker that starts workers, tried again where the driver alone may have stopped it."""
    for _ in range(NESTING_TRIES - 1 if visit.browser.stalls_nested_workers else 0):
        try:
            return _results(visit, plugin, label)
        except AssertionError:
            visit.page.tab.reload()
    return _results(visit, plugin, label)


def probe_worker(visit: Visit) -> str:
    """A worker keeps the sandbox's promises."""
    visit.page.install("Broadcaster", "Worker Probe", "Result Sheet", "Frame Probe")
    results = _results_of_nesting(visit, "Worker Probe", "Worker results")
    closed = (*promises.REACHED_NOT_BY_BOTH, *promises.REACHED_NOT_BY_WORKERS)
    opened = {"import scripts of a mirrored library": "function"}
    return _judge(visit, results, closed, opened, promises.UNMIRRORED_IN_WORKERS)


def probe_page(visit: Visit) -> str:
    """A page keeps the sandbox's promises."""
    results = _results(visit, "Frame Probe", "Frame results")
    closed = (*promises.REACHED_NOT_BY_BOTH, *promises.REACHED_NOT_BY_PAGES)
    opened = {"injected script of a mirrored library": "function"}
    others = results["other plugins"]["got"]
    assert others and set(others) == {"SecurityError"}, f"of other plugins it read {others}"
    # This one the browser maps itself: it fails in its words, which need not hold the address.
    own = promises.NAMED_BY_THE_BROWSER
    unmirrored = {probe: address for probe, address in promises.UNMIRRORED_IN_PAGES.items() if probe != own}
    said = _judge(visit, results, closed, opened, unmirrored)
    assert results[own]["error"] is not None, f"{own}: {results[own]}"
    assert results[own]["ms"] < 1000, f"{own}: {results[own]}"
    return f"{said}; a computed import() by “{results[own]['error']}”"


def _judge(
    visit: Visit,
    results: promises.Results,
    closed: tuple[str, ...],
    opened: dict[str, str],
    unmirrored: dict[str, str],
) -> str:
    """Hold what a probe found against what the suite holds Chromium to; fails with everything that differs."""
    faults = [] if results["origin"]["got"] == "null" else [f"its origin is {results['origin']['got']}"]
    for probe in closed:
        if results[probe]["error"] is None or "nothing happened" in results[probe]["error"]:
            faults.append(f"{probe}: {results[probe]}")
    works: dict[str, Any] = {
        "library by requirement": "function",
        "fetch of a mirrored library": [True, True],
        "import of a mirrored module": "function",
        **dict.fromkeys(promises.WORKERS_OF_ITS_OWN, "runs"),
        **opened,
    }
    faults += [f"{probe}: {results[probe]}" for probe, wanted in works.items() if results[probe]["got"] != wanted]
    for probe, address in unmirrored.items():
        try:
            promises.check_failure(probe, results[probe], address)
        except AssertionError as error:
            faults.append(f"{probe}: {results[probe]} {error}")
    faults += [f"another program was asked: {line}" for line in visit.listener.requests]
    assert not faults, "\n  ".join(faults)
    slowest = max(results[probe]["ms"] for probe in unmirrored)
    return f"{len(closed)} doors closed, {len(works)} open; unmirrored addresses failed by name within {slowest} ms"


def run_away(visit: Visit) -> str:
    """A page that navigates itself away reaches nobody; it has ended in words, or goes on as if nothing had been."""
    visit.page.install(*promises.RUNAWAYS)
    ends = {}
    for runaway in promises.RUNAWAYS:
        visit.page.run(runaway)
        visit.page.element(runaway, "region")
        ends[runaway] = wait_for(lambda name=runaway: _end(visit, name), f"{runaway} to end or to go on")  # type: ignore[misc]
        assert visit.listener.requests == [], visit.listener.requests
    return ", ".join(f"{name} {end}" for name, end in ends.items())


_PAGE = "() => [document.title, document.body?.innerText.trim()]"


def _end(visit: Visit, runaway: str) -> str | None:
    """What has become of a page that has navigated itself away; None where that cannot be said yet."""
    for window in visit.page.tab.find("region", runaway):
        # Whether the plugin's own run() had been answered before, differs.
        if "its page was replaced" in window.call("(element) => element.innerText"):
            return "has ended"
    pages = [frame.call(_PAGE) for frame in visit.page.tab.frames()]
    time.sleep(GOING_SECONDS)
    again = [frame.call(_PAGE) for frame in visit.page.tab.frames()]
    return "goes on in its page" if [runaway, "still here"] in pages and pages == again else None
