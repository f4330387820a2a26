"""A conversation as the metrics read it: words, steps and facts, each worked out once. Knows no metric."""

import re
from functools import cached_property

from uncase_pipeline.dialogue.acts import Step, detect_acts, detect_turn
from uncase_pipeline.dialogue.clauses import Clause, clauses
from uncase_pipeline.dialogue.facts import Fact, extract_facts
from uncase_pipeline.dialogue.tokens import fold
from uncase_pipeline.records.conversation import Conversation, Message, ToolCall

BREAK = ""
"""Stands in ``stream`` where a run of words ends: at the end of a turn and at a mask."""

_TOKEN = re.compile(r"\[[a-z][a-z_]*(?:_\d+)?\]|[a-z0-9]+(?:'[a-z]+)?")
_WRITTEN = frozenset({"text", "edited"})


class Reading:
    """What is read out of one conversation, lazily."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation

    @cached_property
    def turns(self) -> list[Message]:
        """The turns that a person or the assistant wrote."""
        return [
            message
            for message in self.conversation.messages
            if message.role in {"user", "assistant"} and message.content and message.kind in _WRITTEN
        ]

    @cached_property
    def folded(self) -> list[str]:
        """The text of each turn without case and accents."""
        return [fold(turn.content) for turn in self.turns]

    def folded_of(self, role: str) -> list[str]:
        """The folded text of the turns of one role."""
        return [text for turn, text in zip(self.turns, self.folded, strict=True) if turn.role == role]

    @cached_property
    def words(self) -> list[list[str]]:
        """The folded words of each turn; masks are no words."""
        return [[token for token in tokens if token[0] != "["] for tokens in self._tokens]

    @cached_property
    def stream(self) -> list[str]:
        """The words of all turns, with ``BREAK`` at every mask and after every turn."""
        return [BREAK if token[0] == "[" else token for tokens in self._tokens for token in (*tokens, "[")]

    @cached_property
    def acts(self) -> list[list[str]]:
        """The acts of each turn."""
        return [detect_turn(turn, self.conversation.language) for turn in self.turns]

    @cached_property
    def steps(self) -> list[Step]:
        """The detected steps, tool calls and results among them."""
        return detect_acts(self.conversation)

    @cached_property
    def facts(self) -> list[list[Fact]]:
        """The facts that each turn states."""
        return [extract_facts(turn.content, self.conversation.language) for turn in self.turns]

    @cached_property
    def clauses(self) -> list[tuple[str, Clause]]:
        """Every clause, with the role that said it."""
        return [(turn.role, clause) for turn in self.turns for clause in clauses(turn.content)]

    @cached_property
    def calls(self) -> list[ToolCall]:
        """Every tool call, in order."""
        return [call for message in self.conversation.messages for call in message.tool_calls or ()]

    @cached_property
    def _tokens(self) -> list[list[str]]:
        return [_TOKEN.findall(text) for text in self.folded]
