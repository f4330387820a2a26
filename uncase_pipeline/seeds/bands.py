"""Generalises values to closed ranges of a fixed grid. Knows no conversation: the same value, the same range.

Level 0 is fine, level 1 coarse; beyond that a parameter is dropped. The grid does not depend on the data, so
a range tells nothing of other people's values.
"""

import math
from collections.abc import Sequence

LEVELS = 2

_MANTISSAS: tuple[tuple[float, ...], ...] = ((1, 1.5, 2, 3, 4, 5, 7, 10), (1, 3, 10))
_EDGES: dict[str, tuple[tuple[float, ...], ...]] = {
    "%": (tuple(range(0, 101, 5)), (0, 20, 50, 100)),
    "year_old": ((0, 11, 17, 29, 39, 49, 59, 69, 79, 120), (0, 17, 64, 120)),
    "degC": (tuple(range(-50, 252, 2)), tuple(range(-50, 260, 10))),
    "month": ((0, 3, 6, 12, 24, 36, 48, 60, 84, 120, 180, 240, 360), (0, 12, 60, 360)),
    "year": ((0, 1, 2, 3, 5, 10, 15, 20, 30, 50, 100), (0, 5, 20, 100)),
    "calendar": (tuple(range(1899, 2105, 5)), tuple(range(1899, 2120, 20))),
}
"""Upper ends of the ranges, per unit and level."""

Band = tuple[float, float]


def band(value: float, grid: str | None, level: int) -> Band:
    """Return the range of a value.

    Args:
        value: The value; it lies above the lower end, or on the upper one.
        grid: A unit with ranges of its own (``%``, ``month`` ...); else ranges grow with the value.
        level: 0 or 1.
    """
    edges = _EDGES.get(grid or "")
    if edges and edges[level][0] <= value <= edges[level][-1]:
        return _between(value, edges[level])
    if value < 0:
        low, high = band(-value, None, level)
        return -high, -low
    if value <= 1:
        return 0.0, 1.0
    scale = 10.0 ** math.floor(math.log10(value))
    return _between(
        value, [mantissa * scale for mantissa in (_MANTISSAS[level][-2] / 10, *_MANTISSAS[level])]
    )


def joined(bands: Sequence[Band]) -> list[Band]:
    """Join ranges that touch or overlap."""
    result: list[Band] = []
    for low, high in sorted(set(bands)):
        if result and low <= result[-1][1]:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return result


def _between(value: float, edges: Sequence[float]) -> Band:
    upper = next((index for index, edge in enumerate(edges) if index and value <= edge), len(edges) - 1)
    return float(edges[upper - 1]), float(edges[upper])
