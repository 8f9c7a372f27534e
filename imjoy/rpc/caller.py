"""The calls that one side makes of the other: every one is settled, by an answer or by the end of the session, and
every failure names the other side and the function. It is the context in which values are encoded and decoded.

The twin of site_src/js/rpc/caller.js. Calls may be made from any thread.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Optional

from imjoy.rpc.call_errors import ClosedError, DecodeError, called, to_remote_error, words_of
from imjoy.rpc.codec import decode, encode, encode_interface
from imjoy.rpc.context import CallbackId, Function, Offered, ValueCodec
from imjoy.rpc.dotdict import remote_id
from imjoy.rpc.errors import EncodeError
from imjoy.rpc.messages import Message
from imjoy.rpc.promise import Promise, PromiseRules
from imjoy.rpc.store import Call, ObjectStore

# Arguments of these live on: they are offered as an interface instead of as callbacks.
LONG_LIVED = frozenset(("register", "registerService", "register_service", "export", "on"))
KEYWORDS_MARK = "_rkwargs"


Send = Callable[[Message, str, list[Any], dict[str, Any]], Promise]


class RemoteFunction:
    """A function of the other side: calling it sends the call and returns a ``Promise``."""

    def __init__(self, call: Send, name: str, address: Message) -> None:
        self._call = call
        self._label = name
        self._address = address
        self.__name__ = name.split(".")[-1]
        self.__qualname__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Promise:
        """Keyword arguments arrive as the last argument in JavaScript, and as what they are in Python."""
        return self._call(self._address, self._label, list(args), kwargs)

    def __repr__(self) -> str:
        return f"<remote function {self._label}>"


class Caller:
    """Calls of one session."""

    def __init__(
        self,
        name: str,
        store: ObjectStore,
        post: Callable[[Message], None],
        *,
        own_id: Optional[str] = None,
        escape: bool = True,
        rules: Optional[PromiseRules] = None,
    ) -> None:
        self._name = name
        self._store = store
        self._post = post
        self._own_id = own_id
        self._escape = escape
        self._rules = rules or PromiseRules()
        self._lock = threading.Lock()
        self._ended = ""
        self._codecs: dict[str, ValueCodec] = {}

    def new_promise(self) -> Promise:
        """One that follows the rules of this program."""
        return Promise(self._rules)

    def register_codec(self, codec: ValueCodec) -> None:
        """Use a plugin's own codec from now on, in the place of one of the same name or type."""
        same = [one.name for one in self._codecs.values() if codec.type is not None and one.type is codec.type]
        for name in same:
            del self._codecs[name]
        # A dictionary of its own, since another thread may be going through the old one.
        self._codecs = {**self._codecs, codec.name: codec}

    def end(self, reason: str) -> None:
        """Reject every call that waits, and every later one."""
        with self._lock:
            self._ended = reason
        for call in self._store.take_all_calls():
            call.abandon(self.closed_error(call.label))

    def closed_error(self, label: str) -> ClosedError:
        """The error of whoever waits for ``label``, a function's name or words for what is waited for."""
        return ClosedError(f"{self._name}: {called(label)} gets no answer: {self._ended}")

    def remote_id_of(self, value: object) -> Optional[str]:
        """The id under which the other side keeps this object."""
        return remote_id(value, self)

    def encode(self, value: Any, *, as_interface: bool = False) -> Any:
        """Raises EncodeError."""
        return encode_interface(value, self) if as_interface else encode(value, self)

    def decode(self, encoded: Any) -> Any:
        """Raises DecodeError."""
        return decode(encoded, self)

    # --- the contexts of encoding and decoding ------------------------------------------------------------------

    @property
    def escape(self) -> bool:
        """Whether both ends are ours."""
        return self._escape

    @property
    def target_id(self) -> Optional[str]:
        """Our own address."""
        return self._own_id

    @property
    def codecs(self) -> Mapping[str, ValueCodec]:
        """Registered by the plugin, by name."""
        return self._codecs

    def add_callback(self, function: Function) -> CallbackId:
        """Keep a function; the id under which it can be called."""
        return self._store.add_callback(function)

    def offered_as(self, function: Function) -> Optional[Offered]:
        """Where a function is offered already."""
        return self._store.offered_as(function)

    def add_object(self, value: object, wanted_id: Optional[str]) -> str:
        """Keep an object whose functions are going to be offered; its id."""
        return self._store.add_object(value, wanted_id)

    def offer(self, offered: Offered, function: Function) -> None:
        """Allow calls of this function."""
        self._store.offer(offered, function)

    def callback(self, callback_id: CallbackId, name: str, target: Optional[str]) -> Function:
        """A function that calls a callback of the other side."""
        return RemoteFunction(self._call, name, {"type": "callback", **_targeted(target), "id": callback_id})

    def method(self, object_id: str, path: str, target: Optional[str]) -> Function:
        """A function that calls one of an object that the other side keeps."""
        address = {"type": "method", **_targeted(target), "object_id": object_id, "name": path}
        return RemoteFunction(self._call, path, address)

    def note_object(self, received: Any, object_id: str) -> None:
        """The object itself bears the mark of where it came from."""

    # --- calling ------------------------------------------------------------------------------------------------

    def _call(self, address: Message, label: str, args: list[Any], kwargs: dict[str, Any]) -> Promise:
        promise = self.new_promise()
        call = self._waiting(label, promise)
        with self._lock:
            halves = None if self._ended else self._store.add_call(call)
        if halves is None:
            promise.reject(self.closed_error(label))
            return promise
        try:
            listed, with_keywords = _split_keywords(args, kwargs)
            as_interface = address["type"] == "method" and label in LONG_LIVED
            message = {**address, "args": self.encode(listed, as_interface=as_interface)}
            message["promise"] = [self._half("resolve", halves[0]), self._half("reject", halves[1])]
            if with_keywords:
                message["with_kwargs"] = True
            self._post(message)
        except Exception as error:  # noqa: BLE001 - also what a plugin's own codec or object throws
            self._store.take_call(halves[0])
            failure = EncodeError(f"{self._name}: {label}() was not called: {words_of(error)}")
            failure.__cause__ = error
            promise.reject(failure)
        return promise

    def _waiting(self, label: str, promise: Promise) -> Call:
        def reading(settle: Callable[[Any], None]) -> Callable[[Any], None]:
            def read(encoded: Any) -> None:
                try:
                    decoded = self.decode(encoded)
                except DecodeError as error:
                    failure = DecodeError(f"{self._name}: the answer of {label}() cannot be read: {words_of(error)}")
                    failure.__cause__ = error
                    promise.reject(failure)
                else:
                    settle(decoded)

            return read

        def refuse(thrown: Any) -> None:
            promise.reject(to_remote_error(thrown, self._name, label))

        return Call(label, reading(promise.resolve), reading(refuse), promise.reject)

    def _half(self, name: str, callback_id: int) -> Message:
        return {"_rtype": "callback", **_own(self._own_id), "_rname": name, "_rvalue": callback_id}


def _targeted(target: Optional[str]) -> Message:
    return {} if target is None else {"target_id": target}


def _own(own_id: Optional[str]) -> Message:
    return {} if own_id is None else {"_rtarget_id": own_id}


def _split_keywords(args: list[Any], kwargs: dict[str, Any]) -> tuple[list[Any], bool]:
    """Keyword arguments are the last argument; one that is marked as such, as in JavaScript, is taken for them."""
    last = args[-1] if args and not kwargs else None
    if isinstance(last, dict) and last.get(KEYWORDS_MARK):
        args, kwargs = args[:-1], {name: value for name, value in last.items() if name != KEYWORDS_MARK}
        return [*args, kwargs], True
    return ([*args, kwargs], True) if kwargs else (args, False)
