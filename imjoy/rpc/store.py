"""What one side keeps for the other to call: callbacks, halves of promises, and offered objects with the paths of their
functions. Only what was offered can be reached: a path is never walked beyond what the encoding has shown.

The twin of site_src/js/rpc/store.js. Safe in threads: calls may be made from any.
"""

import os
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, Optional

from imjoy.rpc.call_errors import NoSuchObjectError
from imjoy.rpc.context import CallbackId, Function, Offered
from imjoy.rpc.objects import function_key


def random_id() -> str:
    """Thirty-two hexadecimal digits that nobody can guess."""
    return os.urandom(16).hex()


class Call(NamedTuple):
    """One that waits for its answer: ``label`` is the function as errors are to name it, ``abandon`` rejects it without
    an answer having come.
    """

    label: str
    resolve: Callable[[Any], None]
    reject: Callable[[Any], None]
    abandon: Callable[[BaseException], None]


class _Half(NamedTuple):
    call: Call
    resolves: bool
    other: int


class _Kept:
    def __init__(self, value: Any) -> None:
        self.value = value
        self.paths: set[str] = set()
        # Kept so that their ids stay theirs.
        self.functions: dict[tuple[int, ...], Function] = {}


class ObjectStore:
    """Everything that the other side may call."""

    def __init__(self, make_id: Callable[[], str] = random_id) -> None:
        self._make_id = make_id
        self._lock = threading.RLock()
        self._next_id = 0
        self._callbacks: dict[CallbackId, Function] = {}
        self._callback_ids: dict[tuple[int, ...], int] = {}
        self._halves: dict[CallbackId, _Half] = {}
        self._objects: dict[str, _Kept] = {}
        self._object_ids: dict[int, str] = {}
        self._offered: dict[tuple[int, ...], Offered] = {}

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def add_callback(self, function: Function) -> int:
        """Callbacks are kept for the whole session: plugins call them more than once, and the same one has one id."""
        with self._lock:
            key = function_key(function)
            known = self._callback_ids.get(key)
            if known is not None:
                return known
            callback_id = self._new_id()
            self._callbacks[callback_id] = function
            self._callback_ids[key] = callback_id
            return callback_id

    def callback(self, callback_id: CallbackId) -> Optional[Function]:
        """The function that is kept under this id."""
        return self._callbacks.get(callback_id)

    def add_call(self, call: Call) -> tuple[int, int]:
        """Keep a call until it is answered; the ids of its two halves."""
        with self._lock:
            resolve, reject = self._new_id(), self._new_id()
            self._halves[resolve] = _Half(call, True, reject)
            self._halves[reject] = _Half(call, False, resolve)
            return resolve, reject

    def take_call(self, callback_id: CallbackId) -> Optional[Callable[[Any], None]]:
        """How to settle the call that a half belongs to; both halves are forgotten, since a promise settles once."""
        with self._lock:
            half = self._halves.pop(callback_id, None)
            if half is None:
                return None
            self._halves.pop(half.other, None)
            return half.call.resolve if half.resolves else half.call.reject

    def take_all_calls(self) -> list[Call]:
        """Every call that waits, forgotten here."""
        with self._lock:
            calls = [half.call for half in self._halves.values() if half.resolves]
            self._halves.clear()
            return calls

    def add_object(self, value: Any, wanted_id: Optional[str] = None) -> str:
        """Keep an object, under ``wanted_id`` unless another one has it; its id."""
        with self._lock:
            known = self._object_ids.get(id(value))
            if known is not None:
                return known
            free = wanted_id if wanted_id and wanted_id not in self._objects else None
            object_id = free or self._make_id()
            self._objects[object_id] = _Kept(value)
            self._object_ids[id(value)] = object_id
            return object_id

    def offer(self, offered: Offered, function: Function) -> None:
        """Allow calls of the function at this path of a kept object."""
        with self._lock:
            kept = self._objects.get(offered.object_id)
            if kept is None:
                return
            key = function_key(function)
            kept.paths.add(offered.path)
            kept.functions[key] = function
            self._offered[key] = offered

    def offered_as(self, function: Function) -> Optional[Offered]:
        """Where a function is offered, if it is."""
        return self._offered.get(function_key(function))

    def resolve(self, object_id: str, path: str) -> Function:
        """The function at a path as it is now; raises NoSuchObjectError."""
        kept = self._objects.get(object_id)
        if kept is None:
            raise NoSuchObjectError(f"{path}() belongs to an object that is not kept here any more")
        if path not in kept.paths:
            raise NoSuchObjectError(f"there is no function {path}()")
        at = kept.value
        for name in path.split("."):
            at = _step(at, name)
        if not callable(at):
            raise NoSuchObjectError(f"{path} is not a function any more")
        function: Function = at
        return function

    def dispose(self, object_id: str) -> None:
        """Forget an object; raises NoSuchObjectError where it is not kept."""
        with self._lock:
            kept = self._objects.pop(object_id, None)
            if kept is None:
                raise NoSuchObjectError("there is no such object to forget")
            del self._object_ids[id(kept.value)]
            for key in kept.functions:
                if key in self._offered and self._offered[key].object_id == object_id:
                    del self._offered[key]

    def clear(self) -> None:
        """Forget everything but the calls that wait."""
        with self._lock:
            for kept in (self._callbacks, self._callback_ids, self._objects, self._object_ids, self._offered):
                kept.clear()


def _step(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, (list, tuple)):
        return value[int(name)] if name.isdecimal() and int(name) < len(value) else None
    return getattr(value, name, None)
