"""Negation: which clauses are negated, which figures are denied, and whether a row denies too much."""

import re
from collections.abc import Iterable

from uncase_pipeline.certified.metrics.lexicon import words_of
from uncase_pipeline.certified.metrics.odds import undamaged
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.seed import Seed

NEGATIONS = words_of("polarity", "negations")
USUAL_SHARE, NEGATED_SHARE = 0.12, 0.45
"""Share of the sentences that deny something, beside the refusals of the plan; and with negations put in."""
_LEAST_GAP = 0.1
_PRIOR = 4.7
"""Log odds: with this, a log likelihood ratio of 2.5 leaves 0.9, the bound of fidelity."""

_DENIES = re.compile(r"\b(?:not?|never|nor|nunca|jamas|tampoco|ni|cannot)\b|n't\b")
_ENDS = re.compile(r"[.!?;\n]+")
_LEAST_WORDS = 3
_LIGHT = "|".join(words_of("polarity", "light"))
_DENIED = re.compile(
    r"(?:\b(?:is|are|was|were|am|do|does|did|will|would|has|have|had|can|could) not|n't|\b(?:no|nunca|jamas))"
    rf"(?: (?:{_LIGHT})){{0,3}} ?[$€£]?$"
)
_REACH = 48


def is_negated(words: Iterable[str]) -> bool:
    """Return whether a clause denies something."""
    return any(word in NEGATIONS or word.endswith("n't") for word in words)


def denies(folded: str, start: int) -> bool:
    """Return whether the figure that starts here is said not to be so (``it is not 300``, ``no cuesta 300``).

    A bound (``not more than 300``) and a refusal (``I can't pay 300``) deny no figure.
    """
    return _DENIED.search(folded[max(0, start - _REACH) : start]) is not None


def polarity(row: Reading, seed: Seed) -> float:
    """Return the probability that nobody put negations into the row."""
    sentences = [
        sentence
        for text in row.folded
        for sentence in _ENDS.split(text)
        if sentence.count(" ") >= _LEAST_WORDS - 1
    ]
    denied = sum(_DENIES.search(sentence) is not None for sentence in sentences)
    refusals = sum(step.endswith(":refuse") for step in seed.steps) / len(seed.steps)
    usual = min(USUAL_SHARE + refusals, NEGATED_SHARE - _LEAST_GAP)
    return undamaged(denied, len(sentences), usual, NEGATED_SHARE, prior=_PRIOR)
