"""How far a judge agrees with people: labelled rows in, kappa with its interval and a verdict out.

Knows the form of a label file. What is PASS is stated with the figures: see ``SUBSTANTIAL``.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Any, Literal

import orjson

from uncase_pipeline.certified.finding import FAIL, INCONCLUSIVE, PASS, Verdict
from uncase_pipeline.certified.judge.ask import Judgment
from uncase_pipeline.certified.judge.kappa import RESAMPLES, counted, interval, kappa, plain, quadratic
from uncase_pipeline.certified.judge.rubric import HIGHEST, LOWEST
from uncase_pipeline.dialogue.seed_file import read_seed
from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import Conversation, Json
from uncase_pipeline.records.native import from_wire
from uncase_pipeline.records.seed import Seed

FEWEST = 50
"""Labelled and judged rows below which nothing is said for or against a judge."""
SUBSTANTIAL = 0.61
"""From here agreement is called substantial (Landis & Koch 1977, Biometrics 33, 159-174)."""
PASSES_AT = 0.5
"""Score from which a judge says pass, where no threshold is set: 3 of 5."""

Scale = Literal["points", "pass-fail"]
_PASS_FAIL = {"fail": 0, "pass": 1}


@dataclass(frozen=True, slots=True)
class Label:
    """A row and what a person says of it; ``category`` counts from 0."""

    conversation: Conversation
    seed: Seed
    scale: Scale
    category: int


def read_labels(path: Path) -> list[Label]:
    """Read a label file: ``{"conversation": …, "seed": …, "label": 1 to 5, "pass" or "fail"}`` a line.

    Raises:
        UncaseError: ``no-such-file``, ``bad-label``, ``mixed-labels``, ``no-labels``; what is wrong with a
            conversation or a seed is said as everywhere.
    """
    if not path.is_file():
        raise UncaseError("no-such-file", f"There is no file {path}.", "Give a JSONL file of labelled rows.")
    labels = list(_labels(path))
    if not labels:
        raise UncaseError("no-labels", f"{path.name} holds no row.", "Label 50 to 100 rows.")
    if len({label.scale for label in labels}) > 1:
        raise UncaseError(
            "mixed-labels", f"{path.name} mixes points with pass and fail.", "Keep to one scale in a file."
        )
    return labels


def calibrated(
    labels: Sequence[Label],
    judgments: Sequence[Judgment],
    *,
    passes_at: float | None,
    seed: int,
    aspect: str | None = None,
) -> Json:
    """Compare a judge with people.

    Args:
        labels: What people say.
        judgments: What the judge says of the same rows.
        passes_at: Score from which it says pass; 3 of 5 where None. Points need none.
        seed: Of the bootstrap; it is part of the answer.
        aspect: The aspect that people labelled, the whole rubric where None.
    """
    scale = labels[0].scale
    bound = PASSES_AT if passes_at is None else passes_at
    pairs = [
        (label.category, _category(value, scale, bound))
        for label, judgment in zip(labels, judgments, strict=True)
        if (value := judgment.of(aspect)) is not None
    ]
    kappas = _kappas(pairs, 2 if scale == "pass-fail" else HIGHEST - LOWEST + 1, seed)
    verdict, why = (
        _verdict(len(pairs), kappas["kappa"])
        if scale == "pass-fail"
        else _verdict(len(pairs), kappas["kappa_quadratic"], "quadratic weighted kappa")
    )
    apart = [j.disagreement for j in judgments if j.disagreement is not None]
    return {
        "verdict": verdict,
        "why": why,
        "labels": len(labels),
        "judged": len(pairs),
        "not_judged": dict(Counter(j.reason for j in judgments if j.value is None).most_common()),
        "scale": scale,
        **({"passes_at": bound} if scale == "pass-fail" else {}),
        "agreement": sum(one == other for one, other in pairs) / len(pairs) if pairs else None,
        **kappas,
        "mean_disagreement_of_orders": sum(apart) / len(apart) if apart else None,
        "bootstrap": {"seed": seed, "resamples": RESAMPLES},
    }


def _kappas(pairs: Sequence[tuple[int, int]], categories: int, seed: int) -> dict[str, dict[str, Any]]:
    table = counted(pairs, categories)
    both = {"kappa": plain(categories), "kappa_quadratic": quadratic(categories)}
    return {
        name: {"value": kappa(table, weights), "interval": interval(table, weights, seed)}
        for name, weights in both.items()
    }


def _category(value: float, scale: Scale, bound: float) -> int:
    """Return the label that a score amounts to; points are rounded to the nearest, halves up."""
    return int(value >= bound) if scale == "pass-fail" else floor(value * (HIGHEST - LOWEST) + 0.5)


def _verdict(judged: int, figure: dict[str, Any], name: str = "kappa") -> tuple[Verdict, str]:
    if judged < FEWEST:
        return INCONCLUSIVE, f"{judged} labelled rows were judged; {FEWEST} are needed to say anything."
    if figure["interval"] is None:
        return INCONCLUSIVE, "Kappa has no interval: the labels or the judge hardly vary."
    low, high = figure["interval"]
    said = f"The 95 % interval of {name} is {low:.2f} to {high:.2f}; substantial agreement begins at {SUBSTANTIAL}"
    if low >= SUBSTANTIAL:
        return PASS, f"{said}, below all of it."
    if high < SUBSTANTIAL:
        return FAIL, f"{said}, above all of it: do not let this judge gate."
    return INCONCLUSIVE, f"{said}, inside it: label more rows."


def _labels(path: Path) -> Iterator[Label]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _label(line, f"{path.name} line {number}")


def _label(line: bytes, where: str) -> Label:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        row = None
    if not isinstance(row, dict) or not {"conversation", "seed", "label"} <= row.keys():
        raise UncaseError(
            "bad-label",
            f"{where} is not a JSON object with conversation, seed and label.",
            'Write one a line: {"conversation": {…}, "seed": {…}, "label": 4}.',
        )
    scale, category = _read(row["label"], where)
    conversation = from_wire(row["conversation"], where=where)
    return Label(conversation, read_seed(row["seed"], where=where), scale, category)


def _read(label: object, where: str) -> tuple[Scale, int]:
    if isinstance(label, str) and label.lower() in _PASS_FAIL:
        return "pass-fail", _PASS_FAIL[label.lower()]
    if isinstance(label, int) and not isinstance(label, bool) and LOWEST <= label <= HIGHEST:
        return "points", label - LOWEST
    raise UncaseError(
        "bad-label",
        f"{where} has a label that is none.",
        'A label is a whole number from 1 to 5, "pass" or "fail".',
    )
