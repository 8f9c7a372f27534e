"""imjoy.runtime.channel: large messages in pieces with credit, small ones between them, and nobody waits for ever."""

import queue
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from imjoy.rpc.errors import EncodeError
from imjoy.rpc.messages import LIMITS, Message
from imjoy.rpc.wire import decode_frame, encode_frame
from imjoy.runtime import channel as channel_module
from imjoy.runtime.channel import STREAM_BYTES, Channel
from tests.unit.runtime.worker_process import SECONDS, worker

MEBIBYTE = 1024 * 1024

ARRAYS = """
import numpy
class Plugin:
    def negate(self, image):
        return -image
    def total(self, image):
        return [float(image.sum()), image.flags.owndata, image.flags.writeable]
    def make(self, count):
        return numpy.ones(count, "uint8")
    async def add(self, a, b):
        return a + b
api.export(Plugin())
"""


def test_a_large_array_goes_there_and_back_with_little_around_it() -> None:
    import numpy

    image = numpy.arange(16 * MEBIBYTE, dtype="float32").reshape(4096, 4096)
    with worker(ARRAYS) as one:
        api = one.api()
        before = one.received_bytes
        negated = api.negate(image).result(SECONDS)
        assert numpy.array_equal(negated, -image)
        assert one.received_bytes - before < 1.01 * image.nbytes
        assert one.largest_frame <= LIMITS.piece_bytes + 1024
        total, owns, writeable = api.total(image).result(SECONDS)
        assert total == pytest.approx(float(image.sum()))
        assert (owns, writeable) == (False, False)


def test_small_calls_pass_while_a_large_answer_waits_for_credit() -> None:
    with worker(ARRAYS) as one:
        api = one.api()
        one.give_credit = False
        large = api.make(32 * MEBIBYTE)
        one.wait_for(lambda message: one.received_bytes > LIMITS.window_bytes, "a full window")
        assert api.add(1, 2).result(SECONDS) == 3
        assert not large.done()
        assert one.received_bytes < LIMITS.window_bytes + 2 * LIMITS.piece_bytes


class Ends:
    """A channel with the engine's end of the socket in the test's hands."""

    def __init__(self) -> None:
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(SECONDS)
        self.channel = Channel(theirs)
        self.delivered: queue.Queue[tuple[Message, int]] = queue.Queue()
        self.reasons: queue.Queue[str] = queue.Queue()

    def start(self) -> None:
        self.channel.start(lambda message, count: self.delivered.put((message, count)), self.reasons.put)

    def send(self, message: Message) -> None:
        frame = encode_frame(message)
        self.socket.sendall(len(frame).to_bytes(8, "little") + frame)

    def receive(self) -> Any:
        head = self.socket.recv(8, socket.MSG_WAITALL)
        return decode_frame(self.socket.recv(int.from_bytes(head, "little"), socket.MSG_WAITALL))

    def silent(self) -> bool:
        self.socket.settimeout(0.1)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(SECONDS)
        return False


@pytest.fixture
def ends() -> Iterator[Ends]:
    both = Ends()
    yield both
    both.channel.close(1)
    both.socket.close()


def test_messages_are_delivered_and_pings_answered_by_the_channel_itself(ends: Ends) -> None:
    ends.send({"type": "handover"})
    assert ends.channel.receive_first() == {"type": "handover"}
    ends.start()
    ends.send({"type": "ping", "id": 5})
    assert ends.receive() == {"type": "pong", "id": 5}
    ends.send({"type": "method", "data": b"abc"})
    message, count = ends.delivered.get(timeout=SECONDS)
    assert message == {"type": "method", "data": b"abc"}
    assert count > 0


def piece(stream: int, offset: int, size: int, data: bytes, **more: Any) -> Message:
    return {"type": "piece", "stream": stream, "offset": offset, "size": size, **more, "data": data}


def test_credit_is_given_for_pieces_to_where_they_came_from(ends: Ends) -> None:
    ends.start()
    frame = encode_frame({"type": "x", "data": bytes(3000)})
    ends.send(piece(1, 0, len(frame), frame[:1000], **{"from": "w7", "to": None}))
    assert ends.receive() == {"type": "credit", "stream": 1, "bytes": 1000, "to": "w7"}
    # The same number of a stream by another sender is another stream.
    ends.send(piece(1, 0, len(frame), frame[:2000]))
    assert ends.receive() == {"type": "credit", "stream": 1, "bytes": 2000}
    ends.send(piece(1, 1000, len(frame), frame[1000:], **{"from": "w7"}))
    message, _ = ends.delivered.get(timeout=SECONDS)
    assert message["data"] == bytes(3000)


def test_no_more_credit_is_given_while_too_much_waits_to_be_taken(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_module, "BACKLOG_BYTES", 1000)
    ends.start()
    ends.send({"type": "x", "data": bytes(2000)})
    _, count = ends.delivered.get(timeout=SECONDS)
    ends.send(piece(1, 0, 5000, bytes(1000)))
    assert ends.silent()
    ends.channel.taken(count)
    assert ends.receive()["bytes"] == 1000


def test_a_patient_sender_waits_until_there_is_room_and_no_longer_than_the_connection(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_module, "BACKLOG_BYTES", MEBIBYTE)
    ends.start()
    large = {"type": "x", "data": bytes(32 * MEBIBYTE)}
    ends.channel.send(large)
    ends.channel.send(large)  # without patience it is taken at once
    sender = threading.Thread(target=lambda: ends.channel.send({"type": "x"}, patient=True))
    sender.start()
    sender.join(0.1)
    assert sender.is_alive()
    ends.socket.close()
    sender.join(SECONDS)
    assert not sender.is_alive()
    assert ends.reasons.get(timeout=SECONDS) == "the engine has gone"


def test_what_cannot_be_sent_is_refused_where_it_is_sent(ends: Ends) -> None:
    ends.start()
    with pytest.raises(EncodeError, match="complex"):
        ends.channel.send({"type": "x", "value": 1j})


def test_values_may_change_after_they_were_sent(ends: Ends) -> None:
    data = bytearray(b"before")
    ends.channel.send({"type": "x", "data": data})
    data[:] = b"after!"
    ends.start()
    assert ends.receive()["data"] == b"before"


def test_closing_lets_out_what_waits(ends: Ends) -> None:
    ends.start()
    for number in range(100):
        ends.channel.send({"type": "x", "number": number})
    ends.channel.close(SECONDS)
    assert [ends.receive()["number"] for _ in range(100)] == list(range(100))
    begin = time.monotonic()
    ends.channel.close(0)
    assert time.monotonic() - begin < 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ((17 * MEBIBYTE).to_bytes(8, "little"), "at most 16777216 are allowed"),
        ((8).to_bytes(8, "little") + b"\xff" * 8, "shorter than the header"),
        ((100).to_bytes(8, "little") + b"cut off", "ended within a message"),
        (b"\1\2", "ended within a message"),
    ],
)
def test_what_is_no_message_ends_the_channel_with_the_reason(ends: Ends, data: bytes, words: str) -> None:
    ends.start()
    ends.socket.sendall(data)
    ends.socket.shutdown(socket.SHUT_WR)
    assert words in ends.reasons.get(timeout=SECONDS)
    ends.channel.send({"type": "x"}, patient=True)  # goes nowhere, and does not wait


def test_the_limit_of_pieces_holds(ends: Ends) -> None:
    ends.start()
    ends.send(piece(1, 0, 5000, bytes(10)))
    assert ends.receive()["type"] == "credit"
    ends.send(piece(2, 0, STREAM_BYTES, bytes(10)))
    assert "were announced" in ends.reasons.get(timeout=SECONDS)


def test_pieces_come_in_their_order(ends: Ends) -> None:
    ends.start()
    ends.send(piece(1, 0, 5000, bytes(10)))
    assert ends.receive()["type"] == "credit"
    ends.send(piece(1, 5, 5000, bytes(10)))
    assert "out of order" in ends.reasons.get(timeout=SECONDS)
