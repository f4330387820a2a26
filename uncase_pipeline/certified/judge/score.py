"""A judgment in the report of a row. Knows thresholds and reports, no model.

The judge is no part of Q. It gates only where a threshold was set for it, and then no value is no pass.
"""

from collections.abc import Mapping

from uncase_pipeline.certified.judge.ask import Judgment
from uncase_pipeline.certified.judge.rubric import ASPECTS
from uncase_pipeline.records.quality import QualityReport, Score
from uncase_pipeline.records.seed import Seed

JUDGE = "judge"
"""Its name among scores and thresholds."""
ASPECT_SCORES = {aspect: f"judge_{aspect}" for aspect in ASPECTS}
"""Names of the aspects among scores and thresholds."""
DISAGREEMENT = "judge_disagreement"
SWAYED = 0.25
"""Distance between the orders, one point of five on average, from which the order is said to matter."""

OFF = Judgment(None, "The judge is off: UNCASE_JUDGE_MODEL names no model.")
NOT_ASKED = Judgment(
    None, "The judge was not asked: the row has no seed or did not pass privacy.", "judge-not-asked"
)


def bound_of(*thresholds: Mapping[str, float], name: str = JUDGE) -> float | None:
    """Return the strictest threshold that was set for a score of the judge, None where there is none."""
    return max((each[name] for each in thresholds if name in each), default=None)


def bounds_of(*thresholds: Mapping[str, float]) -> dict[str, float]:
    """Return the strictest thresholds that were set for the judge and its aspects."""
    bounds = {name: bound_of(*thresholds, name=name) for name in (JUDGE, *ASPECT_SCORES.values())}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def may_be_asked(report: QualityReport, seed: Seed | None) -> bool:
    """Say whether a row may leave for a judge: it has a seed and no identifier was found in it."""
    return seed is not None and "privacy" in report.scores and report.scores["privacy"].passed


def enter(
    report: QualityReport, judgment: Judgment, bounds: Mapping[str, float], version: str | None
) -> None:
    """Enter a judgment into a report, and fail the row where the judge gates and does not pass it.

    Args:
        report: Of the row; it is changed.
        judgment: ``OFF`` where there is no judge.
        bounds: The thresholds in force, by name of the score; a score without one is no gate.
        version: Of rubric and prompt, with the model; None where there is no judge.
    """
    scores = [_score(JUDGE, judgment.value, judgment, bounds, version)]
    scores += [
        _score(name, judgment.of(aspect), judgment, bounds, version) for aspect, name in ASPECT_SCORES.items()
    ]
    report.scores.update({score.name: score for score in scores})
    if version is None:
        return
    report.versions.update({score.name: version for score in scores})
    report.scores[DISAGREEMENT] = _disagreement(judgment)
    already_failed = judgment is NOT_ASKED and not report.passed
    failed = [score.name for score in scores if score.gates and not score.passed]
    if failed and not already_failed:
        report.passed = False
        report.reasons += [*failed, *([judgment.reason] if judgment.reason else [])]


def _score(
    name: str, value: float | None, judgment: Judgment, bounds: Mapping[str, float], version: str | None
) -> Score:
    bound = bounds.get(name)
    no_gate = version is not None and bound is None and value is not None
    why = f"{judgment.why} No threshold is set: no gate." if no_gate else judgment.why
    return Score(name, value, bound or 0.0, "at_least", why, version is not None and bound is not None)


def _disagreement(judgment: Judgment) -> Score:
    apart = judgment.disagreement
    if apart is None:
        why = "There are not two answers to compare."
    elif apart < SWAYED:
        why = "The order of the question hardly changes the answer."
    else:
        why = "The order of the question changes the answer: the judge prefers a position."
    return Score(DISAGREEMENT, apart, SWAYED, "below", why, gates=False)
