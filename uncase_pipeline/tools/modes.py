"""Three ways to offer tools to a model, and to read its calls back. Knows shapes, not models.

``native`` is the ``tools`` parameter, ``function_calling`` the older ``functions`` parameter, ``inline`` is
for models with neither: tools are described in the prompt, a call is ``<tool_call>{…}</tool_call>`` in text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import orjson

from uncase_pipeline.errors import UncaseError
from uncase_pipeline.records.conversation import ToolCall
from uncase_pipeline.tools.registry import definition_of
from uncase_pipeline.tools.tool import Json, Tool

Mode = Literal["native", "function_calling", "inline"]
MODES: tuple[str, ...] = get_args(Mode)

_INLINE = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)
_HOW = {
    "es": 'Para usar una herramienta escribe <tool_call>{"name": …, "arguments": {…}}</tool_call>.',
    "en": 'To use a tool write <tool_call>{"name": …, "arguments": {…}}</tool_call>.',
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What goes into a request so that a model may call tools.

    Attributes:
        parameters: Request parameters, ``{"tools": …}`` or ``{"functions": …}``; empty in mode ``inline``.
        prompt: What the system prompt says of them; empty in the other modes.
    """

    parameters: Json
    prompt: str = ""


def offer(tools: Sequence[Tool], mode: Mode, language: str = "es") -> Offer:
    """Offer tools in one of the three modes; no tools, no parameters."""
    if not tools:
        return Offer({})
    definitions = [definition_of(tool, language) for tool in tools]
    if mode == "native":
        return Offer({"tools": definitions})
    functions = [definition["function"] for definition in definitions]
    if mode == "function_calling":
        return Offer({"functions": functions})
    listed = "\n".join(orjson.dumps(function).decode() for function in functions)
    return Offer({}, f"{_HOW[language]}\n{listed}")


def inline_calls(content: str) -> tuple[str, list[ToolCall]]:
    """Split a text of mode ``inline`` into what is said and what is called.

    Raises:
        UncaseError: ``bad-inline-call`` where a call is not a JSON object with a name and arguments.
    """
    calls = [_call(body, f"call_{number}") for number, body in enumerate(_INLINE.findall(content), start=1)]
    said = _INLINE.sub("", content)
    if "<tool_call>" in said:
        raise _bad_call()
    return said.strip(), calls


def legacy_call(function_call: Json) -> ToolCall:
    """Read the ``function_call`` of a message in mode ``function_calling``.

    Raises:
        UncaseError: ``bad-inline-call`` where its arguments are not a JSON object.
    """
    return _tool_call(function_call.get("name"), function_call.get("arguments"), "call_1")


def _call(body: str, identity: str) -> ToolCall:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _bad_call() from None
    if not isinstance(parsed, dict):
        raise _bad_call()
    return _tool_call(parsed.get("name"), parsed.get("arguments"), identity)


def _tool_call(name: Any, arguments: Any, identity: str) -> ToolCall:
    if isinstance(arguments, str):
        try:
            arguments = orjson.loads(arguments)
        except orjson.JSONDecodeError:
            raise _bad_call() from None
    if not isinstance(name, str) or not isinstance(arguments, dict):
        raise _bad_call()
    return ToolCall(identity, name, arguments)


def _bad_call() -> UncaseError:
    return UncaseError(
        "bad-inline-call",
        "A tool call in the model's text is not a JSON object with a name and arguments.",
        "Retry, or use a model with native tool calls.",
    )
