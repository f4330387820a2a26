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

    A word is a type of each window in which it stands first: of as many as there are words since it last
    stood. That counts windows which begin before the text or end after it; their types are taken off again.
    """
    count = len(words)
    if count < window:
        return len(set(words)) / count
    seen: dict[str, int] = {}
    types = 0
    for at, word in enumerate(words):
        gap = at - seen.get(word, -window)
        seen[word] = at
        types += gap if gap < window else window
    types -= _types_of_prefixes(words[: window - 1]) + _types_of_prefixes(words[: count - window : -1])
    return types / (window * (count - window + 1))


def _types_of_prefixes(words: Sequence[str]) -> int:
    seen: set[str] = set()
    types = 0
    for word in words:
        seen.add(word)
        types += len(seen)
    return types
