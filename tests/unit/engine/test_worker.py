"""imjoy_offline.engine.worker and guardian: real processes, and that nothing of them stays."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from imjoy.rpc.messages import Message
from imjoy.rpc.wire import decode_frame, encode_frame
from imjoy_offline.engine.worker import Worker, accept_worker, describe_end, kill_tree, start_worker
from tests.helpers.processes import wait_until
from tests.helpers.worker_programs import program_zip

PYTHON = Path(sys.executable)
HANDOVER = encode_frame({"type": "handover", "plugin": {}})
# Says who is there: the worker, a grandchild of the ordinary kind, and one that has left session and parent behind.
FAMILY = """
ordinary = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.write(write, str(os.getpid()).encode())
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    os._exit(0)
os.wait()
send({"type": "family", "worker": os.getpid(), "ordinary": ordinary.pid, "daemon": int(os.read(read, 100))})
"""


def with_worker(tmp_path: Path, program: str, use: Callable[[Worker], Awaitable[None]], **options: Any) -> None:
    """Start the program, use it, and see that it is gone."""

    async def run() -> None:
        archive = program_zip(tmp_path / "runtime.zip", program)
        worker = await start_worker(PYTHON, archive, tmp_path / "work" / "default", **options)
        try:
            await worker.channel.send((HANDOVER,))
            await asyncio.wait_for(use(worker), 15)
        finally:
            await worker.finish()
            worker.close()

    asyncio.run(run())


async def message_of(worker: Worker) -> Message:
    frame = await worker.channel.receive()
    assert frame is not None, (await worker.errors.read()).decode()
    return decode_frame(frame)


def gone(*processes: int) -> bool:
    """Whether none of them runs; one that nobody has waited for yet runs no more."""
    for one in processes:
        try:
            if psutil.Process(one).status() != psutil.STATUS_ZOMBIE:
                return False
        except psutil.NoSuchProcess:
            continue
    return True


@pytest.mark.parametrize("inherit", [True, False])
def test_a_worker_gets_its_channel_and_a_bare_surrounding(
    tmp_path: Path, inherit: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://person:word@index.example.org/simple")
    monkeypatch.setenv("SOME_TOKEN", "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org")
    program = (
        'send({"type": "here", "cwd": os.getcwd(), "environment": dict(os.environ), "input": sys.stdin.read(),'
        ' "first": sys.path[0], "session": os.getsid(0), "pid": os.getpid()})'
    )

    async def use(worker: Worker) -> None:
        here = await message_of(worker)
        assert Path(here["cwd"]) == tmp_path / "work" / "default"
        assert here["input"] == ""
        assert here["first"].endswith("runtime.zip")
        assert here["session"] == here["pid"] != os.getsid(0)
        assert not {"PIP_INDEX_URL", "SOME_TOKEN", "HTTPS_PROXY", "IMJOY_CHANNEL_KEY"} & set(here["environment"])
        assert here["environment"]["PATH"].startswith(str(PYTHON.parent))
        assert await worker.wait() == 0

    with_worker(tmp_path, program, use, inherit=inherit)


def test_who_does_not_know_the_key_is_not_taken_for_the_worker() -> None:
    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            waiting = asyncio.create_task(accept_worker(listener, "the-key"))
            for said in (b"", b"the-kex", b"the"):
                with socket.create_connection(listener.getsockname()) as stranger:
                    stranger.sendall(said)
            with socket.create_connection(listener.getsockname()) as friend:
                friend.sendall(b"the-key")
                with await asyncio.wait_for(waiting, 10) as connection:
                    assert connection.getpeername() == friend.getsockname()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("program", "status"),
    [
        ("", 0),
        ("os._exit(7)", 7),
        ("sys.exit(3)", 3),
        ("raise RuntimeError('no')", 1),
        ("os.kill(os.getpid(), signal.SIGKILL)", -9),
        ("os.kill(os.getpid(), signal.SIGSEGV)", -11),
        ("os.abort()", -6),
    ],
)
def test_it_ends_as_the_worker_has_ended(tmp_path: Path, program: str, status: int) -> None:
    async def use(worker: Worker) -> None:
        assert await worker.wait() == status

    with_worker(tmp_path, program, use)


def test_what_it_writes_beside_the_channel_can_be_read(tmp_path: Path) -> None:
    program = "os.write(1, b'out\\n'); os.write(2, b'err\\n'); subprocess.run([sys.executable, '-c', 'print(5)'])"

    async def use(worker: Worker) -> None:
        assert await worker.output.read() == b"out\n5\n"
        assert await worker.errors.read() == b"err\n"

    with_worker(tmp_path, program, use)


@pytest.mark.parametrize("way", ["kill", "exit", "hang up", "killed", "guardian stopped"])
def test_nothing_that_it_has_started_stays(tmp_path: Path, way: str) -> None:
    program = FAMILY + {"exit": "os._exit(7)", "hang up": "threading.Event().wait()"}.get(way, "forever()")

    async def use(worker: Worker) -> None:
        family = await message_of(worker)
        members = (family["worker"], family["ordinary"], family["daemon"])
        if way == "kill":
            worker.kill()
        elif way == "hang up":
            worker.channel.close()
        elif way == "killed":
            os.kill(family["worker"], signal.SIGKILL)
        elif way == "guardian stopped":
            os.kill(worker.pid, signal.SIGSTOP)
            kill_tree(worker.pid)
        await worker.wait()
        wait_until(lambda: gone(*members), "all of them to be gone", 2 if way == "guardian stopped" else 0)

    with_worker(tmp_path, program, use)


def test_a_worker_that_starts_others_as_fast_as_it_can_is_ended_with_all_of_them(tmp_path: Path) -> None:
    program = """
send({"type": "here", "pid": os.getpid()})
while True:
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        time.sleep(600)
    os.wait()
    time.sleep(0.001)
"""

    async def use(worker: Worker) -> None:
        await message_of(worker)
        wait_until(lambda: len(psutil.Process(worker.pid).children(recursive=True)) > 20, "some children")
        everyone = [one.pid for one in psutil.Process(worker.pid).children(recursive=True)]
        worker.kill()
        await worker.wait()
        assert gone(*everyone)

    with_worker(tmp_path, program, use)


def test_a_worker_whose_guardian_is_killed_goes_too(tmp_path: Path) -> None:
    async def use(worker: Worker) -> None:
        here = await message_of(worker)
        os.kill(worker.pid, signal.SIGKILL)
        assert await worker.wait() == -9
        wait_until(lambda: gone(here["pid"]), "the worker to be gone")

    with_worker(tmp_path, 'send({"type": "here", "pid": os.getpid()})\nforever()', use)


def test_a_python_that_is_not_there_is_an_error_at_once(tmp_path: Path) -> None:
    async def run() -> None:
        with pytest.raises(OSError):
            await start_worker(tmp_path / "no-python", tmp_path / "x.zip", tmp_path)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "its process has ended"),
        (7, "its process ended (exit code 7)"),
        (-9, "its process was killed (SIGKILL); the computer may have run out of memory"),
        (-11, "its process has crashed (SIGSEGV)"),
        (-15, "its process was ended (SIGTERM)"),
        (-200, "its process was ended (signal 200)"),
    ],
)
def test_ends_in_words(status: int, words: str) -> None:
    assert describe_end(status) == words
