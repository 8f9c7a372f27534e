"""What a plugin writes reaches its log, in lines of the right level, and never too many of them."""

import io
import time
from typing import Any

import pytest

from imjoy.runtime.log_gate import LONGEST, LogGate
from imjoy.runtime.output import LineStream
from tests.unit.runtime.worker_process import SECONDS, worker

WRITING = """
import logging, sys, threading, warnings, asyncio, gc

class Falls:
    def __del__(self):
        raise ValueError("in a destructor")

async def task():
    raise ValueError("in a task")

class Plugin:
    def write(self):
        print("printed", 5)
        print("half", end=" ")
        print("a line")
        sys.stderr.write("to stderr\\n")
        logging.getLogger("mine").warning("a logged warning")
        logging.error("a logged error")
        logging.info("not of interest")
        try:
            1 / 0
        except ZeroDivisionError:
            logging.exception("with its traceback")
        warnings.warn("a warning")
        print("two\\nlines")
        print("50 %\\r", end="")
        print("99 %\\r", end="")
        print("100 %")
        print(b"bytes", file=sys.stdout)
    def fall(self):
        thread = threading.Thread(target=lambda: 1 / 0, name="my thread")
        thread.start()
        thread.join()
        Falls()
        gc.collect()
    async def tasks(self):
        asyncio.ensure_future(task())
        await asyncio.sleep(0.01)
        gc.collect()
        api.no_such_function()
        gc.collect()
    def flood(self):
        for number in range(100_000):
            print("line", number)
    def own_logging(self):
        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", force=True)
        logging.info("as the plugin wants it")
    def exit(self):
        print("no end of a line", end="")

api.export(Plugin())
"""


def test_everything_that_is_written_reaches_the_log_with_its_level() -> None:
    with worker(WRITING) as one:
        one.api().write().result(SECONDS)
        one.line("b'bytes'")
        assert one.lines("info") == ["printed 5", "half a line", "two", "lines", "50 %", "100 %", "b'bytes'"]
        warned = one.lines("warning")
        assert warned[:2] == ["to stderr", "a logged warning"]
        assert 'imjoy.html:24: UserWarning: a warning\n  warnings.warn("a warning")' in warned[2]
        errors = one.lines("error")
        assert errors[0] == "a logged error"
        assert errors[1].startswith("with its traceback\nTraceback")
        assert errors[1].endswith("ZeroDivisionError: division by zero")


def test_errors_that_nobody_caught_reach_the_log() -> None:
    with worker(WRITING) as one:
        one.peer.set_interface({})
        api = one.api()
        api.fall().result(SECONDS)
        assert "ZeroDivisionError" in one.line("Uncaught in my thread:")["message"]
        assert "ValueError: in a destructor" in one.line("Exception ignored in")["message"]
        api.tasks().result(SECONDS)
        assert "ValueError: in a task" in one.line("Task exception was never retrieved")["message"]
        unheard = one.line("A call has failed that nobody waited for")["message"]
        assert "api.no_such_function is not part of this version" in unheard
        assert all(message["level"] == "error" for message in one.messages if message["type"] == "log")


def test_a_flood_is_cut_and_counted_and_the_plugin_stays_reachable() -> None:
    with worker(WRITING) as one:
        api = one.api()
        begin = time.monotonic()
        api.flood().result(SECONDS)
        told = one.line("more lines were left out")
        windows = 2 + int(time.monotonic() - begin)
        assert told["level"] == "warning"
        assert len(one.lines("info")) <= 200 * windows
        api.own_logging().result(SECONDS)


def test_a_plugin_may_set_up_logging_by_itself() -> None:
    with worker(WRITING) as one:
        one.api().own_logging().result(SECONDS)
        assert one.line("as the plugin wants it")["message"] == "INFO as the plugin wants it"


def test_a_line_without_an_end_is_told_at_the_end() -> None:
    with worker(WRITING) as one:
        one.api()
        one.peer.disconnect()
        assert one.wait() == 0
        assert one.lines("info") == ["no end of a line"]


BESIDE = """
import os, subprocess, sys
def run():
    os.write(1, b"from a library\\n")
    subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)
    subprocess.run([sys.executable, "-c", "print('through a stream')"], stdout=sys.stdout, check=True)
    child = os.fork()
    if child == 0:
        print("from a fork")
        try:
            api.echo(1).result(5)
        except Exception as error:
            print(error)
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
    sys.stdout.buffer.write(b"as bytes")
    sys.stdout.buffer.flush()
    return sys.stdin.read()
api.export({"run": run})
"""


def test_what_is_written_to_the_descriptors_goes_where_they_lead() -> None:
    with worker(BESIDE) as one:
        one.peer.set_interface({"echo": lambda value: value})
        assert one.api().run().result(SECONDS) == ""
        one.peer.disconnect()
        assert one.wait() == 0
        assert one.process.stdout is not None
        written = one.process.stdout.read().decode()
    lines = ["from a library", "from a child", "through a stream", "from a fork"]
    assert written.splitlines()[:4] == lines
    assert "api works only in the plugin's own process" in written
    assert written.endswith("as bytes")
    assert not one.lines("info")


# --- the parts --------------------------------------------------------------------------------------------------------


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_gate_counts_what_it_leaves_out() -> None:
    clock, passed = Clock(), []
    gate = LogGate(lambda level, message: passed.append((level, message)), lines=2, seconds=100, now=clock)
    for number in range(5):
        gate.write("info", str(number))
    assert passed == [("info", "0"), ("info", "1")]
    clock.now = 100.0
    gate.write("error", "later")
    assert passed[2:] == [("warning", "3 more lines were left out, since they came too fast"), ("error", "later")]
    gate.flush()
    assert len(passed) == 4


def test_the_gate_tells_of_what_it_left_out_even_if_nothing_follows() -> None:
    passed: list[Any] = []
    gate = LogGate(lambda level, message: passed.append(message), lines=1, seconds=0.05)
    gate.write("info", "1")
    gate.write("info", "2")
    deadline = time.monotonic() + 5
    while len(passed) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert passed[1] == "1 more line was left out, since they came too fast"


def test_a_very_long_line_keeps_its_beginning_and_its_end() -> None:
    passed: list[str] = []
    LogGate(lambda level, message: passed.append(message)).write("info", "a" * 50_000 + "end")
    assert len(passed[0]) < LONGEST + 100
    assert passed[0].endswith("end")
    assert "50003 characters" in passed[0]


def test_a_stream_hands_whole_lines_on() -> None:
    lines: list[str] = []
    stream = LineStream(lines.append, None)
    print("a", "b", sep="\n", end="", file=stream)
    assert lines == ["a"]
    stream.write("c\r\n\r\n")
    assert lines == ["a", "bc", ""]
    for part in ("1 %\r", "2 %\r", "3 %\r", "done\n"):
        stream.write(part)
    assert lines[3:] == ["1 %", "done"]
    stream.finish()
    assert len(lines) == 5
    with pytest.raises(TypeError, match="must be str"):
        stream.write(b"bytes")  # type: ignore[arg-type]
    for missing in ("buffer", "fileno"):
        with pytest.raises(io.UnsupportedOperation):
            value = getattr(stream, missing)
            value()
    assert (stream.encoding, stream.writable(), stream.isatty()) == ("utf-8", True, False)
