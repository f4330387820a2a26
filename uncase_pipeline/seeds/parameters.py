"""Factual parameters of a conversation: each stated value named and ready to be generalised.

Knows facts and names. It never keeps a word of the text beside a value.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from uncase_pipeline.dialogue.facts import Fact, extract_facts
from uncase_pipeline.dialogue.tokens import fold
from uncase_pipeline.records.conversation import Conversation, walk_strings
from uncase_pipeline.records.seed import FactValue, NumberRange, OneOf
from uncase_pipeline.seeds.bands import LEVELS, Band, band, joined

_BEFORE, _AFTER = 40, 14
_UNSEEDED = frozenset({"yes_no"})
_GRIDS = {"year": "calendar"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named value, at some level of generalisation.

    Attributes:
        name: Out of the closed table in ``fact_names.toml``.
        unit: Canonical unit.
        level: How far it is generalised.
        value: Its range, or the month of a date.
    """

    name: str
    unit: str | None
    level: int
    value: Band | str


@dataclass(frozen=True, slots=True)
class Stated:
    """A named value as it was stated: lives in memory while seeds are made, and is stored nowhere."""

    name: str
    kind: str
    unit: str | None
    value: float | str

    def at(self, level: int) -> Parameter | None:
        """Return the parameter at a level, None where nothing is left of it."""
        if level >= LEVELS:
            return None
        if isinstance(self.value, str):
            return Parameter(self.name, None, level, self.value[:-3]) if level == 0 else None
        grid = _GRIDS.get(self.kind, self.unit)
        return Parameter(self.name, self.unit, level, band(self.value, grid, level))


def stated(conversation: Conversation) -> list[Stated]:
    """Return every value that the turns and tool results of a conversation state, without repeats."""
    found: dict[Stated, None] = {}
    for text in _texts(conversation):
        folded = fold(text)
        for fact in extract_facts(text, conversation.language):
            if fact.kind not in _UNSEEDED:
                found[_named(fact, folded)] = None
    return list(found)


def as_facts(parameters: Iterable[Parameter]) -> dict[str, FactValue]:
    """Return parameters as the facts of a seed: ranges joined, names numbered where several remain."""
    ranges: dict[tuple[str, str | None], list[Band]] = {}
    months: dict[str, set[str]] = {}
    for parameter in parameters:
        if isinstance(parameter.value, str):
            months.setdefault(parameter.name, set()).add(parameter.value)
        else:
            ranges.setdefault((parameter.name, parameter.unit), []).append(parameter.value)
    facts: dict[str, FactValue] = {}
    for (name, unit), bands in sorted(ranges.items(), key=lambda item: (item[0][0], item[0][1] or "")):
        for low, high in joined(bands):
            facts[_free(name, facts)] = NumberRange(minimum=low, maximum=high, unit=unit)
    for name, values in sorted(months.items()):
        facts[_free(name, facts)] = OneOf(values=sorted(values))
    return facts


def _texts(conversation: Conversation) -> Iterable[str]:
    for message in conversation.messages:
        if message.role != "system" and message.content:
            yield message.content
        for call in message.tool_calls or ():
            yield from (text for at, text in walk_strings(call.arguments, "") if not at.endswith("<key>"))


def _named(fact: Fact, folded: str) -> Stated:
    value = fact.value if isinstance(fact.value, str) else float(fact.value)
    return Stated(_name(fact, folded), fact.kind, fact.unit, value)


def _name(fact: Fact, folded: str) -> str:
    """Return the name whose words stand before the value, else right after it, else that of its kind."""
    table = _names()
    if fact.unit in table["units"]:
        return str(table["units"][fact.unit])
    before = folded[max(0, fact.start - _BEFORE) : fact.end]
    after = folded[fact.end : fact.end + _AFTER]
    for near in (before, after):
        for name, cues in table[fact.kind].items():
            if name != "*" and any(cue in near for cue in cues):
                return name
    return str(table[fact.kind]["*"])


def _free(name: str, taken: dict[str, FactValue]) -> str:
    if name not in taken:
        return name
    return next(f"{name}_{number}" for number in range(2, len(taken) + 3) if f"{name}_{number}" not in taken)


@cache
def _names() -> dict[str, dict[str, list[str] | str]]:
    return tomllib.loads(files(__package__).joinpath("fact_names.toml").read_text("utf-8"))
