"""Words as numbers under a key, so that nothing made of them can be read or guessed. Knows no n-gram."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint64]

BREAK = ""
"""Stands in a stream of words where a run ends: at a mask, at the end of a turn. Its code is 0."""

_VOCABULARY = 200_000


class Coder:
    """Codes words with BLAKE2b under a key, 64 bits each; frequent words are remembered."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self._words = _Words(key)

    def codes(self, stream: Sequence[str]) -> Codes:
        """Return the code of each word."""
        words = self._words
        return np.array([words[word] for word in stream], np.uint64)

    def __reduce__(self) -> tuple[type["Coder"], tuple[bytes]]:
        """Travel to other processes as the key alone."""
        return type(self), (self.key,)


class _Words(dict[str, int]):
    def __init__(self, key: bytes) -> None:
        super().__init__({BREAK: 0})
        self._key = key

    def __missing__(self, word: str) -> int:
        digest = hashlib.blake2b(word.encode(), digest_size=8, key=self._key).digest()
        value = int.from_bytes(digest, "big") or 1
        if len(self) < _VOCABULARY:
            self[word] = value
        return value
