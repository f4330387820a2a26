"""Lets a model add to the drafts of seeds, through the gateway. Knows seeds and the gateway, not Dagster.

It stands here because neither may know the other: the asset and the command line take it as a function.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass

from uncase_pipeline.gateway.door import Gateway
from uncase_pipeline.gateway.pool import in_order
from uncase_pipeline.gateway.request import Lineage, Refusal, Request
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.seeds.by_model import NO_ANSWER, PROMPT_VERSION, SCHEMA, question, refined
from uncase_pipeline.seeds.extract import Draft
from uncase_pipeline.settings import Settings

Drafted = tuple[Conversation, Draft | Rejection]


@dataclass(frozen=True, slots=True)
class SeedWriter:
    """Asks a model about each drafted conversation; nothing is asked about one that seeds nothing.

    Attributes:
        model: Model specification.
        settings: Of the gateway: modes, caps, limits.
        scanner: The full detector chain.
        run_id: Costs and egress are booked under it.
        log: Where progress goes.
    """

    model: str
    settings: Settings
    scanner: Scanner
    run_id: str
    log: Callable[[str], None]

    def __call__(self, drafts: Iterable[Drafted]) -> Iterator[Draft | Rejection]:
        """Yield the drafts in their order, with what the model wrote, or why it wrote nothing usable.

        Raises:
            UncaseError: What ends a run of the gateway; what was answered is kept.
        """
        with asyncio.Runner() as runner:
            written = self._written(drafts)
            try:
                while (draft := runner.run(_next(written))) is not None:
                    yield draft
            finally:
                runner.run(_closed(written))

    async def _written(self, drafts: Iterable[Drafted]) -> AsyncIterator[Draft | Rejection]:
        async with Gateway.open(self.settings, self.scanner, run_id=self.run_id, log=self.log) as gateway:

            async def one(drafted: Drafted) -> Draft | Rejection:
                conversation, draft = drafted
                if isinstance(draft, Rejection):
                    return draft
                outcome = await gateway.complete(self._request(conversation, draft))
                if isinstance(outcome, Refusal):
                    return Rejection(NO_ANSWER, conversation.conversation_id)
                return refined(draft, outcome.text, outcome.model)

            async for draft in in_order(drafts, one, 2 * self.settings.max_in_flight):
                yield draft

    def _request(self, conversation: Conversation, draft: Draft) -> Request:
        return Request(
            self.model,
            question(conversation),
            response_schema=SCHEMA,
            template_version=PROMPT_VERSION,
            language=draft.seed.language,
            lineage=Lineage(
                conversation.domain,
                row=conversation.conversation_id,
                purpose="seed-extraction",
                subject_ids=(draft.subject,),
            ),
        )


async def _next(drafts: AsyncIterator[Draft | Rejection]) -> Draft | Rejection | None:
    return await anext(drafts, None)


async def _closed(drafts: AsyncIterator[Draft | Rejection]) -> None:
    await drafts.aclose()  # type: ignore[attr-defined]  # an async generator
