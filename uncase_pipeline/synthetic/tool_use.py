"""Tools in a conversation: definitions for the model, calls checked, run in the simulator and answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import orjson

from uncase_pipeline.gateway.request import RawToolCall
from uncase_pipeline.records.conversation import Json, Message, ToolCall
from uncase_pipeline.records.seed import Seed
from uncase_pipeline.synthetic.structured import Spoiled
from uncase_pipeline.tools.registry import definition_of, problems_in, tool_names, tool_of
from uncase_pipeline.tools.tool import Tool


@dataclass(frozen=True, slots=True)
class BadCall:
    """A call that can't be run.

    Attributes:
        reason: ``unknown-tool``, ``bad-arguments``.
        detail: What the model is told, and what the books keep; never a value.
    """

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools that one conversation may use, by name."""

    tools: dict[str, Tool]
    language: str = "es"

    @classmethod
    def of(cls, seed: Seed) -> Self:
        """Return the tools that a seed names and that exist or are inferred, described in its language."""
        tools = {**_inferred(seed), **{name: tool_of(name) for name in tool_names()}}
        return cls({name: tools[name] for name in seed.tools if name in tools}, seed.language[:2].lower())

    @property
    def definitions(self) -> list[Json]:
        """The tools in the OpenAI shape."""
        return [definition_of(tool, self.language) for tool in self.tools.values()]

    @property
    def schemas(self) -> dict[str, Json]:
        """JSON Schema of the arguments, by name."""
        return {name: tool.parameters for name, tool in self.tools.items()}

    def fault(self, call: RawToolCall) -> BadCall | None:
        """Return what is wrong with a call, None where it can be run."""
        if call.name not in self.tools:
            return BadCall(
                "unknown-tool", f"There is no such tool. Tools: {', '.join(self.tools) or 'none'}."
            )
        arguments = call.parsed()
        if arguments is None:
            return BadCall("bad-arguments", f"The arguments of {call.name} are not a JSON object.")
        problems = problems_in(self.tools[call.name].parameters, arguments)
        return BadCall("bad-arguments", f"{call.name}: {' '.join(problems)}") if problems else None

    def run(
        self, calls: Sequence[RawToolCall], made: int
    ) -> tuple[list[ToolCall], list[Message], list[Json]]:
        """Run calls that have no fault.

        Args:
            calls: The calls of one turn.
            made: Calls that the conversation made before; ids go on from there.

        Returns:
            The calls under their ids in the conversation, the turns that answer them, and the results.
        """
        said, answers, results = [], [], []
        for number, call in enumerate(calls, start=made + 1):
            arguments = call.parsed() or {}
            result = self.tools[call.name].simulate(arguments)
            identity = f"call{number:05d}"
            said.append(ToolCall(identity, call.name, arguments))
            answers.append(Message("tool", orjson.dumps(result).decode(), tool_call_id=identity))
            results.append(result)
        return said, answers, results


_INFERRED = {
    "es": "Herramienta inferida de las llamadas de la fuente: se conocen sus argumentos, no lo que hace.",
    "en": "A tool inferred from the calls of the source: its arguments are known, not what it does.",
}


def _inferred(seed: Seed) -> dict[str, Tool]:
    return {
        name: Tool(name, seed.domain, _INFERRED, tool.schema_of_arguments(), _accepted)
        for name, tool in seed.inferred_tools.items()
    }


def _accepted(arguments: Json) -> Json:
    """Answer a call of a tool of which nothing but the arguments is known: they were taken."""
    return {"status": "accepted", "arguments": arguments}


def first_fault(toolbox: Toolbox, calls: Sequence[RawToolCall]) -> BadCall | None:
    """Return the first fault among the calls of one turn."""
    return next((fault for call in calls if (fault := toolbox.fault(call))), None)


def spoiled_by(fault: BadCall) -> Spoiled:
    """Return the reason under which a conversation with this fault is set aside."""
    return Spoiled(f"tool-{fault.reason}", fault.detail)
