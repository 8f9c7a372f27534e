"""What waits to be sent to one page, in lanes: each worker has its own, so that none can keep the others waiting.

A lane that is full makes its sender wait, and thereby, at the far end, the plugin.
"""

import asyncio
from collections import deque

LANE_BYTES = 4 * 1024 * 1024
LANE_FRAMES = 512


class Lane:
    """The frames of one sender, in their order."""

    def __init__(self, outbox: "Outbox") -> None:
        self._outbox = outbox
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._room = asyncio.Event()
        self._room.set()

    async def put(self, frame: bytes) -> None:
        """Send this when its turn comes; waits while the lane is full, and drops it when nobody is there any more."""
        while not self._room.is_set():
            await self._room.wait()
        if self._outbox.closed:
            return
        self._frames.append(frame)
        self._bytes += len(frame)
        if self._bytes >= LANE_BYTES or len(self._frames) >= LANE_FRAMES:
            self._room.clear()
        self._outbox.note(self)

    def take(self) -> bytes:
        """The next frame."""
        frame = self._frames.popleft()
        self._bytes -= len(frame)
        if self._bytes < LANE_BYTES and len(self._frames) < LANE_FRAMES:
            self._room.set()
        return frame

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._frames

    def release(self) -> None:
        """Let everybody go who waits for room."""
        self._frames.clear()
        self._room.set()


class Outbox:
    """All lanes of one page, emptied in turn."""

    def __init__(self) -> None:
        self.closed = False
        self.sent_bytes = 0
        self._waiting: deque[Lane] = deque()
        self._lanes: set[Lane] = set()
        self._something = asyncio.Event()

    def lane(self) -> Lane:
        """A new lane."""
        lane = Lane(self)
        self._lanes.add(lane)
        return lane

    def drop(self, lane: Lane) -> None:
        """The sender has gone; what waits is still sent."""
        self._lanes.discard(lane)

    def note(self, lane: Lane) -> None:
        """A lane has something to send."""
        if lane not in self._waiting:
            self._waiting.append(lane)
        self._something.set()

    async def next(self) -> bytes:
        """The frame to be sent next, one of each lane in turn."""
        while not self._waiting:
            self._something.clear()
            await self._something.wait()
        lane = self._waiting.popleft()
        frame = lane.take()
        if not lane.empty:
            self._waiting.append(lane)
        self.sent_bytes += len(frame)
        return frame

    def close(self) -> None:
        """Nobody takes anything any more."""
        self.closed = True
        self._waiting.clear()
        for lane in self._lanes:
            lane.release()
