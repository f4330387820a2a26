"""What supports a claim beside the seed's facts: tools, system messages, the seed's sentences, the knowledge base.

A result of a tool names the unit in its key (``plazo_meses``) and the currency beside it (``moneda``). Knows
values and units, not how claims are judged.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import orjson

from uncase_pipeline.certified.reading import Reading
from uncase_pipeline.dialogue.facts import Fact, extract_facts
from uncase_pipeline.records.seed import Seed

Value = tuple[object, str | None]
_CURRENCIES = frozenset({"MXN", "USD", "EUR", "GBP"})
_UNITS_OF_KEYS = {"pct": "%", "porcentaje": "%", "percentage": "%", "mensualidad": None}
"""What the last word of a key names; a monthly payment is an amount, though so many of them are months."""


@dataclass(frozen=True)
class Told:
    """Values with their units; where one side names no unit they agree, but amounts must be in a currency told.

    Attributes:
        values: The values and their units.
        currencies: The currencies that are named beside figures without a unit.
    """

    values: frozenset[Value]
    currencies: frozenset[str] = frozenset()

    @cached_property
    def figures(self) -> frozenset[object]:
        """The values alone."""
        return frozenset(value for value, _ in self.values)

    def supports(self, fact: Fact) -> bool:
        """Return whether the fact is among what was told."""
        if (fact.value, fact.unit) in self.values or (fact.unit is None and fact.value in self.figures):
            return True
        other_currency = self.currencies and fact.kind == "money" and fact.unit not in self.currencies
        return (fact.value, None) in self.values and not other_currency


def told_to(row: Reading, seed: Seed) -> Told:
    """Return what tools and the seed's own sentences state."""
    tools = [message.content for message in row.conversation.messages if message.role == "tool"]
    texts = [message.content for message in row.conversation.messages if message.role == "system"]
    parts = [_of_document(text, row.language) for text in tools]
    parts += [_of_json(call.arguments, row.language) for call in row.calls]
    parts += [
        _of_text(text, row.language) for text in (*texts, *seed.constraints, *seed.negative_constraints)
    ]
    return _joined(parts)


@lru_cache(maxsize=16)
def told_by(knowledge: tuple[str, ...], language: str) -> Told:
    """Return what the knowledge base states."""
    return _joined([_of_text(text, language) for text in knowledge])


def _joined(parts: Iterable[Told]) -> Told:
    parts = list(parts)
    values = frozenset[Value]().union(*(part.values for part in parts))
    currencies = frozenset[str]().union(*(part.currencies for part in parts))
    return Told(values, currencies)


@lru_cache(maxsize=4_096)
def _of_document(text: str, language: str) -> Told:
    """Read the result of a tool: JSON by its keys, anything else as text."""
    try:
        return _of_json(orjson.loads(text), language)
    except orjson.JSONDecodeError:
        return _of_text(text, language)


def _of_json(document: Any, language: str) -> Told:
    found = list(leaves(document))
    strings = [leaf for _, leaf in found if isinstance(leaf, str)]
    figures = frozenset(
        (float(leaf), _unit(key, language))
        for key, leaf in found
        if isinstance(leaf, int | float) and not isinstance(leaf, bool)
    )
    return _joined([*(_of_text(text, language) for text in strings), Told(figures, _CURRENCIES & {*strings})])


def leaves(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is no object and no list of a JSON value, at any depth, with the key that it stands under."""
    stack: list[tuple[str, Any]] = [("", document)]
    while stack:
        key, value = stack.pop()
        if isinstance(value, dict):
            stack.extend(value.items())
        elif isinstance(value, list):
            stack.extend((key, item) for item in value)
        else:
            yield key, value


@lru_cache(maxsize=4_096)
def _unit(key: str, language: str) -> str | None:
    """Return the unit that the last word of a key names (``dosis_mg``)."""
    last = key.lower().rpartition("_")[2]
    if last in _UNITS_OF_KEYS:
        return _UNITS_OF_KEYS[last]
    return next((fact.unit for fact in extract_facts(f"2 {last}", language)), None)


@lru_cache(maxsize=4_096)
def _of_text(text: str, language: str) -> Told:
    return Told(frozenset((fact.value, fact.unit) for fact in extract_facts(text, language)))
