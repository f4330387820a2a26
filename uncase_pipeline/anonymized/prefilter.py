"""One pass over a text that says which of many expressions may match. Knows no expression."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

_MEMORY = 64 << 20


def which_may_match(regexes: Iterable[str]) -> Callable[[str], Iterable[int]]:
    """Return a function that gives the numbers of the expressions worth searching for.

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
    together = re2.Set.SearchSet(options)
    for expression in expressions:
        together.Add(expression.replace(r"\b", ""))
    together.Compile()
    return lambda text: together.Match(text) or ()


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

    def ends(self, text: str) -> Iterator[int]:
        """Yield where each match ends."""
        return (match.end() for match in (self._ascii if text.isascii() else self._any).finditer(text))
