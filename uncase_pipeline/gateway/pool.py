"""Many coroutines over a stream, a bounded number at a time. Knows nothing of models.

Generation runs whole conversations through it (each a coroutine of many calls); the door runs single calls.
Memory does not grow with the stream. The first error cancels what is under way and is raised.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_WINDOW = 8
"""Items that ``in_order`` may hold for each under way, so that one slow item does not stop the rest."""


async def as_completed(
    items: Iterable[T] | AsyncIterable[T], work: Callable[[T], Coroutine[Any, Any, R]], width: int
) -> AsyncIterator[R]:
    """Yield results as they come, with at most ``width`` items under way."""
    finished: asyncio.Queue[asyncio.Task[R]] = asyncio.Queue()
    running: set[asyncio.Task[R]] = set()
    try:
        async for item in _each(items):
            task = asyncio.create_task(work(item))
            running.add(task)
            task.add_done_callback(finished.put_nowait)
            if len(running) >= width:
                yield _taken(await finished.get(), running)
        while running:
            yield _taken(await finished.get(), running)
    finally:
        await _cancelled(running)


async def in_order(
    items: Iterable[T] | AsyncIterable[T], work: Callable[[T], Coroutine[Any, Any, R]], width: int
) -> AsyncIterator[R]:
    """Yield results in the order of the items, with at most ``width`` under way."""
    room = asyncio.Semaphore(width)
    window: deque[asyncio.Task[R]] = deque()

    async def one(item: T) -> R:
        async with room:
            return await work(item)

    try:
        async for item in _each(items):
            window.append(asyncio.create_task(one(item)))
            while window and (len(window) >= _WINDOW * width or window[0].done()):
                yield await window.popleft()
        while window:
            yield await window.popleft()
    finally:
        await _cancelled(window)


def _taken(task: asyncio.Task[R], running: set[asyncio.Task[R]]) -> R:
    running.discard(task)
    return task.result()


async def _cancelled(tasks: Iterable[asyncio.Task[R]]) -> None:
    pending = list(tasks)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)


async def _each(items: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
