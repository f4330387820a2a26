"""Shapes of accounts and cards that are not bare digit runs (those are in ``numbers``)."""

from uncase_pipeline.anonymized import checksums
from uncase_pipeline.anonymized.structured.shapes import Shape

_FEWEST_DIGITS = 8


def _with_digits(code: str) -> bool:
    return sum(map(str.isdigit, code)) >= _FEWEST_DIGITS


SHAPES = (
    Shape(
        "IBAN",
        r"(?i)[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?",
        0.5,
        check=checksums.iban,
        require=_with_digits,
    ),
    Shape(
        "IBAN",
        r"(?i)[A-Z]{2}[ -]?\d{2}(?:[ -]?[A-Z0-9]){11,30}",
        0.3,
        check=checksums.iban,
        require=lambda code: _with_digits(code) and checksums.iban(code),
    ),
    Shape("IBAN", r"(?i)ES[ -]\d{2}[ ]?(?:\d{4}[ ]?){4}\d{4}", 0.6),
    Shape(
        "CREDIT_CARD",
        r"(?:\d{4}[ .-]?){3}\d{1,7}|3[47]\d{2}[ .-]?\d{6}[ .-]?\d{5}",
        0.7,
        check=checksums.luhn,
    ),
    Shape("CREDIT_CARD", r"(?i)(?:[x*•]{4}[ -]?){1,3}(?P<id>\d{4})", 0.6),
    Shape("CLABE", r"\d{3}[ -]?\d{3}[ -]?\d{11}[ -]?\d", 0.7, check=checksums.clabe),
    Shape("BANK_ACCOUNT", r"\d{4}[ -]\d{4}[ -]\d{2}[ -]\d{10}", 0.9),
    Shape("BANK_ACCOUNT", r"\d{2}-\d{2}-\d{2}[ ,]+\d{8}", 0.8),
)
