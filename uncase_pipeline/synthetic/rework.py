"""Conversations that fail go back with what failed and by how much. Knows a judge, not how it judges."""

from collections.abc import Callable
from dataclasses import replace

from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.quality import QualityReport, Score
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.settings import Settings
from uncase_pipeline.synthetic.generate import Make, make_one
from uncase_pipeline.synthetic.job import Job, Made
from uncase_pipeline.synthetic.structured import Door

Judge = Callable[[Conversation, Seed], QualityReport]
_WANTED = {"at_least": "at least", "below": "below", "equals": "exactly"}


def reworked(door: Door, settings: Settings, judge: Judge, *, rounds: int) -> Make:
    """Return what makes one conversation and makes it anew, up to ``rounds`` times, while the judge says no.

    The last attempt is handed on whatever the judge says: certification decides, not this. Every attempt
    passes the gateway, so the cap on spending holds over all rounds.
    """

    async def make(job: Job) -> Made:
        made = await make_one(job, door, settings)
        for number in range(1, rounds + 1):
            if not isinstance(made.outcome, Conversation):
                return made
            report = judge(made.outcome, job.seed)
            if report.passed:
                return made
            again = await make_one(replace(job, round=number, feedback=feedback(report)), door, settings)
            made = _joined(made, again)
        return made

    return make


def feedback(report: QualityReport) -> str:
    """Return what failed and by how much, for the prompt of the next round. It holds no content."""
    lines = [_line(score) for score in report.scores.values() if score.gates and not score.passed]
    return "\n".join(["Your last version was not accepted. Correct this:", *lines])


def _line(score: Score) -> str:
    if score.value is None:
        return f"- {score.name} could not be measured. {score.explanation}"
    return (
        f"- {score.name} is {score.value:.2f} and must be {_WANTED[score.direction]} {score.threshold:.2f} "
        f"(off by {abs(score.threshold - score.value):.2f}). {score.explanation}"
    )


def _joined(before: Made, after: Made) -> Made:
    """Return the later attempt, with what both cost; a spoiled attempt does not replace a finished one."""
    kept = after if isinstance(after.outcome, Conversation) else before
    costs = (before.bill.cost_usd, after.bill.cost_usd)
    kept.bill.calls = before.bill.calls + after.bill.calls
    kept.bill.cost_usd = None if None in costs else sum(cost or 0.0 for cost in costs)
    if isinstance(kept.outcome, Conversation):
        kept.outcome.metadata["generation"]["cost_usd"] = kept.bill.cost_usd
    return kept
