"""One pass over a text that says which of many expressions may match. Knows no expression.

RE2 builds its automaton while it reads, and the states of expressions that are looked for together multiply: a
hundred in one automaton spend more time on new states than on text, a few dozen do not. Most texts hold no
digit, and most expressions can't match without one.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

_MEMORY = 64 << 20
_TOGETHER = 24
_DIGIT = re.compile(r"\d")
_PARSER: Any = importlib.import_module("re._parser")
"""The parser of ``re`` itself: what it reads is what is searched."""

Possible = Callable[[str], Sequence[int]]


def which_may_match(regexes: Iterable[str]) -> Possible:
    """Return a function that gives the numbers of the expressions worth searching for, in order.

    It never leaves out one that matches: RE2 knows ASCII word boundaries only ("nací" would have none), so the
    boundaries are dropped here. Where RE2 is not installed, every expression is worth searching for.
    """
    expressions = list(regexes)
    try:
        import re2
    except ImportError:
        return lambda _text: range(len(expressions))
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    needy = [number for number, expression in enumerate(expressions) if needs_digit(expression)]
    plain = [number for number in range(len(expressions)) if number not in set(needy)]
    anytime = [*_sets(expressions, plain, options)]
    with_digits = [*anytime, *_sets(expressions, needy, options)]

    def possible(text: str) -> Sequence[int]:
        found: list[int] = []
        encoded = text.encode()
        for numbers, together in with_digits if _DIGIT.search(text) else anytime:
            hits = together.Match(encoded)
            if hits:
                found += [numbers[hit] for hit in hits]
        return sorted(found) if found else ()

    return possible


def _sets(
    expressions: Sequence[str], numbers: Sequence[int], options: Any
) -> Iterator[tuple[Sequence[int], Any]]:
    """Yield sets of a few dozen expressions, each with the numbers of its members."""
    import re2

    for begin in range(0, len(numbers), _TOGETHER):
        some = numbers[begin : begin + _TOGETHER]
        together = re2.Set.SearchSet(options)
        for number in some:
            together.Add(expressions[number].replace(r"\b", ""))
        together.Compile()
        yield some, together


def needs_digit(regex: str) -> bool:
    """Return whether every text that the expression matches holds a digit; False where that can't be told."""
    try:
        return _needs_digit(_PARSER.parse(regex))
    except (AttributeError, re.error):  # another Python's parser, or syntax that only RE2 knows
        return False


def _needs_digit(parsed: Any) -> bool:
    return any(_always_digit(str(kind), what) for kind, what in parsed)


def _always_digit(kind: str, what: Any) -> bool:
    match kind:
        case "LITERAL":
            return chr(what).isdecimal()
        case "IN":
            return all(_only_digits(str(part), value) for part, value in what)
        case "SUBPATTERN":
            return _needs_digit(what[-1])
        case "BRANCH":
            return all(map(_needs_digit, what[1]))
        case "MAX_REPEAT" | "MIN_REPEAT":
            return what[0] > 0 and _needs_digit(what[2])
    return False


def _only_digits(kind: str, value: Any) -> bool:
    if kind == "RANGE":
        return chr(value[0]).isdecimal() and chr(value[1]).isdecimal() and value[1] - value[0] < 10
    return (kind == "CATEGORY" and str(value) == "CATEGORY_DIGIT") or (
        kind == "LITERAL" and chr(value).isdecimal()
    )


class Search:
    """An expression without look-around, searched by RE2 where the text is ASCII, five times as fast as ``re``."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern.pattern
        self._any = pattern
        self._ascii: Any = pattern
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
        found: Iterator[re.Match[str]] = (self._ascii if text.isascii() else self._any).finditer(text)
        return found

    def ends(self, text: str) -> Iterator[int]:
        """Yield where each match ends."""
        return (match.end() for match in self.matches(text))
