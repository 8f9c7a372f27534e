"""Work that would keep the event loop waiting, done in threads that the end of the program does not wait for.

The event loop's own executor is none of these: it has few threads, which files are read with, and is waited for.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def call_beside(work: Callable[[], Result]) -> "asyncio.Future[Result]":
    """What ``work`` returns or raises, done in a thread of its own that the end of the program does not wait for."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def run() -> None:
        result: Result | None = None
        problem: BaseException | None = None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - raised again where the result is waited for
            problem = error
        # Where the loop has ended, nobody waits any more.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, problem)

    threading.Thread(target=run, daemon=True).start()
    return future
