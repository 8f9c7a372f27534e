"""imjoy.rpc.promise: settled once, awaited, handled, waited for, from any thread and on any loop."""

import asyncio
import contextlib
import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from imjoy.rpc.dotdict import DotDict
from imjoy.rpc.promise import Promise, PromiseRules, WouldBlockError


def resolved(value: Any, **rules: Any) -> Promise:
    promise = Promise(PromiseRules(**rules))
    promise.resolve(value)
    return promise


def rejected(error: BaseException, **rules: Any) -> Promise:
    promise = Promise(PromiseRules(**rules))
    promise.reject(error)
    return promise


@contextlib.contextmanager
def settled_later(promise: Promise, value: Any) -> Iterator[None]:
    """Resolved by another thread while the block waits for it."""
    timer = threading.Timer(0.05, promise.resolve, (value,))
    timer.start()
    yield
    timer.join()


def test_it_is_settled_once() -> None:
    promise = resolved(1)
    promise.resolve(2)
    promise.reject(ValueError())
    assert promise.done()
    assert promise.result() == 1


def test_a_thread_waits_for_its_result() -> None:
    promise = Promise()
    with settled_later(promise, 5):
        assert promise.result(5) == 5
    with pytest.raises(ValueError, match="bad"):
        rejected(ValueError("bad")).result()
    with pytest.raises(TimeoutError, match="no answer came within 0"):
        Promise().result(0.01)


def test_where_nobody_could_answer_the_result_is_refused_in_words() -> None:
    promise = Promise(PromiseRules(may_block=lambda: False))
    with pytest.raises(WouldBlockError, match="Write `await` instead"):
        promise.result()
    promise.resolve(1)
    assert promise.result() == 1


def test_it_is_awaited_on_any_loop() -> None:
    async def wait(promise: Promise) -> Any:
        return await promise

    promise = Promise()
    with settled_later(promise, 5):
        assert asyncio.run(wait(promise)) == 5
    assert asyncio.run(wait(promise)) == 5
    with pytest.raises(ValueError, match="bad"):
        asyncio.run(wait(rejected(ValueError("bad"))))


def test_several_are_gathered_and_waited_for_with_a_limit() -> None:
    async def gather() -> Any:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(Promise(), 0.01)
        return await asyncio.gather(resolved(1), resolved(2))

    assert asyncio.run(gather()) == [1, 2]


def test_handlers_are_called_with_what_came() -> None:
    heard: list[Any] = []
    promise = Promise()
    assert promise.then(heard.append).catch(heard.append).finally_(lambda: heard.append("end")) is promise
    promise.resolve(1)
    assert heard == [1, "end"]
    failed = ValueError()
    rejected(failed).then(heard.append).catch(heard.append).finally_(lambda: heard.append("end"))
    assert heard == [1, "end", failed, "end"]


def test_what_a_handler_throws_goes_to_the_catching_one_or_is_told() -> None:
    told: list[BaseException] = []
    caught: list[BaseException] = []
    promise = Promise(PromiseRules(unhandled=told.append))
    promise.then(lambda value: 1 / value).catch(caught.append)
    promise.resolve(0)
    assert isinstance(caught[0], ZeroDivisionError)
    assert not told
    resolved(0, unhandled=told.append).then(lambda value: 1 / value)
    rejected(ValueError(), unhandled=told.append).catch(lambda error: 1 / 0)
    assert [type(error) for error in told] == [ZeroDivisionError, ZeroDivisionError]


def test_handlers_may_be_async() -> None:
    heard: list[Any] = []

    async def handle(value: Any) -> None:
        await asyncio.sleep(0)
        heard.append(1 / value)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        done = asyncio.Event()

        def later(work: Callable[[], None]) -> None:
            loop.call_soon_threadsafe(work)

        def failed(error: BaseException) -> None:
            heard.append(type(error))
            done.set()

        rules = PromiseRules(later=later)
        promise = Promise(rules)
        promise.then(handle).catch(failed)
        promise.resolve(0)
        await asyncio.wait_for(done.wait(), 5)

    asyncio.run(main())
    assert heard == [ZeroDivisionError]


def test_an_error_that_nobody_asked_for_is_told_when_the_promise_is_forgotten() -> None:
    told: list[BaseException] = []
    rejected(ValueError("1"), unhandled=told.append)
    rejected(ValueError("2"), unhandled=told.append).then(lambda value: None)
    rejected(ValueError("3"), unhandled=told.append).catch(lambda error: None)
    resolved(4, unhandled=told.append)
    with contextlib.suppress(ValueError):
        rejected(ValueError("5"), unhandled=told.append).result()
    gc.collect()
    assert sorted(map(str, told)) == ["1", "2"]


def test_in_async_with_the_object_is_entered_left_and_disposed() -> None:
    calls: list[Any] = []

    def note(name: str) -> Any:
        def called(*args: Any) -> Promise:
            calls.append((name, *args))
            return resolved(None)

        return called

    def opened() -> Promise:
        value = DotDict({"__enter__": note("enter"), "__exit__": note("exit"), "n": 1})
        return resolved(value, dispose=note("dispose"))

    async def main() -> None:
        async with opened() as received:
            calls.append(received.n)
        with pytest.raises(ZeroDivisionError):
            async with opened():
                raise ZeroDivisionError("division")

    asyncio.run(main())
    names = [call if isinstance(call, int) else call[0] for call in calls]
    assert names == ["enter", 1, "exit", "dispose", "enter", "exit", "dispose"]
    assert calls[2] == ("exit", None, None, None)
    assert calls[5] == ("exit", "ZeroDivisionError", "division", None)
