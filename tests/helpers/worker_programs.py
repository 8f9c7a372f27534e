"""Worker processes that do what a test says, in the place of the runtime; guardian and channel are the real ones.

A program is Python text that finds ``channel`` (a connected socket), ``plugin`` (what was handed over), ``send`` for
messages, ``receive()`` (a message, or None at the end) and ``forever()`` (reads until the end).
"""

import asyncio
import io
import sys
import time
import zipfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from imjoy.rpc.messages import Message
from imjoy.rpc.wire import decode_frame, encode_frame
from imjoy_offline.engine.plugin_environments import Prepared, Say
from imjoy_offline.engine.plugin_start import PluginStart
from imjoy_offline.engine.router import Router
from imjoy_offline.engine.runtime_zip import zip_content
from imjoy_offline.engine.supervisor import Environments, Supervisor

BEGIN = """
import json, os, signal, socket, subprocess, sys, threading, time
from imjoy_guardian import begin
channel = begin(sys.argv[1])
from imjoy.rpc.wire import decode_frame, encode_frame

def exactly(count):
    data = bytearray()
    while len(data) < count:
        part = channel.recv(count - len(data))
        if not part:
            return None
        data += part
    return data

def receive():
    length = exactly(8)
    return None if length is None else decode_frame(exactly(int.from_bytes(length, "little")))

def send(message):
    frame = encode_frame(message)
    channel.sendall(len(frame).to_bytes(8, "little") + frame)

def forever():
    while receive() is not None:
        pass

plugin = receive()["plugin"]
"""


def program_zip(path: Path, program: str) -> Path:
    """A runtime's zip whose worker runs ``program``."""
    with zipfile.ZipFile(io.BytesIO(zip_content())) as real, zipfile.ZipFile(path, "w") as made:
        for name in real.namelist():
            if name != "__main__.py":
                made.writestr(name, real.read(name))
        made.writestr("__main__.py", BEGIN + program)
    return path


class OwnPython:
    """Environments of one kind: the Python of this test, after what the test wants to happen while one is made."""

    def __init__(self, making: Callable[[PluginStart, Say], None] = lambda plugin, say: None) -> None:
        self._making = making

    def prepare(self, plugin: PluginStart, say: Say) -> Prepared:
        """The Python of this test."""
        self._making(plugin, say)
        return Prepared(Path(sys.executable))


def plugin_message(name: str = "Filter", **more: Any) -> dict[str, Any]:
    """What a page sends of a plugin."""
    return {"name": name, "id": name, "tag": None, "workspace": "default", "config": {}, "scripts": [], **more}


class EnginePage:
    """A page as its router sees it: what it sends, and everything that it is told."""

    def __init__(self, supervisor: Supervisor, **options: Any) -> None:
        self.router = Router(supervisor, **options)
        self.told: list[Message] = []
        self._starts = 0
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while True:
            self.told.append(decode_frame(await self.router.outbox.next()))

    def stop_reading(self) -> None:
        """Take nothing any more, as a page does whose own work keeps it busy."""
        self._reading.cancel()

    async def send(self, message: Message) -> None:
        """Send a message."""
        frame = encode_frame(message)
        await self.router.receive(decode_frame(frame), frame)

    async def start(self, plugin: Mapping[str, Any] | None = None) -> int:
        """Ask for a plugin; the number of this start."""
        self._starts += 1
        await self.send({"type": "start", "id": self._starts, "plugin": dict(plugin or plugin_message())})
        return self._starts

    async def wait_for(self, seconds: float = 10.0, **members: Any) -> Message:
        """The first message told, so far or later, that has these members."""
        end = time.monotonic() + seconds
        while True:
            for one in self.told:
                if all(one.get("from" if name == "sender" else name) == value for name, value in members.items()):
                    return one
            assert time.monotonic() < end, f"No {members} came, but {[one for one in self.told][-20:]}"
            await asyncio.sleep(0.005)

    async def started(self, plugin: Mapping[str, Any] | None = None) -> str:
        """Start a plugin and wait for it; the address of its worker."""
        number = await self.start(plugin)
        return str((await self.wait_for(type="started", id=number))["peer"])

    async def close(self) -> None:
        """Go away."""
        await self.router.close()
        self._reading.cancel()


def with_pages(
    tmp_path: Path,
    program: str,
    use: Callable[..., Awaitable[None]],
    pages: int = 1,
    environments: Environments | None = None,
    **options: Any,
) -> None:
    """Run ``use`` with so many pages of one engine whose workers run ``program``; nothing is left behind."""
    archive = program_zip(tmp_path / "runtime.zip", program)

    async def run() -> None:
        supervisor = Supervisor(environments or OwnPython(), tmp_path / "workspace", lambda: archive, patience=0.3)
        opened = [EnginePage(supervisor, **options) for _ in range(pages)]
        try:
            await asyncio.wait_for(use(*opened), 18)
        finally:
            for page in opened:
                await page.close()
            assert supervisor.count == 0

    asyncio.run(run())
