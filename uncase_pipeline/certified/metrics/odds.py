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
    return 1 / (1 + math.exp(min(evidence - prior, 700)))
