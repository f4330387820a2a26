"""The unit that the name of a value tells (``plazo_meses``, ``peso_kg``, ``monthly_payment``). Knows no text."""

import re

from uncase_pipeline.dialogue.tokens import fold

CURRENCY = {"es": "MXN", "en": "USD"}
_MONEY = re.compile(
    r"precio|costo|monto|presupuesto|mensualidad|enganche|ingreso|salario|saldo|renta|honorario|price|cost|amount"
    r"|budget|payment|income|salary|balance|rent|fee|pago|total|comision|descuento|importe|cargo|intereses"
)
_UNITS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), unit)
    for pattern, unit in (
        (r"\bpct\b|porcentaje|\btasa\b|percent|\brate\b|\bdiscount\b", "%"),
        (r"\bmeses\b|\bmonths?\b|^plazo$|^term$", "month"),
        (r"\bedad\b|\bage\b", "year_old"),
        (r"\banios\b|\byears\b|antiguedad", "year"),
        (r"\bdias\b|\bdays\b", "day"),
        (r"\bsemanas\b|\bweeks\b", "week"),
        (r"\bhoras\b|\bhours\b", "hour"),
        (r"\bminutos\b|\bminutes\b", "minute"),
        (r"\bkml\b", "km/l"),
        (r"kilometraje|\bkm\b", "km"),
        (r"\bmg\b|\bdosis\b|\bdose\b", "mg"),
        (r"\bkg\b|\bpeso\b|\bweight\b", "kg"),
        (r"\bhp\b", "hp"),
        (r"\bpasajeros\b|\bseats\b", "seat"),
    )
)
_MOST_PERCENT = 100


def unit_named(name: str, value: float, currency: str) -> str | None:
    """Return the unit that a name tells, None where it tells none.

    Args:
        name: Name of a parameter, an argument or a field of a result.
        value: Its value: ``enganche: 20`` is a share, ``enganche: 60000`` an amount.
        currency: Unit of names that speak of money.
    """
    words = fold(name).replace("_", " ")
    for pattern, unit in _UNITS:
        if pattern.search(words):
            return unit
    if _MONEY.search(words):
        return "%" if "enganche" in words and value <= _MOST_PERCENT else currency
    return None
