"""One page and its workers: starts and stops them, and passes messages between, by their address alone.

``server/websocket`` gives it what the session does not answer itself, and sends what comes out of its outbox. Frames of
peers are passed on as they are; what is in them is nobody's business here.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from imjoy.rpc.errors import ProtocolError
from imjoy.rpc.messages import Binary, Message
from imjoy.rpc.wire import encode_frame
from imjoy_offline.engine.envelope import with_sender, without_target
from imjoy_offline.engine.log_gate import LogLine
from imjoy_offline.engine.outbox import Lane, Outbox
from imjoy_offline.engine.plugin_start import PluginStart
from imjoy_offline.engine.running import PEER_KINDS, Ended
from imjoy_offline.engine.session import not_available
from imjoy_offline.engine.status import measured
from imjoy_offline.engine.supervisor import Supervisor, describe_failure
from imjoy_offline.engine.threads import call_beside
from imjoy_offline.errors import ImjoyError, StartError

WORKERS_OF_A_PAGE = 64

_LOG = logging.getLogger(__name__)


class Router:
    """What one page has running."""

    def __init__(self, supervisor: Supervisor, most: int = WORKERS_OF_A_PAGE) -> None:
        self.outbox = Outbox()
        self.received_bytes = 0
        self._supervisor = supervisor
        self._most = most
        self._answers = self.outbox.lane()
        self._starts: dict[int, asyncio.Task[None]] = {}
        self._desks: set[_Desk] = set()
        self._mine: set[str] = set()
        self._beside: set[asyncio.Task[None]] = set()
        self._status: asyncio.Task[None] | None = None

    async def receive(self, message: Message, frame: Binary) -> None:
        """A message of the page that is not about the socket; raises ProtocolError where it cannot be understood."""
        self.received_bytes += len(frame)
        kind, target = message["type"], message.get("to")
        if kind == "start":
            self._start(_number(message, "id"), message.get("plugin"))
        elif kind == "stop":
            self._stop(message)
        elif kind == "status":
            self._tell_status(_number(message, "id"))
        elif isinstance(target, str) and kind in PEER_KINDS:
            running = self._supervisor.find(target) if target in self._mine else None
            # A page is told when a worker ends; what it sent before it knew goes nowhere.
            if running is not None:
                running.post(without_target(frame, target))
        else:
            await self._answers.put(encode_frame(not_available(kind)))

    def _start(self, number: int, plugin: object) -> None:
        if number in self._starts:
            raise ProtocolError(f"A second start with the id {number} came.")
        desk = _Desk(number, self.outbox, self._mine.add, self._leave)
        self._desks.add(desk)
        task = asyncio.create_task(self._run_start(desk, plugin))
        self._starts[number] = task
        task.add_done_callback(lambda done: self._start_done(number, desk, done))

    async def _run_start(self, desk: "_Desk", given: object) -> None:
        try:
            plugin = PluginStart.read(given)
            if len(self._desks) > self._most:
                raise StartError(
                    f"{plugin.name} was not started: {self._most} Python plugins run in this page already.",
                    hint="Remove a plugin that is not needed, then reload this one.",
                )
            await self._supervisor.start(plugin, desk)
        except ImjoyError as error:
            await desk.failed(describe_failure(error))
        except asyncio.CancelledError:
            await desk.failed({"message": "The start was given up.", "hint": "", "detail": ""})
            raise

    def _start_done(self, number: int, desk: "_Desk", done: "asyncio.Task[None]") -> None:
        self._starts.pop(number, None)
        fault = None if done.cancelled() else done.exception()
        if fault is not None:
            _LOG.error("The start of a plugin failed", exc_info=fault)
            self._keep(
                desk.failed({"message": f"The engine failed at this start: {fault!r}", "hint": "", "detail": ""})
            )

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this beside; the event loop keeps its tasks only weakly."""
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    def _leave(self, desk: "_Desk") -> None:
        self._desks.discard(desk)
        if desk.peer is not None:
            self._mine.discard(desk.peer)

    def _stop(self, message: Message) -> None:
        """End a worker, at once where that is asked for, or give up a start that has not come so far."""
        if message.get("peer") is None:
            start = self._starts.get(_number(message, "id"))
            if start is not None:
                start.cancel()
            return
        peer = message["peer"]
        mine = peer in self._mine
        # A page reaches into another one only where its person says so: they all have the same token.
        running = self._supervisor.find(peer) if mine or message.get("anywhere") is True else None
        if running is not None:
            end = running.kill if message.get("now") is True else running.stop
            self._keep(end("it was stopped" if mine else "it was stopped from another page"))

    def _tell_status(self, number: int) -> None:
        """Say how the engine stands; who asks faster than that can be found out is answered less often."""
        if self._status is None or self._status.done():
            self._status = asyncio.create_task(self._measure(number))

    async def _measure(self, number: int) -> None:
        note, mine = self._supervisor.describe(), frozenset(self._mine)
        found = await call_beside(lambda: measured(note, mine))
        await self._answers.put(encode_frame({"type": "status", "id": number, **found}))

    async def close(self) -> None:
        """The page has gone: end all that it started, and return when nothing is left of it."""
        self.outbox.close()
        starts = [*self._starts.values(), *([self._status] if self._status else [])]
        for start in starts:
            start.cancel()
        found = (self._supervisor.find(peer) for peer in list(self._mine))
        stops = [running.stop("its page has gone") for running in found if running is not None]
        await asyncio.gather(*starts, *stops, *self._beside, return_exceptions=True)


class _Desk:
    """Tells the page what becomes of one start, and then of its worker; all in the worker's own lane."""

    def __init__(
        self, number: int, outbox: Outbox, add: Callable[[str], None], leave: Callable[["_Desk"], None]
    ) -> None:
        self._number = number
        self._outbox = outbox
        self._lane: Lane = outbox.lane()
        self._add = add
        self._leave = leave
        self.peer: str | None = None

    async def progress(self, stage: str, text: str, peer: str | None = None) -> None:
        message: dict[str, Any] = {"type": "progress", "id": self._number, "stage": stage, "text": text}
        if peer is not None:
            self.peer = peer
            self._add(peer)
            message["peer"] = peer
        await self._put(message)

    async def started(self, peer: str) -> None:
        await self._put({"type": "started", "id": self._number, "peer": peer})

    async def failed(self, error: dict[str, str]) -> None:
        await self._put({"type": "failed", "id": self._number, "error": error})
        self._done()

    async def message(self, peer: str, message: Message, frame: Binary) -> None:
        await self._lane.put(b"".join(with_sender(frame, peer)))

    async def log(self, peer: str, line: LogLine) -> None:
        await self._put({"type": "log", "from": peer, "level": line.level, "message": line.message})

    async def ended(self, peer: str, end: Ended) -> None:
        await self._put({"type": "ended", "peer": peer, "reason": end.reason, "code": end.code})
        self._done()

    async def _put(self, message: Message) -> None:
        await self._lane.put(encode_frame(message))

    def _done(self) -> None:
        self._leave(self)
        self._outbox.drop(self._lane)


def _number(message: Message, name: str) -> int:
    value = message.get(name)
    if type(value) is not int or value < 0:
        raise ProtocolError(f"In a {message['type']!r} message, {name!r} must be a whole number from 0.")
    return value
