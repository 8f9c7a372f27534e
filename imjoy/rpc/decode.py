"""What travelled back to values. Everything that comes is checked: the other side may send anything.

Pure but for the context, which makes functions that call the other side. The twin of site_src/js/rpc/decode.js. Used
through ``codec``.
"""

import io
from collections.abc import Callable, Mapping
from typing import Any, Optional

from imjoy.rpc.arrays import decode_ndarray, decode_typed_array
from imjoy.rpc.call_errors import DecodeError, ReceivedError
from imjoy.rpc.context import DecodeContext, ValueCodec
from imjoy.rpc.dotdict import DotDict, OrderedMap, hashable, mark_remote
from imjoy.rpc.messages import LIMITS

MAX_DEPTH = LIMITS.depth
"""Room for a message and its arguments around the value, as when it was sent."""


class Decoder:
    """One decoding."""

    def __init__(self, context: DecodeContext) -> None:
        self._context = context
        self._depth = 0
        self._readers: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
            "callback": self._callback,
            "interface": self._method,
            "error": _read_error,
            "blob": _read_blob,
            "file": self._plain,
            "typedarray": decode_typed_array,
            "memoryview": _read_memoryview,
            "ndarray": lambda tagged: decode_ndarray(tagged, self._plain(tagged)),
            "set": self._set,
            "orderedmap": self._map,
            "escaped": self._escaped,
        }

    def value(self, encoded: Any) -> Any:
        """Raises DecodeError."""
        if isinstance(encoded, dict):
            return self._nested(self._object, encoded)
        if isinstance(encoded, list):
            return self._nested(self._list, encoded)
        return bytes(encoded) if isinstance(encoded, (memoryview, bytearray)) else encoded

    def _nested(self, read: Callable[[Any], Any], encoded: Any) -> Any:
        if self._depth >= MAX_DEPTH:
            raise DecodeError(f"a value is nested deeper than {MAX_DEPTH} levels")
        self._depth += 1
        try:
            return read(encoded)
        finally:
            self._depth -= 1

    def _object(self, encoded: Mapping[str, Any]) -> Any:
        tag = encoded.get("_rtype")
        if not isinstance(tag, str):
            return self._members(encoded)
        codec = self._context.codecs.get(tag)
        if codec is not None and codec.decoder is not None:
            return self._custom(codec, codec.decoder, encoded)
        reader = self._readers.get(tag)
        if reader is not None:
            return reader(encoded)
        return self._members(encoded) if encoded.get("_rintf") else self._plain(encoded)

    def _list(self, encoded: list[Any]) -> list[Any]:
        decoded = []
        for one in encoded:
            decoded.append(self.value(one))
        return decoded

    def _members(self, encoded: Mapping[str, Any]) -> DotDict:
        members = DotDict()
        for name, one in encoded.items():
            members[name] = self.value(one)
        object_id = members.get("_rintf")
        if isinstance(object_id, str):
            del members["_rintf"]
            mark_remote(members, self._context, object_id)
            self._context.note_object(members, object_id)
        return members

    def _plain(self, encoded: Any) -> Any:
        """As it came, tags and all; only in the forms that everything has here."""
        if isinstance(encoded, dict):
            return self._nested(lambda inner: DotDict({name: self._plain(one) for name, one in inner.items()}), encoded)
        if isinstance(encoded, list):
            return self._nested(lambda inner: [self._plain(one) for one in inner], encoded)
        return bytes(encoded) if isinstance(encoded, (memoryview, bytearray)) else encoded

    def _custom(self, codec: ValueCodec, decoder: Callable[[Any], Any], encoded: Mapping[str, Any]) -> Any:
        decoded = self._members(encoded) if encoded.get("_rintf") else self._plain(encoded)
        try:
            return decoder(decoded)
        except Exception as error:
            raise DecodeError(f"the codec {codec.name} could not read a value: {error}") from error

    def _callback(self, tagged: Mapping[str, Any]) -> Any:
        callback_id, name = tagged.get("_rvalue"), tagged.get("_rname")
        if not isinstance(callback_id, (int, str)) or isinstance(callback_id, bool):
            raise DecodeError("a callback came without its id")
        return self._context.callback(callback_id, name if isinstance(name, str) else "function", _target(tagged))

    def _method(self, tagged: Mapping[str, Any]) -> Any:
        object_id, path = tagged.get("_rintf"), tagged.get("_rvalue")
        if not isinstance(object_id, str) or not isinstance(path, str):
            raise DecodeError("a function came without the object or the path that it belongs to")
        return self._context.method(object_id, path, _target(tagged))

    def _set(self, tagged: Mapping[str, Any]) -> set[Any]:
        try:
            return {hashable(one) for one in self._list(_items(tagged))}
        except TypeError as error:
            raise DecodeError(f"a set came with what cannot be in one: {error}") from error

    def _map(self, tagged: Mapping[str, Any]) -> OrderedMap:
        decoded = OrderedMap()
        for pair in _items(tagged):
            if not isinstance(pair, list) or len(pair) != 2:
                raise DecodeError("an entry of a map is no pair")
            try:
                decoded[hashable(self.value(pair[0]))] = self.value(pair[1])
            except TypeError as error:
                raise DecodeError(f"a map came with what cannot be a key: {error}") from error
        return decoded

    def _escaped(self, tagged: Mapping[str, Any]) -> DotDict:
        members = tagged.get("_rvalue")
        if not isinstance(members, dict):
            raise DecodeError("an escaped object came without its members")
        decoded = self._members({name: one for name, one in members.items() if name != "_rintf"})
        if "_rintf" in members:
            decoded["_rintf"] = self.value(members["_rintf"])
        return decoded


def _target(tagged: Mapping[str, Any]) -> Optional[str]:
    target = tagged.get("_rtarget_id")
    return target if isinstance(target, str) else None


def _items(tagged: Mapping[str, Any]) -> list[Any]:
    items = tagged.get("_rvalue")
    if not isinstance(items, list):
        raise DecodeError(f"a {tagged['_rtype']} came without its items")
    return items


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _optional_text(value: object) -> Optional[str]:
    return value if isinstance(value, str) else None


def _read_error(tagged: Mapping[str, Any]) -> ReceivedError:
    """Errors of ours bring their parts along; of others the text is all there is."""
    line = tagged.get("_rline")
    return ReceivedError(
        _text(tagged.get("_rmessage")) or _text(tagged.get("_rvalue")),
        name=_text(tagged.get("_rname")) or "Error",
        remote_stack=_text(tagged.get("_rstack")),
        code=_optional_text(tagged.get("_rcode")),
        plugin=_optional_text(tagged.get("_rplugin")),
        function_name=_optional_text(tagged.get("_rfunction")),
        line=line if type(line) is int else None,
    )


def _read_memoryview(tagged: Mapping[str, Any]) -> memoryview:
    data = tagged.get("_rvalue")
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise DecodeError("a memoryview came without its bytes")
    return memoryview(data)


def _read_blob(tagged: Mapping[str, Any]) -> Any:
    content = tagged.get("_rvalue")
    if isinstance(content, str):
        return io.StringIO(content)
    if isinstance(content, (bytes, bytearray, memoryview)):
        return io.BytesIO(content)
    raise DecodeError("a blob came without its bytes")
