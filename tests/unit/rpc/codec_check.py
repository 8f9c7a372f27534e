"""Checks imjoy.rpc.codec against tests/vectors/rpc_codec.json; with the standard library alone, and with numpy.

``python codec_check.py REPOSITORY`` is run by every interpreter that is found, so this file stays within Python 3.9.
"""

import array
import base64
import json
import sys
from pathlib import Path
from typing import Any

TYPECODES = {
    "int8": "b",
    "int16": "h",
    "int32": "i",
    "int64": "q",
    "uint8": "B",
    "uint16": "H",
    "uint32": "I",
    "uint64": "Q",
    "float32": "f",
    "float64": "d",
}


def named(name: str) -> Any:
    """A function of this name."""

    def function(*args: Any) -> None:
        return None

    function.__name__ = name
    return function


def typed(content: Any) -> Any:
    """An array of the standard library."""
    dtype, numbers = content
    kind = float if dtype.startswith("float") else int
    return array.array(TYPECODES[dtype], [kind(one) for one in numbers])


def ordered_map(pairs: Any) -> Any:
    """A map as it arrives."""
    from imjoy.rpc.dotdict import OrderedMap

    return OrderedMap([(key, value) for key, value in revive(pairs)])


def nested(levels: int) -> Any:
    """Lists in lists."""
    inner: list[Any] = []
    for _ in range(1, levels):
        inner = [inner]
    return inner


def cycle(_: Any) -> Any:
    """An object that refers to itself."""
    data: dict[str, Any] = {"n": 1}
    data["self"] = data
    return {"data": data}


def twice(content: Any) -> Any:
    """The very same value two times."""
    value = revive(content)
    return [value, value]


KINDS: Any = {
    "$bytes": base64.b64decode,
    "$typed": typed,
    "$view": lambda content: typed(content[:2])[content[2] : content[2] + content[3]],
    "$dataview": lambda text: memoryview(base64.b64decode(text)),
    "$set": lambda items: set(revive(items)),
    "$map": ordered_map,
    "$function": named,
    "$members": lambda pairs: {name: revive(value) for name, value in pairs},
    "$same": twice,
    "$nested": nested,
    "$cycle": cycle,
}


def revive(value: Any) -> Any:
    """The value that a vector stands for."""
    if isinstance(value, list):
        return [revive(one) for one in value]
    if not isinstance(value, dict):
        return value
    first = next(iter(value), "")
    if first in KINDS:
        return KINDS[first](value[first])
    assert not first.startswith("$"), f"{first} is not known to the Python tests"
    return {name: revive(one) for name, one in value.items()}


def comparable(value: Any, *, travelling: bool = False) -> Any:
    """A value in a form that can be compared and shown; ``travelling`` for the encoded form."""
    if callable(value):
        return {"$function": value.__name__}
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": list(value)}
    if isinstance(value, memoryview):
        return {"$bytes" if travelling else "$dataview": list(value.cast("B"))}
    if isinstance(value, array.array):
        return _typed_form(TYPECODES, value)
    if type(value).__name__ == "ndarray":
        return {"$typed": [value.dtype.name, [str(one) for one in value.tolist()]]}
    if isinstance(value, (set, frozenset)):
        return {"$set": sorted(map(repr, value))}
    if type(value).__name__ == "OrderedMap":
        return {"$map": [comparable(list(pair), travelling=travelling) for pair in value.items()]}
    if isinstance(value, (list, tuple)):
        return [comparable(one, travelling=travelling) for one in value]
    if isinstance(value, dict):
        return {name: comparable(one, travelling=travelling) for name, one in value.items()}
    return value


def _typed_form(typecodes: Any, value: Any) -> Any:
    """What such an array is on arrival: an array where there is numpy, bytes where there is none."""
    from imjoy.rpc.arrays import find_numpy

    if find_numpy() is None:
        return {"$bytes": list(value.tobytes())}
    dtype = next(name for name, code in typecodes.items() if code == value.typecode)
    return {"$typed": [dtype, [str(one) for one in value.tolist()]]}


def contexts(escape: bool = True) -> Any:
    """A context of each kind, whose ids are o1, o2, ..."""
    from imjoy.rpc.caller import Caller
    from imjoy.rpc.store import ObjectStore

    ids = iter(range(1, 1000))
    return Caller("Other", ObjectStore(lambda: f"o{next(ids)}"), lambda message: None, escape=escape)


def over_the_wire(encoded: Any) -> Any:
    """The encoded value as it comes out of a frame."""
    from imjoy.rpc.wire import decode_frame, encode_frame

    return decode_frame(encode_frame({"type": "x", "value": encoded}))["value"]


def check_value(case: Any) -> None:
    """One case of 'values'; raises AssertionError."""
    context = contexts(case.get("escape", True))
    value = revive(case["value"])
    encoded = context.encode(value, as_interface=case.get("interface", False))
    shown = {name: encoded[name] for name in case["encoded"]} if case.get("partial") else encoded
    assert comparable(shown, travelling=True) == comparable(revive(case["encoded"]), travelling=True)
    if case.get("partial"):
        return
    decoded = comparable(contexts().decode(over_the_wire(encoded)))
    expected = comparable(revive(case.get("decoded", case["value"])))
    assert decoded == with_arrays(expected), f"decoded to {decoded!r}"


def with_arrays(value: Any) -> Any:
    """What passes as an ndarray in JavaScript becomes one in Python, where there is numpy."""
    from imjoy.rpc.arrays import find_numpy

    if isinstance(value, dict):
        if value.get("_rtype") == "ndarray" and find_numpy() is not None:
            raw = bytes(value["_rvalue"]["$bytes"])
            assert value["_rdtype"] == "uint8"
            rows, columns = value["_rshape"]
            numbers = [[raw[row * columns + column] for column in range(columns)] for row in range(rows)]
            return {"$typed": ["uint8", [str(one) for one in numbers]]}
        return {name: with_arrays(one) for name, one in value.items()}
    return [with_arrays(one) for one in value] if isinstance(value, list) else value


def check_decoded(case: Any) -> None:
    """One case of 'decoded_only'; raises AssertionError."""
    from imjoy.rpc.call_errors import DecodeError

    encoded = revive(case["encoded"])
    try:
        decoded = contexts().decode(encoded)
    except DecodeError as error:
        assert case.get("error", "no error") in str(error), str(error)
        return
    assert "error" not in case, f"decoded to {decoded!r}"
    assert comparable(decoded) == comparable(revive(case["decoded"]))


def check_refused(case: Any) -> None:
    """One case of 'refused'; raises AssertionError."""
    from imjoy.rpc.errors import EncodeError

    try:
        encoded = contexts().encode(revive(case["value"]))
    except EncodeError as error:
        assert case["error"] in str(error), str(error)
        return
    raise AssertionError(f"it was encoded to {encoded!r}")


CHECKS: Any = {"values": check_value, "decoded_only": check_decoded, "refused": check_refused}


def cases(vectors: Any, section: str) -> Any:
    """The cases of a section that are for Python."""
    return [case for case in vectors[section] if case.get("only") != "js"]


def main(repository: Path) -> int:
    """Check every case; the exit status is the number of those that fail."""
    sys.path.insert(0, str(repository))
    vectors = json.loads((repository / "tests/vectors/rpc_codec.json").read_text(encoding="utf-8"))
    failed, count = [], 0
    for section, check in CHECKS.items():
        for case in cases(vectors, section):
            count += 1
            try:
                check(case)
            except AssertionError as error:
                failed.append(f"{section}: {case['name']}: {error}")
    print("\n".join([*failed, f"{count} cases, {len(failed)} failed"]))
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
