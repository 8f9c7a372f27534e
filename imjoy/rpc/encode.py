"""Values to what travels: classic imjoy-rpc tags around what JSON and raw bytes cannot say by themselves.

Pure but for the context, which keeps the functions and objects that the other side may call afterwards. The twin of
site_src/js/rpc/encode.js; ``protocol.json`` names the tags. Used through ``codec``.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Optional

from imjoy.rpc.arrays import encode_array, encode_numpy
from imjoy.rpc.call_errors import ReceivedError, RemoteError
from imjoy.rpc.context import EncodeContext, Function, Offered, ValueCodec
from imjoy.rpc.dotdict import OrderedMap, remote_id
from imjoy.rpc.errors import EncodeError, RpcError
from imjoy.rpc.messages import LIMITS
from imjoy.rpc.objects import FILE_METHODS, function_name, instance_members, kind_of, text_of
from imjoy.rpc.tracebacks import format_error, plugin_line

ACTIVE_TAGS = frozenset(
    (
        *("callback", "interface", "error", "file", "blob", "typedarray"),
        *("memoryview", "set", "orderedmap", "escaped"),
    )
)
MAX_DEPTH = LIMITS.depth - 2
"""The message and its list of arguments are two levels around every value."""

_Work = Callable[[Any, Optional[Offered]], Any]


class Encoder:
    """One encoding: where we are, and which objects are around us."""

    def __init__(self, context: EncodeContext) -> None:
        self._context = context
        self._path: list[Any] = []
        self._around: list[int] = []
        self._depth = 0
        self._kinds: Mapping[str, _Work] = {
            "object": self._object,
            "list": self._list,
            "set": self._set,
            "error": lambda value, _: encode_error(value),
            "array": lambda value, _: self._bytes_of(encode_array, value),
            "numpy": lambda value, _: self._bytes_of(encode_numpy, value),
            "text": lambda value, _: text_of(value),
            "enum": lambda value, offer: self._encode(value.value, offer),
            "file": lambda value, _: self._interface(value),
            "instance": lambda value, _: self._interface(value),
        }

    def value(self, value: Any) -> Any:
        """Raises EncodeError naming the place in ``value`` that cannot be sent."""
        return self._encode(value, None)

    def interface(self, value: Any) -> Any:
        """The value with the functions in it offered for good, each under its path; raises EncodeError."""
        return self._inside(value, lambda inner, _: self._interface(inner), None)

    def _encode(self, value: Any, offer: Optional[Offered]) -> Any:
        kind = type(value)
        if value is None or kind is str or kind is bool:
            return value
        for codec in self._context.codecs.values():
            if codec.encoder is not None and codec.type is not None and isinstance(value, codec.type):
                return self._inside(value, partial(self._custom, codec), offer)
        if isinstance(value, (str, int, float)):
            return self._scalar(value)
        if isinstance(value, (bytes, bytearray)):
            return value
        if isinstance(value, memoryview):
            return {"_rtype": "memoryview", "_rvalue": value}
        name = "object" if kind is dict else "list" if kind is list else kind_of(value)
        if name == "function":
            return self._function(value, offer)
        work = self._kinds.get(name)
        if work is None:
            raise self._refusal(f"is a {kind.__name__}, which cannot be sent")
        return self._inside(value, work, offer)

    def _inside(self, value: Any, work: _Work, offer: Optional[Offered]) -> Any:
        """Keep track of nesting while ``work`` goes through ``value``."""
        if id(value) in self._around:
            raise self._refusal("refers back to an object around it (a cycle)")
        self._deeper(1)
        self._around.append(id(value))
        try:
            return work(value, offer)
        finally:
            self._around.pop()
            self._depth -= 1

    def _deeper(self, levels: int) -> None:
        if self._depth + levels > MAX_DEPTH:
            raise self._refusal(f"is nested deeper than {MAX_DEPTH} levels")
        self._depth += levels

    def _member(self, step: Any, value: Any, offer: Optional[Offered]) -> Any:
        self._path.append(step)
        try:
            return self._encode(value, offer)
        finally:
            self._path.pop()

    def _scalar(self, value: Any) -> Any:
        """Plain forms of numbers and texts, of subclasses too; refused where the other side would read another one."""
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, bool):
            return bool(value)
        if isinstance(value, float):
            if value - value != 0:
                raise self._refusal(f"is {float(value)}, which only an array can carry; send None, or an array")
            return float(value)
        number = int(value)
        try:
            exact = int(float(number)) == number
        except OverflowError:
            exact = False
        if not exact:
            raise self._refusal("is a whole number that JavaScript reads as another one; send a text, or an array")
        return number

    def _bytes_of(self, encode: Callable[[Any], dict[str, Any]], value: Any) -> dict[str, Any]:
        try:
            return encode(value)
        except ValueError as problem:
            raise self._refusal(str(problem)) from problem

    # --- functions and objects ----------------------------------------------------------------------------------

    def _function(self, function: Function, offer: Optional[Offered]) -> dict[str, Any]:
        target = {} if self._context.target_id is None else {"_rtarget_id": self._context.target_id}
        if offer is not None and offer.path and "" not in offer.path.split("."):
            self._context.offer(offer, function)
            return {"_rtype": "interface", **target, "_rintf": offer.object_id, "_rvalue": offer.path}
        known = None if offer is not None else self._context.offered_as(function)
        if known is not None:
            return {"_rtype": "interface", **target, "_rintf": known.object_id, "_rvalue": known.path}
        callback = self._context.add_callback(function)
        return {"_rtype": "callback", **target, "_rname": function_name(function), "_rvalue": callback}

    def _list(self, value: Any, offer: Optional[Offered]) -> list[Any]:
        encoded = []
        for index, one in enumerate(value):
            encoded.append(self._member(index, one, _step(offer, str(index))))
        return encoded

    def _set(self, value: Any, _: Optional[Offered]) -> dict[str, Any]:
        return {"_rtype": "set", "_rvalue": self._items(list(value))}

    def _items(self, items: list[Any]) -> list[Any]:
        """The content of a tag, which is a level of its own."""
        self._deeper(1)
        try:
            return self._list(items, None)
        finally:
            self._depth -= 1

    def _object(self, value: Any, offer: Optional[Offered]) -> Any:
        if isinstance(value, OrderedMap):
            return {"_rtype": "orderedmap", "_rvalue": self._items([list(pair) for pair in value.items()])}
        tag = value.get("_rtype")
        if isinstance(tag, str):
            if self._context.escape and tag in ACTIVE_TAGS:
                self._deeper(1)
                try:
                    return {"_rtype": "escaped", "_rvalue": self._members(value, None)}
                finally:
                    self._depth -= 1
            if not value.get("_rintf"):
                return self._tagged(value)
        # What came as an interface, or asks for it by itself, is offered as a whole.
        if offer is None and (value.get("_rintf") or remote_id(value)):
            return self._interface(value)
        members = self._members(value, offer)
        if offer is not None and any(map(_is_function, value.values())):
            members["_rintf"] = offer.object_id
        return members

    def _members(self, value: Mapping[Any, Any], offer: Optional[Offered]) -> dict[str, Any]:
        members = {}
        for key, one in value.items():
            name = key if isinstance(key, str) else self._name(key)
            if name == "_transfer" and one is True:
                continue
            if offer is not None and (name.startswith("_") or name == "constructor") and name != "_rtype":
                continue
            members[name] = self._member(name, one, _step(offer, name))
        return members

    def _name(self, key: Any) -> str:
        """A key as the name of a member: whole numbers too, as JSON has it."""
        try:
            return str(int(key.__index__()))
        except AttributeError:
            raise self._refusal(f"has the key {key!r}; only texts and whole numbers can be names") from None

    def _tagged(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Tags that we do not know pass as they are, for the peers that do."""
        passed = {name: one for name, one in value.items() if name != "_transfer"}
        inner = passed.get("_rvalue")
        if kind_of(inner) in ("numpy", "array"):
            passed["_rvalue"] = self._bytes_of(encode_numpy if kind_of(inner) == "numpy" else encode_array, inner)[
                "_rvalue"
            ]
        return passed

    def _custom(self, codec: ValueCodec, value: Any, _: Optional[Offered]) -> Any:
        """The work of a codec of the plugin's own; the functions in it can be called only with ``_rintf``."""
        encoded = codec.encoder(value) if codec.encoder is not None else None
        if not isinstance(encoded, Mapping):
            raise self._refusal(f"was made into a {type(encoded).__name__} by the codec {codec.name}, not into a dict")
        tagged = {"_rtype": codec.name, **encoded}
        if not tagged.get("_rintf"):
            return self._tagged(tagged)
        return self._interface(tagged)

    def _interface(self, value: Any) -> Any:
        """An instance, or a dictionary or list that is to be an interface of its own."""
        kind = kind_of(value)
        wanted = value.get("_rintf") if kind == "object" else getattr(value, "_rintf", None)
        object_id = self._context.add_object(value, wanted if isinstance(wanted, str) else None)
        offer = Offered(object_id, "")
        if kind == "list":
            return self._list(value, offer)
        if kind == "object":
            members = self._members(value, offer)
        elif kind == "file":
            members = self._methods(value, FILE_METHODS, offer)
        else:
            members = self._instance(value, offer)
        if kind != "object" and not members:
            raise self._refusal(f"is a {type(value).__name__}, which has nothing that could be sent")
        members["_rintf"] = object_id
        return members

    def _methods(self, value: Any, names: tuple[str, ...], offer: Offered) -> dict[str, Any]:
        present = [name for name in names if hasattr(value, name)]
        return {name: self._member(name, getattr(value, name), offer._replace(path=name)) for name in present}

    def _instance(self, value: Any, offer: Offered) -> dict[str, Any]:
        """What can be sent of an instance: a lock or a model that it has for itself is no reason to keep all back."""
        members = {}
        for name, one in instance_members(value):
            if name == "constructor" or (not _is_function(one) and _is_foreign(one, value)):
                continue
            try:
                members[name] = self._member(name, one, _step(offer, name))
            except EncodeError:
                continue
        return members

    def _refusal(self, problem: str) -> EncodeError:
        if not self._path:
            return EncodeError(f"the value {problem}")
        first, *rest = self._path
        steps = "".join(f"[{name}]" if isinstance(name, int) else f".{name}" for name in rest)
        where = f"value {first + 1}" if isinstance(first, int) else first
        return EncodeError(f"{where}{steps} {problem}")


def _step(offer: Optional[Offered], name: str) -> Optional[Offered]:
    if offer is None:
        return None
    # A dot in a name would be read as two steps, so such a member is sent as a function of its own.
    if "." in name or name == "":
        return Offered(offer.object_id, f"{offer.path}..")
    return Offered(offer.object_id, f"{offer.path}.{name}" if offer.path else name)


def _is_function(value: object) -> bool:
    return callable(value) and kind_of(value) == "function"


def _is_foreign(member: object, owner: object) -> bool:
    """Whether a member of an instance is an instance of somebody else's class, as a library's are."""
    return kind_of(member) == "instance" and type(member).__module__ != type(owner).__module__


def encode_error(error: BaseException) -> dict[str, Any]:
    """The classic tag, and beside it what a reader of ours makes more of."""
    message = str(error)
    # Our own classes say what they are by their code; their names mean nothing to a person.
    name = "Error" if isinstance(error, RpcError) else type(error).__name__
    encoded: dict[str, Any] = {}
    line = plugin_line(error)
    if isinstance(error, RemoteError):
        name = error.remote_name
        encoded = {"_rplugin": error.plugin, "_rfunction": error.function_name, "_rcode": error.remote_code}
        line = error.line
    elif isinstance(error, ReceivedError):
        name = error.name
        known = {"_rplugin": error.plugin, "_rfunction": error.function_name, "_rcode": error.remote_code}
        encoded = {member: value for member, value in known.items() if value is not None}
        line = error.line
    elif isinstance(error, RpcError):
        encoded = {"_rcode": error.code}
    if line is not None:
        encoded["_rline"] = line
    stack = error.remote_stack if isinstance(error, (RemoteError, ReceivedError)) else format_error(error)
    text = f"{name}: {message}" if message else name
    return {"_rtype": "error", "_rvalue": text, "_rname": name, "_rmessage": message, "_rstack": stack, **encoded}
