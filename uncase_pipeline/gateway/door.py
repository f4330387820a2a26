"""The only door to a language model: what every call passes, in order. Each step lives in its own file."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from types import TracebackType
from typing import Self

from uncase_pipeline.gateway import backend
from uncase_pipeline.gateway.pool import as_completed
from uncase_pipeline.gateway.request import Outcome, Request
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.settings import Settings


class Gateway:
    """One run's door. Use it as an async context manager: leaving it waits for what is paid and closes."""

    def __init__(self, settings: Settings, scanner: Scanner, run_id: str) -> None:
        self._settings = settings
        self._scanner = scanner
        self.run_id = run_id

    @classmethod
    def open(cls, settings: Settings, scanner: Scanner, *, run_id: str = "adhoc") -> Self:
        """Open the door for one run.

        Args:
            settings: Providers, modes, limits, caps.
            scanner: The full detector chain.
            run_id: Costs and egress are summed by it; Dagster's run id, where there is one.
        """
        return cls(settings, scanner, run_id)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Wait for calls that are under way, so that what is paid is kept, and close the files."""

    async def complete(self, request: Request) -> Outcome:
        """Answer one request: from the journal if it was paid for, else from a provider.

        Returns:
            A ``Reply`` that passed the gate, or a ``Refusal`` with the reason; the run goes on after both.

        Raises:
            UncaseError: What ends the run: ``budget-spent``, ``provider-down``, ``bad-key`` and the like.
        """
        return await backend.call(request, request.model, timeout=120)

    async def complete_many(
        self, requests: Iterable[Request] | AsyncIterable[Request], *, width: int | None = None
    ) -> AsyncIterator[tuple[Request, Outcome]]:
        """Answer a stream of requests as they come back, never holding more than ``width`` of them."""

        async def one(request: Request) -> tuple[Request, Outcome]:
            return request, await self.complete(request)

        async for pair in as_completed(requests, one, width or 64):
            yield pair
