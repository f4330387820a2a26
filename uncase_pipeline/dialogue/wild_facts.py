"""Factual parameters of seeds in the wild, read as typed values. Knows names and units, not seeds."""

from collections.abc import Iterator, Mapping
from typing import Any

from uncase_pipeline.dialogue.facts import extract_facts
from uncase_pipeline.dialogue.named_units import CURRENCY, unit_named
from uncase_pipeline.records.seed import FactValue, NumberRange, OneOf


def read_facts(written: Mapping[str, Any], language: str) -> dict[str, FactValue]:
    """Return parameters as typed values: a number gets the unit that its name or its text tells.

    Nested objects are flattened (``vehiculo_precio``); empty values are left out.
    """
    return dict(_read(written, language, ""))


def _read(written: Mapping[str, Any], language: str, prefix: str) -> Iterator[tuple[str, FactValue]]:
    for key, value in written.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _of_object(name, value, language)
        elif isinstance(value, list):
            texts = [str(item) for item in value if isinstance(item, str | int | float)]
            if texts:
                yield name, OneOf(values=texts)
        elif isinstance(value, bool):
            yield name, value
        elif isinstance(value, int | float):
            yield name, _measured(name, float(value), language)
        elif isinstance(value, str) and value.strip():
            yield name, _of_text(name, value.strip(), language)


def _of_object(name: str, value: Mapping[str, Any], language: str) -> Iterator[tuple[str, FactValue]]:
    low, high = value.get("min"), value.get("max")
    if isinstance(low, int | float) and isinstance(high, int | float):
        told = value.keys() & {"unidad", "unit"}
        unit = value[told.pop()] if told else unit_named(name, float(high), CURRENCY.get(language, "USD"))
        yield name, NumberRange(minimum=low, maximum=high, unit=unit)
    elif isinstance(value.get("valores"), list):
        yield name, OneOf(values=[str(item) for item in value["valores"]])
    else:
        yield from _read(value, language, f"{name}_")


def _of_text(name: str, text: str, language: str) -> FactValue:
    """Read a text that is one stated number as that number; other texts stay."""
    facts = [fact for fact in extract_facts(text, language) if isinstance(fact.value, float)]
    if len(facts) == 1 and facts[0].start == 0 and facts[0].end == len(text):
        value = float(facts[0].value)
        unit = facts[0].unit or unit_named(name, value, CURRENCY.get(language, "USD"))
        return NumberRange(minimum=value, maximum=value, unit=unit)
    return text


def _measured(name: str, value: float, language: str) -> FactValue:
    return NumberRange(
        minimum=value, maximum=value, unit=unit_named(name, value, CURRENCY.get(language, "USD"))
    )
