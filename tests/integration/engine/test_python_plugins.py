"""Python plugins in the real server: started, called, calling back, failing and ended, and none disturbs another."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from imjoy.rpc.call_errors import ClosedError, RemoteError
from tests.helpers.engine_page import EnginePage, StartFailed, engine_page
from tests.helpers.processes import wait_until
from tests.helpers.served_site import Served, build_served_site, serving

CALCULATOR = """
import os
import sys
from imjoy import api

print("loading", __name__)

class Calculator:
    def setup(self):
        print("set up")

    def add(self, a, b):
        return a + b

    async def ask_twice(self, question):
        return [await api.ask(question), await api.ask(question + "?")]

    def call_back(self, function):
        return function(20).result(10)

    def make_adder(self, n):
        return lambda value: value + n

    def where(self):
        return [os.getcwd(), os.getpid(), sys.prefix]

    def echo(self, value):
        return value

    def fail(self):
        raise ValueError("not this time")

    async def leave(self, code):
        os._exit(code)

    def hang(self):
        import time
        time.sleep(600)

api.export(Calculator())
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("engine")
    with serving(build_served_site(root / "folder"), root / "state") as served:
        yield served


@pytest.fixture
def page(server: Served) -> Iterator[EnginePage]:
    with engine_page(server) as connected:
        yield connected


def test_a_plugin_is_called_and_calls_back(page: EnginePage) -> None:
    plugin = page.start("Calculator", CALCULATOR, {"ask": lambda question: f"{question}!"})
    assert plugin.call("setup") is None
    assert plugin.call("add", 2, 3) == 5
    assert plugin.call("ask_twice", "why") == ["why!", "why?!"]
    assert plugin.call("call_back", lambda value: value * 2) == 40
    assert plugin.call("make_adder", 5)(1).result(10) == 6
    wait_until(lambda: "info: set up" in plugin.log, "its log")
    assert plugin.log[0] == "info: loading imjoy_plugin"


def test_it_works_in_the_folder_of_its_workspace(server: Served, page: EnginePage) -> None:
    plugin = page.start("Calculator", CALCULATOR, workspace="lab 2")
    folder, process, _ = plugin.call("where")
    assert Path(folder) == server.prepared.config.folder.root / "workspace" / "lab 2"
    assert process != os.getpid()


def test_two_instances_are_two_processes(page: EnginePage) -> None:
    first, second = page.start("Calculator", CALCULATOR), page.start("Calculator", CALCULATOR)
    assert first.call("where")[1] != second.call("where")[1]


def test_both_names_of_the_api_are_ours(page: EnginePage) -> None:
    script = """
import imjoy, imjoy_rpc
from imjoy import api
from imjoy_rpc import api as old_name
api.export({"run": lambda: [old_name is api, imjoy.__file__]})
"""
    same, where = page.start("Names", script).call("run")
    assert same
    assert "imjoy-" in where and ".zip" in where


def test_a_failure_carries_plugin_function_and_traceback(page: EnginePage) -> None:
    plugin = page.start("Calculator", CALCULATOR)
    with pytest.raises(RemoteError, match=r"Calculator: fail\(\) failed: ValueError: not this time") as failure:
        plugin.call("fail")
    assert 'raise ValueError("not this time")' in failure.value.remote_stack
    assert plugin.call("add", 1, 1) == 2


@pytest.mark.parametrize(("code", "words"), [(7, "exit code 7"), (0, "its process has ended")])
def test_leaving_settles_the_pending_call_by_plugin_and_function(page: EnginePage, code: int, words: str) -> None:
    plugin, other = page.start("Calculator", CALCULATOR), page.start("Other", CALCULATOR)
    hanging = plugin.exported()["hang"]()
    with pytest.raises(ClosedError, match=rf"Calculator: echo\(\) gets no answer: .*{words}"):
        plugin.exported()["leave"](code)
        plugin.call("echo", 1)
    with pytest.raises(ClosedError, match=rf"Calculator: hang\(\) gets no answer: .*{words}"):
        hanging.result(10)
    assert plugin.ended()["code"] == code
    assert other.call("add", 1, 2) == 3


@pytest.mark.parametrize(
    ("script", "message", "detail"),
    [
        ("import no_such_module", "no_such_module", "line 1"),
        ("x = 1\nraise KeyError('early')", "early", "line 2"),
        ("def f(:\n", "invalid syntax", ""),
        ("import os; os._exit(3)", "Filter was not started: its process ended (exit code 3).", ""),
        ("import ctypes; ctypes.string_at(0)", "its process has crashed (SIGSEGV)", ""),
    ],
)
def test_a_start_that_fails_says_why(page: EnginePage, script: str, message: str, detail: str) -> None:
    with pytest.raises(StartFailed) as failure:
        page.start("Filter", script)
    assert message in failure.value.message
    assert detail in failure.value.detail


HABITS = {
    "throws in setup": """
from imjoy import api
def setup():
    raise RuntimeError("no set-up today")
api.export({"setup": setup})
""",
    "floods its output": """
from imjoy import api
import os, threading
def flood():
    while True:
        print("x" * 200)
        os.write(1, b"y" * 200 + b"\\n")
threading.Thread(target=flood, daemon=True).start()
api.export({"setup": lambda: None})
""",
    "blocks its loop": """
from imjoy import api
import time
async def setup():
    while True:
        time.sleep(1)
api.export({"setup": setup})
""",
    "keeps its interpreter": """
from imjoy import api
import ctypes
api.export({"setup": lambda: ctypes.PyDLL(None).sleep(600)})
""",
    "never answers": """
from imjoy import api
import asyncio
async def setup():
    await asyncio.Event().wait()
api.export({"setup": setup})
""",
    "calls without end": """
from imjoy import api
import threading
def flood():
    while True:
        api.show("x" * 1000)
threading.Thread(target=flood, daemon=True).start()
api.export({"setup": lambda: None})
""",
    "hangs in its script": "import time\ntime.sleep(600)",
}


@pytest.mark.parametrize("habit", list(HABITS))
def test_a_plugin_that_behaves_badly_disturbs_no_other(page: EnginePage, habit: str) -> None:
    good = page.start("Good", CALCULATOR)
    number = page.begin("Bad", HABITS[habit], {"show": lambda text: None})
    bad = None
    if habit != "hangs in its script":
        bad = page.plugins[page.wait_for(type="started", id=number)["peer"]]
        failed = bad.exported()["setup"]()
        if habit == "throws in setup":
            with pytest.raises(RemoteError, match="no set-up today"):
                failed.result(10)
    begun = time.monotonic()
    for value in range(40):
        assert good.call("add", value, 1) == value + 1
    assert page.start("Another", CALCULATOR).call("add", 1, 1) == 2
    assert time.monotonic() - begun < 15
    if bad is None:
        page.send({"type": "stop", "id": number})
        page.wait_for(type="failed", id=number)
    else:
        assert bad.stop()["reason"] == "it was stopped"


def test_a_flood_of_lines_is_counted_in_the_log(page: EnginePage) -> None:
    plugin = page.start("Loud", HABITS["floods its output"])
    wait_until(lambda: any("left out" in line for line in plugin.log), "the number of lines left out")
    assert len(plugin.log) < 2000


def test_a_page_that_goes_ends_its_plugins(server: Served) -> None:
    with engine_page(server) as page:
        process = psutil.Process(page.start("Calculator", CALCULATOR).call("where")[1])
        assert process.is_running()
    wait_until(lambda: not process.is_running(), "the end of its plugin")


def test_a_page_that_goes_while_a_plugin_starts_leaves_nothing(server: Served) -> None:
    with engine_page(server) as page:
        page.begin("Slow", "import os, time\nprint(os.getpid())\ntime.sleep(600)")
        process = psutil.Process(int(page.wait_for(type="log")["message"]))
    wait_until(lambda: not process.is_running(), "the end of its process")


@pytest.mark.parametrize("size", [64, 300])
def test_large_values_travel_both_ways_with_at_most_one_percent_more(page: EnginePage, size: int) -> None:
    plugin = page.start("Calculator", CALCULATOR)
    plugin.exported()
    data = os.urandom(2**20) * size
    page.sent_bytes = page.received_bytes = 0
    back = plugin.call("echo", data, seconds=120)
    assert bytes(back) == data
    assert len(data) <= page.sent_bytes <= len(data) * 1.01
    assert len(data) <= page.received_bytes <= len(data) * 1.01


def test_small_calls_go_between_the_pieces_of_a_large_one(page: EnginePage) -> None:
    plugin, other = page.start("Calculator", CALCULATOR), page.start("Other", CALCULATOR)
    other.exported()
    large = plugin.exported()["echo"](bytes(100 * 2**20))
    longest = 0.0
    while not large.done():
        begun = time.monotonic()
        other.call("add", 1, 1)
        longest = max(longest, time.monotonic() - begun)
    assert len(large.result(1)) == 100 * 2**20
    assert longest < 1.0


def test_the_server_holds_no_more_than_a_window_of_what_a_busy_plugin_is_sent(server: Served, page: EnginePage) -> None:
    """The plugin's process is stopped, so that it takes nothing at all."""
    plugin = page.start("Calculator", CALCULATOR)
    process = psutil.Process(plugin.call("where")[1])
    process.suspend()
    before = psutil.Process(os.getpid()).memory_info().rss
    sending = threading.Thread(target=lambda: plugin.exported()["echo"](bytes(200 * 2**20)), daemon=True)
    try:
        page.sent_bytes = 0
        sending.start()
        wait_until(lambda: page.sent_bytes > 7 * 2**20, "a window full")
        time.sleep(0.3)
        assert page.sent_bytes < 9 * 2**20
        # The page is in this process too: its own value and its frame are counted here.
        assert psutil.Process(os.getpid()).memory_info().rss - before < (2 * 200 + 60) * 2**20
    finally:
        process.resume()
        sending.join(20)


def test_many_plugins_and_calls_at_the_same_time(page: EnginePage) -> None:
    with ThreadPoolExecutor(6) as pool:
        plugins = list(pool.map(lambda index: page.start(f"P{index}", CALCULATOR), range(6)))

        def work(index: int) -> list[Any]:
            return [plugins[index].call("echo", [index, value]) for value in range(30)]

        for index, values in enumerate(pool.map(work, range(6))):
            assert values == [[index, value] for value in range(30)]
