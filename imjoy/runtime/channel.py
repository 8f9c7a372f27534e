"""The worker's end of the channel: frames over a connected stream socket, each after its length in eight bytes.

Two threads of its own read and write, so that what the plugin sends goes out, and the engine's ``ping`` is answered,
while the plugin's code is busy in any other thread. Only code that never lets go of the interpreter (a C extension that
keeps the GIL) can delay the answer. What comes waits here until it is taken; a sender of large messages gets no more
credit while too much waits.
"""

import contextlib
import os
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Optional

from imjoy.rpc.call_errors import ClosedError
from imjoy.rpc.errors import ProtocolError, RpcError, TooLargeError
from imjoy.rpc.messages import LIMITS, SOCKET_KINDS, Binary, Credit, Message, Piece, Ping, Pong, read_message
from imjoy.rpc.pieces import Joiner
from imjoy.rpc.sender import FrameSender
from imjoy.rpc.wire import decode_frame, encode_frame

LENGTH_BYTES = 8
JOIN_BYTES = 16 * 1024
_DO_NOT_WAIT = getattr(socket, "MSG_DONTWAIT", 0)
# Beyond this, no credit is given for further pieces, and whoever may wait has to wait before more is sent.
BACKLOG_BYTES = 64 * 1024 * 1024
STREAM_BYTES = 16 * 1024 * 1024 * 1024
"""What may be announced by all large messages on their way in; memory is taken only for what has come."""


class Channel:
    """The connection to the engine. ``start`` hands every message on to ``deliver``, in the reading thread, and tells
    ``ended`` the reason once nothing comes any more.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(True)
        self._socket = connection
        self._process = os.getpid()
        self._sender = FrameSender()
        self._changed = threading.Condition()
        self._closing = False
        self._broken = ""
        self._writing = False
        self._unsent: Optional[memoryview] = None
        self._joiners: dict[Optional[str], Joiner] = {}
        self._backlog = 0
        self._owed: deque[tuple[Optional[str], Credit]] = deque()
        self._writer: Optional[threading.Thread] = None

    # --- reading --------------------------------------------------------------------------------------------------

    def receive_first(self) -> Optional[Message]:
        """The first message, before ``start``; None where the engine has gone. Raises ProtocolError."""
        frame = self._read_frame()
        return None if frame is None else decode_frame(frame)

    def start(self, deliver: Callable[[Message, int], None], ended: Callable[[str], None]) -> None:
        """Read and write from now on. ``deliver`` also gets the bytes to be given to ``taken`` afterwards."""
        self._writer = threading.Thread(target=self._write, name="imjoy-writer", daemon=True)
        self._writer.start()
        threading.Thread(target=self._read, args=(deliver, ended), name="imjoy-reader", daemon=True).start()

    def _read(self, deliver: Callable[[Message, int], None], ended: Callable[[str], None]) -> None:
        reason = "the engine has gone"
        try:
            while True:
                frame = self._read_frame()
                if frame is None:
                    break
                self._take(frame, deliver)
        except RpcError as error:
            reason = f"the engine sent what is not the protocol: {error}"
        self._break(reason)
        ended(reason)

    def _read_frame(self) -> Optional[bytearray]:
        head = self._read_exactly(LENGTH_BYTES)
        if head is None:
            return None
        size = int.from_bytes(head, "little")
        if size > LIMITS.message_bytes:
            raise TooLargeError(f"A message of {size} bytes came; at most {LIMITS.message_bytes} are allowed.")
        frame = self._read_exactly(size)
        if frame is None:
            raise ProtocolError("The channel ended within a message.")
        return frame

    def _read_exactly(self, size: int) -> Optional[bytearray]:
        """So many bytes; None where the connection ends before the first of them."""
        data = bytearray(size)
        view = memoryview(data)
        have = 0
        while have < size:
            try:
                count = self._socket.recv_into(view[have:])
            except OSError:
                count = 0
            if count == 0:
                if have == 0:
                    return None
                raise ProtocolError("The channel ended within a message.")
            have += count
        return data

    def _take(self, frame: bytearray, deliver: Callable[[Message, int], None]) -> None:
        message = decode_frame(frame, sys.maxsize)
        if message["type"] not in SOCKET_KINDS:
            with self._changed:
                self._backlog += len(frame)
            deliver(message, len(frame))
            return
        about = read_message(message)
        if isinstance(about, Ping):
            self._enqueue(encode_frame(Pong(about.id).to_message()))
        elif isinstance(about, Credit):
            with self._changed:
                self._sender.add_credit(about)
                self._changed.notify_all()
        elif isinstance(about, Piece):
            source = message.get("from")
            self._take_piece(about, source if isinstance(source, str) else None, deliver)

    def _take_piece(self, piece: Piece, source: Optional[str], deliver: Callable[[Message, int], None]) -> None:
        joiner = self._joiners.setdefault(source, Joiner(total_bytes=STREAM_BYTES))
        whole = joiner.accept(piece)
        if whole is not None:
            self._take(whole, deliver)
            return
        credit = joiner.consumed(piece.stream, len(piece.data))
        with self._changed:
            self._owed.append((source, credit))
            self._give_credit()

    def _give_credit(self) -> None:
        """Hand out what is owed, unless too much waits to be taken."""
        while self._owed and self._backlog < BACKLOG_BYTES:
            source, credit = self._owed.popleft()
            self._sender.add(encode_frame(Credit(credit.stream, credit.bytes, source).to_message()))
            self._changed.notify_all()

    def taken(self, count: int) -> None:
        """So many bytes that were delivered have been put to use."""
        with self._changed:
            self._backlog -= count
            self._give_credit()

    # --- writing --------------------------------------------------------------------------------------------------

    @property
    def waiting_bytes(self) -> int:
        """What has been sent and has not gone out yet."""
        return self._sender.waiting_bytes

    def send(self, message: Message, *, patient: bool = False) -> None:
        """Send a message, in any thread; it is encoded before this returns, so that its values may change afterwards.

        ``patient`` waits while too much waits to go out. Raises EncodeError for what cannot be sent, and ClosedError in
        a process that was forked from this one.
        """
        if os.getpid() != self._process:
            raise ClosedError("api works only in the plugin's own process, not in one that was forked from it")
        to = message.get("to")
        frame = encode_frame(message, sys.maxsize)
        if patient:
            with self._changed:
                self._changed.wait_for(lambda: self._broken or self._sender.waiting_bytes < BACKLOG_BYTES)
        self._enqueue(frame, to if isinstance(to, str) else None)

    def _enqueue(self, frame: bytes, to: Optional[str] = None) -> None:
        with self._changed:
            if self._broken or self._send_at_once(frame):
                return
            self._sender.add(frame, to=to)
            self._changed.notify_all()

    def _send_at_once(self, frame: bytes) -> bool:
        """Send a small frame from here where nothing is before it: to wake the writing thread would take longer."""
        if len(frame) > JOIN_BYTES or _DO_NOT_WAIT == 0 or self._writing or self._unsent is not None:
            return False
        if self._writer is None or self._closing or self._sender.busy:
            return False
        data = len(frame).to_bytes(LENGTH_BYTES, "little") + frame
        try:
            count = self._socket.send(data, _DO_NOT_WAIT)
        except OSError:  # no room, or nobody there: the writing thread waits, or finds out
            return False
        if count < len(data):
            self._unsent = memoryview(data)[count:]
            self._changed.notify_all()
        return True

    def _write(self) -> None:
        while True:
            with self._changed:
                self._writing = False
                data = self._take_data()
                while data is None:
                    if self._broken or (self._closing and not self._sender.busy):
                        return
                    self._changed.wait()
                    data = self._take_data()
                self._writing = True
                # There may be room now for those who wait.
                self._changed.notify_all()
            try:
                for part in data:
                    self._socket.sendall(part)
            except OSError:
                self._break("the engine has gone")
                return

    def _take_data(self) -> Optional[Sequence[Binary]]:
        """What is to be written next: the rest of a frame that was begun, or a frame behind its length."""
        if self._unsent is not None:
            rest, self._unsent = self._unsent, None
            return (rest,)
        frame = self._sender.next()
        if frame is None:
            return None
        length = len(frame).to_bytes(LENGTH_BYTES, "little")
        return (length + frame,) if len(frame) <= JOIN_BYTES else (length, frame)

    def _break(self, reason: str) -> None:
        with self._changed:
            self._broken = self._broken or reason
            self._changed.notify_all()

    def close(self, seconds: float) -> None:
        """Let what waits go out, for so long at most, and hang up."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._writer is not None:
            self._writer.join(seconds)
        self._break("the channel was closed")
        # A thread that sits in a read is not freed by close alone.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def forget_in_child(self) -> None:
        """In a process that was forked: let go of the socket, so that the engine sees the end of this one's parent."""
        self._socket.close()
