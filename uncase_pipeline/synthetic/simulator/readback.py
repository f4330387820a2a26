"""Reads sentences back with the detectors that certification uses, and keeps the one that says what it should."""

from collections.abc import Callable

from uncase_pipeline.dialogue.acts import detect_turn
from uncase_pipeline.dialogue.facts import agrees, extract_facts
from uncase_pipeline.records.conversation import Message
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.synthetic.simulator.language import tidy
from uncase_pipeline.synthetic.simulator.rules import Rule

_DRAWS = 10
_MISSES_ITS_ACT = 4
_BREAKS_A_RULE = 8


class ReadBack:
    """What sentences of one conversation must and must not say."""

    def __init__(self, seed: Seed, language: str) -> None:
        self._facts = list(seed.facts.values())
        self._named = seed.facts
        self._language = language
        demands = [Rule.of(text) for text in seed.constraints]
        self._rules = [*demands, *(Rule.of(text, banned=True) for text in seed.negative_constraints)]

    def sayable(self, name: str, words: str) -> bool:
        """Return whether a fact reads back as itself; a unit of the seed's own can't."""
        value = self._named[name]
        return all(agrees(fact, value) for fact in extract_facts(words, self._language))

    def is_barred(self, text: str) -> bool:
        """Return whether the assistant must not say a text."""
        return any(rule.is_broken_by(text) for rule in self._rules)

    def best(self, role: str, act: str, draft: Callable[[], str]) -> str:
        """Return the wording that comes closest to its act; the first that is only that."""
        best, least = "", None
        for _ in range(_DRAWS):
            text = tidy(draft(), self._language)
            faults = self._faults(role, act, text)
            if least is None or faults < least:
                best, least = text, faults
            if not faults:
                break
        return best

    def unless_it_reads_differently(self, text: str, typed: str) -> str:
        """Return what the customer typed, or what they meant where the slip would change act or figures."""
        return typed if self._read(text) == self._read(typed) else text

    def _read(self, text: str) -> tuple[list[str], list[object]]:
        facts = extract_facts(text, self._language)
        return detect_turn(Message("user", text), self._language), [(fact.value, fact.unit) for fact in facts]

    def _faults(self, role: str, act: str, text: str) -> int:
        acts = detect_turn(Message("user" if role == "user" else "assistant", text), self._language)
        faults = len(acts) - 1 + (0 if act in acts else _MISSES_ITS_ACT)
        if role != "user" and self.is_barred(text):
            faults += _BREAKS_A_RULE
        return faults
