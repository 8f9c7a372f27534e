"""imjoy_offline.engine.router: what a page and its workers say to each other, with real processes behind it."""

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest

from imjoy.rpc.errors import ProtocolError
from imjoy.rpc.messages import LIMITS, Message
from imjoy_offline.engine.log_gate import LINES
from imjoy_offline.engine.plugin_environments import Say
from imjoy_offline.engine.plugin_start import PluginStart
from imjoy_offline.errors import NotMirroredError
from tests.helpers.worker_programs import EnginePage, OwnPython, plugin_message, with_pages

READY = 'send({"type": "ready"})\n'
# Answers every method with what it got, and with who it is.
ECHO = (
    READY
    + """
while (message := receive()) is not None:
    if message["type"] == "method":
        send({"type": "callback", "id": message["id"], "args": [message["args"], os.getpid()], "got": sorted(message)})
    elif message["type"] in ("piece", "credit"):
        send({**message, "data": bytes(message.get("data", b""))})
    elif message["type"] == "disconnect":
        break
"""
)
# Does what the called method is named after.
DEEDS = (
    READY
    + """
while (message := receive()) is not None:
    if message["type"] == "disconnect":
        break
    exec(message.get("name", ""))
"""
)


def method(peer: str, name: str, *args: Any, number: int = 0) -> Message:
    return {"to": peer, "type": "method", "id": number, "object_id": "o", "name": name, "args": list(args)}


def test_a_plugin_is_started_and_reached_by_its_address_alone(tmp_path: Path) -> None:
    async def use(page: EnginePage) -> None:
        first, second = await page.started(), await page.started()
        assert first != second
        assert [one["type"] for one in page.told if one.get("id") == 1] == ["progress", "started"]
        progress = await page.wait_for(type="progress", id=1)
        assert (progress["stage"], progress["peer"]) == ("worker", first)
        await page.send(method(first, "f", b"\x01\x02", {"from": "user", "to": "user"}, number=5))
        await page.send(method(second, "f", number=6))
        answer, other = await page.wait_for(id=5, type="callback"), await page.wait_for(id=6, type="callback")
        assert (answer["from"], other["from"]) == (first, second)
        assert answer["args"][0] == [b"\x01\x02", {"from": "user", "to": "user"}]
        assert answer["args"][1] != other["args"][1]
        assert "to" not in answer["got"]

    with_pages(tmp_path, ECHO, use)


def test_what_is_handed_over_is_what_the_page_has_sent(tmp_path: Path) -> None:
    async def use(page: EnginePage) -> None:
        plugin = plugin_message("F", scripts=[{"content": "x = 1", "line": 7}], requirements=["numpy"])
        peer = await page.started(plugin)
        assert (await page.wait_for(type="initialized", sender=peer))["config"] == plugin

    with_pages(tmp_path, READY + 'send({"type": "initialized", "config": plugin})\nforever()', use)


def test_an_address_behind_the_others_and_lies_about_the_sender_are_no_matter(tmp_path: Path) -> None:
    program = (
        READY + 'message = receive()\nsend({"from": "w0", "type": "initialized", "config": sorted(message)})\nforever()'
    )

    async def use(page: EnginePage) -> None:
        peer = await page.started()
        await page.send({"type": "method", "args": [], "name": "f", "object_id": "o", "to": peer})
        answer = await page.wait_for(type="initialized")
        assert answer["from"] == peer

    with_pages(tmp_path, program, use)


def test_pieces_and_credits_pass_as_they_are(tmp_path: Path) -> None:
    async def use(page: EnginePage) -> None:
        peer = await page.started()
        data = os.urandom(LIMITS.piece_bytes)
        await page.send({"to": peer, "type": "piece", "stream": 3, "offset": 0, "size": 2**40, "data": data})
        await page.send({"to": peer, "type": "credit", "stream": 9, "bytes": 77})
        piece, credit = await page.wait_for(type="piece"), await page.wait_for(type="credit")
        assert (piece["from"], piece["stream"], piece["size"], piece["data"]) == (peer, 3, 2**40, data)
        assert (credit["from"], credit["stream"], credit["bytes"]) == (peer, 9, 77)

    with_pages(tmp_path, ECHO, use)


def test_a_page_reaches_its_own_workers_only(tmp_path: Path) -> None:
    async def use(page: EnginePage, other: EnginePage) -> None:
        peer = await page.started()
        await other.send(method(peer, "f", number=1))
        await other.send({"type": "stop", "peer": peer})
        await page.send(method(peer, "f", number=2))
        await page.wait_for(type="callback", id=2)
        assert not [one for one in page.told if one.get("id") == 1 and one["type"] == "callback"]
        assert other.told == []

    with_pages(tmp_path, ECHO, use, pages=2)


@pytest.mark.parametrize("kind", ["handover", "ready", "no-such-kind"])
def test_other_kinds_are_answered_in_words_and_never_passed_on(tmp_path: Path, kind: str) -> None:
    async def use(page: EnginePage) -> None:
        peer = await page.started()
        await page.send({"to": peer, "type": kind})
        assert kind in (await page.wait_for(code="not-available"))["message"]

    with_pages(tmp_path, ECHO, use)


def test_stop_ends_a_worker_and_says_so_once(tmp_path: Path) -> None:
    async def use(page: EnginePage) -> None:
        peer = await page.started()
        await page.send({"type": "stop", "peer": peer})
        await page.send({"type": "stop", "peer": peer})
        ended = await page.wait_for(type="ended", peer=peer)
        assert ended["reason"] == "it was stopped"
        await page.send(method(peer, "f"))
        await page.send({"type": "stop", "peer": peer})
        await page.started()
        assert len([one for one in page.told if one["type"] == "ended"]) == 1

    with_pages(tmp_path, ECHO, use)


@pytest.mark.parametrize(("more", "is_told"), [({}, True), ({"now": True}, False), ({"now": 1}, True)])
def test_a_worker_is_told_before_it_is_stopped_but_not_where_it_is_to_end_now(
    tmp_path: Path, more: Message, is_told: bool
) -> None:
    program = f"""{READY}
import pathlib
while True:
    if receive()["type"] == "disconnect":
        pathlib.Path("told").touch()
"""

    async def use(page: EnginePage) -> None:
        peer = await page.started()
        await page.send({"type": "stop", "peer": peer, **more})
        assert (await page.wait_for(type="ended", peer=peer))["reason"] == "it was stopped"
        assert bool(list(tmp_path.rglob("told"))) is is_told

    with_pages(tmp_path, program, use)


@pytest.mark.parametrize(
    ("deed", "reason", "code"),
    [
        ("os._exit(7)", "its process ended (exit code 7)", 7),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "its process has crashed (SIGSEGV)", -11),
        ("sys.exit(0)", "its process has ended", 0),
        ("channel.close(); time.sleep(60)", None, None),
        ("channel.sendall(bytes([255] * 16))", "it sent what cannot be understood", None),
        ("channel.sendall((2**30).to_bytes(8, 'little'))", "it sent what cannot be understood", None),
        ("channel.sendall((20).to_bytes(8, 'little') + b'{' * 20)", "it sent what cannot be understood", None),
        ("send({'type': 'hello'})", "A message of the kind 'hello'", None),
        ("send({'type': 'disconnect'}); time.sleep(60)", "it has ended its session", None),
    ],
)
def test_every_end_is_told_with_its_reason(tmp_path: Path, deed: str, reason: str | None, code: int | None) -> None:
    async def use(page: EnginePage) -> None:
        peer, other = await page.started(), await page.started()
        await page.send(method(peer, deed))
        if reason is None:
            # A worker that has closed its channel does not hear that it is to stop.
            await asyncio.sleep(0.1)
            await page.send({"type": "stop", "peer": peer})
        ended = await page.wait_for(type="ended", peer=peer)
        if reason is not None:
            assert reason in ended["reason"]
        if code is not None:
            assert ended["code"] == code
        await page.send(method(other, "send({'type': 'callback', 'id': 1, 'args': []})"))
        await page.wait_for(type="callback", sender=other)

    with_pages(tmp_path, DEEDS, use)


@pytest.mark.parametrize(
    ("program", "message", "detail"),
    [
        (
            'send({"type": "failed", "message": "line 3: no such name", "detail": "Traceback ..."}); forever()',
            "Filter: line 3: no such name",
            "Traceback ...",
        ),
        ("os._exit(7)", "Filter was not started: its process ended (exit code 7).", ""),
        ("raise RuntimeError('early')", "Filter was not started: its process ended (exit code 1).", "early"),
        ('send({"type": "nonsense"}); forever()', "it sent what cannot be understood", ""),
    ],
)
def test_a_start_that_fails_is_told_with_what_its_process_said(
    tmp_path: Path, program: str, message: str, detail: str
) -> None:
    async def use(page: EnginePage) -> None:
        failed = await page.wait_for(type="failed", id=await page.start())
        assert message in failed["error"]["message"]
        assert detail in failed["error"]["detail"]
        assert not [one for one in page.told if one["type"] in ("started", "ended")]

    with_pages(tmp_path, program, use)


@pytest.mark.parametrize(
    "plugin",
    [
        {"name": ""},
        {"name": 3},
        {"workspace": ".."},
        {"workspace": "../../x"},
        {"workspace": "a/b"},
        {"workspace": None},
        {"tag": 1},
        {"requirements": "numpy"},
        {"requirements": [1]},
        {"scripts": "print()"},
        {"config": None},
    ],
)
def test_a_plugin_that_is_not_what_it_must_be_is_refused_in_words(tmp_path: Path, plugin: dict[str, Any]) -> None:
    async def use(page: EnginePage) -> None:
        failed = await page.wait_for(type="failed", id=await page.start(plugin_message(**plugin)))
        assert failed["error"]["message"]

    with_pages(tmp_path, "os._exit(1)", use)


def test_starts_and_stops_without_a_number_end_the_session(tmp_path: Path) -> None:
    async def use(page: EnginePage) -> None:
        for message in ({"type": "start"}, {"type": "start", "id": "1"}, {"type": "stop"}, {"type": "stop", "id": -1}):
            with pytest.raises(ProtocolError):
                await page.send(message)
        await page.send({"type": "start", "id": 1, "plugin": plugin_message()})
        with pytest.raises(ProtocolError):
            await page.send({"type": "start", "id": 1, "plugin": plugin_message()})

    with_pages(tmp_path, ECHO, use)


def test_what_making_the_environment_says_is_told_and_its_failure_too(tmp_path: Path) -> None:
    def making(plugin: PluginStart, say: Say) -> None:
        say("Making the environment: installing numpy 2.0.0")
        raise NotMirroredError("numpy is not carried.", hint="Run python -m imjoy mirror.")

    async def use(page: EnginePage) -> None:
        number = await page.start()
        progress = await page.wait_for(type="progress", id=number)
        assert (progress["stage"], progress["text"]) == (
            "environment",
            "Making the environment: installing numpy 2.0.0",
        )
        failed = await page.wait_for(type="failed", id=number)
        assert failed["error"] == {
            "message": "numpy is not carried.",
            "hint": "Run python -m imjoy mirror.",
            "detail": "",
        }

    with_pages(tmp_path, ECHO, use, environments=OwnPython(making))


def test_an_environment_that_takes_long_keeps_no_other_waiting_and_can_be_given_up(tmp_path: Path) -> None:
    import threading

    release = threading.Event()

    def making(plugin: PluginStart, say: Say) -> None:
        if plugin.name == "Slow":
            say("Making")
            release.wait(15)

    async def use(page: EnginePage) -> None:
        slow = await page.start(plugin_message("Slow"))
        await page.wait_for(type="progress", id=slow)
        await page.started()
        await page.send({"type": "stop", "id": slow})
        failed = await page.wait_for(type="failed", id=slow)
        assert failed["error"]["message"] == "The start was given up."
        release.set()

    with_pages(tmp_path, ECHO, use, environments=OwnPython(making))


def test_a_start_that_hangs_in_its_script_can_be_given_up(tmp_path: Path) -> None:
    async def use(page: EnginePage) -> None:
        number = await page.start()
        await page.wait_for(type="progress", stage="worker", id=number)
        await page.send({"type": "stop", "id": number})
        await page.wait_for(type="failed", id=number)
        assert not [one for one in page.told if one["type"] == "ended"]

    with_pages(tmp_path, "while True: time.sleep(1)", use)


def test_a_page_has_so_many_workers_and_no_more(tmp_path: Path) -> None:
    async def use(page: EnginePage) -> None:
        peer = await page.started()
        await page.started()
        failed = await page.wait_for(type="failed", id=await page.start())
        assert "2 Python plugins run in this page already" in failed["error"]["message"]
        await page.send({"type": "stop", "peer": peer})
        await page.wait_for(type="ended")
        await page.started()

    with_pages(tmp_path, ECHO, use, most=2)


def test_a_page_that_goes_takes_its_workers_along(tmp_path: Path) -> None:
    program = 'child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])\n' + READY
    program += 'send({"type": "initialized", "config": [os.getpid(), child.pid]})\nforever()'

    async def use(page: EnginePage, other: EnginePage) -> None:
        await page.started()
        starting = await page.start()
        await page.wait_for(type="progress", stage="worker", id=starting)
        processes = (await page.wait_for(type="initialized"))["config"]
        peer = await other.started()
        await page.close()
        assert not any(psutil.pid_exists(one) for one in processes)
        await other.send({"type": "stop", "peer": peer})
        await other.wait_for(type="ended")

    with_pages(tmp_path, program, use, pages=2)


LOUD = """
if plugin["name"] == "Loud":
    while True:
        try:
            send({"type": "log", "level": "info", "message": "x" * 100})
        except OSError:
            break
"""
PRINTING = """
if plugin["name"] == "Loud":
    while True:
        os.write(1, b"y" * 99 + b"\\n")
"""
CALLING = """
if plugin["name"] == "Loud":
    while True:
        send({"type": "method", "object_id": "o", "name": "log", "args": ["z" * 1000]})
"""
DEAF = """
if plugin["name"] == "Loud":
    time.sleep(600)
"""


@pytest.mark.parametrize("habit", [LOUD, PRINTING, CALLING, DEAF])
def test_a_worker_that_behaves_badly_disturbs_no_other(tmp_path: Path, habit: str) -> None:
    async def use(page: EnginePage) -> None:
        loud = await page.started(plugin_message("Loud"))
        quiet = await page.started()
        begun = asyncio.get_running_loop().time()
        for number in range(50):
            await page.send(method(loud, "f", b"x" * 1000, number=1000 + number))
            await page.send(method(quiet, "f", number=number))
            await page.wait_for(type="callback", sender=quiet, id=number)
            del page.told[:-100]
        assert asyncio.get_running_loop().time() - begun < 8
        await page.send({"type": "stop", "peer": loud})
        await page.wait_for(type="ended", peer=loud)

    with_pages(tmp_path, READY + habit + ECHO.removeprefix(READY), use)


@pytest.mark.parametrize("habit", [LOUD, PRINTING])
def test_a_flood_of_lines_is_counted_instead_of_shown(tmp_path: Path, habit: str) -> None:
    async def use(page: EnginePage) -> None:
        loud = await page.started(plugin_message("Loud"))
        end = asyncio.get_running_loop().time() + 10
        while not any("left out" in one.get("message", "") for one in page.told if one["type"] == "log"):
            assert asyncio.get_running_loop().time() < end
            await asyncio.sleep(0.02)
        lines = [one for one in page.told if one["type"] == "log"]
        assert LINES < len(lines) <= 3 * LINES + 3
        assert {one["from"] for one in lines} == {loud}

    with_pages(tmp_path, READY + habit + "forever()", use)


def test_a_page_that_reads_nothing_makes_its_workers_wait_and_no_one_else(tmp_path: Path) -> None:
    program = (
        READY
        + """
if plugin["name"] == "Loud":
    while True:
        send({"type": "initialized", "config": "x" * 100_000})
"""
        + ECHO.removeprefix(READY)
    )

    async def use(page: EnginePage, other: EnginePage) -> None:
        await page.started(plugin_message("Loud"))
        page.stop_reading()
        quiet = await other.started()
        process = psutil.Process(os.getpid())
        before = process.memory_info().rss
        for number in range(30):
            await other.send(method(quiet, "f", number=number))
            await other.wait_for(type="callback", id=number)
            await asyncio.sleep(0.01)
        assert process.memory_info().rss - before < 40 * 2**20

    with_pages(tmp_path, program, use, pages=2)


def test_a_worker_that_does_not_read_is_ended_before_it_fills_the_memory(tmp_path: Path) -> None:
    async def use(page: EnginePage) -> None:
        peer = await page.started()
        data = bytes(8 * 2**20)
        for _ in range(20):
            await page.send(method(peer, "f", data))
            await asyncio.sleep(0)
        ended = await page.wait_for(type="ended", peer=peer)
        assert "does not read what it is sent" in ended["reason"]

    with_pages(tmp_path, READY + "time.sleep(600)", use)


def test_a_page_is_told_how_the_engine_stands(tmp_path: Path) -> None:
    making, made = threading.Event(), threading.Event()

    def make(plugin: PluginStart, say: Say) -> None:
        if plugin.name == "Slow":
            say("Installing numpy")
            making.set()
            made.wait(10)

    async def use(page: EnginePage, other: EnginePage) -> None:
        await page.send({"type": "status", "id": 1})
        empty = await page.wait_for(type="status", id=1)
        assert (empty["workers"], empty["starting"]) == ([], [])
        assert empty["engine"]["pid"] == os.getpid()
        assert empty["engine"]["memory"] > 2**20

        peer = await page.started(plugin_message("Filter", tag="GPU", workspace="lab"))
        theirs = await other.started(plugin_message("Other"))
        slow = await page.start(plugin_message("Slow"))
        await page.wait_for(type="progress", id=slow, stage="environment")
        await page.send({"type": "status", "id": 2})
        status = await page.wait_for(type="status", id=2)
        workers = {one["peer"]: one for one in status["workers"]}
        assert set(workers) == {peer, theirs}
        mine = workers[peer]
        assert (mine["name"], mine["tag"], mine["workspace"], mine["state"]) == ("Filter", "GPU", "lab", "running")
        assert psutil.pid_exists(mine["pid"])
        assert mine["memory"] > 2**20
        assert 0 <= mine["seconds"] < 18
        assert (mine["mine"], workers[theirs]["mine"]) == (True, False)
        (starting,) = status["starting"]
        assert (starting["name"], starting["text"]) == ("Slow", "Installing numpy")
        made.set()
        await page.wait_for(type="started", id=slow)
        await page.send({"type": "status", "id": 3})
        after = await page.wait_for(type="status", id=3)
        assert (len(after["workers"]), after["starting"]) == (3, [])

    with_pages(tmp_path, READY + "forever()", use, pages=2, environments=OwnPython(make))


def test_a_status_needs_a_number_and_a_flood_of_them_is_answered_less_often(tmp_path: Path) -> None:
    async def use(page: EnginePage) -> None:
        with pytest.raises(ProtocolError, match="'id'"):
            await page.send({"type": "status"})
        for number in range(500):
            await page.send({"type": "status", "id": number})
        await page.wait_for(type="status", id=0)
        await asyncio.sleep(0.1)
        assert len([one for one in page.told if one["type"] == "status"]) < 500

    with_pages(tmp_path, READY + "forever()", use)


def test_a_person_can_stop_the_worker_of_another_page(tmp_path: Path) -> None:
    async def use(page: EnginePage, other: EnginePage) -> None:
        peer = await page.started()
        await other.send({"type": "stop", "peer": peer, "anywhere": True})
        ended = await page.wait_for(type="ended", peer=peer)
        assert ended["reason"] == "it was stopped from another page"
        await other.send({"type": "stop", "peer": "w0", "anywhere": True})
        assert other.told == []

    with_pages(tmp_path, READY + "forever()", use, pages=2)
