"""Starts the workers of all pages and sees each through to its end, which it tells exactly once.

It knows neither sockets of pages nor values: who asked for a worker is a ``Listener`` (``engine/router``). Nothing that
a worker does or leaves undone keeps another one waiting: each has its own tasks, and queues that are bounded.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from imjoy.rpc.errors import EncodeError
from imjoy.rpc.messages import Binary, Message
from imjoy.rpc.wire import encode_frame
from imjoy_offline.engine.log_gate import LogLine
from imjoy_offline.engine.plugin_environments import Prepared, Say
from imjoy_offline.engine.plugin_start import PluginStart
from imjoy_offline.engine.running import STOP_SECONDS, Ended, Running, StartFailedError
from imjoy_offline.engine.status import EngineNote, StartingNote, WorkerNote
from imjoy_offline.engine.threads import call_beside
from imjoy_offline.engine.worker import start_worker
from imjoy_offline.errors import ImjoyError, StartError
from imjoy_offline.paths import contained

WORKERS_IN_ALL = 256
ENVIRONMENTS_AT_ONCE = 8
_KEPT_TEXTS = 64


class Environments(Protocol):
    """Where the Python of a plugin comes from (``engine/plugin_environments``)."""

    def prepare(self, plugin: PluginStart, say: Say) -> Prepared:
        """The Python of an environment with the plugin's requirements; called in a thread, raises ImjoyError."""


class Listener(Protocol):
    """Who asked for a worker; every method may make the worker wait."""

    async def progress(self, stage: str, text: str, peer: str | None = None) -> None:
        """A start goes on; ``peer`` names the worker once there is one, and it can be written to from then on."""

    async def started(self, peer: str) -> None:
        """The plugin's scripts have run."""

    async def message(self, peer: str, message: Message, frame: Binary) -> None:
        """A worker sends a message to its page."""

    async def log(self, peer: str, line: LogLine) -> None:
        """A line for the plugin's log."""

    async def ended(self, peer: str, end: Ended) -> None:
        """A started worker has ended."""


@dataclass
class _Start:
    """A plugin that has no process yet, and what making its environment said last."""

    plugin: PluginStart
    text: str = ""
    since: float = field(default_factory=time.monotonic)


class Supervisor:
    """All workers of one engine; ``archive`` gives, and where needed makes, what they run (``engine/runtime_zip``).

    ``patience``, in seconds, is what a worker gets to end by itself when it is stopped.
    """

    def __init__(
        self,
        environments: Environments,
        workspaces: Path,
        archive: Callable[[], Path],
        *,
        most: int = WORKERS_IN_ALL,
        patience: float = STOP_SECONDS,
    ) -> None:
        self._environments = environments
        self._workspaces = workspaces
        self._make_archive = archive
        self._most = most
        self._patience = patience
        self._archive: Path | None = None
        self._starts: list[_Start] = []
        self._making = asyncio.Semaphore(ENVIRONMENTS_AT_ONCE)
        self._running: dict[str, Running] = {}
        self._plugins: dict[str, _Start] = {}

    def find(self, peer: str) -> Running | None:
        """The worker of this address."""
        return self._running.get(peer)

    @property
    def count(self) -> int:
        """How many workers there are, or are about to be."""
        return len(self._starts) + len(self._running)

    def describe(self) -> EngineNote:
        """All workers, and the plugins that are about to have one, the oldest first."""
        now = time.monotonic()
        workers = []
        for peer, running in self._running.items():
            start = self._plugins[peer]
            plugin = start.plugin
            workers.append(
                WorkerNote(
                    *(peer, plugin.name, plugin.tag, plugin.workspace, running.pid, running.state),
                    seconds=now - start.since,
                )
            )
        starting = (
            StartingNote(one.plugin.name, one.plugin.tag, one.plugin.workspace, one.text, now - one.since)
            for one in self._starts
        )
        return EngineNote(tuple(workers), tuple(starting))

    async def start(self, plugin: PluginStart, listener: Listener) -> Running:
        """Start a plugin and return it once its scripts have run; raises ImjoyError, and leaves nothing then.

        A cancelled start leaves nothing either.
        """
        if self.count >= self._most:
            raise StartError(
                f"{plugin.name} was not started: {self.count} Python plugins run already.",
                hint="Remove a plugin that is not needed, or close another page of the app.",
            )
        start = _Start(plugin)
        self._starts.append(start)
        try:
            prepared = await self._environment(start, listener)
            running = await self._launch(plugin, listener, prepared)
        finally:
            self._starts.remove(start)
        try:
            await running.ready()
        except BaseException as error:
            words = "it could not be started" if isinstance(error, ImjoyError) else "its start was given up"
            await asyncio.shield(running.kill(words))
            if isinstance(error, StartFailedError) and prepared.notes:
                # What it did not get is the likeliest cause.
                raise StartFailedError(error.message, hint=" ".join(prepared.notes), detail=error.detail) from None
            raise
        return running

    async def _environment(self, start: _Start, listener: Listener) -> Prepared:
        """The plugin's Python, with what making it has to say on the way."""
        loop = asyncio.get_running_loop()
        said: deque[str] = deque(maxlen=_KEPT_TEXTS)
        woken = asyncio.Event()

        def note(text: str) -> None:
            said.append(text)
            start.text = text
            woken.set()

        def say(text: str) -> None:
            loop.call_soon_threadsafe(note, text)

        async with self._making:
            making = call_beside(lambda: self._environments.prepare(start.plugin, say))
            making.add_done_callback(lambda _: woken.set())
            while not making.done() or said:
                await woken.wait()
                woken.clear()
                while said:
                    await listener.progress("environment", said.popleft())
            return making.result()

    async def _launch(self, plugin: PluginStart, listener: Listener, prepared: Prepared) -> Running:
        if self._archive is None or not self._archive.is_file():
            self._archive = await call_beside(self._make_archive)
        folder = contained(self._workspaces, plugin.workspace)
        try:
            handover = encode_frame({"type": "handover", "plugin": dict(plugin.given), "notes": list(prepared.notes)})
            worker = await start_worker(prepared.python, self._archive, folder)
        except EncodeError as error:
            raise StartError(f"{plugin.name} cannot be handed over to its process: {error}") from error
        except OSError as error:
            raise StartError(
                f"The process of {plugin.name} could not be started: {error}.",
                hint="Reload the plugin; where that does not help, remove its environment from the folder.",
            ) from error
        peer = f"w{secrets.token_hex(8)}"
        running = Running(peer, plugin.name, worker, listener, self._patience)
        self._running[peer], self._plugins[peer] = running, _Start(plugin)
        running.begin(handover, lambda: self._forget(peer))
        await listener.progress("worker", "Starting its process", peer)
        return running

    def _forget(self, peer: str) -> None:
        self._running.pop(peer, None)
        self._plugins.pop(peer, None)

    async def close(self) -> None:
        """End every worker."""
        await asyncio.gather(*(one.stop("the engine was stopped") for one in list(self._running.values())))


def describe_failure(error: ImjoyError) -> dict[str, str]:
    """A failure as a page is told of it."""
    detail = error.detail if isinstance(error, StartFailedError) else ""
    return {"message": error.message, "hint": error.hint, "detail": detail}
