"""The report of a row: every metric, the thresholds in force, Q and what decided it. Knows no file.

A threshold can only become stricter: that of the metric, the seed's and the compliance profiles' are all
asked, and the strictest is in force.
"""

from collections.abc import Callable, Mapping

from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.metrics.registry import METRICS, Metric
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.conversation import Conversation
from uncase_pipeline.records.quality import QualityReport, Score
from uncase_pipeline.records.seed import Seed

NO_SEED = "no-seed"


def evaluate(
    row: Reading,
    seed: Seed | None,
    evidence: Evidence,
    *,
    stricter: Mapping[str, float] | None = None,
) -> QualityReport:
    """Report on one row.

    Args:
        row: The row, as metrics read it.
        seed: The seed that it names; None where there is none by that id, and then the row fails.
        evidence: What rows are held against.
        stricter: Thresholds per metric from settings and compliance profiles; looser ones are ignored.
    """
    if seed is None:
        return _without_seed(row.conversation)
    measured = {name: metric.measure(row, seed, evidence) for name, metric in METRICS.items()}
    scores = {
        name: _score(name, METRICS[name], measured[name], (seed.thresholds, stricter or {}))
        for name in METRICS
    }
    return _report(row.conversation, scores, measured)


def judge(
    evidence: Evidence, *, stricter: Mapping[str, float] | None = None
) -> Callable[[Conversation, Seed], QualityReport]:
    """Return a judge of single rows, for whoever makes rows and wants to make the failed ones anew."""
    return lambda conversation, seed: evaluate(Reading(conversation), seed, evidence, stricter=stricter)


def strictest(metric: Metric, name: str, *others: Mapping[str, float]) -> float:
    """Return the threshold in force."""
    bounds = [metric.threshold, *(other[name] for other in others if name in other)]
    return max(bounds) if metric.direction == "at_least" else min(bounds)


def _score(name: str, metric: Metric, measured: Measured, others: tuple[Mapping[str, float], ...]) -> Score:
    return Score(
        name=name,
        value=measured.value,
        threshold=strictest(metric, name, *others),
        direction=metric.direction,
        explanation=measured.why,
        gates=measured.counts,
    )


def _report(
    conversation: Conversation, scores: dict[str, Score], measured: Mapping[str, Measured]
) -> QualityReport:
    failed = [name for name, score in scores.items() if score.gates and not score.passed]
    q, decided_by = _q(scores)
    return QualityReport(
        conversation_id=conversation.conversation_id,
        seed_id=conversation.seed_id,
        scores=scores,
        q=q,
        decided_by=decided_by,
        passed=not failed,
        reasons=[code for name in failed for code in (name, *measured[name].reasons)],
        versions={name: METRICS[name].version for name in scores},
    )


def _q(scores: Mapping[str, Score]) -> tuple[float, str]:
    """Return the smallest of the qualities, or 0 where a bound is broken or a quality was not computed."""
    for name, score in scores.items():
        if not METRICS[name].quality and score.gates and not score.passed:
            return 0.0, name
    qualities = {
        name: score.value or 0.0 for name, score in scores.items() if METRICS[name].quality and score.gates
    }
    lowest = min(qualities, key=qualities.__getitem__)
    return qualities[lowest], lowest


def _without_seed(conversation: Conversation) -> QualityReport:
    scores = {
        name: Score(name, None, metric.threshold, metric.direction, "There is no seed by this id.")
        for name, metric in METRICS.items()
    }
    return QualityReport(
        conversation.conversation_id,
        conversation.seed_id,
        scores,
        0.0,
        NO_SEED,
        False,
        [NO_SEED],
        {name: metric.version for name, metric in METRICS.items()},
    )
