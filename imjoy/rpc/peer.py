"""One side of a classic imjoy-rpc session, without any input or output of its own: messages are handed to ``receive``,
and leave through the ``send`` that it was given. Both sides are the same class.

The table in ``transitions`` says what every message does; ``caller`` makes the calls of the other side, ``callee``
those that come from there, and what may be called is kept in ``store``. The twin of site_src/js/rpc/peer.js.
``receive`` is called by one thread; functions of the other side may be called by any.
"""

import threading
from collections.abc import Callable
from typing import Any, NamedTuple, Optional

from imjoy.rpc.call_errors import ClosedError, DecodeError, NoSuchObjectError, to_remote_error, words_of
from imjoy.rpc.callee import Callee, Run, run_at_once
from imjoy.rpc.caller import Caller
from imjoy.rpc.context import ValueCodec
from imjoy.rpc.dotdict import DotDict, mark_remote, remote_id
from imjoy.rpc.encode import encode_error
from imjoy.rpc.errors import EncodeError, RpcError
from imjoy.rpc.messages import Message
from imjoy.rpc.promise import Promise, PromiseRules
from imjoy.rpc.store import ObjectStore, random_id
from imjoy.rpc.transitions import MEMBERS, TRANSITIONS, PeerAction, PeerState

LEVELS = ("info", "warning", "error")


class _Waiter(NamedTuple):
    promise: Promise
    label: str


class Peer:
    """One side of a session.

    ``name`` is the other side's, as its errors are to call it; ``own_id`` our own address, where the other side needs
    one; ``run`` calls functions for the other side; ``execute`` runs code for it, where it may.
    """

    def __init__(
        self,
        name: str,
        send: Callable[[Message], None],
        *,
        escape: bool = True,
        own_id: Optional[str] = None,
        execute: Optional[Callable[[Any], None]] = None,
        make_id: Callable[[], str] = random_id,
        run: Run = run_at_once,
        rules: Optional[PromiseRules] = None,
    ) -> None:
        self.name = name
        self._send = send
        self._execute = execute
        self._store = ObjectStore(make_id)
        self._caller = Caller(name, self._store, self._post, own_id=own_id, escape=escape, rules=rules)
        self._callee = Callee(
            self._caller, self._store, post=self._post, run=run, tell=lambda error: self._emit("error", error)
        )
        self._lock = threading.RLock()
        self._state = PeerState.WAITING
        self._local: Any = None
        self._asked = False
        self._announced = False
        self._remote: Optional[DotDict] = None
        self._listeners: dict[str, list[Callable[[Any], None]]] = {}
        self._interface_waiters: list[_Waiter] = []
        # In the order of what they wait for, since these answers carry no id.
        self._confirmations: dict[str, list[_Waiter]] = {"interface": [], "code": [], "disposal": []}
        self._actions: dict[PeerAction, Callable[[Message], None]] = {
            PeerAction.NOTE_INITIALIZED: lambda message: self._emit("initialized", message["config"]),
            PeerAction.INSTALL_INTERFACE: self._install_interface,
            PeerAction.ANNOUNCE_INTERFACE: lambda message: self._announce_when_there(),
            PeerAction.CONFIRM_INTERFACE: lambda message: self._confirm("interface", {}),
            PeerAction.RUN_CODE: self._run_code,
            PeerAction.CONFIRM_CODE: lambda message: self._confirm("code", message),
            PeerAction.CALL_METHOD: self._callee.call_method,
            PeerAction.CALL_CALLBACK: self._callee.call_callback,
            PeerAction.FORGET_OBJECT: self._forget_object,
            PeerAction.CONFIRM_FORGOTTEN: lambda message: self._confirm("disposal", message),
            PeerAction.END: lambda message: self._end("the other side has ended the session"),
            PeerAction.NOTE_LOG: lambda message: self._note_log(message, "info"),
            PeerAction.NOTE_ERROR: lambda message: self._note_log(message, "error"),
        }

    @property
    def state(self) -> PeerState:
        """Where the session stands."""
        return self._state

    @property
    def closed(self) -> bool:
        """Whether the session has ended."""
        return self._state is PeerState.CLOSED

    @property
    def remote(self) -> Optional[DotDict]:
        """The other side's interface, once it is known: one object, which stays when the interface comes anew."""
        return self._remote

    @property
    def local(self) -> Any:
        """The interface that was offered last; None before."""
        return self._local

    def on(self, event: str, listener: Callable[[Any], None]) -> None:
        """Call ``listener`` with the detail of every ``initialized``, ``interface``, ``log``, ``error`` (something
        failed that nobody waits for) or ``closed`` (the reason).
        """
        self._listeners.setdefault(event, []).append(listener)

    def receive(self, message: object) -> None:
        """Take one message of the other side. Never raises: what is wrong with it is answered, or told as ``error``."""
        if not isinstance(message, dict):
            return
        kind = message.get("type")
        transition = TRANSITIONS[self._state].get(kind) if isinstance(kind, str) else None
        if transition is None or not isinstance(kind, str):
            return
        lacking = [member for member in MEMBERS[kind] if member not in message]
        if lacking:
            self._callee.refuse(message, DecodeError(f"a {kind} message came without its {lacking[0]}"))
            return
        action, following = transition
        try:
            self._actions[action](message)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, also in a plugin's object, is the answer
            self._callee.refuse(message, error)
        else:
            if self._state is not PeerState.CLOSED:
                self._state = following

    def set_interface(self, api: Any) -> Promise:
        """Offer an interface now; resolved when the other side has it."""
        self._local = api
        return self._announce()

    def export_interface(self, api: Any) -> None:
        """Offer an interface to a side that asks for it when it is ready: at once if it has asked, else when it asks.

        Raises TypeError for what cannot be an interface, and EncodeError for what cannot be sent.
        """
        if isinstance(api, type):
            raise TypeError(f"an interface must be an object, not a class: export {api.__name__}() instead")
        if api is None or isinstance(api, (str, bytes, int, float, list, tuple)) or _is_function(api):
            raise TypeError(f"an interface must be an object or a dict, not a {type(api).__name__}")
        # The other side would wait for ever for one that turns out not to be sendable when it asks.
        self._caller.encode(api, as_interface=True)
        self._local = api
        if self._asked or self._announced:
            self._tell_failure(self._announce())

    def get_interface(self) -> Promise:
        """The other side's interface, when it has one."""
        with self._lock:
            if self._remote is not None:
                promise = self._caller.new_promise()
                promise.resolve(self._remote)
                return promise
            first = not self._interface_waiters
        return self._wait("getInterface", self._interface_waiters, {"type": "getInterface"} if first else None)

    def execute(self, code: Message) -> Promise:
        """Have the other side run a code object; rejected with a RemoteError when that fails."""
        label = f"the {code.get('type')} of the plugin"
        return self._wait(label, self._confirmations["code"], {"type": "execute", "code": code})

    def dispose_object(self, value: object) -> Promise:
        """Let the other side forget an object that it keeps for us."""
        object_id = self._caller.remote_id_of(value)
        if object_id is None:
            promise = self._caller.new_promise()
            promise.reject(NoSuchObjectError("only an object that came from the other side can be disposed"))
            return promise
        message = {"type": "disposeObject", "object_id": object_id}
        return self._wait("disposeObject", self._confirmations["disposal"], message)

    def register_codec(self, codec: ValueCodec) -> None:
        """Use a codec of the plugin's own for values from now on."""
        self._caller.register_codec(codec)

    def new_promise(self) -> Promise:
        """One that follows the rules of this session."""
        return self._caller.new_promise()

    def log(self, level: str, message: str) -> None:
        """A line for the other side's log; ``level`` is one of ``LEVELS``."""
        kind = "log" if level == "info" else "error"
        self._post_quietly({"type": kind, "level": level, "message": message})

    def announce_initialized(self, config: Message) -> None:
        """Tell the other side that this one is there."""
        self._post_quietly({"type": "initialized", "config": config})

    def disconnect(self, reason: str = "the session was ended") -> None:
        """Tell the other side that this is the end, and end."""
        self._post_quietly({"type": "disconnect"})
        self.close(reason)

    def close(self, reason: str) -> None:
        """End without a word to the other side: whatever still waits is rejected, by name, with the reason."""
        if self._state is not PeerState.CLOSED:
            self._end(reason)

    def _end(self, reason: str) -> None:
        with self._lock:
            self._state = PeerState.CLOSED
            lists = [self._interface_waiters, *self._confirmations.values()]
            waiters = [waiter for one in lists for waiter in one]
            for one in lists:
                one.clear()
        self._caller.end(reason)
        for waiter in waiters:
            waiter.promise.reject(self._closed_error(waiter.label))
        self._store.clear()
        self._emit("closed", reason)

    def _closed_error(self, label: str) -> ClosedError:
        return self._caller.closed_error(label)

    def _emit(self, event: str, detail: Any) -> None:
        for listener in list(self._listeners.get(event, ())):
            listener(detail)

    # --- interfaces -----------------------------------------------------------------------------------------------

    def _announce(self) -> Promise:
        promise = self._caller.new_promise()
        if self._state is PeerState.CLOSED:
            promise.reject(self._closed_error("setInterface"))
            return promise
        try:
            encoded = self._caller.encode(self._local, as_interface=True)
        except EncodeError as error:
            promise.reject(self._not_sent("setInterface", error))
            return promise
        self._announced = True
        return self._wait("setInterface", self._confirmations["interface"], {"type": "setInterface", "api": encoded})

    def _announce_when_there(self) -> None:
        self._asked = True
        if self._local is not None:
            self._tell_failure(self._announce())

    def _tell_failure(self, promise: Promise) -> None:
        promise.listen(lambda _, error: None if error is None else self._emit("error", error))

    def _install_interface(self, message: Message) -> None:
        decoded = self._read_interface(message["api"])
        with self._lock:
            if self._remote is None:
                self._remote = decoded
            else:
                self._refill(self._remote, decoded)
            waiters, self._interface_waiters[:] = list(self._interface_waiters), []
        self._post({"type": "interfaceSetAsRemote"})
        for waiter in waiters:
            waiter.promise.resolve(self._remote)
        self._emit("interface", self._remote)

    def _refill(self, target: DotDict, source: DotDict) -> None:
        """The same object with the members of another."""
        target.clear()
        target.update(source)
        object_id = remote_id(source)
        if object_id is not None:
            mark_remote(target, self._caller, object_id)

    def _read_interface(self, api: Any) -> DotDict:
        try:
            decoded = self._caller.decode(api)
            if isinstance(decoded, DotDict):
                return decoded
            raise DecodeError("it is no object")
        except DecodeError as error:
            failure = DecodeError(f"{self.name}: its interface cannot be read: {words_of(error)}")
            failure.__cause__ = error
            waiters, self._interface_waiters[:] = list(self._interface_waiters), []
            for waiter in waiters:
                waiter.promise.reject(failure)
            raise failure from error

    # --- code, disposal, log --------------------------------------------------------------------------------------

    def _run_code(self, message: Message) -> None:
        answer: Message = {"type": "executed"}
        try:
            if self._execute is None:
                raise EncodeError("this side runs no code for the other")
            self._execute(self._caller.decode(message["code"]))
        except Exception as error:  # noqa: BLE001 - whatever the code throws is the answer
            answer.update(error=words_of(error), detail=encode_error(error))
        self._post_quietly(answer)

    def _forget_object(self, message: Message) -> None:
        answer: Message = {"type": "disposed"}
        try:
            self._store.dispose(str(message["object_id"]))
        except NoSuchObjectError as error:
            answer["error"] = words_of(error)
        self._post(answer)

    def _confirm(self, what: str, message: Message) -> None:
        with self._lock:
            # An answer that nobody waits for is not ours: some peers acknowledge twice.
            waiter = self._confirmations[what].pop(0) if self._confirmations[what] else None
        if waiter is None:
            return
        if not message.get("error"):
            waiter.promise.resolve(None)
            return
        detail = message.get("detail")
        try:
            thrown = self._caller.decode(detail) if detail else message["error"]
        except DecodeError:
            thrown = message["error"]
        waiter.promise.reject(to_remote_error(thrown, self.name, waiter.label))

    def _note_log(self, message: Message, fallback: str) -> None:
        level, text = message.get("level"), message["message"]
        known = level if level in LEVELS else fallback
        self._emit("log", {"level": known, "message": text if isinstance(text, str) else repr(text)})

    # --- sending --------------------------------------------------------------------------------------------------

    def _wait(self, label: str, waiters: list[_Waiter], message: Optional[Message]) -> Promise:
        """A promise that is settled by an answer; ``message`` asks for it."""
        waiter = _Waiter(self._caller.new_promise(), label)
        with self._lock:
            closed = self._state is PeerState.CLOSED
            if not closed:
                waiters.append(waiter)
        if closed:
            waiter.promise.reject(self._closed_error(label))
            return waiter.promise
        try:
            if message is not None:
                self._post(message)
        except EncodeError as error:
            with self._lock:
                if waiter in waiters:
                    waiters.remove(waiter)
            waiter.promise.reject(self._not_sent(label, error))
        return waiter.promise

    def _not_sent(self, label: str, error: EncodeError) -> EncodeError:
        failure = EncodeError(f"{self.name}: {label} was not sent: {words_of(error)}")
        failure.__cause__ = error
        return failure

    def _post(self, message: Message) -> None:
        if self._state is not PeerState.CLOSED:
            self._send(message)

    def _post_quietly(self, message: Message) -> None:
        try:
            self._post(message)
        except RpcError as error:
            self._emit("error", error)


def _is_function(value: object) -> bool:
    return callable(value) and not isinstance(value, dict) and hasattr(value, "__name__")
