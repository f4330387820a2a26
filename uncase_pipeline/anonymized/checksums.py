"""Check digits of the identifiers that have them. They raise confidence; nothing is dropped for failing one.

Sources: Luhn ISO/IEC 7812-1; IBAN ISO 13616; CLABE Banxico; CURP and RFC RENAPO/SAT; DNI/NIE Spain, Real
Decreto 1553/2005; CPF Receita Federal; VIN ISO 3779 and 49 CFR 565.
"""

import re

_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_CURP_ALPHABET = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_VIN_VALUES = dict(
    zip(
        "ABCDEFGHJKLMNPRSTUVWXYZ0123456789",
        [*range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10), *range(10)],
        strict=True,
    )
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def digits(text: str) -> str:
    """Return the digits of a text."""
    return re.sub(r"\D", "", text)


def compact(text: str) -> str:
    """Return the letters and digits of a text, in upper case."""
    return re.sub(r"[^0-9A-ZÑ&]", "", text.upper())


def luhn(text: str) -> bool:
    """Check a payment card, an IMEI or a Mexican NSS."""
    number = digits(text)
    total = 0
    for index, character in enumerate(reversed(number)):
        value = int(character) * (1 + index % 2)
        total += value - 9 if value > 9 else value
    return bool(number) and total % 10 == 0 and len(set(number)) > 1


def iban(text: str) -> bool:
    """Check an IBAN: the rearranged number is 1 modulo 97."""
    code = compact(text)
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", code):
        return False
    return int("".join(str(int(character, 36)) for character in code[4:] + code[:4])) % 97 == 1


def clabe(text: str) -> bool:
    """Check a CLABE: weights 3, 7, 1 modulo 10."""
    number = digits(text)
    if len(number) != 18:
        return False
    total = sum(int(digit) * (3, 7, 1)[index % 3] % 10 for index, digit in enumerate(number[:17]))
    return (10 - total % 10) % 10 == int(number[17])


def curp(text: str) -> bool:
    """Check a CURP."""
    code = compact(text)
    if len(code) != 18 or not code[17].isdigit() or any(c not in _CURP_ALPHABET for c in code):
        return False
    total = sum(_CURP_ALPHABET.index(c) * (18 - index) for index, c in enumerate(code[:17]))
    return (10 - total % 10) % 10 == int(code[17])


def dni(text: str) -> bool:
    """Check a Spanish DNI or NIE by its letter."""
    code = compact(text)
    if code[:1] in {"X", "Y", "Z"}:
        code = str("XYZ".index(code[0])) + code[1:]
    return bool(re.fullmatch(r"\d{7,8}[A-Z]", code)) and _DNI_LETTERS[int(code[:-1]) % 23] == code[-1]


def cpf(text: str) -> bool:
    """Check a Brazilian CPF."""
    number = [int(digit) for digit in digits(text)]
    if len(number) != 11 or len(set(number)) == 1:
        return False
    for size in (9, 10):
        total = sum(digit * (size + 1 - index) for index, digit in enumerate(number[:size]))
        if total * 10 % 11 % 10 != number[size]:
            return False
    return True


def vin(text: str) -> bool:
    """Check the ninth character of a North American VIN."""
    code = compact(text)
    if len(code) != 17 or any(character not in _VIN_VALUES for character in code):
        return False
    total = sum(_VIN_VALUES[c] * weight for c, weight in zip(code, _VIN_WEIGHTS, strict=True)) % 11
    return code[8] == ("X" if total == 10 else str(total))


def day_code(text: str) -> bool:
    """Check that the six digits of a CURP or RFC are a date, year first."""
    found = re.search(r"\d\d(\d\d)(\d\d)", text)
    return found is not None and 1 <= int(found[1]) <= 12 and 1 <= int(found[2]) <= 31


def ssn(text: str) -> bool:
    """Check that a US social security number lies in an assigned range."""
    number = digits(text)
    return (
        len(number) == 9
        and number[:3] not in {"000", "666"}
        and number[0] != "9"
        and number[3:5] != "00"
        and number[5:] != "0000"
    )


def octets(text: str) -> bool:
    """Check that an IPv4 address has four numbers up to 255."""
    return all(int(part) <= 255 for part in text.split("."))
