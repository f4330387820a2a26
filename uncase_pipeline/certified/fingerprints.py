"""Keyed fingerprints of n-grams: what a text shares with a corpus, without the corpus. Knows words, not rows.

A word is hashed under a key (BLAKE2b, 64 bits); an n-gram is a linear form of its words' hashes with
coefficients from the same key, mixed at the end. Who has no key can't test a guess against a fingerprint.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uncase_pipeline.certified.reading import BREAK

Hashes = npt.NDArray[np.uint64]

NGRAM = 7
"""Eight copied words hold at least one run of seven, wherever a dash or a figure is cut."""

_VOCABULARY = 200_000


class Hasher:
    """Hashes words and n-grams under one key."""

    def __init__(self, key: bytes, size: int = NGRAM) -> None:
        self.size = size
        self._words = _Words(key)
        draws = (hashlib.blake2b(bytes([at]), key=key, person=b"ngram").digest()[:8] for at in range(size))
        self._factors = [np.uint64(int.from_bytes(draw, "big") | 1) for draw in draws]

    def ngrams(self, stream: Sequence[str]) -> tuple[Hashes, npt.NDArray[np.bool_]]:
        """Hash the n-grams of a stream.

        Returns:
            The hash of the n-gram that starts at each position, and whether there is one: none runs over a
            break or the end.
        """
        count = len(stream) - self.size + 1
        if count <= 0:
            return np.empty(0, np.uint64), np.empty(0, np.bool_)
        words = np.array([self._words[word] for word in stream], np.uint64)
        hashes = np.zeros(count, np.uint64)
        for at, factor in enumerate(self._factors):
            hashes += words[at : at + count] * factor
        breaks = np.cumsum(words == 0)
        before = np.concatenate(([0], breaks[: count - 1]))
        return _mix(hashes), breaks[self.size - 1 :] == before

    def distinct(self, stream: Sequence[str]) -> Hashes:
        """Return the sorted distinct hashes of the n-grams of a stream."""
        hashes, whole = self.ngrams(stream)
        return np.unique(hashes[whole])


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """The n-grams that only source subjects used.

    Attributes:
        hasher: Makes fingerprints under the same key.
        known: Sorted hashes.
        conversations: How many source conversations they come from.
    """

    hasher: Hasher
    known: Hashes
    conversations: int

    def copied(self, stream: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Return for each position of a stream whether it lies in a run that is known."""
        hashes, whole = self.hasher.ngrams(stream)
        marks = np.zeros(len(stream) + 1, np.int32)
        hits = np.flatnonzero(whole & member(hashes, self.known))
        np.add.at(marks, hits, 1)
        np.add.at(marks, hits + self.hasher.size, -1)
        copied: npt.NDArray[np.bool_] = np.cumsum(marks[:-1]) > 0
        return copied


def member(values: Hashes, known: Hashes) -> npt.NDArray[np.bool_]:
    """Return for each value whether it is among the sorted known ones."""
    if not len(known):
        return np.zeros(len(values), np.bool_)
    at = np.searchsorted(known, values)
    at[at == len(known)] = 0
    found: npt.NDArray[np.bool_] = known[at] == values
    return found


class _Words(dict[str, int]):
    """Hash per word; 0 is kept for the break."""

    def __init__(self, key: bytes) -> None:
        super().__init__({BREAK: 0})
        self._key = key

    def __missing__(self, word: str) -> int:
        digest = hashlib.blake2b(word.encode(), digest_size=8, key=self._key).digest()
        value = int.from_bytes(digest, "big") or 1
        if len(self) < _VOCABULARY:
            self[word] = value
        return value


def _mix(hashes: Hashes) -> Hashes:
    """The finalizer of SplitMix64 (Steele et al. 2014)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))
