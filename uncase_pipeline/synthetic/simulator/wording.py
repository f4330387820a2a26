"""Values in words: facts of a seed, and fields of a tool's result. Knows no sentence around them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from uncase_pipeline.dialogue.tokens import fold
from uncase_pipeline.records.seed import FactValue, NumberRange, OneOf
from uncase_pipeline.synthetic.simulator.language import labels

Scalar = bool | int | float | str

_UNITS = {
    "es": {
        "MXN": "pesos", "USD": "dólares", "EUR": "euros", "second": "segundos", "minute": "minutos",
        "hour": "horas", "day": "días", "week": "semanas", "month": "meses", "year": "años",
        "year_old": "años de edad", "degC": "grados", "inch": "pulgadas", "tablet": "tabletas",
        "piece": "piezas", "door": "puertas", "seat": "asientos", "exercise": "ejercicios",
        "page": "páginas", "point": "puntos", "session": "sesiones", "person": "personas",
        "payment": "pagos", "share": "acciones", "copy": "copias", "A": "amperes", "degF": "fahrenheit",
        "ft": "pies",
    },
    "en": {
        "MXN": "pesos", "USD": "dollars", "EUR": "euros", "second": "seconds", "minute": "minutes",
        "hour": "hours", "day": "days", "week": "weeks", "month": "months", "year": "years",
        "year_old": "years of age", "degC": "degrees", "inch": "inches", "tablet": "tablets",
        "piece": "pieces", "door": "doors", "seat": "seats", "exercise": "exercises",
        "page": "pages", "point": "points", "session": "sessions", "person": "people",
        "payment": "payments", "share": "shares", "copy": "copies", "A": "amps", "degF": "fahrenheit",
        "ft": "feet", "mi": "miles", "lb": "pounds",
    },
}  # fmt: skip
"""Units that are not written as they are called; ``dialogue.units`` must read them back."""
_ONE = {
    "pesos": "peso", "dólares": "dólar", "euros": "euro", "segundos": "segundo", "minutos": "minuto",
    "horas": "hora", "días": "día", "semanas": "semana", "meses": "mes", "años": "año",
    "años de edad": "año de edad", "grados": "grado", "pulgadas": "pulgada", "tabletas": "tableta",
    "piezas": "pieza", "puertas": "puerta", "asientos": "asiento", "ejercicios": "ejercicio",
    "páginas": "página", "puntos": "punto", "sesiones": "sesión", "personas": "persona", "pagos": "pago",
    "acciones": "acción", "copias": "copia", "dollars": "dollar", "seconds": "second", "minutes": "minute",
    "hours": "hour", "days": "day", "weeks": "week", "months": "month", "years": "year",
    "years of age": "year of age", "degrees": "degree", "inches": "inch", "tablets": "tablet",
    "pieces": "piece", "doors": "door", "seats": "seat", "exercises": "exercise", "pages": "page",
    "points": "point", "sessions": "session", "people": "person", "payments": "payment", "shares": "share",
    "copies": "copy", "miles": "mile", "pounds": "pound",
}  # fmt: skip
_ROUND_STEPS = (5_000, 1_000, 500, 100, 50, 10, 5, 1, 0.5, 0.1, 0.01)
_SOUNDS_LIKE_Y = re.compile(r"h?i(?!e)", re.IGNORECASE)
_NUMBERED = re.compile(r"_\d+$")
_UNTOLD = frozenset({"moneda", "consulta", "currency", "query"})
"""Fields of results that say what was asked, not what was found."""
_HEAD = ": "
_SHORT = 48
"""Longer strings of a result are not told."""
_FINE = 300
"""A range offers at least this many values where its bounds allow it."""


def choose(value: FactValue, random: Random) -> Scalar:
    """Return one value that the fact allows; numbers come round, as people say them."""
    if isinstance(value, OneOf):
        return random.choice(value.values)
    if isinstance(value, NumberRange):
        return _number_in(value.minimum, value.maximum, random)
    return value


def _number_in(low: float, high: float, random: Random) -> float:
    for step in _ROUND_STEPS:
        first, last = -(-low // step), high // step
        whole = step >= 1
        if last - first + 1 >= _FINE or (whole and step == 1 and last >= first):
            number = random.randint(int(first), int(last)) * step
            return int(number) if whole else round(number, 2)
    return low


def unit_of(value: FactValue) -> str | None:
    """Return the unit of a fact."""
    return value.unit if isinstance(value, NumberRange) else None


def say_value(value: Scalar, unit: str | None, language: str) -> str:
    """Return a value with its unit, in words that read back as the same fact."""
    if isinstance(value, bool):
        return {"es": ("no", "sí"), "en": ("no", "yes")}[language][value]
    if isinstance(value, str):
        return say_words([_said(part, language) for part in value.split(", ")], language)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    number = f"{value:,}" if abs(value) >= 1_000 and not _is_year(value, unit) else f"{value}"
    if unit is None:
        return number
    if unit == "%":
        return f"{number}%"
    named = _UNITS[language].get(unit, unit)
    return f"{number} {_ONE.get(named, named) if value == 1 else named}"


def say_text(text: str, language: str) -> str:
    """Return a text of a tool as part of a sentence: by its label, or without its capital and its period."""
    said = _said(text, language).rstrip(".")
    return said[:1].lower() + said[1:] if said[1:2].islower() and " " in said else said


def say_words(items: Sequence[str], language: str) -> str:
    """Return items in a row as a person lists them."""
    *most, last = items or [""]
    conjunction = {"es": "y", "en": "and"}[language]
    if language == "es" and _SOUNDS_LIKE_Y.match(last):
        conjunction = "e"
    return f"{', '.join(most)} {conjunction} {last}" if most else last


def _is_year(value: float, unit: str | None) -> bool:
    return unit is None and isinstance(value, int) and 1900 <= value <= 2099


def say_name(name: str, language: str) -> str:
    """Return the name of a field as a person says it; a number that tells equal names apart is left out."""
    return _said(_NUMBERED.sub("", name), language)


def _said(name: str, language: str) -> str:
    known = labels(language)
    if name in known:
        return known[name]
    if _HEAD in name:
        return _HEAD.join(_said(part, language) for part in name.split(_HEAD))
    return " ".join(_accented(word, known) for word in name.replace("_", " ").split(" "))


def _accented(word: str, known: Mapping[str, str]) -> str:
    """Return a word with the accents that names of fields and values lack."""
    label = known.get(word, word)
    return label if fold(label) == word else word


def told_fields(result: Any) -> Iterator[tuple[str, Scalar]]:
    """Yield ``(name, value)`` for what is told of a result; of a list of objects that is the first."""
    for name, value in result.items():
        if isinstance(value, bool | int | float | str):
            if name not in _UNTOLD and len(str(value)) <= _SHORT:
                yield name, value
        elif isinstance(value, dict):
            yield from told_fields(value)
        elif isinstance(value, list) and value:
            if isinstance(value[0], dict):
                yield from told_fields(value[0])
            elif all(isinstance(item, str) for item in value):
                yield name, ", ".join(value[:3])
