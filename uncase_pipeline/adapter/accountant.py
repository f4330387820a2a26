"""How much privacy a history of noisy steps costs. Knows figures, not training.

PRV (Gopi et al. 2021, Opacus) is the figure in force: an upper bound within 0.01. RDP is kept beside it as a second,
looser bound out of a different proof. A history is a list of (sigma, sampling rate, steps) and is composed exactly.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from uncase_pipeline.errors import UncaseError

Spent = tuple[float, float, int]
_WIDEST = 1_000.0
_CLOSE = 0.005
_PLD_STEP = 5e-3


@dataclass(frozen=True, slots=True)
class Cost:
    """Epsilon of a history at one delta, by two accountants."""

    epsilon: float
    epsilon_rdp: float
    delta: float


def cost_of(history: Sequence[Spent], delta: float) -> Cost:
    """Return what a history costs: nothing for an empty one, infinity where a step had no noise."""
    charged = [spent for spent in history if spent[2] > 0]
    if not charged:
        return Cost(0.0, 0.0, delta)
    if any(sigma <= 0 for sigma, _, _ in charged):
        return Cost(float("inf"), float("inf"), delta)
    return Cost(_epsilon("prv", charged, delta), _epsilon("rdp", charged, delta), delta)


def noise_for(epsilon: float, delta: float, rate: float, steps: int) -> float:
    """Return a sigma whose cost is at most epsilon, and at least epsilon less half a per cent.

    Raises:
        UncaseError: ``epsilon-too-small`` where no sensible amount of noise is enough.
    """
    sigma = _noise_by_rdp(epsilon, delta, rate, steps)
    low, high, slope = 0.0, sigma, -1.0
    before: tuple[float, float] | None = None
    while True:
        cost = _epsilon("prv", [(sigma, rate, steps)], delta)
        if epsilon * (1 - _CLOSE) <= cost <= epsilon:
            return sigma
        low, high = (sigma, high) if cost > epsilon else (low, sigma)
        if before is not None and math.isfinite(cost):
            slope = math.log(cost / before[1]) / math.log(sigma / before[0])
        before = (sigma, cost) if math.isfinite(cost) else None
        aim = epsilon * (1 - _CLOSE / 2)
        guess = sigma * (aim / cost) ** (1 / slope) if math.isfinite(cost) and slope else 0.0
        sigma = guess if low < guess < high else (low + high) / 2


def _noise_by_rdp(epsilon: float, delta: float, rate: float, steps: int) -> float:
    """Return a sigma that is surely enough: RDP never understates, and is cheap."""
    low, high = 0.1, _WIDEST
    if _epsilon("rdp", [(high, rate, steps)], delta) > epsilon:
        raise UncaseError(
            "epsilon-too-small",
            f"No noise below {_WIDEST:g} keeps {steps} steps at rate {rate:.3g} within epsilon {epsilon:g}.",
            "Take fewer steps, or allow a larger epsilon.",
        )
    while high / low > 1.05:
        middle = math.sqrt(low * high)
        low, high = (
            (middle, high) if _epsilon("rdp", [(middle, rate, steps)], delta) > epsilon else (low, middle)
        )
    return high


def group_epsilon(history: Sequence[Spent], delta: float, rows: int) -> float:
    """Return epsilon for a person with ``rows`` rows, had each row been a unit of its own.

    How many of the rows are drawn is binomial, so a step is a mixture of Gaussians with shifts 0 to ``rows``
    (Choquette-Choo et al. 2023); dp-accounting composes its privacy loss exactly.
    """
    from dp_accounting.pld import privacy_loss_distribution as pld

    shifts = [float(count) for count in range(rows + 1)]
    total = pld.identity(_PLD_STEP)
    for sigma, rate, steps in history:
        chances = [
            math.comb(rows, count) * rate**count * (1 - rate) ** (rows - count) for count in range(rows + 1)
        ]
        step = pld.from_mixture_gaussian_mechanism(
            sigma, shifts, chances, value_discretization_interval=_PLD_STEP
        )
        total = total.compose(step.self_compose(steps))
    return float(total.get_epsilon_for_delta(delta))


def _epsilon(mechanism: str, history: Sequence[Spent], delta: float) -> float:
    return _asked(mechanism, tuple(history), delta)


@lru_cache(maxsize=4_096)
def _asked(mechanism: str, history: tuple[Spent, ...], delta: float) -> float:
    """Ask Opacus, once for each history; what it cannot represent (a NaN) counts as no privacy at all."""
    import numpy as np
    from opacus.accountants import create_accountant

    accountant = create_accountant(mechanism)
    accountant.history = list(history)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        epsilon = float(accountant.get_epsilon(delta=delta))
    return epsilon if math.isfinite(epsilon) else math.inf
