"""imjoy.rpc.arrays: numpy's arrays of every kind there and back, without a copy where none is needed."""

import array
import json
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from imjoy.rpc.arrays import ITEM_BYTES
from imjoy.rpc.call_errors import DecodeError
from imjoy.rpc.errors import EncodeError
from imjoy.rpc.wire import decode_frame, encode_frame
from tests.unit.rpc.codec_check import contexts, over_the_wire

REPOSITORY = Path(__file__).resolve().parents[3]
DTYPES: list[str] = json.loads((REPOSITORY / "imjoy/rpc/protocol.json").read_text(encoding="utf-8"))["dtypes"]


def encode(value: Any) -> Any:
    return contexts().encode(value)


def decode(encoded: Any) -> Any:
    return contexts().decode(encoded)


def there_and_back(value: Any) -> Any:
    return decode(over_the_wire(encode(value)))


def test_the_table_has_the_dtypes_of_the_protocol_with_their_sizes() -> None:
    assert sorted(ITEM_BYTES) == sorted(DTYPES)
    for dtype, size in ITEM_BYTES.items():
        assert numpy.dtype(dtype).itemsize == size


@st.composite
def arrays(draw: st.DrawFn) -> Any:
    dtype = numpy.dtype(draw(st.sampled_from(DTYPES))).newbyteorder(draw(st.sampled_from("<>")))
    made = draw(numpy_strategies.arrays(dtype, numpy_strategies.array_shapes(min_dims=0, max_dims=4, min_side=0)))
    if draw(st.booleans()):
        made = numpy.asfortranarray(made)
    if made.ndim and draw(st.booleans()):
        made = made[:: draw(st.sampled_from([-1, 2, -2]))]
    return made.T if draw(st.booleans()) else made


@given(arrays())
@settings(max_examples=200)
def test_every_array_arrives_as_it_was(sent: Any) -> None:
    encoded = encode(sent)
    assert encoded["_rdtype"] == sent.dtype.name
    received = there_and_back(sent)
    assert received.dtype == sent.dtype.newbyteorder("=")
    assert received.shape == sent.shape
    assert numpy.array_equal(received, sent, equal_nan=sent.dtype.kind == "f")
    assert received.flags.c_contiguous
    assert not received.flags.writeable


@pytest.mark.parametrize("dtype", DTYPES)
def test_scalars_arrive_as_arrays_without_dimensions(dtype: str) -> None:
    scalar = numpy.array([1]).astype(dtype)[0]
    received = there_and_back({"value": scalar})["value"]
    if dtype == "float64":
        # It is a float of Python too, and travels as one.
        assert received == 1.0
        assert type(received) is float
        return
    assert (received.shape, received.dtype.name, received[()]) == ((), dtype, scalar)


def test_an_array_in_c_order_is_not_copied_to_be_sent_and_not_to_be_read() -> None:
    sent = numpy.arange(1000, dtype="float32").reshape(10, 100)
    data = encode(sent)["_rvalue"]
    assert isinstance(data, memoryview)
    assert numpy.shares_memory(numpy.frombuffer(data, "uint8"), sent)
    frame = encode_frame({"type": "x", "value": encode(sent)})
    received = decode(decode_frame(frame)["value"])
    assert numpy.shares_memory(received, numpy.frombuffer(frame, "uint8"))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (numpy.zeros(3, "float16"), "float16"),
        (numpy.zeros(3, "complex64"), "complex64"),
        (numpy.zeros(3, "complex128"), "complex128"),
        (numpy.array([None, "a"]), "object"),
        (numpy.array(["a"]), "<U1"),
        (numpy.array(["2020-01-01"], "datetime64[D]"), "datetime64"),
        (numpy.zeros(2, [("a", "int8"), ("b", "float32")]), "'a'"),
        (numpy.float16(1), "float16"),
        (numpy.ma.masked_array([1, 2], mask=[True, False]), "masked"),
    ],
)
def test_what_javascript_has_no_array_for_is_refused_by_name(value: Any, words: str) -> None:
    with pytest.raises(EncodeError, match=r"value 1\.image is an? .*" + words):
        encode([{"image": value}])


def test_a_masked_array_without_masked_values_is_an_array() -> None:
    received = there_and_back(numpy.ma.masked_array([1, 2], mask=[False, False]))
    assert received.tolist() == [1, 2]


def test_arrays_of_the_standard_library_are_typed_arrays() -> None:
    received = there_and_back(array.array("h", [1, -2]))
    assert (received.dtype.name, received.tolist()) == ("int16", [1, -2])
    assert there_and_back(array.array("d")).shape == (0,)
    with pytest.raises(EncodeError, match="characters"):
        encode(array.array("u", "text"))


def test_a_typed_array_of_the_wire_is_read_without_a_copy() -> None:
    frame = encode_frame({"type": "x", "value": {"_rtype": "typedarray", "_rvalue": bytes(16), "_rdtype": "uint64"}})
    received = decode(decode_frame(frame)["value"])
    assert numpy.shares_memory(received, numpy.frombuffer(frame, "uint8"))


def test_a_mask_with_255_for_true_is_true_where_it_should_be() -> None:
    received = decode({"_rtype": "ndarray", "_rvalue": b"\xff\x00\x01", "_rshape": [3], "_rdtype": "bool"})
    assert received.tolist() == [True, False, True]
    assert received.sum() == 2


def test_chunks_of_old_peers_are_joined() -> None:
    received = decode({"_rtype": "ndarray", "_rvalue": [b"\1\2", b"\3\4"], "_rshape": [2, 2], "_rdtype": "uint8"})
    assert received.tolist() == [[1, 2], [3, 4]]


def test_an_array_inside_a_tagged_object_travels_as_its_bytes() -> None:
    image = numpy.arange(4, dtype="uint16").reshape(2, 2)
    written = {"_rtype": "ndarray", "_rvalue": image, "_rshape": image.shape, "_rdtype": str(image.dtype)}
    assert there_and_back(written).tolist() == image.tolist()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"_rdtype": "float16"}, 'unknown dtype "float16"'),
        ({"_rdtype": None}, "unknown dtype"),
        ({"_rvalue": "text"}, "without its bytes"),
        ({"_rvalue": []}, "without its bytes"),
        ({"_rshape": [3]}, "came with 4 bytes"),
        ({"_rshape": [2**62, 2**62]}, "came with 4 bytes"),
        ({"_rshape": [-1]}, "the shape"),
        ({"_rshape": [2.0]}, "the shape"),
        ({"_rshape": "4"}, "the shape"),
        ({"_rshape": None}, "the shape"),
        ({"_rshape": [1] * 200 + [4]}, "came broken"),
    ],
)
def test_an_array_that_is_none_is_refused(changed: Any, words: str) -> None:
    tagged = {"_rtype": "ndarray", "_rvalue": bytes(4), "_rshape": [4], "_rdtype": "uint8", **changed}
    with pytest.raises(DecodeError, match=words):
        decode(tagged)
