"""One pass over texts that says which of many expressions may match. Knows no expression.

RE2 builds its automaton while it reads, and the states of expressions that are looked for together multiply: a
hundred in one automaton spend more time on new states than on text, a few dozen do not. Most texts hold no
digit or few, and most expressions can't match without some.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import inf
from typing import Any

_MEMORY = 64 << 20
_TOGETHER = 24
_CHARACTERS = 6_000
"""No more expressions than this, and no longer ones together, are looked for in one automaton."""
_DIGITS = (0, 1, 2, 4, 6)
"""Expressions are looked for together that need at least so many digits, and fewer than the next."""
_CODES = range(ord("0"), ord("9") + 1)
"""What RE2 takes for a digit, other than ``re``: those of ASCII."""
_ASCII_DIGITS = bytes(_CODES)
_PARSER: Any = importlib.import_module("re._parser")
"""The parser of ``re`` itself: what it reads is what is searched."""

_BOUNDED = re.compile(r"\{(\d+),\d+\}")

Possible = Callable[[Sequence[str]], Sequence[Sequence[int]]]


def which_may_match(regexes: Iterable[str]) -> Possible:
    """Return a function that gives, for each of many texts, the numbers of the expressions worth searching for.

    It never leaves out one that matches. Where RE2 is not installed, every expression is worth searching for.
    """
    expressions = list(regexes)
    try:
        import re2
    except ImportError:
        return lambda texts: [range(len(expressions))] * len(texts)
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    sets = [*_sets(expressions, options)]

    def possible(texts: Sequence[str]) -> Sequence[Sequence[int]]:
        found: list[Sequence[int]] = [()] * len(texts)
        encoded = [*map(str.encode, texts)]
        digits = [len(text) - len(text.translate(None, _ASCII_DIGITS)) for text in encoded]
        # One automaton after the other, each over all texts: its states stay in the processor's cache.
        for needed, numbers, together in sets:
            places = [place for place, count in enumerate(digits) if count >= needed]
            for place, hits in zip(places, map(together.Match, [encoded[at] for at in places]), strict=True):
                if hits:
                    found[place] = sorted([*found[place], *(numbers[hit] for hit in hits)])
        return found

    return possible


def _sets(expressions: Sequence[str], options: Any) -> Iterator[tuple[int, Sequence[int], Any]]:
    """Yield sets of a few dozen expressions: how many digits they need, the least first, and their numbers."""
    import re2

    needs = [digits_needed(expression) for expression in expressions]
    for least, beyond in zip(_DIGITS, (*_DIGITS[1:], inf), strict=True):
        numbers = [number for number, needed in enumerate(needs) if least <= needed < beyond]
        for some in _handfuls(numbers, expressions):
            together = re2.Set.SearchSet(options)
            for number in some:
                together.Add(_looser(expressions[number]))
            together.Compile()
            yield least, some, together


def _looser(regex: str) -> str:
    """Return an expression that matches wherever this one does and makes fewer states, without ends of repetitions.

    RE2 writes ``{0,6}`` out six times. Word boundaries go too: it knows those of ASCII only ("nací" would have none).
    """
    return _BOUNDED.sub(r"{\1,}", regex.replace(r"\b", ""))


def _handfuls(numbers: Sequence[int], expressions: Sequence[str]) -> Iterator[Sequence[int]]:
    """Yield the numbers in runs that one automaton can hold."""
    begin = written = 0
    for end, number in enumerate(numbers):
        length = len(expressions[number])
        if end - begin == _TOGETHER or (end > begin and written + length > _CHARACTERS):
            yield numbers[begin:end]
            begin, written = end, 0
        written += length
    if numbers:
        yield numbers[begin:]


def digits_needed(regex: str) -> int:
    """Return how many digits every text that the expression matches holds at least; 0 where that can't be told."""
    try:
        return _digits(_PARSER.parse(regex))
    except (AttributeError, re.error):  # another Python's parser, or syntax that only RE2 knows
        return 0


def _digits(parsed: Any) -> int:
    return sum(_digits_of(str(kind), what) for kind, what in parsed)


def _digits_of(kind: str, what: Any) -> int:
    match kind:
        case "LITERAL":
            return int(what in _CODES)
        case "IN":
            return int(all(_only_digits(str(part), value) for part, value in what))
        case "SUBPATTERN":
            return _digits(what[-1])
        case "BRANCH":
            return min(map(_digits, what[1]))
        case "MAX_REPEAT" | "MIN_REPEAT":
            return int(what[0]) * _digits(what[2])
    return 0


def _only_digits(kind: str, value: Any) -> bool:
    if kind == "RANGE":
        return value[0] in _CODES and value[1] in _CODES
    return (kind == "CATEGORY" and str(value) == "CATEGORY_DIGIT") or (kind == "LITERAL" and value in _CODES)


class Search:
    """An expression without look-around, searched by RE2 where the text is ASCII, five times as fast as ``re``."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern.pattern
        self._any = pattern
        self._ascii: Any = None
        try:
            import re2
        except ImportError:
            return
        options = re2.Options()
        options.case_sensitive = not pattern.flags & re.IGNORECASE
        options.max_mem = _MEMORY
        self._ascii = re2.compile(pattern.pattern, options)

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Yield each match; with offsets and groups, whichever engine it comes from."""
        engine = self._ascii if self._ascii and text.isascii() else self._any
        found: Iterator[re.Match[str]] = engine.finditer(text)
        return found

    def ends(self, text: str) -> Iterator[int]:
        """Yield where each match ends. In ASCII it is the same in bytes, which RE2 need not decode."""
        if self._ascii and text.isascii():
            return (match.end() for match in self._ascii.finditer(text.encode()))
        return (match.end() for match in self._any.finditer(text))
