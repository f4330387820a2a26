"""The prompt shield: injection, jailbreak, prompt extraction and PII solicitation, in Spanish and English.

It reads text from outside (imported turns, tool results) and answers. A rule asks for a verb, its object and
what makes the object the model's own (``your rules``, ``instrucciones anteriores``), at word boundaries, so
that "olvidé las indicaciones del doctor" stays what it is. The rules are data, in ``shield_rules.toml``.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from uncase_pipeline.gateway.shield_rules import Kind, Rules

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_SPACES = re.compile(r"\s+")
_SPELLED_OUT = re.compile(r"\b(?:\w[ .\-_*]){4,}\w\b")
_BETWEEN_LETTERS = re.compile(r"[ .\-_*]")
_LEET_INSIDE = re.compile(r"[a-z][013457@$]+[a-z]")
_LEET = str.maketrans("013457@$", "oieastas")
_REPORTED = re.compile(
    r"(?:(?:\b(?:never|not|cannot|nunca|jamas|no|sin|without|avoid|evite|evita)|n't)\s+(?:\w+\s+){0,2}"
    r"|\b(?:nobody|no one|nadie|anyone who|quien|si alguien|if (?:someone|anyone))\b[\w\s]{0,40})$"
)


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

    def __init__(self, rules: Rules | None = None) -> None:
        self._rules = rules or Rules.shipped()

    def flags(self, text: str) -> list[Flag]:
        """Return at most one flag per rule."""
        found: dict[str, Flag] = {}
        for reading in _readings(text):
            for rule in self._rules.candidates(reading):
                if rule.name not in found and _attempts(rule.pattern, reading):
                    found[rule.name] = Flag(rule.kind, rule.name)
        return list(found.values())


def normalize(text: str) -> str:
    """Fold width, case and accents, and drop characters that nobody sees."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    letters = unicodedata.normalize("NFD", visible.casefold())
    return _MARKS.sub("", letters).replace("\u2019", "'")


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
