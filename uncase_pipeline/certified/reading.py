"""A conversation as the metrics read it: words, steps and facts, each worked out once. Knows no metric."""

import re
from functools import cached_property
from itertools import chain, groupby

from uncase_pipeline.certified.codes import BREAK, Coder, Codes
from uncase_pipeline.dialogue.acts import Step, detect_acts
from uncase_pipeline.dialogue.clauses import Clause, clauses
from uncase_pipeline.dialogue.facts import Fact, extract_facts
from uncase_pipeline.dialogue.tokens import fold
from uncase_pipeline.records.conversation import Conversation, Message, ToolCall

_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|\[[a-z][a-z_]*(?:_\d+)?\]|[^\s\w]")
_WRITTEN = frozenset({"text", "edited"})


class Reading:
    """What is read out of one conversation, lazily."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self._coded: tuple[Coder, Codes] | None = None

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

    @cached_property
    def tokens(self) -> list[list[str]]:
        """The folded words, masks and other marks of each turn."""
        return [_TOKEN.findall(text) for text in self.folded]

    def tokens_of(self, role: str) -> list[list[str]]:
        """The tokens of the turns of one role."""
        return [tokens for turn, tokens in zip(self.turns, self.tokens, strict=True) if turn.role == role]

    @cached_property
    def words(self) -> list[list[str]]:
        """The folded words of each turn; masks are no words."""
        return [[token for token in tokens if token[0].isalnum()] for tokens in self.tokens]

    @cached_property
    def stream(self) -> list[str]:
        """The tokens of all turns, with ``BREAK`` at every mask and after every turn."""
        return [
            BREAK if len(token) > 1 and token[0] == "[" else token
            for tokens in self.tokens
            for token in (*tokens, "[]")
        ]

    def coded(self, coder: Coder) -> Codes:
        """Return the stream as numbers under a key, worked out once per coder."""
        if self._coded is None or self._coded[0] is not coder:
            self._coded = (coder, coder.codes(self.stream))
        return self._coded[1]

    def run_together(self, coder: Coder) -> Codes:
        """Return the stream as numbers, without the breaks between turns: who copies may join two."""
        tokens = chain.from_iterable(self.tokens)
        return coder.codes([BREAK if len(token) > 1 and token[0] == "[" else token for token in tokens])

    @cached_property
    def steps(self) -> list[Step]:
        """The detected steps, tool calls and results among them."""
        return detect_acts(self.conversation)

    @cached_property
    def found(self) -> list[str]:
        """The detected steps as ``role:act``."""
        return [step.token for step in self.steps]

    @cached_property
    def runs(self) -> list[list[str]]:
        """The detected steps of each run of turns of one role."""
        return [list(run) for _, run in groupby(self.found, key=lambda token: token.partition(":")[0])]

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
