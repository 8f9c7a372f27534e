"""The sandbox's promises, tried by the suite's own probes and held against what the suite holds Chromium to."""

import json
import time
from typing import Any

from tests.other_browsers.app import wait_for
from tests.other_browsers.visit import Visit
from tests.security import test_sandbox as promises

# The probes wait up to six seconds each for what never answers.
PROBE_SECONDS = 200.0
# A navigation that is not refused replaces the page in less.
GOING_SECONDS = 1.5


def _results(visit: Visit, plugin: str, label: str) -> promises.Results:
    visit.page.run(plugin)
    _, output = visit.page.frame_showing("status", label, PROBE_SECONDS)
    text = wait_for(lambda: str(output.call("(output) => output.textContent")), f"{plugin}'s results", PROBE_SECONDS)
    results: promises.Results = json.loads(text)
    return results


def probe_worker(visit: Visit) -> str:
    """A worker keeps the sandbox's promises."""
    visit.page.install("Worker Probe", "Result Sheet", "Frame Probe")
    results = _results(visit, "Worker Probe", "Worker results")
    closed = (*promises.REACHED_NOT_BY_BOTH, *promises.REACHED_NOT_BY_WORKERS)
    opened = {"import scripts of a mirrored library": "function"}
    return _judge(visit, results, closed, opened, ("import scripts of what is not mirrored",))


def probe_page(visit: Visit) -> str:
    """A page keeps the sandbox's promises."""
    results = _results(visit, "Frame Probe", "Frame results")
    closed = (*promises.REACHED_NOT_BY_BOTH, *promises.REACHED_NOT_BY_PAGES)
    opened = {"injected script of a mirrored library": "function"}
    missing = ("injected script of what is not mirrored", "style of what is not mirrored")
    others = results["other plugins"]["got"]
    assert others and set(others) == {"SecurityError"}, f"of other plugins it read {others}"
    return _judge(visit, results, closed, opened, missing)


def _judge(
    visit: Visit, results: promises.Results, closed: tuple[str, ...], opened: dict[str, str], missing: tuple[str, ...]
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
    unmirrored = (*promises.UNMIRRORED, *missing)
    addresses = {**promises.UNMIRRORED_IN_PAGES, **promises.UNMIRRORED_IN_WORKERS}
    for probe in unmirrored:
        error = results[probe]["error"]
        named = addresses[probe].partition("://")[2] if probe in promises.NAMED_BY_THE_ERROR_ITSELF else ""
        if error is None or named not in error or results[probe]["ms"] >= 1000:
            faults.append(f"{probe}: {results[probe]}")
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


def _end(visit: Visit, runaway: str) -> str | None:
    """What has become of a page that has navigated itself away; None where that cannot be said yet."""
    for window in visit.page.tab.find("region", runaway):
        # Whether the plugin's own run() had been answered before, differs.
        if "its page was replaced" in window.call("(element) => element.innerText"):
            return "has ended"
    pages = [frame.call("() => [document.title, document.body.innerText.trim()]") for frame in visit.page.tab.frames()]
    time.sleep(GOING_SECONDS)
    again = [frame.call("() => [document.title, document.body.innerText.trim()]") for frame in visit.page.tab.frames()]
    return "goes on in its page" if [runaway, "still here"] in pages and pages == again else None
