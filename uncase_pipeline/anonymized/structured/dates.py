"""Dates: as identifiers where they are a birth date, as quasi-identifiers otherwise. Knows formats only."""

# ruff: noqa: E501 - a pattern reads better on one line

from uncase_pipeline.anonymized.structured.shapes import Shape

_MONTH = (
    r"(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre|ene|feb|mar|abr"
    r"|may|jun|jul|ago|sep?t?|oct|nov|dic|january|february|march|april|june|july|august|september|october"
    r"|november|december|jan|apr|aug|dec)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th|º|ero?)?"
_YEAR = r"(?:19|20)\d{2}"
NUMERIC = r"\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|(?:19|20)\d{2}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2} \d{1,2} (?:19|20)\d{2}"
_WRITTEN = (
    rf"{_DAY}\s?(?:de\s|of\s|-|/)?\s?{_MONTH}(?:\s?(?:del?\s|of\s|,|-|/)?\s?(?:{_YEAR}|\d{{2}}))?"
    rf"|{_MONTH}\s{_DAY}(?:,?\s?(?:del?\s)?{_YEAR})?"
)
_FULL_WRITTEN = rf"{_DAY}\s?(?:de\s|of\s|-|/)?\s?{_MONTH}\s?(?:del?\s|of\s|,|-|/)?\s?{_YEAR}|{_MONTH}\s{_DAY},?\s?(?:del?\s)?{_YEAR}"
_BIRTH = (
    r"\b(?:nac[ií]|naci[óo]|nacid[oa]s?|nacimiento|fecha\s+(?:de\s+)?nac|f\.?\s?(?:de\s)?nac|nac|cumple\s+a[ñn]os|f\.?\s?n|fdn|d[\s.]?o[\s.]?b"
    r"|date\s+of\s+birth|birth\s?date|birth\s?day|born|cumplea[ñn]os|cumplo|cumple)\b"
)

SHAPES = (
    Shape(
        "BIRTH_DATE", rf"(?i){_BIRTH}\.?[^\d\n.;?!]{{0,40}}(?P<id>{NUMERIC}|{_WRITTEN}|\d{{8}}|\d{{6}})", 0.95
    ),
    Shape("BIRTH_DATE", rf"(?i){_BIRTH}[^\d\n.;?!]{{0,25}}(?P<id>{_YEAR})", 0.7),
    Shape("BIRTH_DATE", rf"(?i)(?:{_BIRTH})[^\d\n.;?!]{{0,15}}(?P<id>{_MONTH}\s(?:del?\s)?{_YEAR})", 0.8),
    Shape(
        "BIRTH_DATE", rf"(?i)(?P<id>{NUMERIC}|{_FULL_WRITTEN})\s?\(?(?:dob|fecha de nacimiento|birth)", 0.9
    ),
    Shape(
        "BIRTH_DATE",
        rf"(?i)(?P<id>{NUMERIC}|{_FULL_WRITTEN}|{_WRITTEN})\s+(?:is|es|was|fue)\s+(?:my|mi|su|his|her)\s+(?:birthday|birth|date\s+of\s+birth|dob|cumplea|fecha de nac|nacimiento)[a-zñ]*",
        0.9,
    ),
    Shape("DATE", rf"(?i){NUMERIC}", 0.7),
    Shape("DATE", rf"(?i){_FULL_WRITTEN}", 0.7),
)

PARTIAL = (Shape("DATE", rf"(?i){_WRITTEN}", 0.5),)
"""Dates without a year: masked in clinical text only."""
