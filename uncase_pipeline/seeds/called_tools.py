"""Tools that a source calls and the registry does not know, read from the calls: names and types, never a value.

A name is text of somebody's file. It must look like one, the scanner reads it as it reads every word of a seed (see
``rules``), and in a corpus a name that too few subjects use stays out: it may be a value that somebody's file uses as
a key.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, get_args

from uncase_pipeline.records.conversation import Conversation, ToolCall
from uncase_pipeline.records.seed import NAME, InferredTool, JsonType
from uncase_pipeline.tools.registry import tool_names

LEAST_SUBJECTS = 2
"""Subjects that must use a name of a corpus, whatever the support that is asked for."""
_MOST_ARGUMENTS, _MOST_WORDS = 64, 6
_NAME = re.compile(NAME)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONG_FIGURE = re.compile(r"\d{4}")
_TYPES: dict[type, JsonType] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}


def readings(name: str) -> Iterator[str]:
    """Yield a name as the scanner is to read it: as it is, its words (``findMovies``: ``find movies``), each two."""
    words = _words(name)
    yield from (name, " ".join(words))
    yield from (f"{one} {other}" for one, other in pairwise(words))


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]


@dataclass(slots=True)
class CalledTools:
    """The tools that conversations of a corpus call, and which subjects' do."""

    _tools: dict[str, InferredTool] = field(default_factory=dict)
    _users: dict[tuple[str, str | None], set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, subject: str, tools: Mapping[str, InferredTool]) -> None:
        """Take the tools of one conversation."""
        for name, tool in tools.items():
            known = self._tools.get(name)
            self._tools[name] = merged(known, tool) if known else tool
            for part in (None, *tool.arguments):
                self._users[name, part].add(subject)

    def of(self, names: Iterable[str], least: int) -> dict[str, InferredTool]:
        """Return those of these tools that at least so many subjects call, with the arguments that as many give."""
        return {name: self._used(name, least) for name in names if self._is_used(name, None, least)}

    def _used(self, name: str, least: int) -> InferredTool:
        tool = self._tools[name]
        kept = [argument for argument in tool.arguments if self._is_used(name, argument, least)]
        return InferredTool(
            arguments={argument: tool.arguments[argument] for argument in kept},
            required=[argument for argument in tool.required if argument in kept],
        )

    def _is_used(self, name: str, argument: str | None, least: int) -> bool:
        return len(self._users.get((name, argument), ())) >= least


def called_in(conversation: Conversation) -> dict[str, InferredTool]:
    """Return the tools that one conversation calls, as its own calls show them."""
    found: dict[str, InferredTool] = {}
    for call in unknown_calls(conversation):
        tool = InferredTool(
            arguments={name: [_TYPES[type(value)]] for name, value in sorted(call.arguments.items())},
            required=sorted(call.arguments),
        )
        found[call.name] = merged(found[call.name], tool) if call.name in found else tool
    return found


def merged(one: InferredTool, other: InferredTool) -> InferredTool:
    """Return what both show: every argument and type of either, and as required what is in both."""
    names = sorted({*one.arguments, *other.arguments})
    return InferredTool(
        arguments={
            name: _simplest({*one.arguments.get(name, ()), *other.arguments.get(name, ())}) for name in names
        },
        required=[name for name in one.required if name in other.required],
    )


def unknown_calls(conversation: Conversation) -> Iterator[ToolCall]:
    """Yield the calls of tools that the registry does not know, if all names in them look like names."""
    known = set(tool_names())
    for message in conversation.messages:
        for call in message.tool_calls or ():
            named = len(call.arguments) <= _MOST_ARGUMENTS and all(
                map(_is_name, (call.name, *call.arguments))
            )
            if call.name not in known and named:
                yield call


def _is_name(name: Any) -> bool:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or _LONG_FIGURE.search(name):
        return False
    return 0 < len(_words(name)) <= _MOST_WORDS


def _simplest(types: set[JsonType]) -> list[JsonType]:
    """Return types in a fixed order; a number may be a whole one."""
    return [
        kind for kind in get_args(JsonType) if kind in types and not (kind == "integer" and "number" in types)
    ]
