"""Negations where the language has no place for one: ``are not you``, ``what is not``, ``me no puede``.

Whoever puts negations into a text without reading it leaves such pairs behind. Knows es and en, no meaning.
"""

import numpy as np

from uncase_pipeline.certified.metrics.lexicon import lists
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.certified.vocabulary import BREAK

_CLASSES = {name: frozenset(words.split()) for name, words in lists()["misplaced"].items()}
_FLAGS = {name: 1 << place for place, name in enumerate(_CLASSES)}
_END, _WORD, _CONTRACTED, _ASKS, _TWICE = (1 << (len(_FLAGS) + place) for place in range(5))
_NOT, _NEVER, _NO, _AUXILIARY, _HAVE = (_FLAGS[n] for n in ("not", "never", "no", "auxiliary", "have"))
_FINITE, _PRONOUN, _ARTICLE, _ASKS_EN = (_FLAGS[n] for n in ("finite", "pronoun", "article", "asks_en"))
_DO, _HEDGES, _NO_ES, _NEVER_ES = (_FLAGS[n] for n in ("do", "hedges", "no_es", "never_es"))
_CLITIC, _ASKS_ES = _FLAGS["clitic"], _FLAGS["asks_es"]
_NEGATIONS = _NOT | _NO | _CONTRACTED | _TWICE | _NO_ES


def misplaced_negations(row: Reading) -> int:
    """Count them."""
    kinds = row.vocabulary.look_up(row.ids, "misplaced", _kind, np.int64)
    at = np.flatnonzero(kinds & _NEGATIONS)
    around = np.concatenate(([_END, _END], kinds, [_END]))
    is_misplaced = _in_spanish if row.language == "es" else _in_english
    return sum(is_misplaced(*around[place : place + 4].tolist()) for place in at.tolist())


def _in_english(before: int, last: int, negation: int, following: int) -> bool:
    if negation & _TWICE or following & _FINITE:
        return True
    if not negation & _NOT:
        return False
    if (
        last & (_NOT | _CONTRACTED)
        or following & (_NEVER | _CONTRACTED)
        or (last & _HAVE and following & _ARTICLE)
    ):
        return True
    if last & _AUXILIARY:
        asked = before & (_ASKS_EN | _ASKS) or (before & _END and not last & _DO)
        return bool(following & _PRONOUN or asked)
    speaks = last & _PRONOUN and not before & (_AUXILIARY | _HEDGES | _CONTRACTED)
    return bool(speaks and following & _WORD and not following & _HEDGES)


def _in_spanish(before: int, last: int, negation: int, following: int) -> bool:
    if not negation & _NO_ES:
        return False
    if following & _WORD and last & (_CLITIC | _NEVER_ES):
        return True
    return bool(last & _ASKS_ES and before & _ASKS)


def _kind(word: str) -> int:
    if word == BREAK or word in ".!?;…":
        return _END
    flags = sum(flag for name, flag in _FLAGS.items() if word in _CLASSES[name])
    flags |= _CONTRACTED if word.endswith("n't") else 0
    flags |= _ASKS if word == "¿" else 0
    flags |= _TWICE if word == "not't" else 0
    return flags | (_WORD if word[0].isalpha() else 0)
