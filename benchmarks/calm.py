"""An event loop whose clock is this process's own CPU time: throughput as an idle core would show it.

Everything real still happens (litellm, HTTP over loopback, SQLite); only waiting is skipped, and time that
other processes take does not pass. All threads count as if on one core; what the server in the same process
spends on a call does not count, as it has a core of its own elsewhere.
"""

import asyncio
import selectors
import sqlite3
import time
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any, TypeVar

from benchmarks.provider_server import Provider
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
        self.elsewhere = 0.0
        self.at_work = 0

    def now(self) -> float:
        return time.process_time() - self.elsewhere + self.skipped

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.at_work:
            begun = time.process_time()
            ready = super().select(_GLANCE)
            self.elsewhere += time.process_time() - begun
            return ready
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


class _Elsewhere:
    """Runs a coroutine whose CPU does not count."""

    def __init__(self, work: Coroutine[Any, Any, None], clock: _CpuClock) -> None:
        self._work = work
        self._clock = clock

    def __await__(self) -> Generator[Any, Any, None]:
        step = partial(self._work.send, None)
        while True:
            begun = time.process_time()
            try:
                waits_for = step()
            except StopIteration:
                return
            finally:
                self._clock.elsewhere += time.process_time() - begun
            step = partial(self._work.send, None)
            try:
                yield waits_for
            except BaseException as error:
                step = partial(self._work.throw, error)


def _away(provider: Provider, clock: _CpuClock) -> None:
    serve = provider._connection

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _Elsewhere(serve(reader, writer), clock)

    provider._connection = connection  # type: ignore[method-assign]


def run(provider: Provider, story: Callable[[Callable[[], float]], Coroutine[Any, Any, T]]) -> T:
    """Run a story on the CPU clock, which it is given, with a provider that costs nothing."""
    clock = _CpuClock()
    _away(provider, clock)
    loop = _Loop(clock)
    plain = commits._commit, commits._settle, commits._Job
    commits._commit, commits._settle, commits._Job = _charged(clock, loop)  # type: ignore[misc]
    try:
        return loop.run_until_complete(story(clock.now))
    finally:
        commits._commit, commits._settle, commits._Job = plain  # type: ignore[misc]
        loop.set_exception_handler(lambda *_: None)  # the server's connections are cut off
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def _charged(clock: _CpuClock, loop: asyncio.AbstractEventLoop) -> tuple[Any, Any, Any]:
    """Let a commit take the time of a disk beside its CPU; no waiting is skipped while one is asked for."""
    commit, settle = commits._commit, commits._settle
    begun: dict[int, float] = {}

    class Job(commits._Job):
        """Counts until it is on disk."""

        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            clock.at_work += 1

    def committing(connection: sqlite3.Connection, batch: list[Any]) -> None:
        begun[id(batch[0])] = clock.now()
        commit(connection, batch)

    def settling(jobs: list[Any]) -> None:
        clock.at_work -= len(jobs)
        rest = begun.pop(id(jobs[0])) + DISK - clock.now()
        loop.call_later(max(0.0, rest), settle, jobs)

    return committing, settling, Job
