"""Shapes of identifiers that a state gives out, told by their form alone (cue words are in ``cued``)."""

# ruff: noqa: E501, SIM905 - word lists read better as text, patterns on one line

from uncase_pipeline.anonymized import checksums
from uncase_pipeline.anonymized.structured.shapes import Shape

_WORDS = frozenset(
    "FOR THE AND LOS LAS POR CON UNA DEL ARE YOU GET PAY BUY USE NOT BUT ALL TO MIL QUE SON DE HAY VIN AÑO USD MXN EUR GBP TEL CEL FAX EXT NHC MRN PIN NIP ISO DIN SAE".split()
)


def _no_word(plate: str) -> bool:
    return not any(part in _WORDS for part in plate.replace("-", " ").split())


SHAPES = (
    Shape(
        "CURP",
        r"(?i)[A-Z]{4}[ -]?\d{6}[ -]?[HMX][ -]?[A-Z]{5}[ -]?[A-Z0-9][ -]?\d",
        0.9,
        check=checksums.curp,
    ),
    Shape(
        "RFC",
        r"(?i)[A-ZÑ&]{3,4}[ -]?\d{6}[ -]?[A-Z0-9]{2}[0-9A]",
        0.7,
        check=checksums.day_code,
        checked=0.95,
    ),
    Shape("RFC", r"[A-ZÑ&]{3,4}[ -]?\d{6}[ -]?[A-Z0-9]{3}", 0.7, require=checksums.day_code),
    Shape("SSN", r"\d{3}[-. ]\d{2}[-. ]\d{4}", 0.75, check=checksums.ssn, checked=0.9),
    Shape("DNI", r"(?i)(?:\d{8}|\d{2}\.\d{3}\.\d{3})\s?-?\s?[A-Z]", 0.7, check=checksums.dni),
    Shape("DNI", r"(?i)[XYZ][- ]?(?:\d{7}|\d\.?\d{3}\.?\d{3})[- ]?[A-Z]", 0.8, check=checksums.dni),
    Shape("TAX_ID", r"[ABCDEFGHJNPQRSUVW][- ]?\d{7}[0-9A-J]", 0.6),
    Shape("TAX_ID", r"\d{2}-\d{7}", 0.6),
    Shape("NATIONAL_ID", r"\d{3}\.\d{3}\.\d{3}-\d{2}", 0.8, check=checksums.cpf),
    Shape("TAX_ID", r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}", 0.9),
    Shape("NATIONAL_ID", r"\d{1,2}\.?\d{3}\.?\d{3}-[0-9kK]", 0.8),
    Shape("TAX_ID", r"(?:20|23|24|27|30|33|34)-\d{8}-\d", 0.9),
    Shape("NATIONAL_ID", r"(?i)[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Z]", 0.8),
    Shape("NATIONAL_ID", r"(?i)[A-Z]{6}\d{8}[HM]\d{3}", 0.95),
    Shape("NSS", r"\d{2}[ /-]\d{2}[ /-]\d{2}[ /-]\d{4}[ /-]?\d", 0.8, check=checksums.luhn),
    Shape("NSS", r"\d{2}[ /-]\d{8}(?:[ /-]\d{2})?", 0.8),
    Shape("PASSPORT", r"[A-Z]{3}\d{6}", 0.6),
    Shape("PASSPORT", r"[A-Z]{1,2}\d{7,8}", 0.6),
    Shape("DRIVING_LICENCE", r"(?i)[A-Z9]{5}\d{6}[A-Z9]{2}\d[A-Z]{2}", 0.95),
    Shape(
        "VIN",
        r"(?i)[A-HJ-NPR-Z0-9]{11}\d{6}",
        0.8,
        check=checksums.vin,
        require=lambda code: sum(c.isalpha() for c in code) >= 2,
    ),
    Shape(
        "VIN",
        r"[A-HJ-NPR-Z0-9]{13}\d{4}",
        0.6,
        check=checksums.vin,
        require=lambda code: sum(c.isalpha() for c in code) >= 3,
    ),
    Shape("PLATE", r"\d{4}[ -]?[BCDFGHJKLMNPRSTVWXYZ]{3}", 0.65),
    Shape("PLATE", r"[A-Z]{1,2}[ -]\d{4}[ -][A-Z]{1,2}", 0.7),
    Shape("PLATE", r"[A-Z]{3}[ -]\d{2,3}[ -](?:[A-Z]|\d{1,2})", 0.7),
    Shape(
        "PLATE",
        r"[A-Z]\d{2}[ -][A-Z]{3}|\d{3}[ -]?[A-Z]{3}|[A-Z]{2}\d{2} ?[A-Z]{3}|[A-Z]{3}[ -]\d{3,4}",
        0.55,
        require=_no_word,
    ),
    Shape("PLATE", r"(?i)[A-Z]{2}·[A-Z]{2}·\d{2}", 0.7),
    Shape("PLATE", r"[A-Z]{2}[ -]?\d{3}[ -]?[A-Z]{2}|[A-Z]{4}[ -]\d{2}", 0.5),
)
