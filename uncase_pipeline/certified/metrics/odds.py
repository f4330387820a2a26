"""How probable it is that a count came from an undamaged text. Knows numbers only."""

import math

PRIOR = 3.73
"""Log odds for undamaged before anything is counted: a log likelihood ratio of 2 then leaves 0.85."""


def undamaged(hits: int, trials: int, usual: float, damaged: float, *, prior: float = PRIOR) -> float:
    """Return the posterior probability that ``hits`` of ``trials`` came at the usual rate.

    Args:
        hits: How often it happened.
        trials: How often it could have.
        usual: Its rate in what people say.
        damaged: Its rate in damaged text.
        prior: Log odds for undamaged before anything is counted.
    """
    evidence = hits * math.log(damaged / usual)
    evidence += (trials - hits) * math.log((1 - damaged) / (1 - usual))
    return posterior(evidence, prior)


def posterior(evidence: float, prior: float) -> float:
    """Return the probability of undamaged, given the log odds against it and those for it before."""
    return 1 / (1 + math.exp(min(evidence - prior, 700)))


def beta_binomial(hits: int, trials: int, hit: float, miss: float) -> float:
    """Return the log probability of so many hits, but for the term that all distributions share."""
    return _log_beta(hits + hit, trials - hits + miss) - _log_beta(hit, miss)


def _log_beta(one: float, other: float) -> float:
    return math.lgamma(one) + math.lgamma(other) - math.lgamma(one + other)
