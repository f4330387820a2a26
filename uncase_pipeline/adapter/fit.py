"""Makes a conversation fit the training length, at the borders of its turns. Knows turns and lengths, not tokens.

What is given up, in this order: the oldest turns, then tool definitions that the kept turns never call, then the end
of the last answer. System prompt and last exchange stay, and the row says what was cut.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from uncase_pipeline.adapter.dataset import Turns

Tools = list[Any] | None
Length = Callable[[Turns, Tools], int]
TURNS_CUT, TOOLS_CUT, ANSWER_CUT = "oldest-turns-cut", "uncalled-tools-cut", "last-answer-cut"


@dataclass(frozen=True, slots=True)
class Fitted:
    """A conversation that fits, and what was given up for it: empty where it fitted whole."""

    turns: Turns
    tools: Tools
    cut: str = ""


def fit(turns: Turns, tools: Tools, length: Length, most: int) -> Fitted:
    """Return the longest end of a conversation that is within ``most``; at the least, its last exchange.

    Args:
        turns: The conversation.
        tools: Its tool definitions.
        length: Tokens of a conversation with its tools.
        most: Tokens that fit.
    """
    if length(turns, tools) <= most:
        return Fitted(turns, tools)
    ends = _ends(turns)
    for chosen, cut in ((tools, TURNS_CUT), (_called(turns, tools), TOOLS_CUT)):
        found = _longest(ends, chosen, length, most)
        if found is not None:
            return Fitted(found, chosen, cut)
    last = ends[-1]
    return Fitted(last, _called(last, tools), ANSWER_CUT)


def _ends(turns: Turns) -> list[Turns]:
    """Return the conversation from each answered question on, the longest first, under its system prompt."""
    start = next((at for at, turn in enumerate(turns) if turn["role"] != "system"), len(turns))
    answers = [at for at, turn in enumerate(turns) if turn["role"] == "assistant"]
    last = answers[-1] if answers else start
    asked = [at for at in range(start + 1, last + 1) if turns[at]["role"] == "user"]
    return [turns[:start] + turns[at:] for at in (start, *asked)]


def _longest(ends: Sequence[Turns], tools: Tools, length: Length, most: int) -> Turns | None:
    """Return the longest end that fits, by bisection: the fewer turns, the fewer tokens."""
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if length(ends[middle], tools) <= most:
            high = middle
        else:
            low = middle + 1
    return ends[low] if low < len(ends) else None


def _called(turns: Turns, tools: Tools) -> Tools:
    """Return the definitions of the tools that these turns call."""
    names = {call["function"]["name"] for turn in turns for call in turn.get("tool_calls") or []}
    return [tool for tool in tools or [] if _name(tool) in names] or None


def _name(tool: Any) -> str | None:
    function = tool.get("function", tool) if isinstance(tool, dict) else {}
    return function.get("name")
