"""What waits to be sent over one connection: small frames in their order, and large ones piece by piece between them.

Pure: whoever writes to the connection asks for the next frame. The twin of ``FrameSender`` in
site_src/js/rpc/pieces.js.
"""

from collections import deque
from typing import Optional

from imjoy.rpc.messages import LIMITS, Binary, Credit, Limits
from imjoy.rpc.pieces import Cutter
from imjoy.rpc.wire import encode_frame

# So many small frames go between two pieces, so that neither kind can keep the other waiting.
SMALL_IN_A_ROW = 32


class FrameSender:
    """The frames of one connection, on their way out."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._small: deque[bytes] = deque()
        self._cutters: dict[int, Cutter] = {}
        self._sizes: dict[int, int] = {}
        self._next_stream = 0
        self._in_a_row = 0
        self.waiting_bytes = 0

    def add(self, frame: bytes, *, to: Optional[str] = None) -> None:
        """Take an encoded frame of any size; ``to`` is where its pieces go, if it is cut."""
        self.waiting_bytes += len(frame)
        if len(frame) <= self._limits.piece_bytes:
            self._small.append(frame)
            return
        stream = self._next_stream
        self._next_stream += 1
        self._cutters[stream] = Cutter(stream, frame, to=to, limits=self._limits)
        self._sizes[stream] = len(frame)

    def next(self) -> Optional[Binary]:
        """The frame to be sent next; None while there is none, or none that has credit."""
        piece = None
        if not self._small or self._in_a_row >= SMALL_IN_A_ROW:
            piece = self._next_piece()
        if piece is None and self._small:
            self._in_a_row += 1
            frame = self._small.popleft()
            self.waiting_bytes -= len(frame)
            return frame
        self._in_a_row = 0
        return piece

    def _next_piece(self) -> Optional[bytes]:
        """Of each large frame in turn."""
        for stream, cutter in list(self._cutters.items()):
            piece = cutter.next_piece()
            if piece is None:
                continue
            # To the end of the row, or out of it.
            del self._cutters[stream]
            if cutter.done:
                self.waiting_bytes -= self._sizes.pop(stream)
            else:
                self._cutters[stream] = cutter
            return encode_frame(piece.to_message())
        return None

    def add_credit(self, credit: Credit) -> None:
        """Take the receiver's credit; that of a frame that has gone out is of no use any more.

        Raises ProtocolError where it gives back more than was sent.
        """
        cutter = self._cutters.get(credit.stream)
        if cutter is not None:
            cutter.add_credit(credit)

    @property
    def busy(self) -> bool:
        """Whether anything is still on its way out."""
        return bool(self._small or self._cutters)
