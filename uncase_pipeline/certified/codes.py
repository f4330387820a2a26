"""Words as numbers under a key, so that nothing made of them can be read or guessed. Knows no n-gram."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from uncase_pipeline.certified.vocabulary import BREAK, Ids, Vocabulary, vocabulary

Codes = npt.NDArray[np.uint64]


class Coder:
    """Codes words with BLAKE2b under a key, 64 bits each; masks and breaks are 0."""

    def __init__(self, key: bytes) -> None:
        self.key = key

    def codes(self, stream: Sequence[str]) -> Codes:
        """Return the code of each word."""
        words = vocabulary()
        return self.of_ids(words, words.ids(stream))

    def of_ids(self, words: Vocabulary, ids: Ids) -> Codes:
        """Return the code of each word of a vocabulary."""
        return words.look_up(ids, self.key, self._code, np.uint64)

    def _code(self, word: str) -> int:
        if word == BREAK or is_mask(word):
            return 0
        digest = hashlib.blake2b(word.encode(), digest_size=8, key=self.key).digest()
        return int.from_bytes(digest, "big") or 1

    def __reduce__(self) -> tuple[type["Coder"], tuple[bytes]]:
        """Travel to other processes as the key alone."""
        return type(self), (self.key,)


def is_mask(token: str) -> bool:
    """Return whether a token is a mask such as ``[person_1]`` and not a single mark."""
    return len(token) > 1 and token[0] == "["
