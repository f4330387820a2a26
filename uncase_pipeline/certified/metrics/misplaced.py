"""Negations where there is no place for one: ``are not you``, ``me no puede``, ``yes, it is not``, ``not happy to``.

Whoever puts negations into a text without reading it leaves them in pairs that no language has, behind a yes, and in
courtesies. Knows es and en, no meaning.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from uncase_pipeline.certified.metrics.lexicon import lists
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.certified.vocabulary import BREAK

_CLASSES = {name: frozenset(words.split()) for name, words in lists()["misplaced"].items()}
_FLAGS = {name: 1 << place for place, name in enumerate(_CLASSES)}
_END, _WORD, _CONTRACTED, _ASKS, _TWICE, _FIGURE, _MARK = (1 << (len(_FLAGS) + place) for place in range(7))
_NOT, _NEVER, _NO, _AUXILIARY, _HAVE = (_FLAGS[n] for n in ("not", "never", "no", "auxiliary", "have"))
_FINITE, _PRONOUN, _PARTICIPLE, _ASKS_EN = (_FLAGS[n] for n in ("finite", "pronoun", "participle", "asks_en"))
_DO, _HEDGES, _NO_ES, _NEVER_ES = (_FLAGS[n] for n in ("do", "hedges", "no_es", "never_es"))
_CLITIC, _ASKS_ES = _FLAGS["clitic"], _FLAGS["asks_es"]
_UNTRUE, _THAT = _FLAGS["untrue"], _FLAGS["that"]
_YES, _COURTEOUS, _WITH_TO, _TO, _SETTLED = (
    _FLAGS[n] for n in ("yes", "courteous", "with_to", "to", "settled")
)
_DENIES = _NOT | _NEVER | _CONTRACTED | _NO_ES | _FLAGS["hardly"]
_NEGATIONS = _NOT | _NO | _CONTRACTED | _TWICE | _NO_ES | _UNTRUE
_REACH = 4
"""Words before a negation that may give it no place."""
_BEHIND_YES = 6
_AHEAD = 3
"""Words and marks between the beginning of a sentence and a negation behind its yes, and words after a negation."""


def misplaced_negations(row: Reading) -> int:
    """Count them."""
    kinds = row.vocabulary.look_up(row.ids, "misplaced", _kind, np.int64)
    at = np.flatnonzero(kinds & _NEGATIONS)
    around = np.concatenate(([_END] * _REACH, kinds, [_END]))
    is_misplaced = _in_spanish if row.language == "es" else _in_english
    return _behind_yes_or_courteous(kinds) + sum(
        is_misplaced(
            around[place : place + _REACH].tolist(), *around[place + _REACH : place + _REACH + 2].tolist()
        )
        for place in at.tolist()
    )


def _behind_yes_or_courteous(kinds: npt.NDArray[np.int64]) -> int:
    around = np.concatenate(([_END] * _BEHIND_YES, kinds, [_END] * _AHEAD))
    return sum(
        _is_behind_yes(around[at : at + _BEHIND_YES].tolist(), *following) or _is_courteous(following)
        for at in np.flatnonzero(kinds & _DENIES).tolist()
        for following in [around[at + _BEHIND_YES + 1 : at + _BEHIND_YES + 1 + _AHEAD].tolist()]
    )


def _is_behind_yes(before: list[int], *following: int) -> bool:
    """Return whether the part that denies follows a yes that begins the sentence: ``yes, that is not``."""
    if any(word & _SETTLED for word in following):
        return False
    marks = [at for at, word in enumerate(before) if word & (_MARK | _END)]
    comma = marks[-1] if marks else 0
    return comma >= 2 and bool(
        before[comma] & _MARK and before[comma - 1] & _YES and before[comma - 2] & _END
    )


def _is_courteous(following: list[int]) -> bool:
    """Return whether a courtesy is denied: ``not happy to help``."""
    return any(
        one & _COURTEOUS and (not one & _WITH_TO or other & _TO) for one, other in pairwise([*following, 0])
    )


def _in_english(before: list[int], negation: int, following: int) -> bool:
    if negation & _UNTRUE:
        return bool(following & _THAT)
    if negation & _TWICE or following & _FINITE:
        return True
    return bool(negation & _NOT and _not_is_misplaced(before, following))


def _not_is_misplaced(before: list[int], following: int) -> bool:
    *_, third, second, last = before
    if last & (_NOT | _CONTRACTED) or following & (_NEVER | _CONTRACTED) or _is_denied(before):
        return True
    if last & _HAVE and following & (_WORD | _FIGURE) and not following & _PARTICIPLE:
        return True
    if last & _AUXILIARY:
        asked = (third & _END and second & _ASKS_EN) or second & _ASKS or (second & _END and not last & _DO)
        return bool(following & _PRONOUN or asked)
    speaks = last & _PRONOUN and not second & (_AUXILIARY | _HEDGES | _CONTRACTED)
    return bool(speaks and following & _WORD and not following & _HEDGES)


def _is_denied(before: list[int]) -> bool:
    """Return whether what comes before denies already, two words earlier: ``didn't do not``."""
    *_, second, last = before
    return bool(second & _CONTRACTED and last & _AUXILIARY)


def _in_spanish(before: list[int], negation: int, following: int) -> bool:
    if negation & _UNTRUE:
        return bool(following & _THAT)
    if not negation & _NO_ES:
        return False
    if following & _WORD and before[-1] & (_CLITIC | _NEVER_ES):
        return True
    return any(mark & _ASKS and asks & _ASKS_ES for mark, asks in pairwise(before))


def _kind(word: str) -> int:
    if word == BREAK or word in ".!?;…":
        return _END
    flags = sum(flag for name, flag in _FLAGS.items() if word in _CLASSES[name])
    flags |= _CONTRACTED if word.endswith("n't") else 0
    flags |= _ASKS if word == "¿" else 0
    flags |= _TWICE if word == "not't" else 0
    flags |= _FIGURE if word[0].isdigit() else 0
    flags |= _PARTICIPLE if word.endswith(("ed", "en", "ly")) else 0
    return flags | (_WORD if word[0].isalpha() else 0 if word[0].isdigit() or word[0] == "[" else _MARK)
