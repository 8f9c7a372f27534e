import asyncio

import pytest

from imjoy_offline.errors import IntegrityError
from imjoy_offline.mirror import jobs
from imjoy_offline.mirror.jobs import in_parallel, telling
from imjoy_offline.progress import ProgressEvent, RecordingProgress


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


@pytest.mark.parametrize("fails", [False, True])
def test_a_word_is_told_again_and_again_until_the_work_ends(monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    monkeypatch.setattr(jobs, "_SECONDS_BETWEEN_WORDS", 0.001)
    progress = RecordingProgress()

    async def work() -> None:
        async with telling(progress, lambda: ProgressEvent("working", "reading", len(progress.events))):
            while len(progress.events) < 3:
                await asyncio.sleep(0.001)
            if fails:
                raise IntegrityError("wrong bytes")

    async def everything() -> int:
        try:
            await work()
        except IntegrityError:
            assert fails
        told = len(progress.events)
        await asyncio.sleep(0.02)
        return told

    told = asyncio.run(everything())
    assert [event.done for event in progress.events] == list(range(told)) and told >= 3
