"""A run of generation: opens the gateway, makes every job, scans each row, keeps the sums. Knows no lake."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from uncase_pipeline.gateway.door import Gateway
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.finding import Scanner
from uncase_pipeline.records.rejection import Rejection
from uncase_pipeline.settings import Settings
from uncase_pipeline.synthetic.generate import generate
from uncase_pipeline.synthetic.job import Job, Made
from uncase_pipeline.synthetic.rework import Judge, reworked
from uncase_pipeline.synthetic.simulator.answer import register

Take = Callable[[Made], None]
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Summary:
    """What a run shows of itself.

    Attributes:
        calls: Questions to the model, those answered from the journal among them.
        cost_usd: What the rows cost, None where a price is not known.
        reworked: Rows that were made more than once.
        with_tools: Rows in which a tool is called.
        models: Rows per model.
    """

    calls: int = 0
    cost_usd: float | None = 0.0
    reworked: int = 0
    with_tools: int = 0
    models: Counter[str] = field(default_factory=Counter)

    def add(self, made: Made) -> None:
        """Count one job."""
        self.calls += made.bill.calls
        cost = made.bill.cost_usd
        self.cost_usd = None if cost is None or self.cost_usd is None else self.cost_usd + cost
        if isinstance(made.outcome, Conversation):
            generation = made.outcome.metadata["generation"]
            self.models[generation["model"]] += 1
            self.reworked += generation["round"] > 0
            self.with_tools += any(message.tool_calls for message in made.outcome.messages)

    def metadata(self) -> dict[str, Any]:
        """Return it for the UI."""
        return {
            "calls": self.calls,
            "cost_usd": "unknown" if self.cost_usd is None else round(self.cost_usd, 6),
            "reworked": self.reworked,
            "with_tools": self.with_tools,
            "models": dict(self.models),
        }


def run_jobs(
    jobs: Iterable[Job],
    settings: Settings,
    scanner: Scanner,
    take: Take,
    *,
    run_id: str = "adhoc",
    judge: Judge | None = None,
    log: Callable[[str], None] = _LOG.info,
) -> Summary:
    """Make every job and hand on what became of it, in the order of the jobs.

    Args:
        jobs: What is to be made; read as it is needed.
        settings: Model, mode, limits.
        scanner: The full detector chain: of the gateway, and of each finished row.
        take: What is done with each outcome.
        run_id: By which the gateway sums costs.
        judge: Where given, rows that it refuses are made anew with what failed.
        log: Where the gateway tells its progress.
    """
    register()
    summary = Summary()

    def scanned(made: Made) -> None:
        if isinstance(made.outcome, Conversation) and scanner.scan_conversation(made.outcome):
            made = replace(made, outcome=Rejection("pii-found", made.job.row, "quarantined"))
        summary.add(made)
        take(made)

    door = Gateway.open(settings, scanner, run_id=run_id, log=log)
    asyncio.run(_run(jobs, door, settings, judge, scanned))
    return summary


async def _run(
    jobs: Iterable[Job], door: Gateway, settings: Settings, judge: Judge | None, take: Take
) -> None:
    async with door:
        make = reworked(door, settings, judge, rounds=settings.rework_rounds) if judge else None
        async for made in generate(jobs, door, settings, make=make):
            take(made)
