"""Units that follow or precede a number, and the kind of fact that each makes. Knows words, not texts."""

import re

_CURRENCIES = {
    "MXN": "pesos peso mxn pesos-mexicanos",
    "USD": "dolares dolar dollars dollar usd bucks buck us-dollars",
    "EUR": "euros euro eur",
    "GBP": "gbp quid",
}
_DURATIONS = {
    "second": "segundos segundo seconds second secs sec",
    "minute": "minutos minuto minutes minute mins min",
    "hour": "horas hora hours hour hrs hr h",
    "day": "dias dia days day",
    "week": "semanas semana weeks week wks",
    "month": "meses mes months month mensualidades mensualidad mos",
    "year": "anos ano years year yrs yr",
}
_QUANTITIES = {
    "km": "km kms kilometros kilometro kilometers kilometres",
    "mi": "mile",
    "kg": "kg kgs kilos kilogramos kilograms",
    "g": "g gr gramos grams gram",
    "mg": "mg miligramos milligrams milligram",
    "mcg": "mcg microgramos micrograms microgram",
    "ml": "ml mililitros milliliters",
    "l": "l lt litros litro liters liter litres",
    "lb": "lb lbs",
    "mm": "mm milimetros millimeters",
    "cm": "cm centimetros centimeters",
    "m": "m mts metros metro meters meter",
    "inch": "pulgadas pulgada inches inch",
    "ft": "ft feet foot pies",
    "m2": "m2 metros-cuadrados square-meters",
    "degC": "°c ºc grados-centigrados grados degrees-celsius degrees celsius",
    "degF": "°f degrees-fahrenheit fahrenheit",
    "V": "v volts volt voltios voltio",
    "A": "amps amp amperes ampere amperios amperio",
    "W": "w watts watt vatios",
    "kW": "kw kilowatts kilovatios",
    "hp": "hp caballos caballos-de-fuerza horsepower",
    "psi": "psi",
    "bar": "bar bares bars",
    "kPa": "kpa",
    "rpm": "rpm revoluciones",
    "Hz": "hz hertz",
    "mmHg": "mmhg",
    "bpm": "bpm lpm latidos latidos-por-minuto beats-per-minute",
    "mg/dl": "mg/dl",
    "mm/s": "mm/s",
    "km/l": "km/l kilometros-por-litro",
    "mpg": "mpg",
    "GB": "gb gigas gigabytes",
    "tablet": "tabletas tableta tablets tablet pastillas pastilla pills pill capsulas capsula capsules capsule",
    "piece": "piezas pieza pieces piece unidades unidad units unit",
    "door": "puertas puerta doors door",
    "seat": "asientos asiento plazas seats seat pasajeros passengers",
    "exercise": "ejercicios ejercicio exercises exercise problemas problems problem",
    "page": "paginas pagina pages page cuartillas",
    "point": "puntos punto points point",
    "session": "sesiones sesion sessions session clases lessons lesson",
    "person": "personas persona people empleados employees trabajadores workers",
    "payment": "pagos pago payments payment cuotas cuota installments installment parcialidades",
    "share": "acciones shares",
    "copy": "copias copia copies",
}
_ENGLISH_ONLY = {"mi": "miles", "lb": "pounds pound"}
_NOT_AFTER_ARTICLE = frozenset(
    {"second", "minute", "day", "hour", "point", "person", "piece", "problem", "session"}
)
"""Units that make "un" or "a" an idiom ("un momento, un segundo") more often than a figure."""

Unit = tuple[str, str]
"""Kind of fact, canonical unit."""


def _table(language: str) -> dict[str, Unit]:
    quantities = {unit: words for unit, words in _QUANTITIES.items()}
    if language == "en":
        quantities = {unit: f"{words} {_ENGLISH_ONLY.get(unit, '')}" for unit, words in quantities.items()}
    sections = (("money", _CURRENCIES), ("duration", _DURATIONS), ("quantity", quantities))
    table = {
        word.replace("-", " "): (kind, unit)
        for kind, section in sections
        for unit, words in section.items()
        for word in words.split()
    }
    return {**table, **dict.fromkeys(("%", "por ciento", "percent", "per cent"), ("percent", "%"))}


def _pattern(table: dict[str, Unit]) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(table, key=len, reverse=True))
    return re.compile(rf"[\s-]*(?:de\s+)?({names})(?![a-z0-9])")


_TABLES = {language: _table(language) for language in ("es", "en")}
_AFTER = {language: _pattern(table) for language, table in _TABLES.items()}
_BEFORE = re.compile(r"(us\$|usd|mxn|eur|\$|€|£)\s*\$?\s*$")
_SIGN_AFTER = re.compile(r"\s?([€£])")
_SIGNS = {"us$": "USD", "usd": "USD", "mxn": "MXN", "eur": "EUR", "€": "EUR", "£": "GBP"}
_DOLLAR = {"es": "MXN", "en": "USD"}
_AGE_AFTER = re.compile(r"[\s-]*(?:old\b|de edad\b|of age\b)")
_AGE_BEFORE = re.compile(r"\b(?:tengo|edad de|cumpli|aged|age of|i'm|i am)\s*$")
_THING_AFTER = re.compile(r"\s+(?:de|en|con|of)\b")


def unit_after(folded: str, at: int, language: str) -> tuple[Unit, int] | None:
    """Return the unit that follows position ``at``, and where it ends."""
    if match := _AFTER[language].match(folded, at):
        return _TABLES[language][match.group(1)], match.end()
    if match := _SIGN_AFTER.match(folded, at):
        return ("money", _SIGNS[match.group(1)]), match.end()
    return None


def currency_before(folded: str, at: int, language: str) -> tuple[Unit, int] | None:
    """Return the currency whose sign or code stands before position ``at``, and where it starts."""
    if match := _BEFORE.search(folded, max(0, at - 8), at):
        sign = match.group(1)
        return ("money", _DOLLAR[language] if sign == "$" else _SIGNS[sign]), match.start()
    return None


def age_end(folded: str, start: int, end: int) -> int | None:
    """Return where an age ends, given the span of a number of years; None where it is a term."""
    if match := _AGE_AFTER.match(folded, end):
        return match.end()
    spoken = _AGE_BEFORE.search(folded, max(0, start - 16), start)
    return end if spoken and not _THING_AFTER.match(folded, end) else None


def counts_after_article(unit: str) -> bool:
    """Return whether "un" or "a" before this unit states the figure one."""
    return unit not in _NOT_AFTER_ARTICLE
