"""Frames between the engine and one worker, over a connected stream socket: a length of eight bytes, then the frame.

Nothing is read ahead of who asks for it, so that a worker that sends faster than it is listened to has to wait.
"""

import asyncio
import socket
from collections.abc import Sequence

from imjoy.rpc.errors import ProtocolError, TooLargeError
from imjoy.rpc.messages import LIMITS, Binary

LENGTH_BYTES = 8
# What a worker sends goes on with its address in it, and must fit then too.
FRAME_BYTES = LIMITS.message_bytes - 64
_BUFFER_BYTES = 64 * 1024
_JOIN_BYTES = 16 * 1024


class Channel:
    """The engine's end; one task may receive and one may send."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray(_BUFFER_BYTES)
        self._view = memoryview(self._buffer)
        self._start = 0
        self._end = 0

    async def receive(self) -> Binary | None:
        """The next frame; None when the worker has gone.

        Raises ProtocolError for a length that is not allowed and for a frame that is cut off.
        """
        while self._end - self._start < LENGTH_BYTES:
            if not await self._fill():
                if self._end == self._start:
                    return None
                raise ProtocolError("The channel ended within a length.")
        size = int.from_bytes(self._view[self._start : self._start + LENGTH_BYTES], "little")
        if size > FRAME_BYTES:
            raise TooLargeError(f"A message of {size} bytes came; at most {FRAME_BYTES} are allowed.")
        self._start += LENGTH_BYTES
        return await self._take(size)

    async def _fill(self) -> bool:
        """Read some more into the buffer; False at the end."""
        if self._start == self._end:
            self._start = self._end = 0
        elif self._end == _BUFFER_BYTES:
            rest = bytes(self._view[self._start : self._end])
            self._view[: len(rest)] = rest
            self._start, self._end = 0, len(rest)
        count = await self._read_into(self._view[self._end :])
        self._end += count
        return count > 0

    async def _take(self, size: int) -> Binary:
        """A frame of ``size`` bytes, read straight into its own memory where it is larger than what is here."""
        frame = bytearray(size)
        here = min(size, self._end - self._start)
        frame[:here] = self._view[self._start : self._start + here]
        self._start += here
        view = memoryview(frame)
        while here < size:
            count = await self._read_into(view[here:])
            if count == 0:
                raise ProtocolError("The channel ended within a frame.")
            here += count
        return frame

    async def _read_into(self, view: memoryview) -> int:
        try:
            return await self._loop.sock_recv_into(self._socket, view)
        except ConnectionError:
            return 0

    async def send(self, frame: Sequence[Binary]) -> None:
        """Send one frame, given in parts; raises OSError when the worker has gone."""
        size = sum(len(part) for part in frame)
        length = size.to_bytes(LENGTH_BYTES, "little")
        if size <= _JOIN_BYTES:
            await self._loop.sock_sendall(self._socket, b"".join((length, *frame)))
            return
        await self._loop.sock_sendall(self._socket, length)
        for part in frame:
            if len(part):
                await self._loop.sock_sendall(self._socket, part)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
