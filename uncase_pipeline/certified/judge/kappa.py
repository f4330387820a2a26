"""Cohen's kappa, plain and weighted, with a bootstrap interval. Knows counts, not what was labelled.

Cohen, J. (1960), A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20,
37-46. Cohen, J. (1968), Weighted kappa, Psychological Bulletin 70, 213-220. The interval is the percentile
bootstrap over labelled rows: Efron, B. & Tibshirani, R. (1993), An Introduction to the Bootstrap, chapter 13.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RESAMPLES = 5_000
_MOST_UNDEFINED = 0.05
"""Share of resamples without a kappa from which the interval would not be one of kappa any more."""


def counted(pairs: Sequence[tuple[int, int]], categories: int) -> Floats:
    """Return how often each pair of categories was given, the first rater's in rows."""
    table = np.zeros((categories, categories))
    for one, other in pairs:
        table[one, other] += 1
    return table


def plain(categories: int) -> Floats:
    """Return the weights of plain kappa: every disagreement is as bad as any other."""
    return 1.0 - np.eye(categories)


def quadratic(categories: int) -> Floats:
    """Return quadratic weights: a disagreement is as bad as the square of its distance."""
    at = np.arange(categories, dtype=np.float64)
    squares: Floats = (at[:, None] - at[None, :]) ** 2
    return squares / max(1, (categories - 1) ** 2)


def kappa(table: Floats, weights: Floats) -> float | None:
    """Return 1 - sum(v p_o) / sum(v p_e) (Cohen 1968, formula 2); with plain weights (p_o - p_e) / (1 - p_e).

    Returns:
        None where chance alone would agree always, as where both raters gave one and the same label.
    """
    value = float(_kappas(table[None], weights)[0])
    return None if np.isnan(value) else value


def interval(table: Floats, weights: Floats, seed: int) -> tuple[float, float] | None:
    """Return the 95 % bootstrap interval of kappa from a recorded seed; None where it can't be had."""
    rows = int(table.sum())
    if not rows:
        return None
    draws = np.random.default_rng(seed).multinomial(rows, table.ravel() / rows, RESAMPLES)
    values = _kappas(draws.reshape(-1, *table.shape).astype(np.float64), weights)
    if np.isnan(values).mean() > _MOST_UNDEFINED:
        return None
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def _kappas(tables: Floats, weights: Floats) -> Floats:
    rows = tables.sum(axis=(1, 2))
    by_chance = tables.sum(axis=2)[:, :, None] * tables.sum(axis=1)[:, None, :]
    seen, expected = (weights * tables).sum(axis=(1, 2)), (weights * by_chance).sum(axis=(1, 2))
    known = expected > 0
    values: Floats = np.full(len(tables), np.nan)
    values[known] = 1.0 - (rows * seen)[known] / expected[known]
    return values
