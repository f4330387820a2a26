"""Lexical diversity: the moving-average type-token ratio (Covington & McFall 2010), window 50."""

from collections.abc import Sequence
from itertools import chain

from uncase_pipeline.certified.metrics.measured import Evidence, Measured
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.records.seed import Seed

WINDOW = 50


def diversity(row: Reading, _seed: Seed, _evidence: Evidence) -> Measured:
    """Measure the words of all turns as one text."""
    words = list(chain.from_iterable(row.words))
    if not words:
        return Measured(None, "No words.")
    kind = f"MATTR, window {WINDOW}" if len(words) >= WINDOW else "plain type-token ratio"
    return Measured(mattr(words), f"{kind}, over {len(words)} words.")


def mattr(words: Sequence[str], window: int = WINDOW) -> float:
    """Return the mean type-token ratio of all windows; of a shorter text, its plain ratio.

    A word adds one type to each window in which it is the first of its kind, so one pass counts all windows.
    """
    count = len(words)
    if count < window:
        return len(set(words)) / count
    last_start = count - window
    seen: dict[str, int] = {}
    types = 0
    for at, word in enumerate(words):
        first = max(seen.get(word, -1) + 1, at - window + 1)
        types += max(0, min(at, last_start) - first + 1)
        seen[word] = at
    return types / (window * (last_start + 1))
