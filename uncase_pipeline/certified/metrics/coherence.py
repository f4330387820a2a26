"""Dialogic coherence: whether turns answer each other, in an order that makes sense, without loops."""

from collections import Counter

from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.metrics.structure import lcs
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.seed import Seed


def coherence(row: Reading, seed: Seed, _evidence: Evidence) -> Measured:
    """Return the weakest of the parts, and name it."""
    parts = {"order": order(row, seed), "loops": loops(row)}
    weakest = min(parts, key=parts.__getitem__)
    return Measured(parts[weakest], f"Weakest part: {weakest}.")


def order(row: Reading, seed: Seed) -> float:
    """Return the share of the steps that plan and row have in common which stand in the plan's order."""
    found = [step.token for step in row.steps]
    common = (Counter(found) & Counter(seed.steps)).total()
    return lcs(seed.steps, found) / common if common else 1.0


def loops(row: Reading) -> float:
    """Return the share of the words that stand in turns which were not said before."""
    seen: set[tuple[str, ...]] = set()
    new = total = 0
    for words in row.words:
        key = tuple(words)
        total += len(words)
        new += 0 if key in seen and len(words) > 4 else len(words)
        seen.add(key)
    return new / total if total else 0.0
