"""imjoy.rpc.pieces: cut, joined, and nobody fills the other's memory."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imjoy.rpc.errors import ProtocolError
from imjoy.rpc.messages import LIMITS, Credit, Limits, Piece, read_message
from imjoy.rpc.pieces import Cutter, Joiner
from imjoy.rpc.wire import decode_frame, encode_frame
from tests.unit.rpc import wire_check

REPOSITORY = Path(__file__).resolve().parents[3]
VECTORS: Any = json.loads((REPOSITORY / "tests/vectors/rpc_wire.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", VECTORS["pieces"], ids=lambda case: case["name"])
def test_pieces_agree_with_the_vectors(case: Any) -> None:
    wire_check.check_pieces(case)


@given(st.binary(min_size=1, max_size=300), st.integers(1, 50), st.integers(1, 6))
def test_any_frame_arrives_whole_in_any_cuts(frame: bytes, piece_bytes: int, pieces_in_window: int) -> None:
    limits = Limits(piece_bytes=piece_bytes, window_bytes=piece_bytes * pieces_in_window)
    cutter, joiner = Cutter(7, frame, limits=limits), Joiner(total_bytes=1000, limits=limits)
    on_the_way, joined = 0, None
    while not cutter.done:
        piece = cutter.next_piece()
        if piece is None:
            cutter.add_credit(joiner.consumed(7, on_the_way))
            on_the_way = 0
            continue
        message = read_message(decode_frame(encode_frame(piece.to_message())))
        assert isinstance(message, Piece)
        joined = joiner.accept(message)
        on_the_way += len(message.data)
        assert on_the_way <= limits.window_bytes
    assert bytes(joined or b"") == frame


def test_a_sender_waits_for_credit_and_goes_on_with_it() -> None:
    cutter = Cutter(1, bytes(LIMITS.window_bytes + 1))
    given_out = []
    while (piece := cutter.next_piece()) is not None:
        given_out.append(len(piece.data))
    assert sum(given_out) == LIMITS.window_bytes
    assert not cutter.done
    cutter.add_credit(Credit(1, LIMITS.piece_bytes))
    last = cutter.next_piece()
    assert last is not None
    assert len(last.data) == 1
    assert cutter.done


def test_credit_for_what_was_never_sent_is_refused() -> None:
    cutter = Cutter(1, bytes(100))
    with pytest.raises(ProtocolError):
        cutter.add_credit(Credit(1, 1))
    cutter.next_piece()
    with pytest.raises(ProtocolError):
        cutter.add_credit(Credit(2, 100))
    cutter.add_credit(Credit(1, 100))


def test_an_announced_stream_takes_only_the_room_of_what_came() -> None:
    joiner = Joiner(total_bytes=2**50)
    assert joiner.accept(Piece(1, 0, 2**49, b"abc")) is None


def test_a_dropped_stream_gives_its_room_back() -> None:
    joiner = Joiner(total_bytes=100)
    joiner.accept(Piece(1, 0, 100, b"abc"))
    joiner.drop(1)
    for stream in (2, 1):
        joined = joiner.accept(Piece(stream, 0, 3, b"abc"))
        assert joined is not None
        assert bytes(joined) == b"abc"


def test_an_address_goes_with_every_piece() -> None:
    cutter = Cutter(1, b"abcdef", to="worker-1", limits=Limits(piece_bytes=3))
    pieces = [cutter.next_piece(), cutter.next_piece()]
    assert [piece.to for piece in pieces if piece is not None] == ["worker-1", "worker-1"]
