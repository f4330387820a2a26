"""Topic: whether both sides speak of the same things. Knows words and who said them, not what they are about.

Of the words with content that the side with fewer of them uses, the other side uses a third or so too, and
people differ in this (beta-binomial); answers that were taken from another dialogue share few.
"""

from hashlib import blake2b

import numpy as np

from uncase_pipeline.certified.codes import is_mask
from uncase_pipeline.certified.metrics.concepts import stem
from uncase_pipeline.certified.metrics.odds import beta_binomial, posterior
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.dialogue.tokens import STOP_WORDS

_USUAL, _FOREIGN = (4.0, 6.5), (1.2, 8.0)
"""Beta distributions of the shared part, fitted on public dialogues and on their questions with answers that
were taken from others."""
_PRIOR, _JUST_FITS, _OF_FIT = 4.65, 0.2, 12.0
"""Log odds for one dialogue before words are counted, of a row that just fits its plan, up to what fit that is,
and what a perfect fit adds: who takes answers from elsewhere rarely meets the plan."""
_LEAST_LETTERS = 3


def topic(row: Reading, fit: float) -> float:
    """Return the probability that both sides are of one dialogue.

    Args:
        row: The row.
        fit: How well it keeps to the plan of its seed, from 0 for just enough to 1.
    """
    hashes = row.vocabulary.look_up(row.ids, "topic", _hash, np.uint64)
    with_content = hashes != 0
    own, other = (np.unique(hashes[with_content & row.said_by(role)]) for role in ("user", "assistant"))
    shared, fewer = len(np.intersect1d(own, other, assume_unique=True)), min(len(own), len(other))
    evidence = beta_binomial(shared, fewer, *_FOREIGN) - beta_binomial(shared, fewer, *_USUAL)
    return posterior(evidence, _PRIOR + _OF_FIT * max(0.0, fit - _JUST_FITS))


def _hash(word: str) -> int:
    """Return a number for the stem of a word, the same in every process; 0 where it has no content."""
    if len(word) < _LEAST_LETTERS or word in STOP_WORDS or is_mask(word):
        return 0
    return int.from_bytes(blake2b(stem(word).encode(), digest_size=8).digest(), "big")
