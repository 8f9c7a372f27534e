"""A real worker process with the engine's end of its channel in the test's hands, where a peer plays the host."""

import contextlib
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from imjoy.rpc.messages import Credit, Message, Piece, read_message
from imjoy.rpc.peer import Peer
from imjoy.rpc.pieces import Joiner
from imjoy.rpc.sender import FrameSender
from imjoy.rpc.wire import decode_frame, encode_frame

REPOSITORY = Path(__file__).resolve().parents[3]
SECONDS = 15.0
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from imjoy.runtime.__main__ import main; sys.exit(main())"


class WorkerProcess:
    """The engine's side: what the worker sends is in ``messages``, calls go through ``peer``."""

    def __init__(self, process: "subprocess.Popen[bytes]", connection: socket.socket) -> None:
        self.process = process
        self.messages: list[Message] = []
        self.received_bytes = 0
        self.largest_frame = 0
        self._came: queue.Queue[None] = queue.Queue()
        self._socket = connection
        self._sender = FrameSender()
        self._joiner = Joiner(total_bytes=2**40)
        self._lock = threading.Lock()
        self.peer = Peer("Plugin", self.send)
        self.give_credit = True
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, message: Message) -> None:
        """Send a message of any size."""
        with self._lock:
            self._sender.add(encode_frame(message, sys.maxsize))
        self._flush()

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(data)

    def _flush(self) -> None:
        with self._lock:
            while (frame := self._sender.next()) is not None:
                self._socket.sendall(len(frame).to_bytes(8, "little") + bytes(frame))

    def _read(self) -> None:
        stream = self._socket.makefile("rb")
        with contextlib.suppress(OSError, ValueError):
            while len(head := stream.read(8)) == 8:
                size = int.from_bytes(head, "little")
                self.largest_frame = max(self.largest_frame, size)
                self.received_bytes += size + 8
                self._take(stream.read(size))
        self.peer.close("its process has ended")
        self._came.put(None)

    def _take(self, frame: Any) -> None:
        message = decode_frame(frame, sys.maxsize)
        if message["type"] == "piece":
            piece = read_message(message)
            assert isinstance(piece, Piece)
            whole = self._joiner.accept(piece)
            if self.give_credit:
                self.send(self._joiner.consumed(piece.stream, len(piece.data)).to_message())
            if whole is not None:
                self._take(whole)
            return
        if message["type"] == "credit":
            credit = read_message(message)
            assert isinstance(credit, Credit)
            with self._lock:
                self._sender.add_credit(credit)
            self._flush()
            return
        self.messages.append(message)
        self.peer.receive(message)
        self._came.put(None)

    def wait_for(self, found: Callable[[Message], bool], what: str) -> Message:
        """The first message, old or new, for which ``found`` holds."""
        deadline = time.monotonic() + SECONDS
        while True:
            for message in list(self.messages):
                if found(message):
                    return message
            assert time.monotonic() < deadline, f"No {what} in {self.described()}"
            with contextlib.suppress(queue.Empty):
                self._came.get(timeout=0.1)

    def kind(self, kind: str) -> Message:
        """The first message of a kind."""
        return self.wait_for(lambda message: message["type"] == kind, kind)

    def line(self, part: str) -> Message:
        """The first line of the log that contains ``part``."""
        return self.wait_for(lambda message: message["type"] == "log" and part in message["message"], repr(part))

    def lines(self, level: str) -> list[str]:
        """Every line of a level so far."""
        logged = [message for message in list(self.messages) if message["type"] == "log"]
        return [message["message"] for message in logged if message["level"] == level]

    def described(self) -> str:
        """What came, for a failure."""
        return "\n".join(str(message)[:300] for message in self.messages)

    def api(self) -> Any:
        """The interface of the plugin."""
        return self.peer.get_interface().result(SECONDS)

    def hang_up(self) -> None:
        """What the engine's own end looks like from there."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def wait(self) -> int:
        """Its exit status, once it has ended by itself."""
        return self.process.wait(SECONDS)


def handover(*scripts: str, **plugin: Any) -> Message:
    """The first message for a plugin with these scripts."""
    listed = [{"content": content, "lang": "python", "attrs": {}, "line": 1} for content in scripts]
    known: Message = {
        "name": "Test plugin",
        "id": "p1",
        "config": {},
        "scripts": listed,
        "workspace": "default",
        "tag": None,
    }
    return {"type": "handover", "plugin": {**known, **plugin}}


@contextlib.contextmanager
def worker(
    *scripts: str,
    python: str = sys.executable,
    options: "tuple[str, ...]" = (),
    first: "Message | None" = None,
    **plugin: Any,
) -> Iterator[WorkerProcess]:
    """A worker that has been handed these scripts; killed at the end of the block if it still runs."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [python, "-s", *options, "-c", START, str(REPOSITORY), "--fd", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(theirs.fileno(),),
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
    one = WorkerProcess(process, ours)
    try:
        one.send(first or handover(*scripts, **plugin))
        yield one
    finally:
        one.hang_up()
        process.kill()
        process.communicate()
