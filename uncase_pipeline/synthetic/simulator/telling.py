"""What a tool answered, in words: sentences per tool, or its fields where a tool has none. Knows no turn."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from uncase_pipeline.records.conversation import Json
from uncase_pipeline.synthetic.simulator.grammar import Choice, Memory, parse_text
from uncase_pipeline.synthetic.simulator.language import TEXTS, grammar_for
from uncase_pipeline.synthetic.simulator.wording import say_name, say_text, say_value, say_words, told_fields

_FIELDS = 3
"""Fields of a result that are told where no sentence is written for its tool."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Sentences for results of one kind.

    Attributes:
        when: The field that must hold something; with ``!`` before it, nothing; with ``=value``, just that.
        told: What the result says.
        so: What follows from it.
    """

    when: str
    told: Choice
    so: Choice

    def fits(self, result: Json) -> bool:
        """Return whether a result is of this kind."""
        name, _, value = self.when.removeprefix("!").partition("=")
        if value:
            return result.get(name) == value
        return not name or (name in result and bool(result[name]) is not self.when.startswith("!"))


@cache
def tellings(language: str) -> dict[str, tuple[Telling, ...]]:
    """Read the sentences of every tool, in the order in which they are tried."""
    return {
        tool: tuple(
            Telling(
                kind.get("when", ""), *(_text(f"{tool}.{at}.{part}", kind[part]) for part in ("told", "so"))
            )
            for at, kind in enumerate(table["result"])
        )
        for tool, table in _tables(language).items()
    }


def looked_up(tool: str, language: str) -> str | None:
    """Return what a tool looks into, as a noun."""
    return _tables(language).get(tool, {}).get("look")


@cache
def curiosity(tool: str, part: str, language: str) -> Choice | None:
    """Return how a customer asks for (``ask``), or wants to know (``want``), what a tool answers."""
    text = _tables(language).get(tool, {}).get(part)
    return parse_text(f"{tool}.{part}", text) if text else None


@cache
def _tables(language: str) -> Mapping[str, Json]:
    return tomllib.loads((TEXTS / f"tools.{language}.toml").read_text(encoding="utf-8"))


def _text(key: str, lines: str) -> Choice:
    return parse_text(key, " | ".join(lines.strip().splitlines()))


class Told:
    """One result, ready to be told."""

    def __init__(self, call: tuple[str, Json], result: Json, memory: Memory, language: str) -> None:
        """Take a result.

        Args:
            call: Name of the tool, and what it was asked.
            result: What it answered.
            memory: What the conversation remembers.
            language: In which words.
        """
        tool, self._asked = call
        self._telling = next((one for one in tellings(language).get(tool, ()) if one.fits(result)), None)
        self._result = result
        self._grammar = grammar_for(language)
        self._memory = memory
        self._language = language
        self.failed = "error" in result or not result

    def told(self) -> str:
        """Return what the result says, as a clause."""
        if self.failed:
            return self._said(self._grammar.rules["result.error" if self._result else "result.empty"])
        return self._said(self._telling.told) if self._telling else self._listed()

    def so(self) -> str:
        """Return what follows from it, as a clause."""
        fits = self._telling is not None and not self.failed
        return self._said(self._telling.so if self._telling and fits else self._grammar.rules["result.so"])

    def _said(self, text: Choice) -> str:
        self._memory.values = dict(_values({**self._asked, **self._result}, self._language))
        return self._grammar.say(self._memory.pick(text), self._memory)

    def _listed(self) -> str:
        fields = list(told_fields(self._result))[:_FIELDS]
        named = [
            f"{say_name(name, self._language)} {say_value(value, None, self._language)}"
            for name, value in fields
        ]
        return say_words(named, self._language) or self._said(self._grammar.rules["result.empty"])


def _values(result: Json, language: str, nth: str = "") -> Iterator[tuple[str, str]]:
    """Yield slots: a field by its name, of the second object of a list by that name with a 2."""
    currency = result.get("moneda")
    for name, value in result.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for number, item in enumerate(value[:2]):
                yield from _values({"moneda": currency, **item}, language, "2" if number else "")
        elif isinstance(value, list):
            yield f"{name}{nth}", say_words([say_text(str(item), language) for item in value], language)
        elif isinstance(value, str):
            yield f"{name}{nth}", say_text(value, language)
        elif isinstance(value, bool | int | float):
            yield f"{name}{nth}", say_value(value, None, language)
            if isinstance(currency, str):
                yield f"{name}{nth}.money", say_value(value, currency, language)
