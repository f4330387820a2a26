"""What the simulator answers to a call: the door between the gateway's offline provider and the script."""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import orjson

from uncase_pipeline.gateway.offline import OfflineCall, OfflineReply, register_offline
from uncase_pipeline.gateway.request import RawToolCall
from uncase_pipeline.records.conversation import Json
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.synthetic.simulator.script import Script, Turn

MODEL = "simulator"


def register() -> None:
    """Make the simulator answer for ``offline/simulator``."""
    register_offline(answer, model=MODEL, version=version())


@cache
def version() -> str:
    """Return a hash of the simulator's code and texts: whatever changes its answers is another version."""
    digest = hashlib.sha256()
    folder = files(__package__)
    for part in (folder, *(folder.joinpath("texts", *name) for name in ((), ("cases",), ("domains",)))):
        for file in sorted(part.iterdir(), key=lambda path: path.name):
            if file.name.endswith((".py", ".txt", ".toml")):
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def answer(call: OfflineCall) -> OfflineReply:
    """Write the next part of the conversation that the hints describe.

    The hints hold ``seed`` (by attribute names), ``schemas`` (per tool), ``name`` (of the conversation
    among those of the seed), ``results`` (of the calls so far), ``spoken`` (turns so far), and ``part``: all
    turns up to the next call (``one_shot``), or one turn (``user_turn``, ``assistant_turn``).
    """
    hints = call.hints
    script = Script(Seed.model_validate(hints["seed"]), hints["schemas"], hints["name"])
    turns = list(script.turns(hints["results"]))[hints["spoken"] :]
    if hints["part"] == "one_shot":
        return OfflineReply(_json({"turns": [_wire(turn) for turn in turns], "done": not _calls(turns)}))
    if not turns:
        return OfflineReply(_json({"content": "", "done": True}) if hints["part"] == "user_turn" else "")
    return _spoken(turns)


def _spoken(turns: Sequence[Turn]) -> OfflineReply:
    turn = turns[0]
    if turn.role == "user":
        return OfflineReply(_json({"content": turn.text, "done": len(turns) <= 2 and not _calls(turns)}))
    if turn.tool is None:
        return OfflineReply(turn.text)
    call = RawToolCall("call", turn.tool, _json(turn.arguments or {}))
    return OfflineReply(turn.text, (call,), "tool_calls")


def _wire(turn: Turn) -> Json:
    calls = [{"name": turn.tool, "arguments": turn.arguments}] if turn.tool else []
    return {"role": turn.role, "content": turn.text, "tool_calls": calls}


def _calls(turns: Sequence[Turn]) -> bool:
    return any(turn.tool is not None for turn in turns)


def _json(value: Json) -> str:
    return orjson.dumps(value).decode()
