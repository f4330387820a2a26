"""Shapes of ways to reach a person or a machine: mail, URL, handle, IP, MAC, wallet."""

from uncase_pipeline.anonymized import checksums
from uncase_pipeline.anonymized.names.lexicon import lexicon
from uncase_pipeline.anonymized.normalize import folded
from uncase_pipeline.anonymized.structured.shapes import Shape

_SHORTEST_HANDLE = 6


def _mixed(code: str) -> bool:
    """Letters and digits: no long word, no number."""
    return any(map(str.isalpha, code)) and sum(map(str.isdigit, code)) >= 2


def _handle_like(handle: str) -> bool:
    """``@ ana_77``, ``@ AnaLopez``, ``@ jukkadude``: no ``@ home`` and no ``@ 5pm``."""
    name = handle[1:].strip()
    inner = any(c.isupper() for c in name[1:]) and not name.isupper()
    mixed = name[0].isalpha() and any(map(str.isdigit, name))
    unlisted = len(name) >= _SHORTEST_HANDLE and not lexicon().is_word(folded(name))
    return "_" in name or inner or mixed or (name.isalpha() and unlisted)


_LABEL = r"[A-Za-z0-9À-ÿ](?:[A-Za-z0-9À-ÿ-]*[A-Za-z0-9À-ÿ])?"
_LOCAL = r"[A-Za-z0-9À-ÿ_](?:[A-Za-z0-9À-ÿ._%+'-]*[A-Za-z0-9À-ÿ_])?"
_TLD = r"(?:com|org|net|edu|gob|gov|mx|es|ar|cl|co|pe|uk|us|io|info|dev|app|me|biz|eu|fr|de|it|br|ve|ec|uy|cat|tv)"
_AT = r"(?:\s?[\[({<]\s?(?:at|arroba|en)\s?[\])}>]\s?|\s+(?:at|arroba)\s+|\s?@\s?)"
_DOT = r"(?:\s?[\[({<]\s?(?:dot|punto)\s?[\])}>]\s?|\s+(?:dot|punto|pto)\s+|\s?\.\s?)"

_MARK = r"(?:dot|punto|pto|gui[óo]n(?:\s+(?:bajo|medio))?|underscore|dash|hyphen)"
_SAID_LOCAL = rf"{_LOCAL}(?:\s+{_MARK}\s+{_LOCAL}){{0,4}}"
_SAID = rf"{_AT}{_LABEL}(?:{_DOT}{_LABEL})*{_DOT}{_TLD}"

SHAPES = (
    Shape("EMAIL", rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL})+", 0.99, anywhere=True),
    Shape("EMAIL", rf"(?i){_SAID_LOCAL}{_SAID}", 0.9),
    Shape(
        "EMAIL",
        rf"(?i)\b(?:correo(?:\s+electr[óo]nico)?|e-?mail|mail)\s*(?:es|is|:)\s*(?P<id>(?:[a-zà-ÿ0-9._-]+\s+){{1,6}}?(?:arroba|at)\s+{_LABEL}(?:{_DOT}{_LABEL})*{_DOT}{_TLD})",
        0.85,
    ),
    Shape("EMAIL", r"(?i)(?:[a-z0-9._-]\s){3,}@\s?(?:[a-z0-9-]\s){2,}\.\s?(?:[a-z]\s?){2,3}[a-z]?", 0.8),
    Shape("EMAIL", rf"{_LOCAL}@{_LABEL}", 0.6, anywhere=True),
    Shape("URL", r"(?i)(?:https?|ftp)://[^\s<>\"'\])}]*[^\s<>\"'\])}.,;:!?]", 0.95, anywhere=True),
    Shape("URL", r"(?i)www\.[^\s<>\"'\])}]*[^\s<>\"'\])}.,;:!?]", 0.9),
    Shape("URL", rf"(?i){_LABEL}(?:\.{_LABEL})*\.{_TLD}/[^\s<>\"'\])}}]*[^\s<>\"'\])}}.,;:!?/]", 0.8),
    Shape(
        "URL", rf"(?i){_LABEL}(?:\.{_LABEL})*\.(?:com|net|org|info|mx|co\.uk|edu|gob)(?:\.[a-z]{{2}})?", 0.6
    ),
    Shape("HANDLE", r"@[A-Za-z0-9_](?:[A-Za-z0-9_.]*[A-Za-z0-9_])?", 0.7),
    Shape("HANDLE", r"@\s[A-Za-z0-9_]{4,30}", 0.5, require=_handle_like, anywhere=True),
    Shape("IP", r"\d{1,3}(?:\.\d{1,3}){3}", 0.6, check=checksums.octets, checked=0.9),
    Shape("IP", r"(?i)[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}", 0.95),
    Shape("IP", r"(?i)(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}", 0.9),
    Shape("IP", r"(?i)(?:fe80|2001|fd[0-9a-f]{2})(?::[0-9a-f]{0,4}){2,7}", 0.8),
    Shape("MAC", r"(?i)[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}", 0.95),
    Shape("MAC", r"(?i)[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}", 0.8),
    Shape("WALLET", r"(?i)0x[0-9a-f]{40}(?:[0-9a-f]{24})?", 0.95),
    Shape("WALLET", r"(?i)(?:bc1|tb1|ltc1|addr1|cosmos1)[0-9a-z]{25,100}", 0.95),
    Shape("WALLET", r"[13LMDTrX][0-9A-Za-z]{25,43}", 0.85, require=_mixed),
    Shape(
        "WALLET",
        r"(?i)\b(?:wallet|bitcoins?|btc|eth|ethereum|crypto|cripto(?:monedas?)?|solana|usdt|coins?|monedero)\b(?:\s*(?:address|direcci[óo]n|is|es|to|a|al|:|de|mi|my)){0,4}\s*(?P<id>[0-9A-Za-z]{25,100})",
        0.85,
        require=_mixed,
    ),
    Shape("ID", r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", 0.6),
)
