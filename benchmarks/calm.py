"""An event loop whose clock is this process's own CPU time: throughput as an idle core would show it.

Everything real still happens (litellm, HTTP over loopback, SQLite); only waiting is skipped, and time that
other processes take does not pass. All threads count as if on one core, and the server in the same process
too, so that the figure is a lower bound for a machine with nothing else to do.
"""

import asyncio
import selectors
import sqlite3
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from uncase_pipeline.gateway import commits

T = TypeVar("T")
_GLANCE = 0.0005
DISK = 0.004
"""Seconds that a commit is charged beside its CPU: fsync of the machine at hand, measured 3.5 ms."""


class _CpuClock(selectors.EpollSelector):
    """Skips waiting, unless a thread is at work for the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0
        self.at_work = 0

    def now(self) -> float:
        return time.process_time() + self.skipped

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.at_work:
            return super().select(_GLANCE)
        self.skipped += timeout or 0.0
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    """A job in another thread counts until the loop has its result."""

    def __init__(self, clock: _CpuClock) -> None:
        super().__init__(clock)
        self._cpu = clock

    def time(self) -> float:
        return self._cpu.now()

    def run_in_executor(self, executor: Any, work: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        self._cpu.at_work += 1
        future = super().run_in_executor(executor, work, *args)
        future.add_done_callback(self._done)
        return future

    def _done(self, _future: asyncio.Future[Any]) -> None:
        self._cpu.at_work -= 1


def run(story: Callable[[Callable[[], float]], Coroutine[Any, Any, T]]) -> T:
    """Run a story on the CPU clock, which it is given."""
    clock = _CpuClock()
    loop = _Loop(clock)
    plain = commits._commit, commits._settle
    commits._commit, commits._settle = _charged(clock, loop)
    try:
        return loop.run_until_complete(story(clock.now))
    finally:
        commits._commit, commits._settle = plain
        loop.set_exception_handler(lambda *_: None)  # the server's connections are cut off
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def _charged(clock: _CpuClock, loop: asyncio.AbstractEventLoop) -> tuple[Any, Any]:
    """Let a commit take the time of a disk beside its CPU."""
    commit, settle = commits._commit, commits._settle
    begun: dict[int, float] = {}

    def committing(connection: sqlite3.Connection, batch: list[Any]) -> None:
        begun[id(batch[0])] = clock.now()
        clock.at_work += 1
        commit(connection, batch)

    def settling(jobs: list[Any]) -> None:
        clock.at_work -= 1
        rest = begun.pop(id(jobs[0])) + DISK - clock.now()
        loop.call_later(max(0.0, rest), settle, jobs)

    return committing, settling
