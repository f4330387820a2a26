"""The only door to a language model: opens a run, takes requests, closes without losing what is paid.

What a request passes, in order, is in ``passage``: journal, gate, budget, provider, gate again, journal and
ledger, and only then the caller.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from uncase_pipeline.gateway import money
from uncase_pipeline.gateway.backend import price_map_version
from uncase_pipeline.gateway.journal import Journal
from uncase_pipeline.gateway.lane import Clocks
from uncase_pipeline.gateway.lanes import Lanes
from uncase_pipeline.gateway.ledger import Ledger
from uncase_pipeline.gateway.offline import offline_model
from uncase_pipeline.gateway.passage import Passage
from uncase_pipeline.gateway.pool import as_completed
from uncase_pipeline.gateway.privacy import Gate, Policy
from uncase_pipeline.gateway.progress import Progress
from uncase_pipeline.gateway.request import OFFLINE, Outcome, Refusal, Reply, Request
from uncase_pipeline.gateway.shield import Shield
from uncase_pipeline.gateway.spending import Caps, Grouping
from uncase_pipeline.records.conversation import Json
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.ids import content_id
from uncase_pipeline.settings import Settings

_LOG = logging.getLogger("uncase.gateway")


class Gateway:
    """One run's door. Use it as an async context manager: leaving it waits for what is paid and closes."""

    def __init__(
        self, settings: Settings, scanner: Scanner, run_id: str, log: Callable[[str], None], clocks: Clocks
    ) -> None:
        self.run_id = run_id
        self.progress = Progress(log, clocks.monotonic)
        self._settings = settings
        self._log = log
        self._passage = Passage(
            run_id=run_id,
            gate=Gate(scanner, Shield()),
            policy=Policy(settings.privacy_mode, settings.shield_mode, log),
            lanes=Lanes(settings, clocks, self.progress),
            journal=Journal.open(settings),
            ledger=Ledger.open(settings),
            caps=Caps(settings.cap_usd_per_run, settings.cap_usd_per_day),
            clocks=clocks,
            progress=self.progress,
            timeout=settings.request_timeout_seconds,
        )
        self._under_way: dict[str, asyncio.Task[Outcome]] = {}

    @classmethod
    def open(
        cls,
        settings: Settings,
        scanner: Scanner,
        *,
        run_id: str,
        log: Callable[[str], None] = _LOG.info,
        clocks: Clocks | None = None,
    ) -> Self:
        """Open the door for one run.

        Args:
            settings: Providers, modes, limits, caps.
            scanner: The full detector chain.
            run_id: Costs, caps and egress are summed by it: Dagster's run id, where there is one.
            log: Where progress goes, a line every ten seconds.
            clocks: Times and the random source of the jitter; those of the machine by default.
        """
        jitter = random.Random()  # noqa: S311  # spreads retries, decides nothing
        return cls(settings, scanner, run_id, log, clocks or Clocks(time.time, time.monotonic, jitter))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Wait for calls that already left, so that what is paid is kept; drop the rest; close the files."""
        at_sea = {task for lane in self._passage.lanes.all() for task in lane.at_sea}
        tasks = list(self._under_way.values())
        for task in tasks:
            if task not in at_sea:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._passage.lanes.close()
        self._passage.journal.close()
        self._passage.ledger.close()
        self._log(self.progress.line(0))

    async def complete(self, request: Request) -> Outcome:
        """Answer one request: from the journal if it was paid for, else from a provider.

        The same request asked twice at once is one call. Cancelling the caller does not throw away a call
        that already left: its answer is kept, and the next run finds it.

        Returns:
            A ``Reply`` that passed the gate, or a ``Refusal`` with the reason; the run goes on after both.

        Raises:
            UncaseError: What ends the run: ``budget-spent``, ``provider-down``, ``bad-key`` and the like.
        """
        request = self._bounded(request)
        key = _key_of(request)
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(self._passage.go(request, key))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        return await asyncio.shield(task)

    async def complete_many(
        self, requests: Iterable[Request] | AsyncIterable[Request], *, width: int | None = None
    ) -> AsyncIterator[tuple[Request, Outcome]]:
        """Answer a stream of requests as they come back, never holding more than ``width`` of them."""

        async def one(request: Request) -> tuple[Request, Outcome]:
            return request, await self.complete(request)

        async for pair in as_completed(requests, one, width or 2 * self._settings.max_in_flight):
            yield pair

    async def parsed(self, request: Request, parser: str, parse: Callable[[Reply], Any]) -> Any | Refusal:
        """Return what a parser makes of the answer, kept under the parser's own name and version.

        Args:
            request: What to ask.
            parser: Name and version (``rows-3``). A new version parses the journaled answer again, unpaid.
            parse: From the reply to plain JSON; not None.
        """
        known = self._passage.journal.parsed(_key_of(self._bounded(request)), parser)
        if known is not None:
            return known
        outcome = await self.complete(request)
        if isinstance(outcome, Refusal):
            return outcome
        value = parse(outcome)
        await self._passage.journal.keep_parsed(outcome.key, parser, value)
        return value

    def forecast(
        self, model: str, *, calls: int, prompt_tokens: int, completion_tokens: int
    ) -> money.Forecast:
        """Say what a run will cost, before it starts.

        Args:
            model: Model specification.
            calls: Expected number of calls.
            prompt_tokens: Of one call, on average; ``money.tokens_in`` estimates them from text.
            completion_tokens: Of one call, on average.
        """
        route = self._passage.lanes.first(model).route
        return money.forecast(route, calls, prompt_tokens, completion_tokens)

    def summary(self) -> Json:
        """Return the counters of this run and the version of the price map, for metadata."""
        return {**self.progress.wire(), "price_map": price_map_version()}

    def costs(self, by: Grouping) -> Json:
        """Return what this run paid, summed by row, seed, domain, model or purpose."""
        return self._passage.journal.costs(by, run_id=self.run_id).wire()

    def _bounded(self, request: Request) -> Request:
        """Give a request that names no ``max_tokens`` the setting's, so that its cost has a bound."""
        if "max_tokens" in request.parameters or request.offline:
            return request
        return replace(
            request, parameters={**request.parameters, "max_tokens": self._settings.max_output_tokens}
        )

    def _ended(self, key: str, task: asyncio.Task[Outcome]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # a caller that was cancelled does not ask for it any more


def _key_of(request: Request) -> str:
    """The request's key; the embedded provider's answers change with its version."""
    if not request.offline:
        return request.key
    return content_id("call", request.key, offline_model(request.model.removeprefix(OFFLINE)).version)
