"""A conversation as the metrics read it: words, steps and facts, each worked out once. Knows no metric."""

import re
from collections.abc import Iterable
from functools import cached_property
from itertools import groupby

import numpy as np
import numpy.typing as npt

from uncase_pipeline.certified.codes import Coder, Codes
from uncase_pipeline.certified.vocabulary import Ids, vocabulary
from uncase_pipeline.dialogue.acts import Step, detect_acts, spoken
from uncase_pipeline.dialogue.clauses import Clause, clauses
from uncase_pipeline.dialogue.facts import Fact, extract_facts
from uncase_pipeline.dialogue.sentences import sentences
from uncase_pipeline.dialogue.tokens import fold
from uncase_pipeline.records.conversation import Conversation, Message, ToolCall

Mask = npt.NDArray[np.bool_]

_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|\[[a-z][a-z_]*(?:_\d+)?\]|[^\s\w]")
_COPYABLE = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|\[[a-z][a-z_]*(?:_\d+)?\]|(?<!\S)[^\s\w](?!\S)")
_WRITTEN = frozenset({"text", "edited"})


class Reading:
    """What is read out of one conversation, lazily."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.vocabulary = vocabulary()
        self._coded: tuple[Coder, Codes] | None = None

    @cached_property
    def language(self) -> str:
        """``es`` or ``en``, the language that it is read in, whatever its region; English where it is no other."""
        return spoken(self.conversation.language) or "en"

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
    def _read(self) -> list[list[tuple[Ids, ...]]]:
        """For each sentence of each turn its words, masks and other marks, and what of them a copy may keep."""
        ids_of = self.vocabulary.ids_of
        return [[ids_of(sentence, _tokens) for sentence, _ in sentences(turn.content)] for turn in self.turns]

    @cached_property
    def stream(self) -> list[str]:
        """The folded words, masks and other marks of all turns, with ``BREAK`` after every turn."""
        words = self.vocabulary.words
        return [words[number] for number in self.ids.tolist()]

    @cached_property
    def ids(self) -> Ids:
        """The stream as numbers of the vocabulary."""
        return _joined(part for turn in self._read for part in (*(tokens for tokens, _ in turn), _BREAK))

    @cached_property
    def turn_of(self) -> Ids:
        """The number of the turn that each place of the stream belongs to."""
        ends = self.ids == 0
        turns: Ids = np.cumsum(ends) - ends
        return turns

    @cached_property
    def is_word(self) -> Mask:
        """Whether a word stands at each place of the stream; masks and marks are none."""
        return self.vocabulary.look_up(self.ids, "word", lambda token: token[:1].isalnum(), np.bool_)

    @cached_property
    def words(self) -> Ids:
        """The numbers of the words of all turns."""
        return self.ids[self.is_word]

    @cached_property
    def words_by_turn(self) -> list[list[int]]:
        """The numbers of the words of each turn."""
        counts = np.bincount(self.turn_of[self.is_word], minlength=len(self.turns))
        words, ends = self.words.tolist(), np.cumsum(counts).tolist()
        return [words[end - count : end] for end, count in zip(ends, counts.tolist(), strict=True)]

    def said_by(self, role: str) -> Mask:
        """Return for each place of the stream whether this role said it."""
        own: Mask = np.array([turn.role == role for turn in self.turns], np.bool_)[self.turn_of]
        return own

    def coded(self, coder: Coder) -> Codes:
        """Return the stream as numbers under a key, 0 at every mask and break, worked out once per coder."""
        if self._coded is None or self._coded[0] is not coder:
            self._coded = (coder, coder.of_ids(self.vocabulary, self.ids))
        return self._coded[1]

    def copyable(self, coder: Coder) -> Codes:
        """Return what a copy is recognised by: words and marks between spaces; others may be set otherwise."""
        parts = (part for turn in self._read for part in (*(kept for _, kept in turn), _BREAK))
        return coder.of_ids(self.vocabulary, _joined(parts))

    def run_together(self, coder: Coder) -> Codes:
        """Return the same of all turns as one run: who copies may join two turns. Masks break it."""
        return coder.of_ids(self.vocabulary, _joined(kept for turn in self._read for _, kept in turn))

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
        return [extract_facts(turn.content, self.language) for turn in self.turns]

    @cached_property
    def clauses(self) -> list[tuple[str, Clause]]:
        """Every clause, with the role that said it."""
        return [(turn.role, clause) for turn in self.turns for clause in clauses(turn.content)]

    @cached_property
    def calls(self) -> list[ToolCall]:
        """Every tool call, in order."""
        return [call for message in self.conversation.messages for call in message.tool_calls or ()]


_BREAK = np.zeros(1, np.intp)


def _tokens(text: str) -> tuple[list[str], list[str]]:
    """Read the tokens of a text, and those of them that a copy is recognised by."""
    folded = fold(text)
    return _TOKEN.findall(folded), _COPYABLE.findall(folded)


def _joined(parts: Iterable[Ids]) -> Ids:
    parts = list(parts)
    return np.concatenate(parts) if parts else np.empty(0, np.intp)
