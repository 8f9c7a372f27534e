"""The calls that the other side makes of ours: the function is found, called by whoever runs functions here, and its
result or its error is the answer. What cannot be done is an answer too.

The other half of ``caller``; ``peer`` hands it the messages.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Optional

from imjoy.rpc.call_errors import DecodeError, NoSuchObjectError, words_of
from imjoy.rpc.caller import Caller
from imjoy.rpc.context import CallbackId, Function
from imjoy.rpc.encode import encode_error
from imjoy.rpc.errors import EncodeError, RpcError
from imjoy.rpc.messages import Message
from imjoy.rpc.objects import function_name
from imjoy.rpc.promise import Promise
from imjoy.rpc.store import ObjectStore


class Invocation(NamedTuple):
    """A function that the other side calls; ``label`` is its path, or the name of a callback."""

    label: str
    function: Function
    args: list[Any]
    kwargs: dict[str, Any]


Resolve = Callable[[Any], None]
Reject = Callable[[BaseException], None]
Run = Callable[[Invocation, Resolve, Reject], None]
_Answer = Optional[tuple[CallbackId, CallbackId]]


def run_at_once(invocation: Invocation, resolve: Resolve, reject: Reject) -> None:
    """Call the function here and now; a promise that it returns is waited for, anything else is the result."""
    try:
        outcome = invocation.function(*invocation.args, **invocation.kwargs)
    except Exception as error:  # noqa: BLE001 - whatever the function throws is the answer
        reject(error)
        return
    if not isinstance(outcome, Promise):
        resolve(outcome)
        return
    outcome.listen(lambda value, error: resolve(value) if error is None else reject(error))


class Callee:
    """The functions of one session; ``tell`` is given the failures that nobody waits for."""

    def __init__(
        self,
        caller: Caller,
        store: ObjectStore,
        *,
        post: Callable[[Message], None],
        run: Run,
        tell: Callable[[BaseException], None],
    ) -> None:
        self._caller = caller
        self._store = store
        self._post = post
        self._run = run
        self._tell = tell

    def call_method(self, message: Message) -> None:
        """A function of an object that is kept here; raises NoSuchObjectError and DecodeError."""
        object_id, path = str(message["object_id"]), str(message["name"])
        if _is_close_listener(message) and not self._offers(object_id, "on"):
            self._reply(_read_answer(message), None)
            return
        self._start(path, self._store.resolve(object_id, path), message)

    def call_callback(self, message: Message) -> None:
        """A callback, or the answer to a call of ours; raises NoSuchObjectError and DecodeError."""
        callback_id = message["id"] if isinstance(message["id"], (int, str)) else ""
        settle = self._store.take_call(callback_id)
        if settle is not None:
            args = message["args"]
            settle(args[0] if isinstance(args, list) and args else None)
            return
        function = self._store.callback(callback_id)
        if function is None:
            raise NoSuchObjectError("a function was called that is not kept here any more")
        self._start(function_name(function), function, message)

    def refuse(self, message: Message, error: Exception) -> None:
        """What cannot be done is the answer, or, where nobody waits for one, told here."""
        answer = _read_answer(message)
        if answer is None:
            self._tell(error)
        else:
            self._reply_error(answer, error)

    def _offers(self, object_id: str, path: str) -> bool:
        try:
            self._store.resolve(object_id, path)
        except NoSuchObjectError:
            return False
        return True

    def _start(self, label: str, function: Function, message: Message) -> None:
        args = self._caller.decode(message["args"])
        if not isinstance(args, list):
            raise DecodeError("the arguments of a call are no list")
        kwargs = dict(args.pop()) if message.get("with_kwargs") and args and isinstance(args[-1], dict) else {}
        answer = _read_answer(message)

        def resolve(value: Any) -> None:
            self._reply(answer, value)

        def reject(error: BaseException) -> None:
            if answer is None:
                self._tell(error)
            else:
                self._reply_error(answer, error)

        self._run(Invocation(label, function, args, kwargs), resolve, reject)

    def _reply(self, answer: _Answer, value: Any) -> None:
        if answer is None:
            return
        try:
            self._post({"type": "callback", "id": answer[0], "args": [self._caller.encode(value)]})
        except Exception as error:  # noqa: BLE001 - also what a plugin's own codec or object throws
            self._reply_error(answer, EncodeError(f"the result cannot be sent: {words_of(error)}"))

    def _reply_error(self, answer: tuple[CallbackId, CallbackId], error: BaseException) -> None:
        try:
            self._post({"type": "callback", "id": answer[1], "args": [encode_error(error)]})
        except RpcError as failure:
            self._tell(failure)


def _read_answer(message: Message) -> _Answer:
    """The callbacks that take the result and the error."""
    promise = message.get("promise")
    if not isinstance(promise, list) or len(promise) != 2:
        return None
    first, second = (half.get("_rvalue") if isinstance(half, dict) else None for half in promise)
    return (first, second) if isinstance(first, (int, str)) and isinstance(second, (int, str)) else None


def _is_close_listener(message: Message) -> bool:
    """Peers ask every interface to be told of its end, also those that have no ``on``."""
    args = message.get("args")
    return message.get("name") == "on" and isinstance(args, list) and bool(args) and args[0] == "close"
