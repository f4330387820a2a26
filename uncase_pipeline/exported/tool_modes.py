"""Tool use written as text, for templates that have no place for it. Knows chats, no template.

``native`` leaves it to the template. ``inline`` writes calls and results between tags in the turns, the way
Hermes does; ``function_calling`` writes them as the JSON of the OpenAI API. In both, definitions go into the
system prompt, and results come back as the user's turn, all those of one round together.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.exported.chats import Chat
from uncase_pipeline.records.conversation import Json

ToolMode = Literal["native", "function_calling", "inline"]
TOOL_MODES: tuple[str, ...] = get_args(ToolMode)


@dataclass(frozen=True, slots=True)
class _Notation:
    """How a mode writes definitions, the calls of a turn, and the results of a round."""

    tools: Callable[[list[Json]], str]
    calls: Callable[[list[Json]], str]
    results: Callable[[list[Json]], str]


def tool_mode(name: str) -> ToolMode:
    """Return a mode by its name.

    Raises:
        UncaseError: ``unknown-tool-mode``.
    """
    for mode in get_args(ToolMode):
        if mode == name:
            return mode  # type: ignore[no-any-return]
    raise UncaseError(
        "unknown-tool-mode", f"There is no tool mode {name!r}.", f"Use one of {', '.join(TOOL_MODES)}."
    )


def folded(chat: Chat, mode: ToolMode) -> Chat:
    """Return the chat with its tool use as text; unchanged in mode ``native`` and where there is none."""
    if mode == "native" or not _uses_tools(chat):
        return chat
    notation = _NOTATIONS[mode]
    messages = _with_definitions(chat, notation)
    out: list[Json] = []
    results: list[Json] = []
    for message in [*messages, None]:
        if message is not None and message["role"] == "tool":
            results.append(message)
            continue
        if results:
            out.append({"role": "user", "content": notation.results(results)})
            results = []
        if message is not None:
            _append(out, _turn(message, notation))
    return Chat(out)


def _append(out: list[Json], message: Json) -> None:
    """Append a turn; what a user says right after results is said in the same turn."""
    if out and message["role"] == "user" == out[-1]["role"]:
        out[-1] = {"role": "user", "content": f"{out[-1]['content']}\n\n{message['content']}"}
    else:
        out.append(message)


def _uses_tools(chat: Chat) -> bool:
    return bool(chat.tools) or any(m["role"] == "tool" or m.get("tool_calls") for m in chat.messages)


def _with_definitions(chat: Chat, notation: _Notation) -> list[Json]:
    if not chat.tools:
        return chat.messages
    text = notation.tools(chat.tools)
    first = chat.messages[0] if chat.messages else None
    if first is not None and first["role"] == "system":
        return [{**first, "content": f"{first['content']}\n\n{text}"}, *chat.messages[1:]]
    return [{"role": "system", "content": text}, *chat.messages]


def _turn(message: Json, notation: _Notation) -> Json:
    calls = message.get("tool_calls")
    if not calls:
        return message
    parts = [message["content"], notation.calls(calls)]
    kept = {key: value for key, value in message.items() if key != "tool_calls"}
    return {**kept, "content": "\n".join(part for part in parts if part)}


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _inline_tools(tools: list[Json]) -> str:
    listed = "\n".join(_dumps(tool) for tool in tools)
    return (
        f"You may call these functions:\n<tools>\n{listed}\n</tools>\n"
        'Call one with <tool_call>\n{"name": <name>, "arguments": <object>}\n</tool_call>'
    )


def _inline_calls(calls: list[Json]) -> str:
    return "\n".join(f"<tool_call>\n{_dumps(_plain(call))}\n</tool_call>" for call in calls)


def _inline_results(results: list[Json]) -> str:
    return "\n".join(f"<tool_response>\n{result['content']}\n</tool_response>" for result in results)


def _json_tools(tools: list[Json]) -> str:
    return f"You may call these functions, as the JSON of an API would:\n{_dumps({'tools': tools})}"


def _json_calls(calls: list[Json]) -> str:
    return _dumps({"tool_calls": [_plain(call) for call in calls]})


def _json_results(results: list[Json]) -> str:
    return _dumps({"tool_results": [{"content": result["content"]} for result in results]})


def _plain(call: Json) -> Json:
    return {"name": call["function"]["name"], "arguments": call["function"]["arguments"]}


_NOTATIONS: dict[ToolMode, _Notation] = {
    "inline": _Notation(_inline_tools, _inline_calls, _inline_results),
    "function_calling": _Notation(_json_tools, _json_calls, _json_results),
}

PARSER_OF_MODE: dict[ToolMode, str] = {"inline": "tool_call_json", "function_calling": "tool_calls_json"}
"""The parser that reads the calls of a mode back."""
