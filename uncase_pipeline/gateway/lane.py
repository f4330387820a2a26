"""One provider and model at work: its limit, its breaker, and attempts until there is an answer.

It knows no journal, gate or budget: it is told what to do before an attempt leaves.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway import backend
from uncase_pipeline.gateway.backend import RawAnswer
from uncase_pipeline.gateway.failures import Failure, Sort, classify
from uncase_pipeline.gateway.flow import Breaker, Limit, backoff
from uncase_pipeline.gateway.progress import Progress
from uncase_pipeline.gateway.providers import Route
from uncase_pipeline.gateway.request import Request

Note = Callable[[Literal["sent", "withdrawn"], int], Awaitable[None]]
"""Writes down that an attempt, counted from 1, is about to leave, or did not leave after all."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Time of the day and monotonic time, and the random source of the jitter."""

    today: Callable[[], float]
    monotonic: Callable[[], float]
    draw: random.Random


class Lane:
    """Calls to one route."""

    def __init__(
        self,
        route: Route,
        limit: Limit,
        breaker: Breaker,
        *,
        clocks: Clocks,
        progress: Progress,
        attempts: int,
        client: Any = None,
    ) -> None:
        self.route = route
        self.limit = limit
        self.breaker = breaker
        self._clocks = clocks
        self._progress = progress
        self._attempts = attempts
        self._client = client
        self.at_sea: set[asyncio.Task[Any] | None] = set()

    @asynccontextmanager
    async def asked(
        self, request: Request, *, timeout: float, note: Note
    ) -> AsyncIterator[RawAnswer | Failure]:
        """Try until there is an answer, the attempts are used up, or trying is pointless.

        Leave it when the answer is on disk: until then it counts as under way, and the task is ``at_sea``.

        Args:
            request: What to ask.
            timeout: Seconds per attempt.
            note: Writes the ledger before an attempt leaves.

        Yields:
            The answer, or the last failure.
        """
        try:
            yield await self._ask(request, timeout, note)
        finally:
            self._landed()

    async def _ask(self, request: Request, timeout: float, note: Note) -> RawAnswer | Failure:
        failure = self.breaker.last or Failure(Sort.TRANSIENT, "unreachable")
        broken = tries = 0
        while broken < self._attempts and self.breaker.admits():
            tries += 1
            outcome = await self._attempt(request, timeout, note, tries)
            if isinstance(outcome, RawAnswer):
                return outcome
            failure = outcome
            if failure.sort in (Sort.REFUSED, Sort.FATAL):
                break
            broken += failure.sort is Sort.TRANSIENT  # a busy provider is asked until the breaker opens
            self._progress.retries += 1
            await asyncio.sleep(backoff(tries, failure.retry_after, self._clocks.draw))
        return failure

    async def _attempt(
        self, request: Request, timeout: float, note: Note, attempt: int
    ) -> RawAnswer | Failure:
        trip = _Trip()

        async def prepare() -> None:
            trip.noted = True
            await note("sent", attempt)

        try:
            async with self.limit.ready(prepare):
                return await self._asked(request, timeout, trip)
        finally:
            if trip.noted and trip.started is None:
                await note("withdrawn", attempt)

    async def _asked(self, request: Request, timeout: float, trip: "_Trip") -> RawAnswer | Failure:
        try:
            answer = await backend.ask(
                self.route,
                request,
                timeout=timeout,
                underway=lambda: self._underway(timeout, trip),
                client=self._client,
            )
        except UncaseError:
            raise
        except Exception as error:
            self._landed()
            failure = Failure(Sort.REFUSED, "bad-request")
            if trip.started is not None:  # else litellm refused to send it
                failure = classify(error, now=self._clocks.today())
            self._note(failure, trip)
            return failure
        self.breaker.answered()
        if trip.started is not None:
            self.limit.answered(trip.started)
        return answer

    @asynccontextmanager
    async def _underway(self, timeout: float, trip: "_Trip") -> AsyncIterator[None]:
        task = asyncio.current_task()
        async with self.limit.place():
            if task not in self.at_sea:
                await self.limit.embark()
                self.at_sea.add(task)
            trip.started = self._clocks.monotonic()
            async with asyncio.timeout(timeout):
                yield

    def _landed(self) -> None:
        """The answer of this task is on disk, or there is none: cancelling it loses nothing any more."""
        task = asyncio.current_task()
        if task in self.at_sea:
            self.at_sea.discard(task)
            self.limit.landed()

    def _note(self, failure: Failure, trip: "_Trip") -> None:
        if failure.sort is Sort.THROTTLED and trip.started is not None:
            self._progress.throttled += 1
            self.limit.throttled(trip.started, failure.retry_after)
        self.breaker.failed(failure)


@dataclass(slots=True)
class _Trip:
    """One attempt: written down as sent, then started, unless it was cancelled or refused in between."""

    noted: bool = False
    started: float | None = None
