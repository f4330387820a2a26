"""Near-duplicates: MinHash signatures and an index of those that were seen. Knows words, not rows.

One-permutation hashing (Li, Owen & Zhang 2012) with optimal densification (Shrivastava 2017) makes a
signature in one pass; banding finds candidates, and the agreement of signatures estimates the Jaccard
similarity of three-word shingles. A kept row costs at most 320 bytes: 128 of its signature and, per band, 12.
"""

import numpy as np
import numpy.typing as npt

from uncase_pipeline.certified.codes import Coder, Codes
from uncase_pipeline.certified.fingerprints import Hasher, Hashes

BINS = 64
_ROWS_PER_BAND = 4
_BANDS = BINS // _ROWS_PER_BAND
_SHINGLE = 3
_BIN_SHIFT = np.uint64(58)
_EMPTY = np.iinfo(np.uint64).max
_MERGE_AT = 4_096
_BLOCK = 4_096
"""Signatures that are allocated together: what is held already is never copied to make room."""

SIMILAR = 0.8
"""Jaccard similarity from which two rows count as the same."""

Signature = npt.NDArray[np.uint16]


class Signer:
    """Makes signatures under one key."""

    def __init__(self, coder: Coder) -> None:
        self._hasher = Hasher(coder, _SHINGLE)
        self._donors = _donors(coder.key)

    def sign(self, codes: Codes) -> Signature | None:
        """Return the signature of a text, None where it has no shingle."""
        hashes, whole = self._hasher.ngrams(codes)
        hashes = hashes[whole]
        if not len(hashes):
            return None
        hashes.sort()
        bins = (hashes >> _BIN_SHIFT).astype(np.intp)
        lowest = np.full(BINS, _EMPTY, np.uint64)
        lowest[bins[::-1]] = hashes[::-1]
        return (self._densified(lowest) & np.uint64(0xFFFF)).astype(np.uint16)

    def _densified(self, lowest: Hashes) -> Hashes:
        """Let each empty bin borrow from the first filled one in an order of its own."""
        filled = lowest != _EMPTY
        if filled.all():
            return lowest
        for at in np.flatnonzero(~filled):
            order = self._donors[at]
            lowest[at] = lowest[order[np.argmax(filled[order])]]
        return lowest


class NearIndex:
    """Holds the signatures of what was kept."""

    def __init__(self) -> None:
        self._signatures: list[npt.NDArray[np.uint16]] = []
        self._count = 0
        self._sorted = [np.empty(0, np.uint64) for _ in range(_BANDS)]
        self._rows = [np.empty(0, np.uint32) for _ in range(_BANDS)]
        self._recent: list[dict[int, int]] = [{} for _ in range(_BANDS)]

    def similar(self, signature: Signature, at_least: float = SIMILAR) -> bool:
        """Return whether something kept is at least this similar."""
        return any(
            float((self._signatures[row // _BLOCK][row % _BLOCK] == signature).mean()) >= at_least
            for row in self._candidates(signature)
        )

    def keep(self, signature: Signature) -> None:
        """Add a signature; of equal bands the first row stands for all."""
        row, self._count = self._count, self._count + 1
        if row % _BLOCK == 0:
            self._signatures.append(np.empty((_BLOCK, BINS), np.uint16))
        self._signatures[-1][row % _BLOCK] = signature
        for band, key in enumerate(_band_keys(signature)):
            self._recent[band].setdefault(key, row)
        if len(self._recent[0]) >= _MERGE_AT:
            self._merge()

    def _candidates(self, signature: Signature) -> set[int]:
        found: set[int] = set()
        for band, key in enumerate(_band_keys(signature)):
            if key in self._recent[band]:
                found.add(self._recent[band][key])
            at = int(np.searchsorted(self._sorted[band], np.uint64(key)))
            if at < len(self._sorted[band]) and int(self._sorted[band][at]) == key:
                found.add(int(self._rows[band][at]))
        return found

    def _merge(self) -> None:
        for band, recent in enumerate(self._recent):
            keys = np.concatenate((self._sorted[band], np.fromiter(recent.keys(), np.uint64, len(recent))))
            rows = np.concatenate((self._rows[band], np.fromiter(recent.values(), np.uint32, len(recent))))
            self._sorted[band], first = np.unique(keys, return_index=True)
            self._rows[band] = rows[first]
            recent.clear()


def _band_keys(signature: Signature) -> list[int]:
    keys: list[int] = signature.view(np.uint64).tolist()
    return keys


def _donors(key: bytes) -> npt.NDArray[np.intp]:
    draws = np.random.default_rng(int.from_bytes(key[:8], "big"))
    return np.array([draws.permutation(BINS) for _ in range(BINS)], np.intp)
