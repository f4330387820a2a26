"""The sandbox that chat templates run in: the one of transformers, without importing transformers.

Knows Jinja, no format and no conversation. ``{% generation %}`` marks what the assistant says, as there.
"""

import json
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, NoReturn

from jinja2 import Template, nodes
from jinja2.exceptions import TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

MARK = f"\ufdd0{secrets.token_hex(8)}\ufdd1"
"""Stands before and after every learned span while a template renders. No text can contain it by design or by
chance: it is drawn anew in every process and taken out again before anyone sees the rendering."""

_MARK_NAME = "generation_mark"


class _GenerationMarks(Extension):
    """Renders ``{% generation %}…{% endgeneration %}`` as its body between two marks.

    transformers calls a macro there and joins all that was rendered so far to measure it, which is quadratic.
    """

    tags = {"generation"}  # noqa: RUF012 - the name and type that Jinja reads

    def parse(self, parser: Parser) -> list[nodes.Node]:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return [_mark(line), *body, _mark(line)]


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox, with a short way to what templates ask for most and what is always safe.

    A key that a dictionary does not have costs the plain sandbox two exceptions, and every ``loop.first`` six
    type checks.
    """

    def getitem(self, obj: Any, argument: Any) -> Any:
        if type(obj) is dict and type(argument) is str:
            value = obj.get(argument, _MISSING)
            if value is not _MISSING:
                return value
            if argument not in _OF_DICTIONARIES:
                return self.undefined(obj=obj, name=argument)
        return super().getitem(obj, argument)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is LoopContext and attribute in _OF_LOOPS:
            return getattr(obj, attribute)
        if type(obj) is Namespace and not attribute.startswith("_"):
            try:
                return getattr(obj, attribute)
            except AttributeError:
                pass
        return super().getattr(obj, attribute)


_MISSING = object()
_OF_DICTIONARIES = frozenset(dir(dict))
_OF_LOOPS = frozenset({"first", "last", "index", "index0", "length", "previtem", "nextitem"})


def _mark(line: int) -> nodes.Node:
    return nodes.Output([nodes.Name(_MARK_NAME, "load")]).set_lineno(line)


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = _Sandbox(trim_blocks=True, lstrip_blocks=True, extensions=[_GenerationMarks, loopcontrols])
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise
    environment.globals[_MARK_NAME] = ""
    return environment


def text_of(name: str) -> str:
    """Return a text file among the templates of this package."""
    return files(__package__).joinpath("templates", name).read_text("utf-8")


@cache
def compiled(text: str) -> Template:
    """Compile the text of a template, once in this process."""
    return _environment().from_string(text)


def variables(now: datetime, *, marked: bool) -> dict[str, Any]:
    """Return what every rendering is given besides the conversation: the clock, and the mark or nothing."""
    clock: Callable[[str], str] = now.strftime
    return {"strftime_now": clock, _MARK_NAME: MARK if marked else ""}
