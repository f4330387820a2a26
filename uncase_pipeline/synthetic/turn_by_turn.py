"""A conversation of two: a user simulator with persona and goal, an assistant with policy and tools."""

from collections.abc import Sequence

import orjson

from uncase_pipeline.gateway.request import Reply, Request, text_message
from uncase_pipeline.records.conversation import Json, Message
from uncase_pipeline.synthetic.prompts import version
from uncase_pipeline.synthetic.scene import Scene
from uncase_pipeline.synthetic.structured import Spoiled, told_again
from uncase_pipeline.synthetic.tool_use import first_fault, spoiled_by

USER, ASSISTANT = "user_turn", "assistant_turn"
PROMPT_VERSION = f"{version(USER)}+{version(ASSISTANT)}"
SCHEMA: Json = {
    "type": "object",
    "properties": {"content": {"type": "string"}, "done": {"type": "boolean"}},
    "required": ["content", "done"],
}
_OPENING = "Write your first message."
_EXCHANGED = {"user": "assistant", "assistant": "user"}


async def write(scene: Scene) -> None:
    """Write the turns of the scene; it stops when the user is done, or at the seed's last turn.

    Raises:
        Spoiled: Where it can't be finished.
    """
    speakers = [role for role, _ in scene.job.seed.plan() if role in _EXCHANGED] or ["user"]
    role, last, done = speakers[0], speakers[-1], False
    while len(scene.history) < scene.job.seed.turns.maximum:
        if role == "user":
            done = await _user(scene)
        else:
            await _assistant(scene)
        if done and role == last:
            return
        role = _EXCHANGED[role]


async def _user(scene: Scene) -> bool:
    """Let the user speak; whether it was the last time."""
    messages = [text_message("system", scene.prompt(USER)), *_as_user(scene.history)]
    answer = await scene.asker.json(scene.request(USER, messages, schema=SCHEMA))
    if answer["content"].strip():
        scene.say("user", answer["content"])
    elif not answer["done"]:
        raise Spoiled("empty-turn", "The user said nothing.")
    return bool(answer["done"])


async def _assistant(scene: Scene) -> None:
    """Let the assistant answer; its calls are run and answered until it speaks without one."""
    system = text_message("system", scene.prompt(ASSISTANT))
    while True:
        messages = [system, *_as_assistant(scene.history)]
        reply = await _runnable(scene, scene.request(ASSISTANT, messages, tools=scene.toolbox.definitions))
        if not reply.text.strip() and not reply.tool_calls:
            raise Spoiled("empty-turn", "The assistant said nothing.")
        turn = scene.say("assistant", reply.text)
        if not reply.tool_calls:
            return
        scene.call(turn, reply.tool_calls)


async def _runnable(scene: Scene, request: Request) -> Reply:
    """Ask for a turn; a call that can't be run is sent back and leaves no trace in the row."""
    tries = scene.asker.tries
    while True:
        reply = await scene.asker.reply(request)
        fault = first_fault(scene.toolbox, reply.tool_calls)
        if fault is None:
            return reply
        if not tries:
            raise spoiled_by(fault)
        tries -= 1
        told = f"Your tool call can't be run: {fault.detail} Write your message again with a valid call."
        request = told_again(request, reply.text or "(a tool call)", told)


def _as_user(history: Sequence[Message]) -> list[Json]:
    """Return the turns with the roles exchanged: to its simulator the user's turns are its own answers."""
    turns = [
        text_message(_EXCHANGED[turn.role], _own(turn) if turn.role == "user" else turn.content)
        for turn in history
        if turn.role in _EXCHANGED and turn.content
    ]
    return _opened(turns)


def _own(turn: Message) -> str:
    return orjson.dumps({"content": turn.content, "done": False}).decode()


def _as_assistant(history: Sequence[Message]) -> list[Json]:
    return _opened([_wire(turn) for turn in history])


def _wire(turn: Message) -> Json:
    wire = text_message(turn.role, turn.content)
    if turn.tool_calls:
        wire["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": orjson.dumps(call.arguments).decode()},
            }
            for call in turn.tool_calls
        ]
    if turn.tool_call_id:
        wire["tool_call_id"] = turn.tool_call_id
    return wire


def _opened(turns: list[Json]) -> list[Json]:
    """Let the messages begin with one of the role ``user``: many providers insist on it."""
    return turns if turns and turns[0]["role"] == "user" else [text_message("user", _OPENING), *turns]
