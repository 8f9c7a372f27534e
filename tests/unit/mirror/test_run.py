import asyncio

import pytest

from imjoy_offline.errors import IntegrityError
from imjoy_offline.mirror.run import in_parallel


def test_all_jobs_are_done_a_few_at_a_time() -> None:
    running, highest, done = 0, 0, list[int]()

    async def job(number: int) -> None:
        nonlocal running, highest
        running += 1
        highest = max(highest, running)
        await asyncio.sleep(0)
        running -= 1
        done.append(number)

    asyncio.run(in_parallel(job(number) for number in range(30)))
    assert sorted(done) == list(range(30)) and 1 < highest <= 8


def test_the_first_error_stops_the_others() -> None:
    stopped: list[int] = []

    async def wait_for_ever(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(number)

    async def fail() -> None:
        await asyncio.sleep(0)
        raise IntegrityError("wrong bytes")

    async def everything() -> None:
        await in_parallel([wait_for_ever(1), fail(), wait_for_ever(2)])

    with pytest.raises(IntegrityError, match="wrong bytes"):
        asyncio.run(everything())
    assert sorted(stopped) == [1, 2]
