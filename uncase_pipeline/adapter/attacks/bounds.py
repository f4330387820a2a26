"""Statistics of attacks: confidence bounds, tie-aware ROC, one-run audit of epsilon. Knows counts, not models."""

import math
from collections.abc import Sequence

_DEALS = 2_000


def upper_bound(hits: int, tries: int, confidence: float) -> float:
    """Return the one-sided Clopper-Pearson upper bound of a rate: 1 where nothing was tried."""
    from scipy.stats import beta

    return 1.0 if hits >= tries else float(beta.ppf(confidence, hits + 1, tries - hits))


def lower_bound(hits: int, tries: int, confidence: float) -> float:
    """Return the one-sided Clopper-Pearson lower bound of a rate."""
    from scipy.stats import beta

    return 0.0 if hits == 0 else float(beta.ppf(1 - confidence, hits, tries - hits + 1))


def tries_needed(bound: float, confidence: float) -> int:
    """Return how many tries without a hit prove a rate below the bound: 299 for 0.01 at 95 %."""
    return math.ceil(math.log(1 - confidence) / math.log(1 - bound))


def auc(members: Sequence[float], others: Sequence[float]) -> float | None:
    """Return the chance that a member scores above another; ties count half, so a constant score gives 0.5."""
    from scipy.stats import rankdata

    if not members or not others:
        return None
    ranks = rankdata([*members, *others])[: len(members)]
    return float((ranks.sum() - len(members) * (len(members) + 1) / 2) / (len(members) * len(others)))


def auc_p_value(members: Sequence[float], others: Sequence[float]) -> float | None:
    """Return the p-value of an AUC above one half (Mann-Whitney, one-sided)."""
    from scipy.stats import mannwhitneyu

    if not members or not others:
        return None
    return float(mannwhitneyu(members, others, alternative="greater").pvalue)


def smallest_p(members: int, others: int) -> float:
    """Return the p-value of a perfect separation: no data of this size can show more."""
    return 1 / math.comb(members + others, members)


def tpr_at_fpr(members: Sequence[float], others: Sequence[float], fpr: float) -> float | None:
    """Return the share of members above a threshold that at most ``fpr`` of the others reach or pass.

    A tie with the threshold counts against the attacker; with fewer than ``1/fpr`` others none may pass.
    """
    if not members or not others:
        return None
    allowed = math.floor(fpr * len(others))
    threshold = sorted(others, reverse=True)[allowed] if allowed < len(others) else -math.inf
    return sum(score > threshold for score in members) / len(members)


def more_often(hits: int, tries: int, other_hits: int, other_tries: int) -> float:
    """Return the p-value that the first rate is no higher than the second (Fisher's exact test, one-sided)."""
    from scipy.stats import fisher_exact

    table = [[hits, tries - hits], [other_hits, other_tries - other_hits]]
    return float(fisher_exact(table, alternative="greater").pvalue)


def more_often_by_unit(
    members: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]], seed: int
) -> float | None:
    """Return the p-value of members' higher rate, dealing whole units out anew: what one unit says hangs together.

    Args:
        members: Hits and tries of each unit that was trained on.
        others: The same of each held-out unit.
        seed: Of the dealing; the data stay what they are.
    """
    import numpy as np

    if not members or not others:
        return None
    units = np.array([*members, *others], dtype=np.float64)
    if not units[:, 0].any():
        return 1.0
    dice, total = np.random.default_rng(seed), units.sum(0)
    own = np.stack(
        [units[: len(members)].sum(0)]
        + [units[dice.permutation(len(units))[: len(members)]].sum(0) for _ in range(_DEALS)]
    )
    excess = own[:, 0] / own[:, 1] - (total[0] - own[:, 0]) / (total[1] - own[:, 1])
    return float((excess >= excess[0] - 1e-12).mean())


def holm(p_values: Sequence[float], alpha: float) -> list[float]:
    """Return each test's threshold by Holm's step-down correction (1979): together they err with ``alpha`` at most.

    A test whose p-value reaches its threshold passes, and so do all with a higher p-value: theirs is 0.
    """
    thresholds = [0.0] * len(p_values)
    for place, at in enumerate(sorted(range(len(p_values)), key=lambda at: p_values[at])):
        thresholds[at] = alpha / (len(p_values) - place)
        if p_values[at] >= thresholds[at]:
            break
    return thresholds


def guesses_right(inserted: Sequence[float], left_out: Sequence[float]) -> tuple[int, int]:
    """Return how many guesses on insertion are staked, and how many are right.

    The third with the highest scores is guessed to be inserted, the lowest third to be left out; the number of
    guesses is fixed beforehand, so the bound holds for it alone.
    """
    scored = sorted([(score, True) for score in inserted] + [(score, False) for score in left_out])
    third = len(scored) // 3
    if not third:
        return 0, 0
    return 2 * third, sum(not was for _, was in scored[:third]) + sum(was for _, was in scored[-third:])


def one_run_epsilon(
    inserted: Sequence[float], left_out: Sequence[float], delta: float, confidence: float
) -> float:
    """Return a lower bound on epsilon from one run (Steinke, Nasr, Jagielski 2023, theorem 5.2 and figure 1)."""
    total = len(inserted) + len(left_out)
    guesses, right = guesses_right(inserted, left_out)
    low, high = 0.0, 20.0
    if not guesses or chance_under(total, guesses, right, low, delta) > 1 - confidence:
        return 0.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        if chance_under(total, guesses, right, middle, delta) > 1 - confidence:
            high = middle
        else:
            low = middle
    return low


def chance_under(total: int, guesses: int, correct: int, epsilon: float, delta: float) -> float:
    """Bound the chance of so many correct guesses against an (epsilon, delta)-private run."""
    from scipy.stats import binom

    success = 1 / (1 + math.exp(-epsilon))
    chance, alpha, mass = float(binom.sf(correct - 1, guesses, success)), 0.0, 0.0
    for back in range(1, correct + 1):
        mass += float(binom.pmf(correct - back, guesses, success))
        alpha = max(alpha, mass / back)
    return min(1.0, chance + alpha * delta * 2 * total)
