"""What goes on after a street and its number: floor and door, district, postcode, city, state. Knows no street.

Written in lower case or in capitals only, an unknown word may be anything; a city is then known by its list or
by the postcode after it.
"""

# ruff: noqa: E501 - a pattern reads better on one line

import re
from functools import cache

from uncase_pipeline.anonymized.normalize import folded
from uncase_pipeline.anonymized.structured.cities import CITIES, MOST_WORDS

_DOOR = re.compile(
    r"(?:[ ]{0,2}[,.;-]?[ ]{0,2}(?:x\s?\d{1,3}[a-z]?(?:\s?y\s?\d{1,3}[a-z]?)?\b|c\d{4}[a-z]{3}\b|(?:piso|planta|puerta|pta|portal|escalera|esc|bloque|blq|bl|interior|int|depto|dpto|dto|apto|apt|local|oficina|of|edificio|edif|edf|ed|torre|casa|letra|s[óo]tano|mz|mza|manzana|lt|lote|suite|ste|unit|flat|floor|km)\b\.?\s?(?:#|n[º°o]\.?\s?)?(?:[0-9]{0,4}[A-Za-z]?\b|[A-Za-z]{1,3}\b)?[ºª°]?"
    r"|\d{1,3}(?!\d)\s?\.?(?:[ºª°]|[ao]\b|mo\b|ro\b|do\b|to\b|er\b|no\b|(?<=\d)[oa](?=[A-K]\b))?\s?(?:-\s?)?(?:[A-K]\b|izq\w*|izda?\b|dcha?\b|der\b|centro\b)?"
    r"|[y&-]\s?\d{1,4}\b|#\s?\d{1,5}\b|[ºª]\s?-\s?\d{1,2}\s?[A-Z]\b|/\s?\d{1,4}\b"
    r"|P\d{1,2}\b|[A-K]\b(?!')|(?:izq\w*|izda?|dcha?|dch|derecha)\b\.?|bajo\b|[áa]tico\b|principal\b|entresuelo\b|s/n|km\.?\s?\d[\d.,]*))+(?=[\s.,;:)]|$)",
    re.IGNORECASE,
)
"""Floor, stairs and door after a house number."""
_COUNTS = re.compile(r"\s+[a-zà-ÿ]{3,}")
"""A word after the door: ``Calle Mayor 12, 3 personas`` has no third floor."""
_CODE = r"(?:c\.?\s?p\.?\s*:?\s*)?(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b"
_STATE_NO_WORD = r"(?:ak|az|ar|ca|ct|dc|fl|ga|il|ks|ky|md|mi|mn|mo|mt|nc|nd|ne|nh|nj|nm|nv|ny|oh|ri|sc|sd|tn|tx|ut|va|vt|wa|wi|wv|wy)"
_STATE = r"(?:A[LKZR]|C[AOT]|D[EC]|FL|GA|HI|I[DLNA]|K[SY]|LA|M[EDAINSOT]|N[EVHJMYCD]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[TA]|W[AVIY]|PR|MX|ES|UK|USA|NL|Jal|Qro|Gto|Ver)\b\.?"
_POSTCODE = re.compile(rf"[\s,.-]{{1,3}}{_CODE}", re.IGNORECASE)
_STATE_AFTER = re.compile(
    rf"(?:,\s*{_STATE}(?=\s*(?:,|$|\d{{5}}|[.?!]))|\s+{_STATE}(?=\s+\d{{5}}))|,?\s+(?-i:{_STATE})|,\s{_STATE_NO_WORD}\b",
    re.IGNORECASE,
)
_DISTRICT = re.compile(
    r"[ ,.-]{1,3}(?:col(?:onia)?|infonavit|sector|secci[óo]n|cercado|regi[óo]n|provincia|fracc(?:ionamiento)?|barrio|bo|urb(?:anizaci[óo]n)?|delegaci[óo]n|alcald[íi]a|comuna|residencial|residencia|complejo|conjunto|pol[íi]gono|localidad)\b\.?\s+"
    r"(?:(?:de|del|la|las|los|el)\s+){0,2}[^\W\d_]+(?:\s(?:de|del|la|las|los|el|y|\d{1,2})\b|\s(?-i:[A-ZÀ-Ý])[^\W\d_]+){0,4}(?:\s[^\W\d_]+(?=\s*,))?",
    re.IGNORECASE,
)
_CASED = re.compile(
    r"(?:[ ]?,[ ]*|\n)(?:[A-ZÀ-Ý][a-zà-ÿ'.]+|Ñuñoa)(?:\s(?:[A-ZÀ-Ý][a-zà-ÿ'.]+|del?|la|las|los|el|y)){0,4}(?<!\s[a-z])(?=\s*(?:[,.;:?!)\n]|$|\d{4,5}\b|[A-Z]{1,2}\d|[A-Z]{2,4}\b))(?:\s\d{4}\b)?"
)
_BEFORE_CODE = re.compile(
    rf"(?:\s?[,.]?[ ]+|\n)[^\W\d_][^\W\d_'.-]+(?:\s[^\W\d_][^\W\d_'.-]*){{0,8}}[,.]?(?:\s+(?:q\.\s)?[a-z]{{2,5}}\.?)?,?\s+{_CODE}",
    re.IGNORECASE,
)
_AFTER_CODE = re.compile(
    r"[ ,\n]{1,2}[A-ZÀ-Ý][a-zà-ÿ'.]+(?:\s(?:[A-ZÀ-Ý][a-zà-ÿ'.]+|del?|la|las|los|el)){0,3}(?<!\s[a-z])"
)
_REGION = re.compile(
    r"(?:[ ]?,[ ]?|\n)(?:regi[óo]n|provincia|departamento|estado)\s(?:del?\s)?[^,\n.;?!\d]{2,60}(?=[,.;?!\n]|$)",
    re.IGNORECASE,
)
_BEFORE_PLACE = re.compile(r"(?:[ ]?,[ ]?|\n)[^\W\d_]+(?:\s[^\W\d_]+){0,4}(?:\s\d{4})?(?=[ ]?[,\n])")
"""A part that a listed place or a region follows: ``, el guacamayo, santander``."""
_CROSSING = re.compile(r"\s(?:y|esq(?:uina|\.)?(?:\scon)?)\s(?-i:[A-ZÀ-Ý])[a-zà-ÿ]+", re.IGNORECASE)
_LONG_CODE = re.compile(r"(?:\n|,[ ]?)\d{6,7}(?=[ ]?[\n,]|$)")
_WORD = re.compile(r"[ ,\n]{1,3}([^\W\d_]+\.?)")
_BOROUGH = re.compile(r"\s\d{1,2}\b(?!\s?[a-z:])|\s\d{4}\b(?=\s*,)", re.IGNORECASE)
"""``Lima 14``, ``Salta 4400, Salta``."""
_FARTHEST = 90


def end_of(text: str, end: int) -> int:
    """Return where an address ends of which the first part ends at ``end``."""
    flat = text.islower() or text.isupper()
    last = min(len(text), end + _FARTHEST)
    after_code = bool(re.search(r"\d{5}$", text[max(0, end - 5) : end]))
    while end < last:
        reached, is_code = _step(text, end, flat=flat, after_code=after_code)
        if reached <= end:
            return end
        end, after_code = reached, is_code
    return end


def _step(text: str, end: int, *, flat: bool, after_code: bool) -> tuple[int, bool]:
    """Return where the next part ends, and whether it was a postcode; ``end`` where there is no next part."""
    if (door := _DOOR.match(text, end)) and not _COUNTS.match(text, door.end()):
        return door.end(), False
    if (before := _BEFORE_PLACE.match(text, end)) and (
        _REGION.match(text, before.end()) or _city(text, before.end())
    ):
        return before.end(), False
    for pattern, is_code in _parts(flat=flat, after_code=after_code):
        if found := pattern.match(text, end):
            return found.end(), is_code
        if pattern is _DISTRICT and (city := _city(text, end)):
            return city, False
    return end, False


@cache
def _parts(*, flat: bool, after_code: bool) -> list[tuple[re.Pattern[str], bool]]:
    """Return what an address may go on with; cities are looked up after the districts."""
    parts = [
        (_POSTCODE, True),
        (_LONG_CODE, True),
        (_REGION, False),
        (_CROSSING, False),
        (_STATE_AFTER, False),
        (_DISTRICT, False),
        (_BEFORE_CODE, True),
    ]
    if not flat:
        parts += [(_CASED, False), *([(_AFTER_CODE, False)] if after_code else [])]
    return parts


def _city(text: str, end: int) -> int:
    """Return where a listed place that starts here ends, the longest one; 0 where there is none."""
    name, longest, at = "", 0, end
    for _ in range(MOST_WORDS):
        found = _WORD.match(text, at)
        if not found:
            break
        name = f"{name} {folded(found[1].rstrip('.'))}".strip()
        at = found.end()
        if name in CITIES:
            longest = at
    numbered = _BOROUGH.match(text, longest) if longest else None
    return numbered.end() if numbered else longest
