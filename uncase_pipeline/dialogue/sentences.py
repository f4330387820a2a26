"""Cuts a turn into sentences, each of which can be read alone. Knows punctuation and abbreviations only.

Whoever writes many conversations repeats sentences: what was read out of one is remembered by its text.
"""

import re
from functools import lru_cache

from uncase_pipeline.dialogue.clauses import ABBREVIATIONS
from uncase_pipeline.dialogue.tokens import fold

REMEMBERED = 16_384
"""Sentences of which a reader remembers what it found."""
_CUT = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_]|[¿¡])")
_LONGEST_SHORT = 1 + max(map(len, ABBREVIATIONS))
_BEFORE_WORD = "(¿¡\"'"

Sentence = tuple[str, int]
"""What a sentence says, and its first character in the turn."""


@lru_cache(maxsize=4_096)
def sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text: each ends with a full stop or the like before a letter, or with the text.

    The space between two belongs to none; an abbreviation or a number ("1. open the door") ends none.
    """
    cuts = [cut.span() for cut in _CUT.finditer(text) if not _is_no_end(text, cut.start())]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    return tuple((text[start:end], start) for start, end in zip(starts, ends, strict=True))


def _is_no_end(text: str, end: int) -> bool:
    last = text[max(0, end - _LONGEST_SHORT - len(_BEFORE_WORD)) : end].rsplit(maxsplit=1)[-1]
    word = last[:-1]
    return last[-1] == "." and (word.isdigit() or fold(word.lstrip(_BEFORE_WORD)) in ABBREVIATIONS)
