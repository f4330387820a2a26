"""Numbers in the JSON that tools answer with: their units are told by their keys. Knows shapes, not tools."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from uncase_pipeline.dialogue.named_units import CURRENCY, unit_named

_FIELD = re.compile(r'"(?P<key>\w+)"\s*:\s*"?(?P<number>-?\d+(?:\.\d+)?)"?(?=\s*[,}\]])')
_CURRENCY = re.compile(r'"(?:moneda|currency)"\s*:\s*"([A-Z]{3})"')
_UNIT = re.compile(r'"(?:unidad|unit)"\s*:\s*"([^"]{1,10})"')
_OF_UNIT = frozenset({"valor", "value", "minimo_normal", "maximo_normal"})


@dataclass(frozen=True, slots=True)
class Field:
    """A number under a key.

    Attributes:
        value: The number.
        unit: What its key, or the object's own ``unidad`` or ``moneda``, tells.
        start: First character.
        end: One past the last character.
    """

    value: float
    unit: str | None
    start: int
    end: int


def is_json(text: str) -> bool:
    """Return whether a text looks like a JSON object or list."""
    return text.lstrip()[:1] in {"{", "["} and text.rstrip()[-1:] in {"}", "]"}


def number_fields(text: str, language: str) -> Iterator[Field]:
    """Yield the numbers of a JSON text with their units."""
    named = _CURRENCY.search(text)
    currency = named[1] if named else CURRENCY[language]
    own = _UNIT.search(text)
    for match in _FIELD.finditer(text):
        value = float(match["number"])
        unit = unit_named(match["key"], value, currency)
        if own and match["key"] in _OF_UNIT:
            unit = own[1]
        yield Field(value, unit, *match.span("number"))
