"""A judgment in the report of a row. Knows thresholds and reports, no model.

The judge is no part of Q. It gates only where a threshold was set for it, and then no value is no pass.
"""

from collections.abc import Mapping

from uncase_pipeline.certified.judge.ask import Judgment
from uncase_pipeline.records.quality import QualityReport, Score
from uncase_pipeline.records.seed import Seed

JUDGE = "judge"
"""Its name among scores and thresholds."""
DISAGREEMENT = "judge_disagreement"
SWAYED = 0.25
"""Distance between the orders, one point of five on average, from which the order is said to matter."""

OFF = Judgment(None, "The judge is off: UNCASE_JUDGE_MODEL names no model.")
NOT_ASKED = Judgment(
    None, "The judge was not asked: the row has no seed or did not pass privacy.", "judge-not-asked"
)


def bound_of(*thresholds: Mapping[str, float]) -> float | None:
    """Return the strictest threshold that was set for the judge, None where there is none."""
    return max((each[JUDGE] for each in thresholds if JUDGE in each), default=None)


def may_be_asked(report: QualityReport, seed: Seed | None) -> bool:
    """Say whether a row may leave for a judge: it has a seed and no identifier was found in it."""
    return seed is not None and "privacy" in report.scores and report.scores["privacy"].passed


def enter(report: QualityReport, judgment: Judgment, bound: float | None, version: str | None) -> None:
    """Enter a judgment into a report, and fail the row where the judge gates and does not pass it.

    Args:
        report: Of the row; it is changed.
        judgment: ``OFF`` where there is no judge.
        bound: The threshold in force, None where none was set.
        version: Of rubric and prompt, with the model; None where there is no judge.
    """
    gates = version is not None and bound is not None
    no_gate = version is not None and bound is None and judgment.value is not None
    why = f"{judgment.why} No threshold is set: no gate." if no_gate else judgment.why
    score = Score(JUDGE, judgment.value, bound or 0.0, "at_least", why, gates)
    report.scores[JUDGE] = score
    if version is None:
        return
    report.versions[JUDGE] = version
    report.scores[DISAGREEMENT] = _disagreement(judgment)
    already_failed = judgment is NOT_ASKED and not report.passed
    if gates and not score.passed and not already_failed:
        report.passed = False
        report.reasons += [JUDGE, *([judgment.reason] if judgment.reason else [])]


def _disagreement(judgment: Judgment) -> Score:
    apart = judgment.disagreement
    if apart is None:
        why = "There are not two answers to compare."
    elif apart < SWAYED:
        why = "The order of the question hardly changes the answer."
    else:
        why = "The order of the question changes the answer: the judge prefers a position."
    return Score(DISAGREEMENT, apart, SWAYED, "below", why, gates=False)
