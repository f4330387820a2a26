"""Keyed fingerprints of n-grams: what a text shares with a corpus, without the corpus. Knows codes, not rows.

An n-gram is a linear form of its words' codes with secret coefficients, mixed at the end. Who has no key
can't test a guess against a fingerprint.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from uncase_pipeline.certified.codes import Coder, Codes

Hashes = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]

NGRAM = 8
"""Words and punctuation marks: eight copied words are at least that many, however they are set."""
LONG_RUN = 20
"""A run of that many is a copy even where the control group or many subjects said it too: nobody who never saw
the source writes twenty of its words in its order."""

_SIEVE_BITS = 24


class Hasher:
    """Hashes n-grams of one size under the key of a coder."""

    def __init__(self, coder: Coder, size: int = NGRAM) -> None:
        self.coder = coder
        self.size = size
        draws = (
            hashlib.blake2b(bytes([at, size]), key=coder.key, person=b"ngram").digest() for at in range(size)
        )
        self._factors = [np.uint64(int.from_bytes(draw[:8], "big") | 1) for draw in draws]

    def ngrams(self, codes: Codes) -> tuple[Hashes, Mask]:
        """Hash the n-grams of a stream.

        Returns:
            The hash of the n-gram that starts at each position, and whether there is one: none runs over a
            break or the end.
        """
        count = len(codes) - self.size + 1
        if count <= 0:
            return np.empty(0, np.uint64), np.empty(0, np.bool_)
        hashes = codes[:count] * self._factors[0]
        for at, factor in enumerate(self._factors[1:], start=1):
            hashes += codes[at : at + count] * factor
        whole = np.ones(count, np.bool_)
        for at in np.flatnonzero(codes == 0).tolist():
            whole[max(0, at - self.size + 1) : at + 1] = False
        return _mix(hashes), whole

    def distinct(self, codes: Codes) -> Hashes:
        """Return the sorted distinct hashes of the n-grams of a stream."""
        hashes, whole = self.ngrams(codes)
        return np.unique(hashes[whole])


class Known:
    """A set of hashes: sorted, behind a sieve that turns most strangers away at once."""

    def __init__(self, hashes: Hashes) -> None:
        self.hashes = hashes

    @cached_property
    def _sieve(self) -> Mask:
        sieve = np.zeros(1 << _SIEVE_BITS, np.bool_)
        sieve[(self.hashes >> np.uint64(64 - _SIEVE_BITS)).astype(np.intp)] = True
        return sieve

    def __len__(self) -> int:
        return len(self.hashes)

    def positions(self, values: Hashes) -> Positions:
        """Return where in ``values`` those stand that are in the set."""
        maybe = np.flatnonzero(self._sieve[(values >> np.uint64(64 - _SIEVE_BITS)).astype(np.intp)])
        return maybe[member(values[maybe], self.hashes)]

    def __reduce__(self) -> tuple[type["Known"], tuple[Hashes]]:
        """Travel to other processes without the sieve."""
        return type(self), (self.hashes,)


NO_HASHES = Known(np.empty(0, np.uint64))


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """The n-grams of a corpus.

    Attributes:
        hasher: Makes fingerprints under the same key.
        known: Hashes of the n-grams that point to few people.
        conversations: How many conversations they come from.
        shared: Hashes of those that are anyone's: they count only in a long run.
    """

    hasher: Hasher
    known: Known
    conversations: int
    shared: Known = NO_HASHES

    def copied(self, codes: Codes) -> Mask | None:
        """Return for each position of a stream whether it lies in a run that is known; None where none is."""
        hashes, whole = self.hasher.ngrams(codes)
        hits = self._hits(hashes, self.known, whole)
        shared = self._hits(hashes, self.shared, whole) if len(self.shared) else hits[:0]
        long = self._of_long_runs(np.union1d(hits, shared)) if len(shared) else shared
        if not len(hits) and not len(long):
            return None
        copied = np.zeros(len(codes), np.bool_)
        for at in (*hits.tolist(), *long.tolist()):
            copied[at : at + self.hasher.size] = True
        return copied

    @staticmethod
    def _hits(hashes: Hashes, known: Known, whole: Mask) -> Positions:
        hits = known.positions(hashes)
        return hits[whole[hits]]

    def _of_long_runs(self, hits: Positions) -> Positions:
        """Return those of sorted positions that stand in runs of ``LONG_RUN`` words without a gap."""
        runs = np.split(hits, np.flatnonzero(np.diff(hits) != 1) + 1)
        least = LONG_RUN - self.hasher.size + 1
        long = [run for run in runs if len(run) >= least]
        return np.concatenate(long) if long else hits[:0]


def member(values: Hashes, known: Hashes) -> Mask:
    """Return for each value whether it is among the sorted known ones."""
    if not len(known):
        return np.zeros(len(values), np.bool_)
    at = np.searchsorted(known, values)
    at[at == len(known)] = 0
    found: Mask = known[at] == values
    return found


def _mix(hashes: Hashes) -> Hashes:
    """The finalizer of SplitMix64 (Steele et al. 2014)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))
