"""What a process writes beside its channel, line by line, and no faster than can be borne."""

import asyncio
from collections.abc import AsyncIterator

CHUNK_BYTES = 64 * 1024
BYTES_A_SECOND = 4 * 1024 * 1024
LONGEST_LINE = 64 * 1024


async def read_lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Its lines until it ends, the last one also without an end; a longer line than is kept comes in parts.

    A process that writes faster than ``BYTES_A_SECOND`` is made to wait.
    """
    loop = asyncio.get_running_loop()
    since, count = loop.time(), 0
    rest = b""
    while chunk := await stream.read(CHUNK_BYTES):
        count += len(chunk)
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield _text(line)
        if len(rest) > LONGEST_LINE:
            yield _text(rest)
            rest = b""
        if count >= BYTES_A_SECOND:
            await asyncio.sleep(max(0.0, since + 1 - loop.time()))
            since, count = loop.time(), 0
    if rest:
        yield _text(rest)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r")
