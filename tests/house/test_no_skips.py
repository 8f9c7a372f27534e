"""The rule that nothing is skipped in the strict folders, tried on a small suite of every way to skip."""

import re
import subprocess
import sys
from pathlib import Path

from tests.helpers.no_skips import is_strict

ROOT = Path(__file__).resolve().parents[2]

WAYS = {
    "mark": "@pytest.mark.skip(reason='later')\ndef test_it(): pass",
    "call": "def test_it(): pytest.skip('later')",
    "fixture": "@pytest.fixture\ndef thing(): pytest.skip('later')\ndef test_it(thing): pass",
    "module": "pytest.skip('later', allow_module_level=True)",
    "missing_import": "pytest.importorskip('no_such_module_at_all', reason='later')",
    "xfail": "@pytest.mark.xfail(reason='later')\ndef test_it(): assert False",
    "xfail_call": "def test_it(): pytest.xfail('later')",
    "xpass": "@pytest.mark.xfail(reason='later', strict=False)\ndef test_it(): pass",
}
HOOKS = "from tests.helpers.no_skips import pytest_make_collect_report, pytest_runtest_makereport"


def test_every_way_to_skip_fails_where_tests_must_run_and_only_there(tmp_path: Path) -> None:
    for way, body in {**WAYS, "passing": "def test_it(): pass"}.items():
        test = tmp_path / "tests" / "browser" / f"test_{way}.py"
        test.parent.mkdir(parents=True, exist_ok=True)
        test.write_text(f"import pytest\n\n{body}\n", encoding="utf-8")
    unit = tmp_path / "tests" / "unit" / "test_unit.py"
    unit.parent.mkdir()
    unit.write_text(f"import pytest\n\n{WAYS['mark']}\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{HOOKS}\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--continue-on-collection-errors", "-rA"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1, done.stdout
    failed = set(re.findall(r"^(?:FAILED|ERROR) tests/browser/test_(\w+)\.py", done.stdout, re.MULTILINE))
    assert failed == set(WAYS), done.stdout
    assert re.search(r"^PASSED tests/browser/test_passing\.py", done.stdout, re.MULTILINE)
    assert re.search(r"1 passed, 1 skipped", done.stdout), done.stdout
    for way in WAYS:
        assert re.search(rf"tests/browser/test_{way}\.py\S* did not run .*\(.*later", done.stdout), way
    assert "Here every test must run and pass" in done.stdout


def test_which_folders_are_strict() -> None:
    assert is_strict("tests/browser/test_x.py::test_y")
    assert is_strict("tests/faults/deep/test_x.py")
    assert not is_strict("tests/unit/browser/test_x.py")


def test_the_suite_itself_uses_the_hooks() -> None:
    assert HOOKS in (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")
