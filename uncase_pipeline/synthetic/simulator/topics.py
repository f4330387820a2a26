"""Which aspect of its domain a conversation is at, and which comes next. Knows words, not sentences."""

from functools import cache
from random import Random

from uncase_pipeline.dialogue.tokens import content_words
from uncase_pipeline.synthetic.simulator.grammar import Choice, Node, Optional, Sequence
from uncase_pipeline.synthetic.simulator.language import grammar_for
from uncase_pipeline.synthetic.simulator.plan import Beat

_STEM = 5
_LEAST_WORD = 4
_ENOUGH = 5
"""Acts after which a conversation moves on to another aspect."""
_PARTS = ("", ".q", ".a", ".why", ".do", ".me", ".ask")


class Topics:
    """The aspects of a domain in the order in which one conversation takes them up."""

    def __init__(self, domain: str, language: str, random: Random, about: str) -> None:
        """Put the aspects that the seed speaks of first, the others behind them in random order.

        Args:
            domain: Whose aspects.
            language: In which words.
            random: Source of the order.
            about: What the seed says of its subject.
        """
        vocabularies = _vocabularies(domain, language)
        names = list(vocabularies)
        random.shuffle(names)
        wanted = _stems(about)
        self._agenda = sorted(names, key=lambda name: -len(wanted & vocabularies[name]))
        self._at = 0
        self._acts = 0

    @property
    def aliases(self) -> dict[str, str]:
        """What ``it`` and ``it2`` stand for now."""
        count = len(self._agenda)
        return {"it": self._agenda[self._at % count], "it2": self._agenda[(self._at + 1) % count]}

    def turn_to(self, beat: Beat) -> None:
        """Move on where a turn opens something new, or where enough was said."""
        opens = {"ask", "request"} & {*beat.acts} and not beat.mistake
        if self._acts and (opens or self._acts >= _ENOUGH):
            self._at += 1
            self._acts = 0
        self._acts += len(beat.acts)


@cache
def _vocabularies(domain: str, language: str) -> dict[str, frozenset[str]]:
    """Return the stems of all that can be said of each aspect."""
    rules = grammar_for(domain, language).rules
    return {
        str(name): _stems(" ".join(_texts(*(rules[f"{name}{part}"] for part in _PARTS))))
        for name in rules["aspects"].alternatives
    }


def _texts(*nodes: Node) -> list[str]:
    texts: list[str] = []
    stack = list(nodes)
    while stack:
        match stack.pop():
            case str(text):
                texts.append(text)
            case Sequence(parts) | Choice(_, parts):
                stack.extend(parts)
            case Optional(part):
                stack.append(part)
    return texts


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in content_words(text) if len(word) >= _LEAST_WORD)
