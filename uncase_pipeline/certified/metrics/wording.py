"""Word order: how often a function word is followed by one that can't follow it. Knows es and en, no meaning.

Articles, prepositions and clitics bind what comes next ("the of", "su es" are written by nobody). In shuffled
words such pairs are a third of all; in what people say, even transcribed speech, they are rare.
"""

from collections.abc import Iterable
from itertools import pairwise

from uncase_pipeline.certified.metrics.lexicon import lists
from uncase_pipeline.certified.metrics.odds import undamaged
from uncase_pipeline.certified.reading import Reading


def _table(rules: Iterable[str]) -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for rule in rules:
        firsts, _, nexts = rule.partition(">")
        for first in firsts.split():
            table.setdefault(first, set()).update(nexts.split())
    return {first: frozenset(nexts) for first, nexts in table.items()}


_IMPOSSIBLE = {language: _table(rules) for language, rules in lists()["wording"].items()}

USUAL_RATE, SHUFFLED_RATE = 0.012, 0.16
"""Measured on public dialogues and on their turns with the words shuffled."""


def wording(row: Reading) -> float:
    """Return the probability of a natural word order, for the role that speaks least naturally."""
    return min(
        undamaged(*misplaced(row.tokens_of(role), row.conversation.language), USUAL_RATE, SHUFFLED_RATE)
        for role in ("user", "assistant")
    )


def misplaced(turns: Iterable[list[str]], language: str | None) -> tuple[int, int]:
    """Count pairs that can't stand together, and the function words that could have made one.

    A word said twice is a slip of the tongue, not a damaged text.
    """
    table = _IMPOSSIBLE["es" if language == "es" else "en"]
    bound = [
        (first, following)
        for tokens in turns
        for first, following in pairwise([*tokens, "."])
        if first in table and first != following
    ]
    return sum(following in table[first] for first, following in bound), len(bound)
