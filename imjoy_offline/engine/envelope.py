"""Frames on their way through the engine: their address is changed, everything else stays as it is, byte for byte.

They were checked before (``imjoy.rpc.wire``), so that one worker's nonsense cannot end the connection of a page.
"""

from imjoy.rpc.messages import Binary
from imjoy.rpc.wire import ALIGNMENT, LENGTH_BYTES

Parts = tuple[Binary, ...]


def with_sender(frame: Binary, sender: str) -> Parts:
    """The frame with the member ``from``, whatever its own sender says that it is."""
    text, rest = _split(frame)
    # Of two members of the same name the last one counts.
    return _head(text[:-1] + b',"from":"' + sender.encode("ascii") + b'"}'), rest


def without_target(frame: Binary, target: str) -> Parts:
    """The frame without the member ``to``, which is ``target``; quick where it comes first, null where it does not."""
    text, rest = _split(frame)
    begin = b'{"to":"' + target.encode("ascii") + b'",'
    if text.startswith(begin):
        return _head(b"{" + text[len(begin) :]), rest
    return _head(text[:-1] + b',"to":null}'), rest


def _split(frame: Binary) -> tuple[bytes, memoryview]:
    """The header's text, from brace to brace, and the binary values."""
    view = memoryview(frame).cast("B")
    end = LENGTH_BYTES + int.from_bytes(view[:LENGTH_BYTES], "little")
    return bytes(view[LENGTH_BYTES:end]).strip(), view[end:]


def _head(text: bytes) -> bytes:
    padded = text + b" " * (-(LENGTH_BYTES + len(text)) % ALIGNMENT)
    return len(padded).to_bytes(LENGTH_BYTES, "little") + padded
