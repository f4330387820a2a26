"""Exact tests and bounds for small counts. Knows numbers only."""

from collections.abc import Callable
from math import comb

_STEPS = 60


def fisher_greater(hits: int, count: int, other_hits: int, other_count: int) -> float:
    """Return Fisher's exact p-value, one-sided, that the first group is hit no more than the other."""
    total, hit = count + other_count, hits + other_hits
    if not count or not other_count:
        return 1.0
    ways = sum(
        comb(count, k) * comb(other_count, hit - k)
        for k in range(hits, min(count, hit) + 1)
        if hit - k <= other_count
    )
    return ways / comb(total, hit)


def lower_bound(hits: int, count: int, confidence: float = 0.95) -> float:
    """Return the one-sided lower bound on a proportion (Clopper & Pearson 1934)."""
    if not hits:
        return 0.0
    return _bisect(lambda p: _at_least(hits, count, p) < 1 - confidence)


def upper_bound(hits: int, count: int, confidence: float = 0.95) -> float:
    """Return the one-sided upper bound on a proportion (Clopper & Pearson 1934)."""
    return 1 - lower_bound(count - hits, count, confidence)


def _at_least(hits: int, count: int, p: float) -> float:
    return sum(comb(count, k) * p**k * (1 - p) ** (count - k) for k in range(hits, count + 1))


def _bisect(below: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return low
