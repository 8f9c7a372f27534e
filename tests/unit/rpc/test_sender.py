"""imjoy.rpc.sender: small frames pass between the pieces of large ones, and nothing is lost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imjoy.rpc.errors import ProtocolError
from imjoy.rpc.messages import Credit, Limits, Piece, read_message
from imjoy.rpc.pieces import Joiner
from imjoy.rpc.sender import SMALL_IN_A_ROW, FrameSender
from imjoy.rpc.wire import decode_frame, encode_frame

LIMITS = Limits(piece_bytes=100, window_bytes=300)


def frame_of(number: int, size: int = 0) -> bytes:
    return encode_frame({"type": "x", "number": number, "data": bytes(size)})


def read(frame: Any) -> Any:
    message = decode_frame(frame)
    return read_message(message) if message["type"] == "piece" else message


def drain(sender: FrameSender, joiner: Joiner) -> list[Any]:
    """Everything that comes out, with credit for every piece; the joined messages in the order of their ends."""
    messages = []
    while (frame := sender.next()) is not None:
        message = read(frame)
        if isinstance(message, Piece):
            whole = joiner.accept(message)
            sender.add_credit(joiner.consumed(message.stream, len(message.data)))
            message = None if whole is None else decode_frame(whole)
        if message is not None:
            messages.append(message)
    return messages


@given(st.lists(st.integers(0, 2000), max_size=12))
def test_every_frame_comes_out_whole(sizes: list[int]) -> None:
    sender = FrameSender(LIMITS)
    for number, size in enumerate(sizes):
        sender.add(frame_of(number, size))
    messages = drain(sender, Joiner(total_bytes=10**6, limits=LIMITS))
    assert sorted((message["number"], len(message["data"])) for message in messages) == list(enumerate(sizes))
    assert not sender.busy
    assert sender.waiting_bytes == 0


def test_small_frames_go_first_and_keep_their_order() -> None:
    sender = FrameSender(LIMITS)
    sender.add(frame_of(1, 1000))
    sender.add(frame_of(2))
    sender.add(frame_of(3))
    messages = drain(sender, Joiner(total_bytes=10**6, limits=LIMITS))
    assert [message["number"] for message in messages] == [2, 3, 1]


def test_a_flood_of_small_frames_lets_pieces_through() -> None:
    sender = FrameSender(LIMITS)
    sender.add(frame_of(0, 1000))
    for number in range(2 * SMALL_IN_A_ROW):
        sender.add(frame_of(number))
    came = [read(sender.next()) for _ in range(SMALL_IN_A_ROW + 1)]
    assert [isinstance(one, Piece) for one in came] == [False] * SMALL_IN_A_ROW + [True]


def test_large_frames_take_turns_and_stop_without_credit() -> None:
    sender = FrameSender(LIMITS)
    sender.add(frame_of(1, 1000), to="w1")
    sender.add(frame_of(2, 1000))
    came: list[Piece] = []
    while (frame := sender.next()) is not None:
        piece = read(frame)
        assert isinstance(piece, Piece)
        came.append(piece)
    assert [piece.stream for piece in came] == [0, 1] * 3
    assert [piece.to for piece in came] == ["w1", None] * 3
    assert sender.busy
    sender.add_credit(Credit(1, 100))
    piece = read(sender.next())
    assert (piece.stream, piece.offset) == (1, 300)


def test_credit_that_was_never_used_is_refused_and_that_of_a_finished_frame_passed_over() -> None:
    sender = FrameSender(LIMITS)
    sender.add_credit(Credit(7, 100))
    sender.add(frame_of(1, 1000))
    with pytest.raises(ProtocolError):
        sender.add_credit(Credit(0, 1))
