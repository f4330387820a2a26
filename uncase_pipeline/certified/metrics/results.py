"""Results of tools against what the assistant says after them: flags by the words of their keys, and short values.

A flag that is set is denied by a statement that says its words are not so; one that is not set, by a statement that
there is such a thing. A value is denied by name (``she is not a dentist``). What results disagree on denies nothing.
"""

import re
from collections import defaultdict
from typing import Any

import orjson

from uncase_pipeline.certified.metrics.lexicon import words_of
from uncase_pipeline.certified.metrics.statements import Part, parts_of
from uncase_pipeline.certified.metrics.support import leaves
from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.dialogue.tokens import STOP_WORDS, fold

_FLAGS = {"true": True, "yes": True, "si": True, "false": False, "no": False}
_HAVING = words_of("statements", "having")
_WORD = re.compile(r"[a-z]+")
_VALUE = re.compile(r"[a-z]{4,}(?: [a-z]+)?")
_NOT_A = r"(?:\bnot|n't|\bno es|\bno son)(?: (?:an?|the|any|una?|el|la))* "

_Told = tuple[tuple[frozenset[str], bool | str], ...]


def against_tools(row: Reading) -> int:
    """Count the statements of the assistant that deny what tools said before them."""
    told: dict[frozenset[str], set[bool | str]] = defaultdict(set)
    found = 0
    for message in row.conversation.messages:
        if message.role == "tool":
            for key, value in _told(message.content):
                told[key].add(value)
        elif message.role == "assistant" and told:
            known = {key: next(iter(values)) for key, values in told.items() if len(values) == 1}
            found += sum(_denies(part, known) for part in parts_of(message.content) if not part.asks)
    return found


def _denies(part: Part, told: dict[frozenset[str], bool | str]) -> bool:
    return any(_is_denied(part, key, value) for key, value in told.items())


def _is_denied(part: Part, key: frozenset[str], value: bool | str) -> bool:
    if isinstance(value, str):
        return not part.holds and re.search(rf"{_NOT_A}{value}\b", " ".join(part.words)) is not None
    if not key <= {*part.words}:
        return False
    return not part.holds if value else part.holds and not _HAVING.isdisjoint(part.words)


def _told(document: str) -> _Told:
    """Return the flags and short values of a result, by the words of their keys."""
    try:
        found = list(leaves(orjson.loads(document)))
    except orjson.JSONDecodeError:
        return ()
    read = ((frozenset(_WORD.findall(fold(key))) - STOP_WORDS, _value(value)) for key, value in found)
    return tuple((key, value) for key, value in read if key and value is not None)


def _value(value: Any) -> bool | str | None:
    if isinstance(value, bool):
        return value
    folded = fold(value) if isinstance(value, str) else ""
    return _FLAGS.get(folded, folded if _VALUE.fullmatch(folded) else None)
