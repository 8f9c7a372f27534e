"""However the engine ends, nothing stays of what its plugins have started: kill, Ctrl-C, SIGKILL of the server."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.helpers.engine_page import EnginePage, PagePlugin, engine_page
from tests.helpers.processes import wait_until
from tests.helpers.served_site import TOKEN, build_served_site
from tests.helpers.server_process import ServerProcess, server_process

# A child that lives on when its parent ends, in a session of its own, and a child of that one.
FAMILY = """
import os, subprocess, sys
from imjoy import api

CODE = '''
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
'''

def family():
    child = subprocess.Popen([sys.executable, "-c", CODE], stdout=subprocess.PIPE, text=True, start_new_session=True)
    grandchild = int(child.stdout.readline())
    return [os.getpid(), child.pid, grandchild]

def stubborn():
    import signal
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

api.export({"family": family, "stubborn": stubborn})
"""


@contextmanager
def engine(tmp_path: Path) -> Iterator[tuple[ServerProcess, EnginePage]]:
    folder = build_served_site(tmp_path / "folder")
    with server_process(folder.root, tmp_path / "state", token=TOKEN) as server:
        port = int(server.ready()["origin"].rpartition(":")[2])
        with engine_page(port) as page:
            yield server, page


def family(plugin: PagePlugin) -> list[psutil.Process]:
    processes = [psutil.Process(pid) for pid in plugin.call("family")]
    assert len(processes) == 3
    assert all(process.is_running() for process in processes)
    return processes


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def test_a_killed_plugins_grandchild_is_dead(tmp_path: Path) -> None:
    with engine(tmp_path) as (_, page):
        first, second = page.start("First", FAMILY), page.start("Second", FAMILY)
        mine, others = family(first), family(second)
        first.stop()
        assert gone(mine)
        assert not gone(others)
        assert all(process.is_running() for process in others)


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM"])
def test_after_ctrl_c_nothing_is_left_within_the_quit_timeout(tmp_path: Path, how: str) -> None:
    with engine(tmp_path) as (server, page):
        plugin = page.start("Family", FAMILY)
        # That a plugin does not care for signals changes nothing.
        processes = family(plugin)
        begun = time.monotonic()
        os.kill(server.process.pid, getattr(signal, how))
        status, _ = server.end(15)
        assert status == 0
        assert time.monotonic() - begun < 7
        wait_until(lambda: gone(processes), "the end of the plugin's family", 5)


def test_after_a_kill_of_the_server_nothing_is_left(tmp_path: Path) -> None:
    with engine(tmp_path) as (server, page):
        processes = family(page.start("Family", FAMILY))
        server.process.kill()
        wait_until(lambda: gone(processes), "the end of the plugin's family", 10)
