"""imjoy.runtime.worker, as real processes: from the hand-over to the end of the process."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from imjoy.rpc.call_errors import ClosedError, RemoteError
from imjoy.rpc.messages import Message
from imjoy.rpc.wire import decode_frame, encode_frame
from imjoy.runtime.worker import EXIT_SECONDS
from tests.helpers.interpreters import installed_interpreters
from tests.unit.runtime.worker_process import REPOSITORY, SECONDS, START, handover, worker

PLUGIN = """
from imjoy import api
import time

class Plugin:
    def setup(self):
        print("setting up")
    async def add(self, a, b=1):
        return a + b
    def slow(self, seconds):
        time.sleep(seconds)
        return "slept"
    async def block(self, seconds):
        time.sleep(seconds)
    def ask(self, number):
        return api.double(number).result(5)
    async def ask_too(self, number):
        return await api.double(number)
    def fail(self):
        raise ValueError("bad")
    def exit(self):
        print("leaving")

api.export(Plugin())
"""

EVERYWHERE = """
from imjoy_rpc import api
import asyncio, sys

class Plugin:
    async def run(self, ctx):
        return [ctx.config.n + 1, await api.double(4), sys.version_info[:2]]
    def thread(self, *args, **kwargs):
        return [api.double(5).result(5), list(args), kwargs]
    def later(self, tell):
        async def work():
            await asyncio.sleep(0)
            tell("told")
        asyncio.ensure_future(work())
    def data(self, data):
        return bytes(reversed(data))
    async def fail(self):
        raise KeyError("k")

api.export(Plugin())
"""


@pytest.mark.parametrize("version", sorted(installed_interpreters()))
def test_a_plugin_runs_under_every_interpreter(version: str) -> None:
    with worker(EVERYWHERE, python=installed_interpreters()[version], options=("-S",)) as one:
        one.peer.set_interface({"double": lambda number: 2 * number})
        api = one.api()
        assert api.run({"config": {"n": 1}}).result(SECONDS) == [2, 8, [int(part) for part in version.split(".")]]
        assert api.thread(1, a=2).result(SECONDS) == [10, [1], {"a": 2}]
        heard: list[str] = []
        api.later(heard.append).result(SECONDS)
        one.wait_for(lambda message: message["type"] == "callback" and message["args"] == ["told"], "the callback")
        assert heard == ["told"]
        assert api.data(b"abc").result(SECONDS) == b"cba"
        with pytest.raises(RemoteError, match="KeyError: 'k'"):
            api.fail().result(SECONDS)
        one.peer.disconnect()
        assert one.wait() == 0


def test_the_plugin_is_ready_then_called_then_left() -> None:
    with worker(PLUGIN) as one:
        assert one.kind("ready") == {"type": "ready", "exported": True}
        api = one.api()
        api.setup().result(SECONDS)
        assert one.line("setting up")["level"] == "info"
        assert api.add(1, b=2).result(SECONDS) == 3
        one.peer.set_interface({"double": lambda number: 2 * number})
        assert api.ask(21).result(SECONDS) == 42
        assert api.ask_too(21).result(SECONDS) == 42
        one.peer.disconnect()
        assert one.wait() == 0
        assert one.lines("info").count("leaving") == 1


def test_a_failure_has_the_lines_of_the_plugin_file_in_its_answer_and_in_the_log() -> None:
    scripts = [{"content": PLUGIN, "line": 101}, {"content": "\ndef more():\n    return 1 / 0\n", "line": 11}]
    with worker(scripts=scripts, name="My filter") as one:
        with pytest.raises(RemoteError, match=r"fail\(\) failed: ValueError: bad") as caught:
            one.api().fail().result(SECONDS)
        assert caught.value.line == 120
        assert caught.value.remote_stack.startswith(
            'Traceback (most recent call last):\n  File "My filter.imjoy.html", line 120, in fail\n'
            '    raise ValueError("bad")\n'
        )
        assert one.line("fail() failed:\nTraceback")["level"] == "error"


@pytest.mark.parametrize(
    ("script", "message", "line"),
    [
        ("\nimport nothing_of_this_name", "ModuleNotFoundError: No module named 'nothing_of_this_name' (line 6)", 6),
        ("x = (\n", "SyntaxError: '(' was never closed (line 5)", 5),
        ("import sys\nsys.exit(3)", "the script has called sys.exit()", 6),
        ("def f():\n    raise Exception('in words')\nf()", "in words (line 6)", 6),
        ("api.export(None)", "TypeError: an interface must be an object or a dict, not a NoneType (line 5)", 5),
    ],
)
def test_a_script_that_fails_is_told_with_its_line_and_ends_the_process(script: str, message: str, line: int) -> None:
    with worker(scripts=[{"content": script, "line": 5}], name="My filter") as one:
        failed = one.kind("failed")
        assert (failed["message"], failed["line"]) == (message, line)
        assert f'File "My filter.imjoy.html", line {line}' in failed["detail"]
        assert str(REPOSITORY) not in failed["detail"]
        assert one.wait() == 1


def test_scripts_that_export_nothing_are_ready_and_warned_about() -> None:
    with worker("print('only this')") as one:
        assert one.kind("ready")["exported"] is False
        assert "without api.export" in one.line("without")["message"]


def test_scripts_run_in_one_module_in_their_order_and_others_are_left_out() -> None:
    scripts: list[dict[str, Any]] = [
        {"content": "from __future__ import annotations\nimport dataclasses as d\n@d.dataclass\nclass A:\n    n: int"},
        {"content": "alert(1)", "lang": "javascript"},
        {"content": "", "src": "https://example.org/a.py"},
        {"content": "import sys\nclass P:\n    def run(self): return [__name__, A(5).n, A.__module__ in sys.modules]"},
        {"content": "api.export(P())", "attrs": {"lang": "python"}},
    ]
    with worker(scripts=scripts) as one:
        assert one.api().run().result(SECONDS) == ["imjoy_plugin", 5, True]
        assert "javascript" in one.lines("warning")[0]
        assert "https://example.org/a.py" in one.lines("warning")[1]


def test_what_takes_long_stops_neither_ping_nor_async_functions() -> None:
    with worker(PLUGIN) as one:
        api = one.api()
        slow = api.slow(30)
        one.send({"type": "ping", "id": 1})
        assert api.add(1).result(SECONDS) == 2
        assert not slow.done()
        block = api.block(30)
        one.send({"type": "ping", "id": "two"})
        one.wait_for(lambda message: message == {"type": "pong", "id": "two"}, "the second pong")
        assert {"type": "pong", "id": 1} in one.messages
        assert not block.done()


def test_functions_that_are_not_async_run_one_at_a_time_in_their_order() -> None:
    script = """
import time
order = []
def run(number):
    order.append(number)
    time.sleep(0.05)
    order.append(number)
    return order
api.export({"run": run})
"""
    with worker(script) as one:
        api = one.api()
        calls = [api.run(number) for number in range(3)]
        assert calls[-1].result(SECONDS) == [0, 0, 1, 1, 2, 2]


def test_asyncio_can_be_used_in_functions_that_are_not_async() -> None:
    script = """
import asyncio
async def work(tell):
    await asyncio.sleep(0.01)
    tell("worked")
def start(tell):
    asyncio.get_event_loop().create_task(work(tell))
def own_loop():
    async def inner():
        return (await asyncio.sleep(0, 5)) + await api.double(1)
    return asyncio.run(inner())
def coroutine():
    return asyncio.sleep(0.01, "later")
def promise():
    return api.double(2)
api.export({"start": start, "own_loop": own_loop, "coroutine": coroutine, "promise": promise})
"""
    with worker(script) as one:
        one.peer.set_interface({"double": lambda number: 2 * number})
        api = one.api()
        assert api.own_loop().result(SECONDS) == 7
        heard: list[str] = []
        api.start(heard.append).result(SECONDS)
        assert api.coroutine().result(SECONDS) == "later"
        assert api.promise().result(SECONDS) == 4
        one.wait_for(lambda message: message.get("args") == ["worked"], "the callback")


def test_sys_exit_in_a_function_is_a_failure_of_that_call_alone() -> None:
    script = """
import sys
async def leave_too():
    sys.exit(3)
api.export({"leave": lambda: sys.exit(3), "leave_too": leave_too, "run": lambda: 1})
"""
    with worker(script) as one:
        api = one.api()
        for leave in (api.leave, api.leave_too):
            with pytest.raises(RemoteError, match="SystemExit: 3"):
                leave().result(SECONDS)
        assert api.run().result(SECONDS) == 1


def test_a_process_that_ends_in_the_midst_of_a_call_settles_it_by_name() -> None:
    with worker("import os\napi.export({'run': lambda: os._exit(7)})") as one:
        call = one.api().run()
        with pytest.raises(ClosedError, match=r"Plugin: run\(\) gets no answer: its process has ended"):
            call.result(SECONDS)
        assert one.wait() == 7


# --- the end ----------------------------------------------------------------------------------------------------------

LEAVING = """
import asyncio, threading, time
called = []
class Plugin:
    def busy(self): time.sleep(60)
    def exit(self):
        called.append(1)
        print("exit", len(called))
api.export(Plugin())
"""


def test_exit_is_not_called_a_second_time() -> None:
    with worker(LEAVING) as one:
        one.api().exit().result(SECONDS)
        one.peer.disconnect()
        assert one.wait() == 0
        assert one.lines("info") == ["exit 1"]


def test_exit_is_called_also_while_a_function_runs() -> None:
    with worker(LEAVING) as one:
        one.api().busy()
        one.send({"type": "ping", "id": 1})
        one.kind("pong")
        begin = time.monotonic()
        one.peer.disconnect()
        assert one.wait() == 0
        assert time.monotonic() - begin < EXIT_SECONDS
        assert one.lines("info") == ["exit 1"]


@pytest.mark.parametrize(
    "body",
    [
        "async def exit(): await asyncio.sleep(0.01); print('left')\napi.export({'exit': exit})",
        "def exit(): print('left')\napi.export({'exit': exit})\n"
        "async def forever():\n    try: await asyncio.sleep(99)\n    finally: print('tidied')\n"
        "task = asyncio.ensure_future(forever())",
        "def exit(): print('left'); raise ValueError('in exit')\napi.export({'exit': exit})",
        "threading.Thread(target=time.sleep, args=(60,)).start()\napi.export({'exit': lambda: print('left')})",
    ],
)
def test_the_process_ends_in_time_whatever_the_plugin_does(body: str) -> None:
    with worker(f"import asyncio, threading, time\n{body}") as one:
        one.api()
        one.peer.disconnect()
        assert one.wait() == 0
        assert "left" in one.lines("info")
        if "tidied" in body:
            assert "tidied" in one.lines("info")
        if "in exit" in body:
            assert any("ValueError: in exit" in line for line in one.lines("error"))


def test_a_loop_that_is_blocked_does_not_keep_the_process_when_the_engine_has_gone() -> None:
    with worker(PLUGIN) as one:
        one.api().block(60)
        one.send({"type": "ping", "id": 1})
        one.kind("pong")
        begin = time.monotonic()
        one.hang_up()
        assert one.wait() == 0
        assert time.monotonic() - begin < 4


def test_exit_is_called_when_the_engine_has_gone(tmp_path: Path) -> None:
    left = tmp_path / "left"
    with worker(f"api.export({{'exit': lambda: open({str(left)!r}, 'w').close()}})") as one:
        one.kind("ready")
        one.hang_up()
        assert one.wait() == 0
    assert left.exists()


def test_the_plugin_may_end_itself() -> None:
    with worker("api.export({'stop': lambda: api.dispose() and None})") as one:
        one.api().stop()
        one.kind("disconnect")
        assert one.wait() == 0


# --- the way in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ({"type": "setInterface", "api": {}}, "must be a 'handover'"),
        ({"type": "handover"}, "plugin must be an object"),
        ({"type": "handover", "plugin": {"id": "p1"}}, "name must be a text"),
        ({"type": "handover", "plugin": {"name": "A", "scripts": [{"content": 5}]}}, "content must be a text"),
    ],
)
def test_a_first_message_that_is_no_hand_over_is_refused_in_words(first: Any, words: str) -> None:
    with worker(first=first) as one:
        assert words in one.kind("failed")["message"]
        assert one.wait() == 1


def test_bytes_that_are_no_message_end_the_process(tmp_path: Path) -> None:
    left = tmp_path / "left"
    with worker(f"api.export({{'exit': lambda: open({str(left)!r}, 'w').close()}})") as one:
        one.kind("ready")
        one.send_raw((2**40).to_bytes(8, "little"))
        assert one.wait() == 0
    assert left.exists()


def test_a_process_whose_engine_has_gone_before_the_hand_over_ends() -> None:
    with worker(first={"type": "handover", "plugin": {"name": "A"}}) as one:
        one.kind("ready")
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-c", START, str(REPOSITORY), "--fd", str(theirs.fileno())]
        process = subprocess.Popen(command, pass_fds=(theirs.fileno(),))
    ours.close()
    assert process.wait(SECONDS) == 0


def test_the_channel_can_be_a_connection_that_the_secret_opens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS)
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(REPOSITORY), "--connect", address],
            env={"PATH": "", "IMJOY_CHANNEL_SECRET": "s3cret"},
        )
        connection, _ = listener.accept()
    with connection, connection.makefile("rwb") as stream:
        assert stream.read(6) == b"s3cret"
        frame = encode_frame(handover("import os\nprint('IMJOY_CHANNEL_SECRET' in os.environ)\napi.export({})"))
        stream.write(len(frame).to_bytes(8, "little") + frame)
        stream.flush()
        messages: list[Message] = []
        while not messages or messages[-1]["type"] != "ready":
            messages.append(decode_frame(stream.read(int.from_bytes(stream.read(8), "little"))))
    assert {"type": "log", "level": "info", "message": "False"} in messages
    assert process.wait(SECONDS) == 0


@pytest.mark.parametrize(
    "arguments",
    [[], ["--fd"], ["--fd", "x"], ["--fd", "99"], ["--connect", "127.0.0.1:1"], ["--connect", "10.0.0.1:1"]],
)
def test_other_arguments_are_refused_in_words(arguments: list[str]) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", START, str(REPOSITORY), *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert answer.returncode == 2
    assert answer.stderr
    assert "Traceback" not in answer.stderr


def test_importing_the_runtime_takes_little_beyond_asyncio() -> None:
    program = (
        "import asyncio, json, sys; sys.path.insert(0, sys.argv[1]); before = set(sys.modules);"
        "import imjoy.runtime.worker; print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    answer = subprocess.run(
        [sys.executable, "-I", "-c", program, str(REPOSITORY)],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    others = [name for name in json.loads(answer.stdout) if not name.startswith("imjoy")]
    assert len(others) < 12, others
    assert "numpy" not in others
