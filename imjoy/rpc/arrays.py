"""Arrays and the names of their number types: numpy's where numpy is there, the standard library's, and raw bytes.

numpy is never required: without it nothing of its can be sent, and an array that comes stays the object that travelled.
It is imported when the first array comes, not before. Pure; ``encode`` and ``decode`` use it.
"""

import array
import functools
import math
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Optional

from imjoy.rpc.call_errors import DecodeError
from imjoy.rpc.messages import Binary

ITEM_BYTES: Mapping[str, int] = {
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "uint8": 1,
    "uint16": 2,
    "uint32": 4,
    "float32": 4,
    "float64": 8,
    "int64": 8,
    "uint64": 8,
    "bool": 1,
}
_KINDS = {**dict.fromkeys("bhilq", "int"), **dict.fromkeys("BHILQ", "uint"), **dict.fromkeys("fd", "float")}


def is_numpy(value: object) -> bool:
    """Whether this is an array or a scalar of numpy, which only can be where numpy has been imported."""
    numpy = sys.modules.get("numpy")
    kinds = tuple(kind for kind in (getattr(numpy, "ndarray", None), getattr(numpy, "generic", None)) if kind)
    return isinstance(value, kinds)


def encode_numpy(value: Any) -> dict[str, Any]:
    """An array or scalar of numpy as the tagged object that travels; its bytes are copied only where they must be.

    Raises ValueError with words that follow the value's place, for a type of number that cannot be sent.
    """
    import numpy

    if isinstance(value, numpy.ma.MaskedArray) and numpy.ma.is_masked(value):
        raise ValueError("is a masked array; send array.filled(...), or the mask as an array of its own")
    plain = numpy.asarray(value)
    dtype = plain.dtype.name
    if dtype not in ITEM_BYTES:
        raise ValueError(
            f"is an array of {plain.dtype}, which cannot be sent; convert it with .astype(...) to one of "
            + ", ".join(ITEM_BYTES)
        )
    ordered = plain.astype(plain.dtype.newbyteorder("<"), order="C", copy=False)
    # A view of no bytes cannot be cast.
    data: Binary = ordered.reshape(-1).view(numpy.uint8).data if ordered.size else b""
    return {"_rtype": "ndarray", "_rvalue": data, "_rshape": list(plain.shape), "_rdtype": dtype}


def encode_array(value: "array.array[Any]") -> dict[str, Any]:
    """An array of the standard library as a typed array.

    Raises ValueError for one of characters.
    """
    kind = _KINDS.get(value.typecode)
    if kind is None:
        raise ValueError("is an array of characters; send a text")
    little = value
    if sys.byteorder == "big":
        little = value[:]
        little.byteswap()
    # A view of no bytes cannot be cast.
    data: Binary = memoryview(little).cast("B") if little else b""
    return {"_rtype": "typedarray", "_rvalue": data, "_rdtype": f"{kind}{8 * value.itemsize}"}


@functools.lru_cache(maxsize=1)
def find_numpy() -> Optional[ModuleType]:
    """The numpy of this Python; None where there is none.

    Raises DecodeError for one that is there but broken.
    """
    try:
        import numpy
    except ModuleNotFoundError as missing:
        if missing.name == "numpy":
            return None
        raise DecodeError(f"an array came, but numpy cannot be imported: {missing}") from missing
    except ImportError as broken:
        raise DecodeError(f"an array came, but numpy cannot be imported: {broken}") from broken
    return numpy


def decode_typed_array(tagged: Mapping[str, Any]) -> Any:
    """A typed array as an array of one dimension over the very bytes that came; as bytes where there is no numpy.

    Raises DecodeError.
    """
    data = _bytes_in(tagged)
    dtype = _dtype_in(tagged)
    if len(data) % ITEM_BYTES[dtype]:
        raise DecodeError(
            f"an array of {dtype} came broken: {len(data)} bytes do not make whole items of {ITEM_BYTES[dtype]} bytes"
        )
    return _over(data, dtype, [len(data) // ITEM_BYTES[dtype]], bytes(data) if find_numpy() is None else None)


def decode_ndarray(tagged: Mapping[str, Any], without_numpy: Any) -> Any:
    """An array over the very bytes that came, which cannot be written to; ``without_numpy`` where there is no numpy.

    Raises DecodeError.
    """
    if find_numpy() is None:
        return without_numpy
    data = _bytes_in(tagged)
    dtype = _dtype_in(tagged)
    shape = tagged.get("_rshape")
    if not isinstance(shape, (list, tuple)) or not all(type(size) is int and size >= 0 for size in shape):
        raise DecodeError(f"an array of {dtype} came with the shape {shape!r}, which is none")
    if math.prod(shape) * ITEM_BYTES[dtype] != len(data):
        raise DecodeError(f"an array of {dtype} with the shape {shape} came with {len(data)} bytes")
    return _over(data, dtype, shape, without_numpy)


def _over(data: Binary, dtype: str, shape: Any, without_numpy: Any) -> Any:
    numpy = find_numpy()
    if numpy is None:
        return without_numpy
    kind = numpy.dtype(dtype).newbyteorder("<")
    if len(data) == 0:
        empty = numpy.empty(shape, kind)
        empty.flags.writeable = False
        return empty
    if dtype == "bool" and bytes(data).strip(b"\0\1"):
        # Masks of pages may hold 255 for true, which numpy takes for granted never to see.
        data = numpy.frombuffer(data, "uint8").astype(bool).data
    try:
        return numpy.frombuffer(memoryview(data).toreadonly(), kind).reshape(shape)
    except ValueError as error:  # more dimensions than numpy has
        raise DecodeError(f"an array of {dtype} came broken: {error}") from error


def _dtype_in(tagged: Mapping[str, Any]) -> str:
    dtype = tagged.get("_rdtype")
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        raise DecodeError(f'an array came with the unknown dtype "{dtype}"')
    return dtype


def _bytes_in(tagged: Mapping[str, Any]) -> Binary:
    """The bytes of a tagged object; those of old peers may come as a list of chunks."""
    value = tagged.get("_rvalue")
    if isinstance(value, list) and value and all(isinstance(one, (bytes, bytearray, memoryview)) for one in value):
        return b"".join(value)
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise DecodeError(f"a {tagged.get('_rtype')} came without its bytes")
    return memoryview(value).cast("B") if isinstance(value, memoryview) else value
