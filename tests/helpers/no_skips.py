"""Where a test that did not run would be a promise not kept, a skip or an expected failure is a failure.

``tests/conftest.py`` takes the two hooks from here; ``tests/house/test_no_skips.py`` shows that they bite.
"""

from collections.abc import Generator
from itertools import pairwise
from pathlib import PurePath

import pytest

STRICT_FOLDERS = frozenset({"browser", "integration", "security", "faults"})


def is_strict(nodeid: str) -> bool:
    """Whether a test of this id must run and pass."""
    parts = PurePath(nodeid.split("::")[0]).parts
    return any(first == "tests" and second in STRICT_FOLDERS for first, second in pairwise(parts))


def _sentence(nodeid: str, reason: object) -> str:
    return (
        f"{nodeid} did not run or was expected to fail ({reason}). Here every test must run and pass: "
        "bring what it needs, or remove it."
    )


def _reason(report: pytest.TestReport | pytest.CollectReport) -> object:
    expected = getattr(report, "wasxfail", None)
    if expected is not None:
        return f"xfail: {expected or 'no reason given'}"
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn skipped, expectedly failed and unexpectedly passed tests of the strict folders into failures."""
    report = yield
    if is_strict(item.nodeid) and (report.skipped or hasattr(report, "wasxfail")):
        report.longrepr = _sentence(item.nodeid, _reason(report))
        report.outcome = "failed"
        if hasattr(report, "wasxfail"):
            del report.wasxfail
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for whole modules that skip themselves while they are collected."""
    report = yield
    if is_strict(collector.nodeid) and report.skipped:
        report.longrepr = _sentence(collector.nodeid, _reason(report))
        report.outcome = "failed"
    return report
