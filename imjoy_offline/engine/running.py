"""One worker from its handover to its end: carries frames both ways, reads its output, and tells how it ended.

Its tasks end with the process; what it had sent before is delivered first. Made by ``engine/supervisor``.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imjoy.rpc.errors import ProtocolError
from imjoy.rpc.messages import Binary, Credit, Message, Piece
from imjoy.rpc.transitions import MEMBERS
from imjoy.rpc.wire import decode_frame, encode_frame
from imjoy_offline.engine.envelope import Parts
from imjoy_offline.engine.log_gate import LogGate, LogLine
from imjoy_offline.engine.output import read_lines
from imjoy_offline.engine.status import WorkerState
from imjoy_offline.engine.worker import Worker, describe_end
from imjoy_offline.errors import StartError

if TYPE_CHECKING:
    from imjoy_offline.engine.supervisor import Listener

WAITING_BYTES = 128 * 1024 * 1024
WAITING_FRAMES = 32 * 1024
STOP_SECONDS = 3.5
DRAIN_SECONDS = 2.0
SLICE_SECONDS = 0.005
LAST_LINES = 20

LEVELS = ("info", "warning", "error")
LOG_KINDS = {"log": "info", "error": "error"}
# What goes from peer to peer, through the engine.
PEER_KINDS = frozenset((*MEMBERS, Piece.kind, Credit.kind))


class StartFailedError(StartError):
    """A plugin could not be started; ``detail`` is a traceback or the last that its process said."""

    def __init__(self, message: str, *, hint: str = "", detail: str = "") -> None:
        super().__init__(message, hint=hint)
        self.detail = detail


@dataclass(frozen=True)
class Ended:
    """How a worker has ended: in words that follow its name, and its exit code, negative for a signal."""

    reason: str
    code: int | None


class Running:
    """A worker that runs."""

    def __init__(
        self, peer: str, name: str, worker: Worker, listener: "Listener", patience: float = STOP_SECONDS
    ) -> None:
        self.peer = peer
        self.name = name
        self._worker = worker
        self._listener = listener
        self._patience = patience
        self._gate = LogGate()
        self._last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._queue: deque[Parts] = deque()
        self._queued_bytes = 0
        self._queued = asyncio.Event()
        self._reason: str | None = None
        self._started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._announced = False
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._worker.pid

    @property
    def state(self) -> WorkerState:
        """How far it has come."""
        if self._reason is not None:
            return "ending"
        return "running" if self._announced else "starting"

    def begin(self, handover: bytes, forget: Callable[[], object]) -> None:
        """Hand over the plugin and carry what comes; ``forget`` is called at the end."""
        self.post((handover,))
        self._end = asyncio.create_task(self._live(forget))

    async def ready(self) -> None:
        """Until the plugin's scripts have run; raises StartFailedError where they do not come so far."""
        await asyncio.wait({self._started})
        self._started.result()

    def post(self, frame: Parts) -> None:
        """Send a frame to the worker; one that does not read what it is sent is ended instead."""
        if self._reason is not None:
            return
        self._queue.append(frame)
        self._queued_bytes += sum(len(part) for part in frame)
        self._queued.set()
        if self._queued_bytes > WAITING_BYTES or len(self._queue) > WAITING_FRAMES:
            megabytes = self._queued_bytes // 2**20
            self._give_up(f"it does not read what it is sent: {len(self._queue)} messages ({megabytes} MB) wait for it")

    async def stop(self, reason: str) -> None:
        """End it: it is told first, and given a moment; returns when nothing of it is left."""
        if self._reason is None:
            self.post((encode_frame({"type": "disconnect"}),))
            self._reason = reason
        await asyncio.wait({self._end}, timeout=self._patience)
        await self.kill(reason)

    async def kill(self, reason: str) -> None:
        """End it at once; returns when nothing of it is left."""
        self._give_up(reason)
        await self._worker.finish()
        await asyncio.wait({self._end})

    def _give_up(self, reason: str) -> None:
        """End it at once, for a fault of its own."""
        if self._reason is None:
            self._reason = reason
        self._worker.kill()

    # --- its life -------------------------------------------------------------------------------------------------

    async def _live(self, forget: Callable[[], object]) -> None:
        incoming = [
            asyncio.create_task(self._receive()),
            asyncio.create_task(self._read(self._worker.output, "info")),
            asyncio.create_task(self._read(self._worker.errors, "warning")),
        ]
        sending = asyncio.create_task(self._send())
        flushing = asyncio.create_task(self._flush())
        try:
            status = await self._worker.wait()
            await asyncio.wait(incoming, timeout=DRAIN_SECONDS)
        except BaseException:
            status = await asyncio.shield(self._worker.finish())
            raise
        finally:
            for task in (*incoming, sending, flushing):
                task.cancel()
            await asyncio.gather(*incoming, sending, flushing, return_exceptions=True)
            self._worker.close()
            forget()
        await self._tell(Ended(self._reason or describe_end(status), status))

    async def _tell(self, end: Ended) -> None:
        """Tell the end: to who waits for the start, or to the page."""
        for line in self._gate.flush():
            await self._listener.log(self.peer, line)
        if not self._started.done():
            self._fail(f"{self.name} was not started: {end.reason}.", "\n".join(self._last_lines))
        # Asked also so that a failure does not complain when nobody waits for it any more.
        if self._started.exception() is None and self._announced:
            await self._listener.ended(self.peer, end)

    def _fail(self, message: str, detail: str = "") -> None:
        if not self._started.done():
            hint = "Its log has more; reload the plugin to try again."
            self._started.set_exception(StartFailedError(message, hint=hint, detail=detail))

    # --- what it sends --------------------------------------------------------------------------------------------

    async def _receive(self) -> None:
        """Take its frames until it hangs up; other workers get their turn however much comes."""
        loop = asyncio.get_running_loop()
        since = loop.time()
        try:
            while (frame := await self._worker.channel.receive()) is not None:
                await self._take(decode_frame(frame), frame)
                if loop.time() - since > SLICE_SECONDS:
                    await asyncio.sleep(0)
                    since = loop.time()
        except ProtocolError as error:
            if self._reason is None:
                self._give_up(f"it sent what cannot be understood: {error}")

    async def _take(self, message: Message, frame: Binary) -> None:
        kind = message["type"]
        if kind in LOG_KINDS:
            level = message.get("level")
            await self._log(LogLine(level if level in LEVELS else LOG_KINDS[kind], str(message.get("message", ""))))
        elif kind == "ready":
            await self._announce()
        elif kind == "failed":
            words = message.get("message")
            self._fail(
                f"{self.name}: {words}" if isinstance(words, str) else f"{self.name} could not be started",
                str(message.get("detail") or ""),
            )
        elif kind == "ping":
            self.post((encode_frame({"type": "pong", "id": message.get("id")}),))
        elif kind == "disconnect":
            # How it ends is told by its process; one that says so and stays is ended.
            asyncio.get_running_loop().call_later(self._patience, self._give_up, "it has ended its session")
        elif kind in PEER_KINDS:
            await self._listener.message(self.peer, message, frame)
        elif kind != "pong":
            raise ProtocolError(f"A message of the kind {kind[:64]!r} came from it.")

    async def _announce(self) -> None:
        if self._announced or self._started.done():
            return
        self._announced = True
        await self._listener.started(self.peer)
        self._started.set_result(None)

    async def _read(self, stream: asyncio.StreamReader, level: str) -> None:
        async for text in read_lines(stream):
            self._last_lines.append(text)
            await self._log(LogLine(level, text))

    async def _log(self, line: LogLine) -> None:
        for passed in self._gate.accept(line, asyncio.get_running_loop().time()):
            await self._listener.log(self.peer, passed)

    async def _flush(self) -> None:
        """Say how many lines were left out, also where none follows."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1)
            if self._gate.due is not None and self._gate.due <= loop.time():
                for line in self._gate.flush():
                    await self._listener.log(self.peer, line)

    # --- what it is sent ------------------------------------------------------------------------------------------

    async def _send(self) -> None:
        # Its end is told by its process; that it reads no more is only how that begins.
        with contextlib.suppress(OSError):
            while True:
                while not self._queue:
                    self._queued.clear()
                    await self._queued.wait()
                frame = self._queue.popleft()
                await self._worker.channel.send(frame)
                self._queued_bytes -= sum(len(part) for part in frame)
