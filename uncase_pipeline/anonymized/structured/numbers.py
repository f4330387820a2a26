"""Digit runs: phones, cards and whatever else five digits in a row may be. The safety net under the shapes.

A run is digits with separators between them. Dates, times, amounts and measures are not runs.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from uncase_pipeline.anonymized import checksums
from uncase_pipeline.anonymized.spans import Span
from uncase_pipeline.anonymized.structured.dates import NUMERIC

_RUN = re.compile(r"(?:\+|(?<!\w))?\(?\d(?:[ \t]{0,2}[-./()_·]{0,2}[ \t]{0,2}\d)+")
_TOKEN_LEFT = re.compile(r"[\w-]*$")
_TOKEN_RIGHT = re.compile(r"[\w-]*")
_UNIT = (
    r"(?:€|\$|£|¥|%|(?:usd|mxn|eur|gbp|cop|ars|clp|pen|mn|m\.n\.|euros?|d[óo]lar(?:es)?|dollars?|pesos?|pounds?|libras?|bucks|soles|reales|cents?|k|mil"
    r"|mill[óo]n(?:es)?|millions?|billions?|thousand|grand|hundred|km|kms|kil[óo]metros?|kilometers?|miles?|millas?|metros?|meters?|m2|cm|mm|ft|feet|kg|kgs|kilos?|g|gr|mg|mcg|ml"
    r"|litros?|lbs?|pounds|rpm|hp|cv|cc|kwh?|watts?|volts?|mah|gb|mb|tb|hz|mhz|ghz|psi|bar|nm|horas?|hours?|hrs?|min(?:utos|utes|s)?|d[íi]as?|days?|meses|months?|a[ñn]os?|years?"
    r"|semanas?|weeks?|personas?|people|unidades|units|plazas|celdas|c[ée]lulas|cells|leucocitos|plaquetas|hemat[íi]es|copias|copies|ui|iu|ppm|points?|puntos)\b)"
)
_NOT_RUN = re.compile(
    r"(?=[\d$€£¥ume])(?:"  # what one of them begins with: a quick look that spares eight
    rf"(?:(?:[$€£¥]|(?:us|mx)\$|usd|mxn|eur)\s?\d[\d.,]*(?:\s\d{{3}})*)"
    rf"|(?<![\w.,-])(?:\d{{1,3}}(?:[.,\s]\d{{3}}){{1,3}}|\d{{1,7}})(?:[.,]\d{{1,2}})?\s?/?\s?{_UNIT}"
    rf"|(?<![\w.,/+-])(?:{NUMERIC})(?! \d{{4}})(?:[T ,]+\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?)?(?![\w/-])"
    r"|(?<![\w.,])(?![679]\d\d\.\d{3}\.\d{3}(?!\d|[.,]\d))\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?(?![\w-])(?![.,]?\d)"
    r"|(?<![\w.,])\d{1,3}[.,]\d+(?![\w.-])"
    r"|(?<![\w.,])\d+\.\d{1,2}(?![\w-]|\.\d)"
    r"|(?<!\w)(?:19|20)\d\d\s?[-–/a]\s?(?:19|20)\d\d(?!\w)"
    r"|(?<!\w)(?<!\d[ -])\d{1,2},? (?:19|20)\d\d(?![\w-]|\s\d{3})"
    r")",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    r"[\s,;]{0,2}(?:x|ext|extn|extensi[óo]n|extension|interno|anexo|int)\.?\s?#?\d{1,6}\b", re.IGNORECASE
)
_REGIONS = ("MX", "ES", "US", "GB", "AR", "CO", "CL", "PE", "BR")
_PRICE_WORD = re.compile(
    r"\b(?:offer|ask(?:ing)?|pay|price[ds]?|cash|cost|worth|accept|sell|budget|total|balance|mileage|odometer|miles|down|deal|firm|salary|income|rent"
    r"|ofrezco|oferta|pido|precio|cuesta|vale|pago|efectivo|acepto|presupuesto|saldo|monto|kilometraje|recorrid[oa]s?|rebaja|sueldo|ingresos?|renta|enganche)\b",
    re.IGNORECASE,
)
_PRICE_DIGITS = 6
_LONG = 9
_SHORTEST = 5


def amounts(text: str) -> list[tuple[int, int]]:
    """Return where amounts, measures, dates and year ranges are: digits that identify nobody."""
    return [match.span() for match in _NOT_RUN.finditer(text)]


def detect(text: str) -> Iterator[Span]:
    """Yield every digit run that may be a phone, a card or another number of somebody."""
    runs = [match for match in _RUN.finditer(text) if len(match[0]) >= _SHORTEST]
    harmless = amounts(text) if runs else []
    for match in runs:
        start, end = match.span()
        count = sum(character.isdigit() for character in match[0])
        if count < _SHORTEST or any(start < stop and begin < end for begin, stop in harmless):
            continue
        entity, score = classify(match[0])
        if match[0].endswith("00000") or (
            count <= _PRICE_DIGITS and match[0].isdigit() and _price(text, start, end)
        ):
            continue
        left = _TOKEN_LEFT.search(text, max(0, start - 24), start)
        right = _TOKEN_RIGHT.match(text, end)
        extension = _EXTENSION.match(text, end) if entity == "PHONE" else None
        last = extension or right
        yield Span(entity, left.start() if left else start, last.end() if last else end, score, "number")


def _price(text: str, start: int, end: int) -> bool:
    """A bare number that is round, or stands beside a word of price or distance."""
    return text[start:end].endswith("00") or bool(_PRICE_WORD.search(text[max(0, start - 32) : end + 16]))


@lru_cache(maxsize=65_536)
def classify(run: str) -> tuple[str, float]:
    """Return the likeliest type of a digit run, and how sure that is."""
    number = checksums.digits(run)
    international = run.lstrip().startswith(("+", "00"))
    if 13 <= len(number) <= 19 and checksums.luhn(number) and not international:
        return ("IMEI", 0.8) if len(number) == 15 and number[:2] not in {"34", "37"} else ("CREDIT_CARD", 0.9)
    if checksums.clabe(number):
        return "CLABE", 0.95
    if _phone(run, number):
        return "PHONE", 0.85
    if international and 8 <= len(number) <= 15:
        return "PHONE", 0.8
    if len(number) >= _LONG:
        return ("PHONE", 0.75) if len(number) <= 13 and not number.startswith("0") else ("ID", 0.75)
    return ("PHONE", 0.55) if re.fullmatch(r"\d{3,4}[- ]\d{4}", run) else ("ID", 0.4)


def _phone(run: str, number: str) -> bool:
    """Ask phonenumbers, in the regions that a run of this length can belong to."""
    if not 8 <= len(number) <= 15:
        return False
    import phonenumbers

    international = run.lstrip().startswith("+") or number.startswith("00")
    regions: tuple[str | None, ...] = (None,) if international else _REGIONS
    text = "+" + number.removeprefix("00") if international else number
    for region in regions:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(text, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False
