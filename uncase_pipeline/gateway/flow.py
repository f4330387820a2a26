"""How many calls may be under way, and when. One ``Limit`` and one ``Breaker`` per model.

The number adapts: doubled per round until the first "too many", then one more per round. A burst of them cuts
it once, since they all speak of the same moment, and by half of their share among the last answers, as in
DCTCP (Alizadeh et al., SIGCOMM 2010): a hiccup costs little, a wall halves. Who is told to wait, waits; after
it the calls start one after the other, or they would all be too many again.
"""

import asyncio
import math
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.gateway.failures import Failure, Sort

Clock = Callable[[], float]

_FIRST = 16
_MEMORY = 1 / 16
"""Weight of one answer in the share of those that said "too many"."""
_SPREAD, _SPREAD_AFTER_CUT = 1 / 2, 1 / 8
"""Calls start over at least this part of a round, so that they neither come back in one heap, for which each
would wait, nor hit a busy provider at once. Longer costs throughput; after a cut so does as long."""
_AHEAD = 1 / 8
"""Calls that get ready while no place is free, as a part of the limit: what they write takes a disk's time."""
_LANDING = 1 / 16
"""Answers that may be on their way to the disk beside a full house of calls, as a part of the ceiling."""
_LONGEST_WAIT = 60.0


class Limit:
    """An adaptive limit of calls under way, with an optional pace.

    Args:
        ceiling: Never more than this.
        per_minute: Never faster than this; None is no pace.
        clock: Monotonic seconds.
    """

    def __init__(self, ceiling: int, per_minute: float | None, clock: Clock) -> None:
        self.ceiling = ceiling
        self.size = float(min(_FIRST, ceiling))
        self.cuts = 0
        self._growing_fast = True
        self._throttled_share = 0.0
        self._clock = clock
        self._cut_at = -1.0
        self._paused_until = 0.0
        self._next_start = 0.0
        self._round = 0.0
        self._every = 60 / per_minute if per_minute else 0.0
        self._preparing = _Turnstile(lambda: int(self.size) + math.ceil(_AHEAD * self.size))
        self._starting = _Turnstile(lambda: int(self.size))
        self._unlanded = _Turnstile(lambda: ceiling + int(_LANDING * ceiling))

    @property
    def under_way(self) -> int:
        """Calls that have a place."""
        return self._starting.inside

    @asynccontextmanager
    async def ready(self, prepare: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Wait for the pace, then prepare a call. A place is taken within.

        Args:
            prepare: What must be done before a start. It is done for a few calls more than may be under way,
                so that one is ready when a place is free.
        """
        async with self._preparing.passed():
            await self._paced()
            await prepare()
            yield

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place and the end of a pause."""
        async with self._starting.passed():
            await self._unpaused()
            yield

    async def embark(self) -> None:
        """Wait until little enough is paid for and not on disk: a kill loses the ceiling and a sixteenth at most."""
        await self._unlanded.enter()

    def landed(self) -> None:
        """What embarked is on disk, or will never have an answer."""
        self._unlanded.leave()

    def answered(self, started: float) -> None:
        """Grow: an answer came back."""
        took = self._clock() - started
        self._round += _MEMORY * (took - self._round) if self._round else took
        self._throttled_share -= _MEMORY * self._throttled_share
        self.size = min(self.ceiling, self.size + (1.0 if self._growing_fast else 1.0 / self.size))
        self._starting.wake()
        self._preparing.wake()

    def throttled(self, started: float, retry_after: float | None) -> None:
        """Cut once per burst: only for a call that started a round after the last cut. Pause as asked."""
        now = self._clock()
        self._throttled_share += _MEMORY * (1 - self._throttled_share)
        if retry_after:
            self._paused_until = max(self._paused_until, now + retry_after)
        if started >= self._cut_at + self._round:
            self.size = max(1.0, self.size * (1 - self._throttled_share / 2))
            self._cut_at = now
            self._growing_fast = False
            self.cuts += 1

    async def _paced(self) -> None:
        """Wait for this call's own moment; a pause that was announced meanwhile moves it."""
        while True:
            moment = max(self._clock(), self._next_start, self._paused_until)
            self._next_start = moment + max(self._every, self._spacing())
            while (wait := moment - self._clock()) > 0:
                await asyncio.sleep(wait)
            if self._clock() >= self._paused_until:
                return

    async def _unpaused(self) -> None:
        while (wait := self._paused_until - self._clock()) > 0:
            await asyncio.sleep(wait)

    def _spacing(self) -> float:
        part = _SPREAD if self._growing_fast else _SPREAD_AFTER_CUT
        return self._round / self.size * part


class _Turnstile:
    """Lets in as many as there is room for, in the order in which they came."""

    def __init__(self, room: Callable[[], int]) -> None:
        self.inside = 0
        self._room = room
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Wait to be let in, and leave at the end."""
        await self.enter()
        try:
            yield
        finally:
            self.leave()

    async def enter(self) -> None:
        """Wait to be let in."""
        while self.inside >= self._room():
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self.wake()
                raise
        self.inside += 1

    def leave(self) -> None:
        """Make room for the next."""
        self.inside -= 1
        self.wake()

    def wake(self) -> None:
        """Call as many as there is room for."""
        free = self._room() - self.inside
        while free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1


@dataclass(slots=True)
class Breaker:
    """Says when a provider is down: failures in a row, or time without one answer.

    Attributes:
        failures: In a row, over at least ``outage`` seconds: a hiccup fails all calls under way at once.
        seconds: Time without an answer while calls fail, however few.
        rest: Time before one call may try again.
    """

    failures: int
    seconds: float
    clock: Clock
    outage: float = 10.0
    rest: float = 30.0
    in_a_row: int = 0
    failing_since: float | None = None
    opened_at: float | None = None
    last: Failure | None = None

    def admits(self) -> bool:
        """Whether a call may try; after the rest one at a time may find out whether it is up again."""
        if self.opened_at is None:
            return True
        if self.clock() - self.opened_at < self.rest:
            return False
        self.opened_at = self.clock()
        return True

    def answered(self) -> None:
        """An answer came: it is up."""
        self.in_a_row = 0
        self.failing_since = None
        self.opened_at = None

    def failed(self, failure: Failure) -> None:
        """Count a failure. Being throttled counts by time alone: a busy provider is not down."""
        now = self.clock()
        self.last = failure
        self.failing_since = now if self.failing_since is None else self.failing_since
        if failure.sort is not Sort.THROTTLED:
            self.in_a_row += 1
        if failure.sort is Sort.FATAL or self._hopeless(failure, now - self.failing_since):
            self.opened_at = now

    def _hopeless(self, failure: Failure, failing: float) -> bool:
        too_many = self.in_a_row >= self.failures
        return failing >= self.seconds or (
            too_many and (failing >= self.outage or failure.sort is Sort.REFUSED)
        )

    def error(self, provider: str, model: str) -> UncaseError:
        """Return the error that ends the run."""
        if self.last is not None and self.last.sort is Sort.FATAL:
            return self.last.error(provider, model)
        why = self.last.sentence(provider, model) if self.last else ""
        waited = (self.opened_at or 0.0) - (self.failing_since or 0.0)
        lately = f"in {self.in_a_row} tries in a row" if self.in_a_row else f"for {waited:.0f} seconds"
        return UncaseError(
            "provider-down",
            f"{provider} gave no answer for {model} {lately}. The last: {why}",
            "Run it again later, or name a fallback in UNCASE_FALLBACK_MODELS; what was answered is kept.",
        )


def backoff(attempt: int, retry_after: float | None, draw: random.Random) -> float:
    """Return how long to wait before the next attempt: what was asked, else full jitter over 0.25 s · 2^n.

    Jitter as in Brooker, "Exponential Backoff and Jitter" (AWS, 2015).
    """
    jitter = draw.uniform(0, min(_LONGEST_WAIT, 0.25 * 2**attempt))
    return retry_after + draw.uniform(0, 0.1 * retry_after) if retry_after else jitter
