"""Mirror runs that the app asks for: one at a time, each followed event by event, cancelled, and ended with the server.

What a run does is the business of the process that it is (``server/launch`` starts it); here are its state and what it
says: a line of JSON each (``python -m imjoy mirror --json``). There are runs only in a session of ``--serve``.
"""

import asyncio
import contextlib
import json
import re
import secrets
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

from imjoy_offline.errors import EXIT_DONE, InputError, StartError

LONGEST_ADDRESS = 2000
CANCEL_SECONDS = 5.0
QUIT_SECONDS = 2.0
_KEPT_EVENTS = 400
_KEPT_COMPLAINTS = 12
_KINDS = frozenset(("step", "plan", "item", "working", "note", "warning", "done", "error", "result"))
_PASSING = ("item", "working")
_ADDRESS = re.compile(r"https?://[!-~]+")

State = Literal["running", "done", "failed", "cancelled"]
Event = Mapping[str, object]


class Child(Protocol):
    """The process of a run."""

    async def line(self) -> bytes:
        """The next line that it says, empty at the end; raises ValueError for one without an end."""

    async def complaint(self) -> bytes:
        """The next line on its other output, empty at the end; raises ValueError for one without an end."""

    async def wait(self) -> int:
        """Its exit status."""

    def interrupt(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it now."""


StartChild = Callable[[Path, str], Awaitable[Child]]


class RunningAlreadyError(StartError):
    """A run is at work; there is one at a time."""

    code = "mirror-busy"


def check_plugin_address(text: str) -> str:
    """The address, where a run may be told to bring it; raises InputError for files, other schemes and passwords."""
    try:
        parts = urlsplit(text)
        sound = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound or len(text) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(text):
        raise InputError("This is no address of a plugin: it must begin with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise InputError("Addresses with a user name or password are not taken.")
    return text


class MirrorRun:
    """One run, from its start to its end."""

    def __init__(self, plugin: str) -> None:
        self.id = secrets.token_hex(8)
        self.plugin = plugin
        self.state: State = "running"
        self._events: deque[tuple[int, Event]] = deque(maxlen=_KEPT_EVENTS)
        self._count = 0
        self._news = asyncio.Event()

    def describe(self) -> dict[str, str]:
        """Who it is and how it stands, as the app is told."""
        return {"id": self.id, "plugin": self.plugin, "state": self.state}

    def tell(self, event: Event) -> None:
        """Something happened; of the things done one after the other, only the latest is kept."""
        kind = event["kind"]
        while kind in _PASSING and self._events and self._events[-1][1]["kind"] in (kind, "working"):
            self._events.pop()
        self._count += 1
        self._events.append((self._count, event))
        self._news.set()
        self._news = asyncio.Event()

    def end(self, state: State, **more: object) -> None:
        """It is over."""
        self.state = state
        self.tell({"kind": "end", "state": state, **more})

    async def follow(self) -> AsyncGenerator[bytes, None]:
        """All that it has said and will say, a line of JSON each; the last is of the kind ``end``."""
        seen = 0
        while True:
            news = self._news
            for number, event in [one for one in self._events if one[0] > seen]:
                seen = number
                yield json.dumps(event).encode() + b"\n"
                if event["kind"] == "end":
                    return
            await news.wait()


class MirrorRuns:
    """The runs of one server; ``start`` is None where this session starts none."""

    def __init__(self, folder: Path, start: StartChild | None = None) -> None:
        self._folder = folder
        self._start = start
        self._child: Child | None = None
        self._task: asyncio.Task[None] | None = None
        self._cancelled = False
        self._closed = False
        self.current: MirrorRun | None = None

    @property
    def allowed(self) -> bool:
        """Whether this session may start runs."""
        return self._start is not None

    async def begin(self, address: str) -> MirrorRun:
        """Start a run that brings the plugin at ``address``.

        Raises StartError where this session starts none or the process cannot be started, RunningAlreadyError where
        one is at work, InputError where ``address`` is none.
        """
        address = check_plugin_address(address)
        if self._start is None or self._closed:
            raise StartError(
                "This server downloads nothing, since it was started without --serve.",
                hint=f'Where there is a network, run in its folder: python -m imjoy mirror --plugin "{address}"',
            )
        if self.current is not None and self.current.state == "running":
            raise RunningAlreadyError(
                f"Another mirror run is at work; it brings {self.current.plugin}.",
                hint="Wait for it to end, or cancel it.",
            )
        run = self.current = MirrorRun(address)
        self._cancelled, self._child, self._task = False, None, None
        try:
            child = self._child = await self._start(self._folder, address)
        except OSError as error:
            run.end("failed", status=None, message=f"The mirror run could not be started: {error}.", hint="")
            raise StartError(f"The mirror run could not be started: {error}.") from error
        self._task = asyncio.create_task(self._see_through(run, child))
        if self._cancelled:
            child.interrupt()
        return run

    def find(self, number: str) -> MirrorRun | None:
        """The run of this id, where it is the last one."""
        return self.current if self.current is not None and self.current.id == number else None

    async def cancel(self, run: MirrorRun, seconds: float = CANCEL_SECONDS) -> None:
        """End a run: it is asked first, and killed where it does not listen; returns when it is over."""
        if run is not self.current or run.state != "running":
            return
        self._cancelled = True
        if self._task is None or self._child is None:
            return  # it is about to start, and hears of it then
        self._child.interrupt()
        await asyncio.wait({self._task}, timeout=seconds)
        self._child.kill()
        await asyncio.wait({self._task})

    async def close(self) -> None:
        """The server ends: no run outlives it, and nobody goes on listening to one."""
        self._closed = True
        if self.current is not None:
            await self.cancel(self.current, QUIT_SECONDS)

    def kill(self) -> None:
        """There is no time to ask."""
        if self._child is not None:
            self._child.kill()

    async def _see_through(self, run: MirrorRun, child: Child) -> None:
        complaints: deque[str] = deque(maxlen=_KEPT_COMPLAINTS)
        listening = asyncio.create_task(_gather(child, complaints))
        failure: Event = {}
        try:
            while line := await _next(child.line):
                event = read_event(line)
                if event is None:
                    complaints.append(line.decode("utf-8", "replace").strip())
                elif event["kind"] == "error":
                    failure = event
                else:
                    run.tell(event)
            status = await child.wait()
            await listening
        except BaseException:
            child.kill()
            listening.cancel()
            run.end("failed", status=None, message="The server has ended.", hint="")
            raise
        if self._cancelled:
            run.end("cancelled", status=status, message="The run was cancelled.", hint="What it has brought is kept.")
        elif status == EXIT_DONE:
            run.end("done", status=status, message="", hint="")
        else:
            # Without a word of its own, its last complaints are all that there is to go by.
            silent = f"The mirror run ended without saying why (exit status {status})."
            run.end(
                "failed",
                status=status,
                message=failure.get("text", silent),
                hint=failure.get("hint", "\n".join(complaints)),
            )


async def _next(read: Callable[[], Awaitable[bytes]]) -> bytes:
    """The next line; one that is too long to be read counts as an empty one with an end."""
    try:
        return await read()
    except ValueError:
        return b"\n"


async def _gather(child: Child, complaints: deque[str]) -> None:
    with contextlib.suppress(OSError):
        while line := await _next(child.complaint):
            text = line.decode("utf-8", "replace").strip()
            if text:
                complaints.append(text)


def read_event(line: bytes) -> Event | None:
    """What a run says on one line, with the members that the app knows; None for anything else."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("kind") not in _KINDS or not isinstance(found.get("text"), str):
        return None
    event: dict[str, object] = {"kind": found["kind"], "text": found["text"]}
    for name in ("done", "total", "bytes", "total_bytes"):
        if type(found.get(name)) is int:
            event[name] = found[name]
    if isinstance(found.get("hint"), str):
        event["hint"] = found["hint"]
    return event
