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
"""Words, and marks that stand between spaces: fewer in a row are said by people who never met."""
LONG_RUN = 20
"""A run of that many is a copy even where the control group or many subjects said it too: nobody who never saw
the source writes twenty of its words in its order."""

_LEAST_SIEVE_BITS, _MOST_SIEVE_BITS = 12, 26


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
    def _shift(self) -> np.uint64:
        """Return how many low bits the sieve ignores: it has some eight places per hash."""
        bits = min(_MOST_SIEVE_BITS, max(_LEAST_SIEVE_BITS, (8 * len(self.hashes)).bit_length()))
        return np.uint64(64 - bits)

    @cached_property
    def _sieve(self) -> Mask:
        sieve = np.zeros(1 << (64 - int(self._shift)), np.bool_)
        sieve[(self.hashes >> self._shift).astype(np.intp)] = True
        return sieve

    def __len__(self) -> int:
        return len(self.hashes)

    def positions(self, values: Hashes) -> Positions:
        """Return where in ``values`` those stand that are in the set."""
        maybe = np.flatnonzero(self._sieve[(values >> self._shift).astype(np.intp)])
        return maybe[member(values[maybe], self.hashes)]

    def __reduce__(self) -> tuple[type["Known"], tuple[Hashes]]:
        """Travel to other processes without the sieve."""
        return type(self), (self.hashes,)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """The n-grams of a corpus.

    Attributes:
        hasher: Makes fingerprints under the same key.
        known: Hashes of the n-grams.
        conversations: How many conversations they come from.
        shared: For each hash whether it is anyone's: then it counts only in a long run.
    """

    hasher: Hasher
    known: Known
    conversations: int
    shared: Mask

    def copied(self, codes: Codes) -> Mask | None:
        """Return for each position of a stream whether it lies in a run that is known; None where none is."""
        hashes, whole = self.hasher.ngrams(codes)
        at = self.known.positions(hashes)
        at = at[whole[at]]
        if not len(at):
            return None
        hits, all_hits = np.zeros(len(hashes), np.bool_), np.zeros(len(hashes), np.bool_)
        hits[at] = ~self.shared[np.searchsorted(self.known.hashes, hashes[at])]
        all_hits[at] = True
        hits |= self._of_long_runs(all_hits)
        return self._covered(hits) if hits.any() else None

    def _of_long_runs(self, hits: Mask) -> Mask:
        """Return those n-grams that stand in runs of ``LONG_RUN`` words without a gap."""
        edges = np.flatnonzero(np.diff(hits, prepend=False, append=False))
        starts, ends = edges[::2], edges[1::2]
        long = ends - starts > LONG_RUN - self.hasher.size
        return _between(starts[long], ends[long], len(hits))

    def _covered(self, hits: Mask) -> Mask:
        """Return the words of n-grams."""
        at = np.flatnonzero(hits)
        return _between(at, at + self.hasher.size, len(hits) + self.hasher.size - 1)


def _between(starts: Positions, ends: Positions, length: int) -> Mask:
    opened = np.bincount(starts, minlength=length + 1) - np.bincount(ends, minlength=length + 1)
    inside: Mask = np.cumsum(opened[:length]) > 0
    return inside


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
