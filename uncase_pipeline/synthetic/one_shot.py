"""A conversation in one answer, and one more after each tool call. Knows no provider."""

from collections.abc import Sequence

import orjson

from uncase_pipeline.gateway.request import RawToolCall, Request, text_message
from uncase_pipeline.records.conversation import Json, Message
from uncase_pipeline.synthetic.prompts import version
from uncase_pipeline.synthetic.scene import Scene
from uncase_pipeline.synthetic.structured import told_again
from uncase_pipeline.synthetic.tool_use import first_fault, spoiled_by

TEMPLATE = "one_shot"
PROMPT_VERSION = version(TEMPLATE)
_CALL: Json = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "arguments": {"type": "object"}},
    "required": ["name", "arguments"],
}
_TURN: Json = {
    "type": "object",
    "properties": {
        "role": {"enum": ["user", "assistant"]},
        "content": {"type": "string"},
        "tool_calls": {"type": "array", "items": _CALL},
    },
    "required": ["role", "content"],
}
SCHEMA: Json = {
    "type": "object",
    "properties": {
        "turns": {"type": "array", "minItems": 1, "items": _TURN},
        "done": {"type": "boolean"},
    },
    "required": ["turns", "done"],
}


async def write(scene: Scene) -> None:
    """Write the turns of the scene.

    Raises:
        Spoiled: Where it can't be finished.
    """
    system = scene.prompt(TEMPLATE)
    if scene.toolbox.tools:
        system += "\nTool definitions: " + _json(scene.toolbox.definitions)
    calls = True
    while calls:
        messages = [text_message("system", system), text_message("user", _go_on(scene.history))]
        answer = await _segment(scene, scene.request(TEMPLATE, messages, schema=SCHEMA))
        calls = _take(scene, answer["turns"])


async def _segment(scene: Scene, request: Request) -> Json:
    """Ask for turns up to the next call; a call that can't be run is sent back with the reason."""
    tries = scene.asker.tries
    while True:
        answer = await scene.asker.json(request)
        fault = first_fault(scene.toolbox, _first_calls(answer["turns"]))
        if fault is None:
            return answer
        if not tries:
            raise spoiled_by(fault)
        tries -= 1
        request = told_again(
            request, _json(answer), f"A tool call can't be run: {fault.detail} Correct the JSON."
        )


def _take(scene: Scene, turns: Sequence[Json]) -> bool:
    """Say the turns up to the first that calls tools; whether there was one. What follows it is not taken."""
    for item in turns:
        turn = scene.say(item["role"], item["content"])
        if item.get("tool_calls"):
            scene.call(turn, _first_calls([item]))
            return True
    return False


def _first_calls(turns: Sequence[Json]) -> list[RawToolCall]:
    for turn in turns:
        if turn.get("tool_calls"):
            return [RawToolCall("", call["name"], _json(call["arguments"])) for call in turn["tool_calls"]]
    return []


def _go_on(history: Sequence[Message]) -> str:
    if not history:
        return "Write the conversation."
    return "Continue after this, which includes the results of the tools: " + _json(
        [_shown(turn) for turn in history]
    )


def _shown(turn: Message) -> Json:
    calls = [{"name": call.name, "arguments": call.arguments} for call in turn.tool_calls or ()]
    return {"role": turn.role, "content": turn.content, "tool_calls": calls}


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
