"""What a call of the other side returns: awaitable, promise-like (``then``, ``catch``, ``finally_``), and a result that
a thread can wait for. It may be settled, awaited and asked in any thread and on any event loop.

What differs from one program to the next is in ``PromiseRules``: where handlers run, and what to do with a failure that
nobody has asked for.
"""

import asyncio
import contextlib
import inspect
import threading
from collections.abc import Callable, Generator
from enum import Enum
from types import TracebackType
from typing import Any, NamedTuple, Optional

from imjoy.rpc.errors import RpcError

Listener = Callable[[Any, Optional[BaseException]], None]


class WouldBlockError(RpcError):
    """``result()`` was asked for where the answer could never come, since it is this very thread that reads answers."""


def _at_once(work: Callable[[], None]) -> None:
    work()


def _pass_over(error: BaseException) -> None:
    """Nobody is there to be told."""


class PromiseRules(NamedTuple):
    """``later`` runs a handler; ``unhandled`` is told of a failure that nobody asked for, or of a handler's own;
    ``may_block`` says whether the present thread may wait; ``dispose`` lets the other side forget an object.
    """

    later: Callable[[Callable[[], None]], None] = _at_once
    unhandled: Callable[[BaseException], None] = _pass_over
    may_block: Callable[[], bool] = lambda: True
    dispose: Optional[Callable[[Any], "Promise"]] = None


class _State(Enum):
    PENDING = "pending"
    RESOLVED = "resolved"
    REJECTED = "rejected"


class Promise:
    """A value that comes later, or the error instead of it; settled once, every further time is passed over."""

    def __init__(self, rules: Optional[PromiseRules] = None) -> None:
        self._rules = rules or PromiseRules()
        self._condition = threading.Condition()
        self._state = _State.PENDING
        self._value: Any = None
        self._error: Optional[BaseException] = None
        self._listeners: list[Listener] = []
        self._catchers: list[Callable[[BaseException], Any]] = []
        self._asked = False

    def resolve(self, value: Any) -> None:
        """Settle it with a value."""
        self._settle(_State.RESOLVED, value, None)

    def reject(self, error: BaseException) -> None:
        """Settle it with an error."""
        self._settle(_State.REJECTED, None, error)

    def _settle(self, state: _State, value: Any, error: Optional[BaseException]) -> None:
        with self._condition:
            if self._state is not _State.PENDING:
                return
            self._state, self._value, self._error = state, value, error
            listeners, self._listeners = self._listeners, []
            self._condition.notify_all()
        for listener in listeners:
            listener(value, error)

    def done(self) -> bool:
        """Whether it is settled."""
        return self._state is not _State.PENDING

    def listen(self, listener: Listener) -> None:
        """Call ``listener`` with value and error once it is settled, in the thread that settles it."""
        self._asked = True
        self._add(listener)

    def _add(self, listener: Listener) -> None:
        with self._condition:
            if self._state is _State.PENDING:
                self._listeners.append(listener)
                return
        listener(self._value, self._error)

    def result(self, timeout: Optional[float] = None) -> Any:
        """Wait for the value; for synchronous functions, which run in a thread of their own.

        Raises the error that came instead, TimeoutError after ``timeout`` seconds, and WouldBlockError in the thread of
        the event loop, where it can only be awaited.
        """
        if not self.done() and not self._rules.may_block():
            raise WouldBlockError(
                "result() would wait for ever here, since answers are read by this very thread. Write `await` instead, "
                "or ask for it in a function that is not async."
            )
        with self._condition:
            self._asked = True
            if not self._condition.wait_for(self.done, timeout):
                raise TimeoutError(f"no answer came within {timeout:g} seconds")
        return self._outcome()

    def _outcome(self) -> Any:
        if self._error is not None:
            raise self._error
        return self._value

    def then(self, handler: Callable[[Any], Any]) -> "Promise":
        """Call ``handler`` with the value; returns the same promise."""

        def handle(value: Any, error: Optional[BaseException]) -> None:
            if error is None:
                self._rules.later(lambda: self._run(handler, value))

        # Whoever asks for the value alone is not somebody who will see the error.
        self._add(handle)
        return self

    def catch(self, handler: Callable[[BaseException], Any]) -> "Promise":
        """Call ``handler`` with the error, also with one of a handler before it; returns the same promise."""
        self._catchers.append(handler)

        def handle(_: Any, error: Optional[BaseException]) -> None:
            if error is not None:
                failure = error
                self._rules.later(lambda: self._run(handler, failure, catching=True))

        self.listen(handle)
        return self

    def finally_(self, handler: Callable[..., Any]) -> "Promise":
        """Call ``handler`` without arguments, however it ends; returns the same promise."""
        self._add(lambda value, error: self._rules.later(lambda: self._run(handler)))
        return self

    def _run(self, handler: Callable[..., Any], *args: Any, catching: bool = False) -> None:
        try:
            outcome = handler(*args)
            if inspect.isawaitable(outcome):
                task = asyncio.ensure_future(outcome)
                task.add_done_callback(lambda done: self._finished(done, catching))
        except Exception as error:  # noqa: BLE001 - whatever a handler of the plugin throws
            self._handler_failed(error, catching)

    def _finished(self, task: "asyncio.Future[Any]", catching: bool) -> None:
        if not task.cancelled():
            error = task.exception()
            if error is not None:
                self._handler_failed(error, catching)

    def _handler_failed(self, error: BaseException, catching: bool) -> None:
        if catching or not self._catchers:
            self._rules.unhandled(error)
            return
        for catcher in list(self._catchers):
            self._run(catcher, error, catching=True)

    def __await__(self) -> Generator[Any, None, Any]:
        self._asked = True
        if not self.done():
            loop = asyncio.get_running_loop()
            future: asyncio.Future[None] = loop.create_future()

            def wake() -> None:
                if not future.done():
                    future.set_result(None)

            def notify(value: Any, error: Optional[BaseException]) -> None:
                # A loop that has been closed meanwhile has nobody left who waits.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(wake)

            self.listen(notify)
            yield from future
        return self._outcome()

    async def __aenter__(self) -> Any:
        value = await self
        enter = _method(value, "__enter__")
        if enter is not None:
            await _settled(enter())
        return value

    async def __aexit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        value = self._outcome()
        leave = _method(value, "__exit__")
        if leave is not None:
            await _settled(leave(None if kind is None else kind.__name__, None if error is None else str(error), None))
        if self._rules.dispose is not None:
            await self._rules.dispose(value)

    def __del__(self) -> None:
        if self._error is not None and not self._asked:
            self._rules.unhandled(self._error)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._state.value}>"


def _method(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


async def _settled(outcome: Any) -> Any:
    return await outcome if inspect.isawaitable(outcome) else outcome
