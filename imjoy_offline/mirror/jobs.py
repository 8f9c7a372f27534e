"""Several jobs at once, and a word for the person while something takes long."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager

from imjoy_offline.progress import Progress, ProgressEvent

_AT_ONCE = 8
_SECONDS_BETWEEN_WORDS = 0.5


async def in_parallel(jobs: Iterable[Coroutine[object, object, None]]) -> None:
    """Run the jobs, a few at a time; the first error stops the others and is raised."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(job: Coroutine[object, object, None]) -> None:
        async with turns:
            await job

    tasks = [asyncio.ensure_future(one(job)) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def telling(progress: Progress, word: Callable[[], ProgressEvent]) -> AsyncIterator[None]:
    """Emit ``word()`` again and again until the block ends; nothing where it ends at once."""

    async def tell() -> None:
        while True:
            await asyncio.sleep(_SECONDS_BETWEEN_WORDS)
            progress.emit(word())

    teller = asyncio.ensure_future(tell())
    try:
        yield
    finally:
        teller.cancel()
        await asyncio.gather(teller, return_exceptions=True)
