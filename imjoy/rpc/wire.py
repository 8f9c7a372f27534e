"""Messages to bytes and back: a length, a JSON header, and the binary values raw and aligned behind it.

Pure: no socket is touched. Everything that a header announces is checked against what is there, and against the limits,
before anything of that size is made. ``docs/reference/protocol.md`` has the format in words.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Union

from imjoy.rpc.errors import EncodeError, ProtocolError, TooLargeError
from imjoy.rpc.messages import LIMITS, Binary, Message

ALIGNMENT = 8
LENGTH_BYTES = 4
BUFFERS = "buffers"

Path = tuple[Union[str, int], ...]


def _padding(size: int) -> int:
    return -size % ALIGNMENT


def encode_frame(message: Mapping[str, Any], limit: int = LIMITS.message_bytes) -> bytes:
    """The frame of ``message``, whose values are JSON's own or binary (bytes, bytearray, memoryview).

    Raises EncodeError for another value, for a name that is not a text, for a top-level member ``buffers``, for nesting
    beyond the limit, and where the frame would be larger than ``limit``.
    """
    if not isinstance(message.get("type"), str):
        raise EncodeError("A message needs a text as its 'type'.")
    if BUFFERS in message:
        raise EncodeError(f"The member {BUFFERS!r} of a message is reserved for its binary values.")
    buffers: list[tuple[Path, memoryview]] = []
    header = {name: _take(value, (name,), buffers) for name, value in message.items()}
    if buffers:
        header[BUFFERS] = [[len(view), list(path)] for path, view in buffers]
    text = _header_bytes(header)
    parts: list[Union[bytes, memoryview]] = [len(text).to_bytes(LENGTH_BYTES, "little"), text]
    for _, view in buffers:
        parts.append(view)
        parts.append(bytes(_padding(len(view))))
    size = sum(len(part) for part in parts)
    if size > limit:
        raise EncodeError(f"The message has {size} bytes; at most {limit} can be sent at once.")
    return b"".join(parts)


def _header_bytes(header: Message) -> bytes:
    text = json.dumps(header, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair has no UTF-8; written as an escape it reaches the other side as it is.
        encoded = json.dumps(header, allow_nan=False, separators=(",", ":")).encode()
    return encoded + b" " * _padding(LENGTH_BYTES + len(encoded))


def _take(value: Any, path: Path, buffers: list[tuple[Path, memoryview]]) -> Any:
    """``value`` with null for every binary value, which is appended to ``buffers``."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        if value - value != 0:
            raise EncodeError(f"{_where(path)} is {value}, which JSON cannot write.")
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        buffers.append((path, _flat(value)))
        return None
    if not isinstance(value, (Mapping, list, tuple)):
        raise EncodeError(f"{_where(path)} is of the type {type(value).__name__}, which the wire does not know.")
    # The message itself is level 1, so a container at a path of one name is level 2.
    if len(path) >= LIMITS.depth:
        raise EncodeError(f"The message is nested deeper than {LIMITS.depth} levels.")
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise EncodeError(f"{_where(path)} has the name {name!r}; only texts can be names.")
        return {name: _take(one, (*path, name), buffers) for name, one in value.items()}
    return [_take(one, (*path, index), buffers) for index, one in enumerate(value)]


def _flat(value: Binary) -> memoryview:
    view = memoryview(value)
    return view.cast("B") if view.c_contiguous else memoryview(view.tobytes())


def _where(path: Path) -> str:
    return "The value at " + "/".join(str(step) for step in path)


def decode_frame(data: Binary, limit: int = LIMITS.message_bytes) -> Message:
    """The message of one frame; binary values are read-only views into ``data``, which they keep alive.

    Raises TooLargeError where the frame is larger than ``limit``, and ProtocolError where it is not a frame.
    """
    view = _flat(data).toreadonly()
    if len(view) > limit:
        raise TooLargeError(f"A message of {len(view)} bytes came; at most {limit} are allowed.")
    start, header = _read_header(view)
    listed = header.pop(BUFFERS, [])
    if not isinstance(listed, list):
        raise ProtocolError(f"The header's {BUFFERS!r} must be a list.")
    for entry in listed:
        size, path = _read_entry(entry)
        end = start + size
        following = end + _padding(size)
        if following > len(view):
            raise ProtocolError("The header announces more binary bytes than the frame has.")
        if any(view[end:following]):
            raise ProtocolError("The padding behind a binary value is not zero.")
        _place(header, path, view[start:end])
        start = following
    if start != len(view):
        raise ProtocolError(f"The frame has {len(view) - start} bytes that its header does not announce.")
    return header


def _read_header(view: memoryview) -> tuple[int, Message]:
    if len(view) < LENGTH_BYTES:
        raise ProtocolError("A frame is cut off before its header's length.")
    end = LENGTH_BYTES + int.from_bytes(view[:LENGTH_BYTES], "little")
    if end > len(view):
        raise ProtocolError("A frame is shorter than the header that it announces.")
    if end % ALIGNMENT:
        raise ProtocolError(f"A header does not end at a multiple of {ALIGNMENT}.")
    raw = bytes(view[LENGTH_BYTES:end])
    try:
        header = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("A header is not JSON in UTF-8.") from error
    if not isinstance(header, dict) or not isinstance(header.get("type"), str):
        raise ProtocolError("A header must be an object with a text as its 'type'.")
    # Counting brackets is quick and enough for nearly every header; only then is the nesting itself looked at.
    if raw.count(b"[") + raw.count(b"{") > LIMITS.depth:
        _check_depth(header)
    return end, header


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _check_depth(header: Message) -> None:
    level: list[Any] = [header]
    for _ in range(LIMITS.depth):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return
    raise ProtocolError(f"A header is nested deeper than {LIMITS.depth} levels.")


def _read_entry(entry: Any) -> tuple[int, Sequence[Any]]:
    if not isinstance(entry, list) or len(entry) != 2:
        raise ProtocolError(f"An entry of {BUFFERS!r} must be a size and a path.")
    size, path = entry
    if type(size) is not int or size < 0:
        raise ProtocolError("The size of a binary value must be a whole number from 0.")
    if not isinstance(path, list) or not path:
        raise ProtocolError("The path of a binary value must be a list of at least one step.")
    return size, path


def _place(header: Message, path: Sequence[Any], value: memoryview) -> None:
    inside: Any = header
    for step in path[:-1]:
        inside = inside[_checked_step(inside, step)]
    last = _checked_step(inside, path[-1])
    if inside[last] is not None:
        raise ProtocolError("The path of a binary value must lead to a null.")
    inside[last] = value


def _checked_step(inside: Any, step: Any) -> Any:
    if isinstance(inside, dict) and isinstance(step, str) and step in inside:
        return step
    if isinstance(inside, list) and type(step) is int and 0 <= step < len(inside):
        return step
    raise ProtocolError("The path of a binary value leads to nothing.")
