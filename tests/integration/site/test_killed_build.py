"""A build that is really killed, at any time, leaves a whole site served and the next build ends as ever."""

import pickle
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from imjoy_offline.site.build import site_fault
from tests.helpers.tiny_site import make_tiny_site, write

ROOT = Path(__file__).resolve().parents[3]
KILLS = 10
CHILD = """
import pickle, sys
from pathlib import Path
tiny = pickle.loads(Path(sys.argv[1]).read_bytes())
repositories = tiny.repositories()
import imjoy_offline.site.render
print("ready", flush=True)
tiny.build()
"""


def test_killed_builds(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    undisturbed, tiny = make_tiny_site(tmp_path / "undisturbed"), make_tiny_site(tmp_path / "killed")
    for number in range(300):
        for one in (undisturbed, tiny):
            write(one.source / f"static/many/{number}.svg", f"<svg id='{number}'/>")
    old = tiny.build()
    started = time.perf_counter()
    undisturbed.build()
    build_seconds = time.perf_counter() - started
    for one in (undisturbed, tiny):
        write(one.source / "static/icon.svg", "<svg id='new'/>")
    new = undisturbed.build()
    (tmp_path / "tiny").write_bytes(pickle.dumps(tiny))
    killed = 0
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path / "tiny")], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, build_seconds))  # the moment of the kill is what is varied, nothing is waited for
        child.kill()
        killed += child.wait() == -signal.SIGKILL
        child.stdout.close()
        served = tiny.folder.current_site()
        assert served is not None and served.name in (old.digest, new.digest)
        assert site_fault(served) is None
    assert killed, "no build was under way when it was killed"
    assert tiny.build().digest == new.digest
    assert _names(tiny.folder.site) == _names(undisturbed.folder.site) == {old.digest, new.digest, "current", "inputs"}


def _names(site: Path) -> set[str]:
    return {path.name for path in site.iterdir()}
