"""The prompt shield: injection, jailbreak, prompt extraction and PII solicitation, in Spanish and English.

It reads text from outside (imported turns, tool results) and answers. A rule asks for a verb, its object and
what makes the object the model's own (``your rules``, ``instrucciones anteriores``), at word boundaries, so
that "olvidé las indicaciones del doctor" stays what it is. The rules are data, in ``shield_rules.toml``.
"""

import re
from dataclasses import dataclass

from uncase_pipeline.gateway.disguises import readings
from uncase_pipeline.gateway.shield_rules import Kind, Rules

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

    version = "3"

    def __init__(self, rules: Rules | None = None) -> None:
        self._rules = rules or Rules.shipped()

    def flags(self, text: str) -> list[Flag]:
        """Return at most one flag per rule."""
        found: dict[str, Flag] = {}
        for reading in readings(text):
            for rule in self._rules.candidates(reading):
                if rule.name not in found and _attempts(rule.pattern, reading):
                    found[rule.name] = Flag(rule.kind, rule.name)
        return list(found.values())


def _attempts(pattern: re.Pattern[str], text: str) -> bool:
    return any(
        not _REPORTED.search(text, max(0, match.start() - 60), match.start())
        for match in pattern.finditer(text)
    )
