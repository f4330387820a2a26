"""Negation: which clauses are negated, which figures are denied, and whether a row denies too much.

Two things tell that negations were put in. Far more of the sentences with a verb deny than people do, more
than the refusals of the plan explain; how much people differ in this is part of the odds (beta-binomial). And
negations stand where the language has no place for one (``are not you``, ``me no puede``).
"""

import re
from collections.abc import Iterable
from hashlib import blake2b
from math import exp, log

import numpy as np

from uncase_pipeline.certified.metrics.lexicon import phrases_of, words_of
from uncase_pipeline.certified.metrics.misplaced import misplaced_negations
from uncase_pipeline.certified.metrics.odds import beta_binomial, posterior
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.certified.vocabulary import BREAK
from uncase_pipeline.records.seed import Seed

NEGATIONS = words_of("polarity", "negations")
_DENYING = (NEGATIONS | words_of("polarity", "denying")) - {"sin", "without"}
_VERBS = words_of("polarity", "verbs")
_OF_SELF, _SELF = words_of("polarity", "denying_of_self"), words_of("polarity", "self")
_OF_A_VERB = words_of("polarity", "denying_a_verb")
_REGRET = words_of("polarity", "regret")

_USUAL, _USUAL_SPREAD = 0.14, 12.0
"""Share of the sentences with a verb that deny, beside the refusals of the plan, and how alike people are in
it: mean and size of a beta distribution, fitted on public dialogues."""
_MOST_USUAL = 0.45
_NEGATED = (10.0, 6.0)
"""The same with negations put in: a beta distribution fitted on damaged copies of them."""
_MISPLACED_USUAL, _MISPLACED_NEGATED = 0.001, 0.1
"""Misplaced negations per sentence with a verb, as people speak and with negations put in."""
_PRIOR = 2.6
"""Log odds: with this, a log likelihood ratio of 0.4 leaves 0.9, the bound of fidelity."""
_LEAST_WORDS = 3
_FEWEST, _NATURAL = 3, 0.9
"""Fewer sentences that deny, where the language has a place for it, are what anybody says: at least so natural."""
_ENDS = frozenset(".!?;…")

_LIGHT = "|".join(words_of("polarity", "light"))
_DENIED = re.compile(rf"(?:\b(?:{phrases_of('polarity', 'figure')})|n't)(?: (?:{_LIGHT})){{0,4}} ?[$€£]?$")
_REACH = 64


def is_negated(words: Iterable[str]) -> bool:
    """Return whether a clause denies something."""
    return any(word in NEGATIONS or word.endswith("n't") for word in words)


def denies(folded: str, start: int) -> bool:
    """Return whether the figure that starts here is said not to be so (``it is not 300``, ``no cuesta 300``).

    A bound (``not more than 300``) and a refusal (``I can't pay 300``) deny no figure.
    """
    return _DENIED.search(folded[max(0, start - _REACH) : start]) is not None


def polarity(row: Reading, seed: Seed) -> float:
    """Return the probability that nobody put negations into the row."""
    (denied, sentences), misplaced = _denied(row), misplaced_negations(row)
    if not denied and not misplaced:
        return 1.0
    refusals = sum(step.endswith(":refuse") for step in seed.steps) / len(seed.steps)
    usual = min(_USUAL + refusals, _MOST_USUAL)
    evidence = beta_binomial(denied, sentences, *_NEGATED)
    evidence -= beta_binomial(denied, sentences, usual * _USUAL_SPREAD, (1 - usual) * _USUAL_SPREAD)
    evidence += _misplacement(min(misplaced, sentences), sentences)
    natural = posterior(evidence, _PRIOR)
    return natural if denied >= _FEWEST or misplaced else max(natural, _NATURAL)


def _denied(row: Reading) -> tuple[int, int]:
    """Count the sentences that deny, and those that could: they have a verb, or deny without one.

    A sentence that is said again is counted once: saying no twice is one refusal. One that regrets denies nothing.
    """
    kinds = row.vocabulary.look_up(row.ids, "polarity", _kind, np.uint8)
    starts = np.flatnonzero(np.concatenate(([True], kinds[:-1] == _END)))[: len(kinds)]
    if not len(starts):
        return 0, 0
    denying = kinds & _DENIES > 0
    denying[:-1] |= (kinds[:-1] & _DENIES_A_VERB > 0) & (kinds[1:] & _VERB > 0)
    denying[1:] |= (kinds[1:] & _DENIES_OF_SELF > 0) & (kinds[:-1] & _IS_SELF > 0)
    denies = np.logical_or.reduceat(denying, starts) & ~np.logical_or.reduceat(kinds & _REGRETS > 0, starts)
    asserts = np.logical_or.reduceat(kinds & _VERB > 0, starts)
    whole = np.add.reduceat(row.is_word.astype(np.intp), starts) >= _LEAST_WORDS
    bags = np.add.reduceat(row.vocabulary.look_up(row.ids, "bag", _bag, np.uint64), starts)
    first = np.zeros(len(starts), np.bool_)
    first[np.unique(bags, return_index=True)[1]] = True
    return int((denies & whole & first).sum()), int(((denies | asserts) & whole & first).sum())


def _bag(word: str) -> int:
    """Return a number of which sums tell bags of words apart, the same in every process."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big")


_END, _DENIES, _VERB, _REGRETS, _DENIES_OF_SELF, _IS_SELF, _DENIES_A_VERB = (1 << place for place in range(7))


def _kind(word: str) -> int:
    if word == BREAK or word in _ENDS:
        return _END
    negative = word.endswith("n't")
    kinds = (
        (_DENIES, negative or word in _DENYING),
        (_VERB, negative or word in _VERBS),
        (_REGRETS, word in _REGRET),
        (_DENIES_OF_SELF, word in _OF_SELF),
        (_IS_SELF, word in _SELF),
        (_DENIES_A_VERB, word in _OF_A_VERB),
    )
    return sum(kind for kind, is_of_it in kinds if is_of_it)


def _misplacement(found: int, sentences: int) -> float:
    """Return the log odds of misplaced negations; half of what puts negations in finds a place for them."""
    ratio = found * log(_MISPLACED_NEGATED / _MISPLACED_USUAL)
    ratio += (sentences - found) * log((1 - _MISPLACED_NEGATED) / (1 - _MISPLACED_USUAL))
    return log(0.5 * exp(min(ratio, 700)) + 0.5)
