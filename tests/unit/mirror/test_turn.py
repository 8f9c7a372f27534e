import subprocess
import sys
from pathlib import Path

import pytest

from imjoy_offline.errors import StartError
from imjoy_offline.mirror.turn import one_run

HOLD = """
import sys
from pathlib import Path
from imjoy_offline.mirror.turn import one_run
with one_run(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_runs_at_once_are_refused_and_a_dead_one_does_not_count(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(cache)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        with pytest.raises(StartError, match="Another mirror run"), one_run(cache):
            pass
        other.kill()
        other.wait(10)
    with one_run(cache):
        pass
    with one_run(cache):
        pass
