"""The prompt shield: injection, jailbreak, prompt extraction and PII solicitation, in Spanish and English.

It reads text from outside (imported turns, tool results) and answers. A rule asks for a verb, its object and
what makes the object the model's own (``your rules``, ``instrucciones anteriores``), at word boundaries, so
that "olvidé las indicaciones del doctor" stays what it is. The rules are data, in ``shield_rules.toml``.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

Kind = Literal["injection", "jailbreak", "prompt-extraction", "pii-solicitation"]

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_SPACES = re.compile(r"\s+")
_SPELLED_OUT = re.compile(r"\b(?:\w[ .\-_*]){4,}\w\b")
_BETWEEN_LETTERS = re.compile(r"[ .\-_*]")
_LEET_INSIDE = re.compile(r"[a-z][013457@$]+[a-z]")
_LEET = str.maketrans("013457@$", "oieastas")
_REPORTED = re.compile(
    r"(?:(?:\b(?:never|not|cannot|nunca|jamas|no|sin|without|avoid|evite|evita)|n't)\s+(?:\w+\s+){0,2}"
    r"|\b(?:nobody|no one|nadie|anyone who|quien|si alguien|if (?:someone|anyone))\b[\w\s]{0,40})$"
)
_BETWEEN_WORDS = r"(?:[\s,:;'\"(-]+[\w'/-]+){0,6}?[\s,:;'\"(-]+"


@dataclass(frozen=True, slots=True)
class Flag:
    """One rule that matched.

    Attributes:
        kind: What it is an attempt at.
        rule: Name of the rule.
        where: Path of the string, filled by who walks the payload.
    """

    kind: Kind
    rule: str
    where: str = ""


class Shield:
    """Finds attempts in one text. The version changes with the rules."""

    version = "1"

    def __init__(self) -> None:
        self._rules = _load_rules()

    def flags(self, text: str) -> list[Flag]:
        """Return at most one flag per rule."""
        found: dict[str, Flag] = {}
        for reading in _readings(text):
            for name, kind, pattern in self._rules:
                if name not in found and _attempts(pattern, reading):
                    found[name] = Flag(kind, name)
        return list(found.values())


def normalize(text: str) -> str:
    """Fold width, case and accents, and drop characters that nobody sees."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    letters = unicodedata.normalize("NFD", visible.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("\u2019", "'")


def _readings(text: str) -> Iterator[str]:
    """The normal form; then with s-p-e-l-l-e-d words joined; then with 1337 letters read as letters."""
    plain = normalize(text)
    joined = _SPELLED_OUT.sub(lambda match: _BETWEEN_LETTERS.sub("", match[0]), plain)
    letters = plain.translate(_LEET) if _LEET_INSIDE.search(plain) else plain
    yield from dict.fromkeys(_SPACES.sub(" ", reading) for reading in (plain, joined, letters))


def _attempts(pattern: re.Pattern[str], text: str) -> bool:
    return any(
        not _REPORTED.search(text, max(0, match.start() - 60), match.start())
        for match in pattern.finditer(text)
    )


def _load_rules() -> list[tuple[str, Kind, re.Pattern[str]]]:
    data = tomllib.loads(files(__package__).joinpath("shield_rules.toml").read_text(encoding="utf-8"))
    return [
        (rule["name"], rule["kind"], re.compile(_expanded(rule["pattern"], data["pieces"])))
        for rule in data["rule"]
    ]


def _expanded(pattern: str, pieces: dict[str, str]) -> str:
    for name, piece in pieces.items():
        pattern = pattern.replace(f"{{{name}}}", piece)
    return pattern.replace("~", _BETWEEN_WORDS)
