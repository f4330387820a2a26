"""Reads tool calls back from what the assistant says in each format. Knows notations, no template.

What a model writes after training has to be read by somebody's parser; a rendering whose calls can't be read
back exactly teaches it something else.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from uncase_pipeline.records.conversation import Json

Call = tuple[str, Any]
"""Name and arguments."""

Parser = Callable[[str], Iterator[Call]]
_DECODER = json.JSONDecoder()


def read_calls(parser: str, spoken: str) -> list[Call]:
    """Return the calls in what the assistant says; those that can't be read are missing."""
    try:
        return list(PARSERS[parser](spoken))
    except (ValueError, KeyError, TypeError):
        return []


def _between(text: str, opening: str, closing: str) -> Iterator[str]:
    at = 0
    while (start := text.find(opening, at)) >= 0:
        start += len(opening)
        end = text.find(closing, start)
        if end < 0:
            return
        yield text[start:end]
        at = end + len(closing)


def _json_calls(documents: Iterator[Any], arguments: str = "arguments", name: str = "name") -> Iterator[Call]:
    return ((document[name], document[arguments]) for document in documents)


def _json_after(text: str, opening: str) -> Iterator[Any]:
    """Read the JSON value after each mark, however many marks it holds inside its strings."""
    at = 0
    while (start := text.find(opening, at)) >= 0:
        value, at = _DECODER.raw_decode(text, start + len(opening))
        yield value


def _tagged_json(text: str) -> Iterator[Call]:
    return _json_calls(_json_after(text, "<tool_call>\n"))


def _tool_calls_json(text: str) -> Iterator[Call]:
    for document in _json_after_matches(text, r"(?=\{\"tool_calls\": )"):
        yield from _json_calls(iter(document["tool_calls"]))


def _harmony(text: str) -> Iterator[Call]:
    for match in re.finditer(r"to=functions\.([^<]+)<\|channel\|>commentary \w+<\|message\|>", text):
        yield match[1], _DECODER.raw_decode(text, match.end())[0]


def _cohere(text: str) -> Iterator[Call]:
    for document in _json_after(text, "Action:\n```json\n"):
        yield from _json_calls(iter(document), "parameters", "tool_name")


def _llama_3(text: str) -> Iterator[Call]:
    return _json_calls(_json_after_matches(text, r"(?m)^(?=\{\"name\": )"), "parameters")


def _llama_4(text: str) -> Iterator[Call]:
    at = 0
    while (start := text.find('{"name": "', at)) >= 0:
        document, at = _DECODER.raw_decode(text, start)
        yield document["name"], document["parameters"]


def _json_after_matches(text: str, pattern: str) -> Iterator[Any]:
    return (_DECODER.raw_decode(text, match.end())[0] for match in re.finditer(pattern, text))


def _pythonic(text: str) -> Iterator[Call]:
    for match in re.finditer(r"(\w[\w.-]*)\(((?:\w+=\"[^\"]*\"(?:, )?)*)\)", text):
        yield match[1], dict(re.findall(r"(\w+)=\"([^\"]*)\"", match[2]))


def _mistral_list(text: str) -> Iterator[Call]:
    for document in _json_after_matches(text, r"\[TOOL_CALLS\] ?"):
        yield from _json_calls(iter(document))


def _mistral_args(text: str) -> Iterator[Call]:
    for match in re.finditer(r"\[TOOL_CALLS\](.+?)(?:\[CALL_ID\].{9})?\[ARGS\]", text):
        yield match[1], _DECODER.raw_decode(text, match.end())[0]


def _toolcall_list(text: str) -> Iterator[Call]:
    for document in _json_after(text, "<TOOLCALL>"):
        yield from _json_calls(iter(document))


def _function_tags(text: str) -> Iterator[Call]:
    for block in _between(text, "<tool_call>\n<function=", "</function>"):
        name, _, body = block.partition(">\n")
        pairs = (part.partition(">\n") for part in _between(body, "<parameter=", "\n</parameter>"))
        yield name, {key: value for key, _, value in pairs}


def _kimi(text: str) -> Iterator[Call]:
    for block in _between(text, "<|tool_call_begin|>", "<|tool_call_end|>"):
        where, _, arguments = block.partition("<|tool_call_argument_begin|>")
        yield where.removeprefix("functions.").rpartition(":")[0], json.loads(arguments)


def _minimax(text: str) -> Iterator[Call]:
    for block in _between(text, '<invoke name="', "</invoke>"):
        name, _, body = block.partition('">')
        pairs = (part.partition('">') for part in _between(body, '<parameter name="', "</parameter>"))
        yield name, {key: value for key, _, value in pairs}


def said_as_text(arguments: Json) -> Mapping[str, str]:
    """Return arguments as the formats write them that have no types: text as it is, the rest as JSON."""
    return {key: value if isinstance(value, str) else _untyped(value) for key, value in arguments.items()}


def _untyped(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


PARSERS: dict[str, Parser] = {
    "tool_call_json": _tagged_json,
    "tool_calls_json": _tool_calls_json,
    "harmony": _harmony,
    "cohere": _cohere,
    "llama3": _llama_3,
    "llama4": _llama_4,
    "pythonic": _pythonic,
    "mistral_list": _mistral_list,
    "mistral_args": _mistral_args,
    "toolcall_list": _toolcall_list,
    "function_tags": _function_tags,
    "kimi": _kimi,
    "minimax": _minimax,
}

UNTYPED = ("pythonic", "function_tags", "minimax")
"""Notations without types: a number comes back as its text, and the tool's schema says what it is."""
