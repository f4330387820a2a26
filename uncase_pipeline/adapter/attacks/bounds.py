"""Statistics of attacks: confidence bounds, tie-aware ROC, one-run audit of epsilon. Knows counts, not models."""

import math
from collections.abc import Sequence


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


def one_run_epsilon(
    inserted: Sequence[float], left_out: Sequence[float], delta: float, confidence: float
) -> float:
    """Return a lower bound on epsilon from one run (Steinke, Nasr, Jagielski 2023, theorem 5.2 and figure 1).

    The third with the highest scores is guessed to be inserted, the lowest third to be left out; the number of
    guesses is fixed beforehand, so the bound holds for it alone.
    """
    scored = sorted([(score, True) for score in inserted] + [(score, False) for score in left_out])
    total, third = len(scored), len(scored) // 3
    if not third:
        return 0.0
    correct = sum(not was for _, was in scored[:third]) + sum(was for _, was in scored[-third:])
    low, high = 0.0, 20.0
    if _chance_under(total, 2 * third, correct, low, delta) > 1 - confidence:
        return 0.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        if _chance_under(total, 2 * third, correct, middle, delta) > 1 - confidence:
            high = middle
        else:
            low = middle
    return low


def _chance_under(total: int, guesses: int, correct: int, epsilon: float, delta: float) -> float:
    """Bound the chance of so many correct guesses against an (epsilon, delta)-private run."""
    from scipy.stats import binom

    success = 1 / (1 + math.exp(-epsilon))
    chance, alpha, mass = float(binom.sf(correct - 1, guesses, success)), 0.0, 0.0
    for back in range(1, correct + 1):
        mass += float(binom.pmf(correct - back, guesses, success))
        alpha = max(alpha, mass / back)
    return min(1.0, chance + alpha * delta * 2 * total)
