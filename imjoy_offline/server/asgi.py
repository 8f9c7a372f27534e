"""An HTTP answer as a value, and how it is sent: from memory, or a large file as a stream.

Small on purpose: with a dozen routes and no forms, the web framework's start-up time buys nothing. Nothing here decides
anything; ``server/app`` makes answers, ``server/middleware`` adds the headers that all of them carry.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from imjoy_offline.server.headers import Headers

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CHUNK_BYTES = 512 * 1024
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


@dataclass(frozen=True)
class FilePart:
    """A stretch of a file on disk."""

    path: Path
    offset: int
    length: int


@dataclass(frozen=True)
class Streamed:
    """A body that is still being made, of unknown length; one who has gone is no longer made it for."""

    chunks: AsyncGenerator[bytes, None]


@dataclass(frozen=True)
class Answer:
    """Status, headers and body of one HTTP answer; the length, where it is known, is added on sending."""

    status: int
    headers: Headers = ()
    body: bytes | FilePart | Streamed = b""

    @property
    def length(self) -> int | None:
        """How many bytes the body has; None where that is not known yet."""
        if isinstance(self.body, Streamed):
            return None
        return self.body.length if isinstance(self.body, FilePart) else len(self.body)


def text_answer(status: int, text: str, *headers: tuple[str, str]) -> Answer:
    """A short text, which no cache keeps."""
    body = text if text.endswith("\n") else f"{text}\n"
    return Answer(status, (("Content-Type", TEXT), ("Cache-Control", "no-store"), *headers), body.encode())


async def send_answer(answer: Answer, receive: Receive, send: Send, *, head: bool) -> None:
    """Send ``answer``; with ``head`` all but its body."""
    headers = list(answer.headers)
    if answer.status not in (204, 304) and answer.length is not None:
        headers.append(("Content-Length", str(answer.length)))
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in headers],
        }
    )
    if head or answer.length == 0:
        await send({"type": "http.response.body", "body": b""})
    elif isinstance(answer.body, bytes):
        await send({"type": "http.response.body", "body": answer.body})
    elif isinstance(answer.body, Streamed):
        await _send_chunks(answer.body.chunks, receive, send)
    else:
        await _send_file(answer.body, receive, send)


async def _send_chunks(chunks: AsyncGenerator[bytes, None], receive: Receive, send: Send) -> None:
    """Send a body as it comes, until it ends or the other side has gone."""
    gone = asyncio.ensure_future(_until_gone(receive))
    sending = asyncio.create_task(_pass_on(chunks, send))
    try:
        await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            sending.result()
    finally:
        for task in (gone, sending):
            task.cancel()
        await asyncio.gather(gone, sending, return_exceptions=True)


async def _pass_on(chunks: AsyncGenerator[bytes, None], send: Send) -> None:
    async with contextlib.aclosing(chunks):
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def read_body(receive: Receive, most_bytes: int) -> bytes | None:
    """The body of a request; None where it has more than ``most_bytes`` or the other side has gone."""
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] != "http.request":
            return None
        body += event.get("body", b"")
        if len(body) > most_bytes:
            return None
        if not event.get("more_body", False):
            return bytes(body)


async def _send_file(part: FilePart, receive: Receive, send: Send) -> None:
    """Send a stretch of a file in chunks, read beside the event loop, until the other side has gone."""
    loop = asyncio.get_running_loop()
    gone = asyncio.ensure_future(_until_gone(receive))
    stream = await loop.run_in_executor(None, _open_at, part)
    try:
        left = part.length
        while left and not gone.done():
            chunk = await loop.run_in_executor(None, stream.read, min(CHUNK_BYTES, left))
            if not chunk:
                raise OSError(f"The file {part.path.name} became shorter while it was sent.")
            left -= len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": left > 0})
    finally:
        gone.cancel()
        stream.close()


def _open_at(part: FilePart) -> BinaryIO:
    stream = part.path.open("rb", buffering=0)
    stream.seek(part.offset)
    # An unbuffered binary file reads like a BinaryIO; only its class is another.
    return stream


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
