"""Lexical diversity: the moving-average type-token ratio (Covington & McFall 2010), window 50."""

from typing import Any

import numpy as np
import numpy.typing as npt

from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.seed import Seed

WINDOW = 50


def diversity(row: Reading, _seed: Seed, _evidence: Evidence) -> Measured:
    """Measure the words of all turns as one text."""
    words = row.words
    if not len(words):
        return Measured(None, "No words.")
    kind = f"MATTR, window {WINDOW}" if len(words) >= WINDOW else "plain type-token ratio"
    return Measured(mattr(words), f"{kind}, over {len(words)} words.")


def mattr(words: npt.NDArray[Any], window: int = WINDOW) -> float:
    """Return the mean type-token ratio of all windows; of a shorter text, its plain ratio.

    A word is a type of each window in which it stands first: of as many as there are words since it last
    stood. That counts windows which begin before the text or end after it; their types are taken off again.
    """
    count = len(words)
    if count < window:
        return len(np.unique(words)) / count
    order = np.argsort(words, kind="stable")
    again = words[order[1:]] == words[order[:-1]]
    before = np.full(count, -window)
    before[order[1:][again]] = order[:-1][again]
    first = np.sort(order[np.concatenate(([True], ~again))])
    last = np.sort(count - 1 - order[np.concatenate((~again, [True]))])
    types = int(np.minimum(np.arange(count) - before, window).sum())
    types -= _types_of_prefixes(first, window) + _types_of_prefixes(last, window)
    return types / (window * (count - window + 1))


def _types_of_prefixes(firsts: npt.NDArray[np.intp], window: int) -> int:
    """Sum up the types of all prefixes shorter than a window, given where each type first stands."""
    inside = firsts[firsts < window - 1]
    return int((window - 1 - inside).sum())
