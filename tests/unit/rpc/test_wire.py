"""imjoy.rpc.wire: the vectors, under every interpreter, and properties that no list of cases can show."""

import json
import math
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imjoy.rpc.errors import EncodeError, ProtocolError, TooLargeError
from imjoy.rpc.messages import LIMITS, Message
from imjoy.rpc.wire import decode_frame, encode_frame
from tests.helpers.interpreters import installed_interpreters
from tests.unit.rpc import wire_check

REPOSITORY = Path(__file__).resolve().parents[3]
VECTORS: Any = json.loads((REPOSITORY / "tests/vectors/rpc_wire.json").read_text(encoding="utf-8"))

NAMES = st.text(max_size=8)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
VALUES = st.recursive(
    PLAIN | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)
MESSAGES = st.builds(
    lambda kind, rest: {**rest, "type": kind},
    NAMES,
    st.dictionaries(NAMES.filter(lambda name: name != "buffers"), VALUES, max_size=5),
)


@pytest.mark.parametrize("case", VECTORS["frames"], ids=lambda case: case["name"])
def test_frames_agree_with_the_vectors(case: Any) -> None:
    wire_check.check_frame(case)


@pytest.mark.parametrize("version", sorted(installed_interpreters()))
def test_the_vectors_hold_under_every_interpreter_with_the_standard_library_alone(version: str) -> None:
    program = REPOSITORY / "tests/unit/rpc/wire_check.py"
    answer = subprocess.run(
        [installed_interpreters()[version], "-I", "-S", program, REPOSITORY],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.split()[0] == str(sum(len(VECTORS[section]) for section in wire_check.CHECKS))


@given(MESSAGES)
def test_a_message_survives_the_way(message: Message) -> None:
    frame = encode_frame(message)
    assert len(frame) % 8 == 0
    assert wire_check.plain(decode_frame(frame)) == message


@given(MESSAGES)
@settings(max_examples=25)
def test_a_frame_cut_at_any_byte_is_refused(message: Message) -> None:
    frame = encode_frame(message)
    for end in range(len(frame)):
        with pytest.raises(ProtocolError):
            decode_frame(frame[:end])
    with pytest.raises(ProtocolError):
        decode_frame(frame + bytes(8))


@given(st.binary(max_size=200))
@example(struct.pack("<I", 12) + b'{"type":"x"}')
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        message = decode_frame(data)
    except ProtocolError:
        return
    assert isinstance(message["type"], str)


@given(MESSAGES, st.data())
@settings(max_examples=50)
def test_a_frame_with_a_byte_changed_is_a_message_or_refused(message: Message, data: st.DataObject) -> None:
    frame = bytearray(encode_frame(message))
    place = data.draw(st.integers(0, len(frame) - 1))
    frame[place] ^= data.draw(st.integers(1, 255))
    try:
        decode_frame(bytes(frame))
    except ProtocolError:
        return


@given(st.lists(st.binary(max_size=20), max_size=5))
def test_every_buffer_begins_at_a_multiple_of_eight(values: list[bytes]) -> None:
    frame = encode_frame({"type": "x", "values": values})
    start = 4 + struct.unpack("<I", frame[:4])[0]
    for value in values:
        assert start % 8 == 0
        assert frame[start : start + len(value)] == value
        start += len(value) + -len(value) % 8
    assert start == len(frame)


def test_binary_values_are_views_and_not_copies() -> None:
    frame = encode_frame({"type": "x", "data": bytes(1000)})
    value = decode_frame(frame)["data"]
    assert isinstance(value, memoryview)
    assert value.readonly
    assert value.obj is frame


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_every_kind_of_binary_is_taken_and_read(wrap: Any) -> None:
    frame = encode_frame({"type": "x", "data": wrap(b"abc")})
    assert bytes(decode_frame(wrap(frame))["data"]) == b"abc"


def test_a_view_with_steps_or_wide_items_is_sent_as_its_bytes() -> None:
    stepped = memoryview(b"a-b-c-")[::2]
    wide = memoryview(struct.pack("=3d", 1, 2, 3)).cast("d")
    message = decode_frame(encode_frame({"type": "x", "stepped": stepped, "wide": wide}))
    assert bytes(message["stepped"]) == b"abc"
    assert bytes(message["wide"]) == struct.pack("=3d", 1, 2, 3)


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, {1: 2}, {None: 1}, {"a": {b"b": 1}}, {1, 2}, object(), 1j]
)
def test_what_json_cannot_write_is_refused_by_its_place(value: Any) -> None:
    with pytest.raises(EncodeError, match="args/1"):
        encode_frame({"type": "x", "args": [0, value]})


def test_a_tuple_arrives_as_a_list() -> None:
    assert decode_frame(encode_frame({"type": "x", "v": (1, (2,))})) == {"type": "x", "v": [1, [2]]}


def test_a_frame_beyond_the_limit_is_neither_sent_nor_read() -> None:
    frame = encode_frame({"type": "x", "data": bytes(100)})
    assert encode_frame({"type": "x", "data": bytes(100)}, limit=len(frame)) == frame
    with pytest.raises(EncodeError, match=str(len(frame))):
        encode_frame({"type": "x", "data": bytes(100)}, limit=len(frame) - 1)
    with pytest.raises(TooLargeError):
        decode_frame(frame, limit=len(frame) - 1)


def test_an_announced_size_makes_nothing_of_that_size() -> None:
    program = (
        "import resource, sys; sys.path.insert(0, sys.argv[1]);"
        "from imjoy.rpc.wire import decode_frame; from imjoy.rpc.errors import ProtocolError;"
        "resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29));"
        'header = b\'{"type":"x","data":null,"buffers":[[4000000000,["data"]]]}\';'
        "header += b' ' * (-(4 + len(header)) % 8)\n"
        "for frame in (b'\\xf0\\xff\\xff\\xff', len(header).to_bytes(4, 'little') + header):\n"
        "    try: decode_frame(frame)\n"
        "    except ProtocolError: print('refused')\n"
    )
    if sys.platform == "win32":
        program = program.replace("import resource, sys", "import sys").replace(
            "resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29));", ""
        )
    answer = subprocess.run(
        [sys.executable, "-I", "-c", program, REPOSITORY], capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.stdout.split() == ["refused", "refused"], answer.stderr


def test_the_limit_on_nesting_is_that_of_the_table() -> None:
    deep: Any = []
    for _ in range(LIMITS.depth - 2):
        deep = [deep]
    assert decode_frame(encode_frame({"type": "x", "v": deep}))["v"] == deep
    with pytest.raises(EncodeError, match="nested"):
        encode_frame({"type": "x", "v": [deep]})
