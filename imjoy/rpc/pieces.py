"""Frames too large for one go: cut into pieces by the sender, joined by the receiver, with flow control.

Pure, as the wire is. A ``Cutter`` never has more than the window on the way without credit; a ``Joiner`` makes room
only for bytes that have come, and refuses a sender that overruns its window, jumps, or announces more than is allowed.
"""

from dataclasses import dataclass
from typing import Optional

from imjoy.rpc.errors import ProtocolError, TooLargeError
from imjoy.rpc.messages import LIMITS, Binary, Credit, Limits, Piece


class Cutter:
    """One encoded frame on its way out, piece by piece."""

    def __init__(self, stream: int, frame: Binary, *, to: Optional[str] = None, limits: Limits = LIMITS) -> None:
        self._stream = stream
        self._view = memoryview(frame).cast("B")
        self._to = to
        self._limits = limits
        self._offset = 0
        self._credit = limits.window_bytes

    @property
    def done(self) -> bool:
        """Whether every byte has been given out."""
        return self._offset >= len(self._view)

    def next_piece(self) -> Optional[Piece]:
        """The next piece, or None while the window is full or nothing is left."""
        count = min(self._limits.piece_bytes, len(self._view) - self._offset)
        if self.done or count > self._credit:
            return None
        data = self._view[self._offset : self._offset + count]
        piece = Piece(self._stream, self._offset, len(self._view), data, self._to)
        self._offset += count
        self._credit -= count
        return piece

    def add_credit(self, credit: Credit) -> None:
        """Take the receiver's credit; raises ProtocolError where it gives back more than was sent."""
        if credit.stream != self._stream or self._credit + credit.bytes > self._limits.window_bytes:
            raise ProtocolError(
                f"Credit of {credit.bytes} bytes came for stream {credit.stream}, which had not sent them."
            )
        self._credit += credit.bytes


@dataclass
class _Growing:
    size: int
    data: bytearray
    uncredited: int = 0


class Joiner:
    """All large frames that are on their way in over one connection.

    ``total_bytes`` caps what the streams that are open together may announce.
    """

    def __init__(self, *, total_bytes: int, limits: Limits = LIMITS) -> None:
        self._total_bytes = total_bytes
        self._limits = limits
        self._streams: dict[int, _Growing] = {}

    def accept(self, piece: Piece) -> Optional[bytearray]:
        """Take one piece; the whole frame when this was its last, else None.

        Raises TooLargeError for an announced size that is not allowed, and ProtocolError for a piece that is empty, too
        large, out of order, or beyond the window.
        """
        growing = self._streams.get(piece.stream)
        if growing is None:
            growing = self._open(piece)
        count = len(memoryview(piece.data).cast("B"))
        if piece.size != growing.size or piece.offset != len(growing.data):
            raise ProtocolError(f"A piece of stream {piece.stream} is out of order.")
        if not 0 < count <= self._limits.piece_bytes or piece.offset + count > growing.size:
            raise ProtocolError(f"A piece of stream {piece.stream} has {count} bytes, which is not allowed.")
        growing.uncredited += count
        if growing.uncredited > self._limits.window_bytes:
            raise ProtocolError(f"Stream {piece.stream} sends more than it has credit for.")
        growing.data += piece.data
        if len(growing.data) < growing.size:
            return None
        del self._streams[piece.stream]
        return growing.data

    def _open(self, piece: Piece) -> _Growing:
        announced = sum(one.size for one in self._streams.values()) + piece.size
        if announced > self._total_bytes:
            raise TooLargeError(
                f"Streams of {announced} bytes together were announced; at most {self._total_bytes} are allowed."
            )
        if piece.offset != 0 or piece.size == 0:
            raise ProtocolError(f"Stream {piece.stream} does not begin at its beginning.")
        growing = _Growing(piece.size, bytearray())
        self._streams[piece.stream] = growing
        return growing

    def consumed(self, stream: int, count: int) -> Credit:
        """The credit to send after ``count`` bytes of ``stream`` were put to use."""
        growing = self._streams.get(stream)
        if growing is not None:
            growing.uncredited = max(0, growing.uncredited - count)
        return Credit(stream, count)

    def drop(self, stream: int) -> None:
        """Forget a stream whose sender has gone."""
        self._streams.pop(stream, None)
