"""How functions of the plugin are called for the other side: async ones on the event loop, as they come; all others in
one thread of their own, one at a time, so that a function that takes long stops neither the loop nor other calls.
"""

import asyncio
import contextvars
import functools
import inspect
import queue
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Optional

from imjoy.rpc.callee import Invocation, Reject, Resolve
from imjoy.rpc.caller import RemoteFunction
from imjoy.rpc.promise import Promise

if sys.platform == "win32":
    _Loop = asyncio.ProactorEventLoop
else:
    _Loop = asyncio.SelectorEventLoop


class PluginLoop(_Loop):
    """An event loop that may be given work from other threads without further ado.

    Synchronous functions used to run on the loop's thread, and plugins rely on it: they start tasks with
    ``asyncio.ensure_future`` or ``get_event_loop().create_task``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._home = threading.get_ident()

    def call_soon(  # type: ignore[override]
        self, callback: Any, *args: Any, context: Optional[contextvars.Context] = None
    ) -> asyncio.Handle:
        """In the loop's own thread as ever; from another one with a word to the loop, which may be asleep."""
        if threading.get_ident() == self._home:
            return super().call_soon(callback, *args, context=context)
        return self.call_soon_threadsafe(callback, *args, context=context)


class WorkThread:
    """Runs what it is given, in order, in one thread that does not keep the process alive."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._started = False
        # Each is counted by one thread alone.
        self._submitted = 0
        self._finished = 0

    @property
    def idle(self) -> bool:
        """Whether nothing runs or waits in it."""
        return self._submitted == self._finished

    def submit(self, work: Callable[[], None]) -> None:
        """Run this when its turn comes; called by the loop's thread."""
        if not self._started:
            self._started = True
            threading.Thread(target=self._work, name="imjoy-plugin", daemon=True).start()
        self._submitted += 1
        context = contextvars.copy_context()
        self._queue.put(lambda: context.run(work))

    def _work(self) -> None:
        while True:
            work = self._queue.get()
            # Again each time: asyncio.run() in a function leaves none behind.
            asyncio.set_event_loop(self._loop)
            work()
            self._finished += 1


class Runner:
    """Calls functions for the other side; ``failed`` is told of every one that fails, with its label."""

    def __init__(self, loop: asyncio.AbstractEventLoop, failed: Callable[[str, BaseException], None]) -> None:
        self._loop = loop
        self._failed = failed
        self._thread = WorkThread(loop)
        self._tasks: set[asyncio.Task[None]] = set()
        self.labels: set[str] = set()

    def run(self, invocation: Invocation, resolve: Resolve, reject: Reject) -> None:
        """In the loop's thread; ``resolve`` or ``reject`` is called later, in whichever thread the function ran."""
        self.labels.add(invocation.label)

        def refuse(error: BaseException) -> None:
            self._failed(invocation.label, error)
            reject(error)

        call = functools.partial(invocation.function, *invocation.args, **invocation.kwargs)
        if is_async(invocation.function):
            self.start(_finish(call, resolve, refuse))
        elif isinstance(invocation.function, RemoteFunction):
            _pass_on(call(), resolve, reject)
        else:
            self._thread.submit(lambda: self._run_here(call, resolve, refuse))

    def _run_here(self, call: Callable[[], Any], resolve: Resolve, refuse: Reject) -> None:
        """In the thread for functions that are not async."""
        try:
            outcome = call()
            if isinstance(outcome, Promise):
                _pass_on(outcome, resolve, refuse)
            elif inspect.isawaitable(outcome):
                self._loop.call_soon_threadsafe(self.start, _finish(lambda: outcome, resolve, refuse))
            else:
                resolve(outcome)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the plugin's code throws is the answer
            refuse(error)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine as a task; in the loop's thread."""
        task = self._loop.create_task(work)
        # The loop itself keeps tasks only weakly.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def run_last(self, function: Callable[[], Any]) -> None:
        """Call ``exit``: a function that still runs does not keep it waiting, since it may be what tells it to stop."""
        done: asyncio.Future[None] = self._loop.create_future()

        def settle() -> None:
            if not done.done():
                done.set_result(None)

        def resolve(_: Any) -> None:
            self._loop.call_soon_threadsafe(settle)

        def refuse(error: BaseException) -> None:
            self._failed("exit", error)
            resolve(None)

        if is_async(function):
            await _finish(function, resolve, refuse)
        elif self._thread.idle:
            self._thread.submit(lambda: self._run_here(function, resolve, refuse))
        else:
            work = threading.Thread(target=self._run_here, args=(function, resolve, refuse), daemon=True)
            work.start()
        await done


def is_async(function: Any) -> bool:
    """Whether calling it returns a coroutine, as far as that can be told beforehand."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.iscoroutinefunction(function):
        return True
    # An instance with an async __call__.
    return not inspect.isroutine(function) and inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


async def _finish(call: Callable[[], Awaitable[Any]], resolve: Resolve, refuse: Reject) -> None:
    try:
        outcome = await call()
    except (Exception, SystemExit, asyncio.CancelledError) as error:  # noqa: BLE001 - as above
        refuse(error)
    else:
        resolve(outcome)


def _pass_on(promise: Promise, resolve: Resolve, reject: Reject) -> None:
    promise.listen(lambda value, error: resolve(value) if error is None else reject(error))
