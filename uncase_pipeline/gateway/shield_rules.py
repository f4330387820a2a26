"""Loads the rules of the prompt shield, and says quickly which of them a text may match. Knows no policy."""

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Literal

import re2

Kind = Literal["injection", "jailbreak", "prompt-extraction", "pii-solicitation"]

_BETWEEN_WORDS = r"(?:[\s,:;'\"(-]+[\w'/-]+){0,6}?[\s,:;'\"(-]+"
_FOREIGN_LETTER = re.compile(r"[^\W\x00-\x7f]")
_PIECE = re.compile(r"\\.|\[(?:\\.|[^\\\]])+\]|\(\?[!=]|\(|\)|[^\\\[()]+", re.DOTALL)
_DFA_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it is an attempt at, and how it reads."""

    name: str
    kind: Kind
    pattern: re.Pattern[str]


class Rules:
    """All rules, with an automaton over looser forms of them that passes over an ordinary text once."""

    def __init__(self, rules: list[Rule]) -> None:
        self.all = rules

    @classmethod
    def shipped(cls) -> "Rules":
        """Load ``shield_rules.toml``."""
        text = files(__package__).joinpath("shield_rules.toml").read_text(encoding="utf-8")
        data = tomllib.loads(text)
        return cls(
            [
                Rule(rule["name"], rule["kind"], re.compile(_expanded(rule["pattern"], data["pieces"])))
                for rule in data["rule"]
            ]
        )

    def candidates(self, text: str) -> list[Rule]:
        """Return the rules that may match: never fewer than do. RE2 knows ASCII letters only."""
        if _FOREIGN_LETTER.search(text):
            return self.all
        return [self.all[index] for index in self._automaton.Match(text) or ()]

    @cached_property
    def _automaton(self) -> re2.Set:
        options = re2.Options()
        options.max_mem = _DFA_BYTES
        automaton = re2.Set.SearchSet(options)
        for rule in self.all:
            automaton.Add(without_lookaheads(rule.pattern.pattern))
        automaton.Compile()
        return automaton


def without_lookaheads(pattern: str) -> str:
    """Return a pattern that matches at least as much and that RE2 can read."""
    kept: list[str] = []
    depth = 0
    for piece in _PIECE.findall(pattern):
        if depth:
            depth += piece.startswith("(") - (piece == ")")
        elif piece in ("(?!", "(?="):
            depth = 1
        else:
            kept.append(piece)
    return "".join(kept)


def _expanded(pattern: str, pieces: dict[str, str]) -> str:
    for name, piece in pieces.items():
        pattern = pattern.replace(f"{{{name}}}", piece)
    return pattern.replace("~", _BETWEEN_WORDS)
