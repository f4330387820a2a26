"""A SQLite file with one writing thread that commits together what arrives together. Knows no tables.

What is awaited is on disk (WAL, ``synchronous=FULL``) before the await returns: a killed process or machine
loses nothing that anybody has used. Several processes may write the same file.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from uncase_pipeline.errors import UncaseError

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
Together = Callable[[sqlite3.Connection, list[T]], None]
"""Writes many rows at once: each statement hands the interpreter over twice, and a busy loop is slow to give it."""

_TOGETHER = 256
_LOCK_SECONDS = 60.0


class Commits:
    """Writes through one thread; reads through a connection of the caller's."""

    def __init__(self, path: Path, schema: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self.reading = connect(path)
        try:
            self.reading.executescript(schema)
        except sqlite3.OperationalError as error:
            raise _unwritable(path, error) from None
        path.chmod(0o600)
        self._thread = threading.Thread(target=self._write, name=f"commits {path.name}", daemon=True)
        self._thread.start()

    async def write(self, work: Work[T]) -> T:
        """Run some statements in a transaction and return once it is on disk."""
        return await self._done(_Job(work, asyncio.get_running_loop()))  # type: ignore[no-any-return]

    async def add(self, row: T, together: Together[T]) -> None:
        """Write a row, with those that arrive at the same time, and return once it is on disk.

        Args:
            row: What to write.
            together: Writes a list of rows; the same function for all that may be written together.
        """
        await self._done(_Job(together, asyncio.get_running_loop(), row))

    async def _done(self, job: "_Job") -> Any:
        self._queue.put(job)
        try:
            return await job.future
        except sqlite3.OperationalError as error:
            raise _unwritable(self._path, error) from None

    def close(self) -> None:
        """Finish what was asked and close the file."""
        self._queue.put(None)
        self._thread.join()
        self.reading.close()

    def _write(self) -> None:
        connection = connect(self._path)
        try:
            while batch := self._next_batch():
                _commit(connection, batch)
        finally:
            connection.close()

    def _next_batch(self) -> list["_Job"]:
        batch: list[_Job] = []
        job = self._queue.get()
        while job is not None:
            batch.append(job)
            if len(batch) == _TOGETHER:
                return batch
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return batch
        if batch:
            self._queue.put(None)
        return batch


_ALONE = object()


class _Job:
    __slots__ = ("error", "future", "loop", "result", "row", "work")

    def __init__(self, work: Callable[..., Any], loop: asyncio.AbstractEventLoop, row: Any = _ALONE) -> None:
        self.work = work
        self.loop = loop
        self.row = row
        self.future: asyncio.Future[Any] = loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Hand the result over, in the loop that asked."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


def connect(path: Path) -> sqlite3.Connection:
    """Open a SQLite file for many readers and one writer at a time.

    Raises:
        UncaseError: ``unreadable-file`` where it is no SQLite file or can't be opened.
    """
    try:
        connection = sqlite3.connect(
            path, timeout=_LOCK_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    except sqlite3.Error as error:
        raise UncaseError(
            "unreadable-file",
            f"{path} can't be opened ({error}).",
            "Restore it from a backup, or move it away to start a new one.",
        ) from None
    return connection


def _unwritable(path: Path, error: sqlite3.Error) -> UncaseError:
    return UncaseError(
        "unwritable-file",
        f"{path} can't be written ({error}).",
        "Make room on the disk, or end what holds the file, and run it again: what was written is kept.",
    )


def _commit(connection: sqlite3.Connection, batch: list[_Job]) -> None:
    """Commit a batch; if that fails, each of its jobs alone, so that one can't take others with it."""
    if not _committed(connection, batch) and len(batch) > 1:
        for job in batch:
            _committed(connection, [job])
    for loop in {job.loop for job in batch}:
        jobs = [job for job in batch if job.loop is loop]
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, jobs)


def _committed(connection: sqlite3.Connection, batch: list[_Job]) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
        rows: dict[Together[Any], list[Any]] = {}
        for job in batch:
            job.error = None
            if job.row is _ALONE:
                job.result = job.work(connection)
            else:
                rows.setdefault(job.work, []).append(job.row)
        for together, those in rows.items():
            together(connection, those)
        connection.execute("COMMIT")
    except Exception as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        for job in batch:
            job.error = error
        return False
    return True


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        job.settle()
