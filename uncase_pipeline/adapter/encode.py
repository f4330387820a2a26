"""Rows into token ids and labels: what the model reads, and what it learns. Knows tokenizers, not training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from uncase_pipeline.adapter.dataset import Row, Turns
from uncase_pipeline.adapter.fit import ANSWER_CUT, Fitted, Tools, fit
from uncase_pipeline.errors import UncaseError

IGNORED = -100


@dataclass(frozen=True, slots=True)
class Example:
    """One encoded conversation.

    Attributes:
        ids: Token ids, within the maximum length.
        labels: The same where the assistant speaks, else ``IGNORED``.
        row: Index of the row that it came from.
        cut: What was given up so that it fits (see ``fit``); empty where it is whole.
    """

    ids: list[int]
    labels: list[int]
    row: int
    cut: str = ""

    @property
    def length(self) -> int:
        """Tokens that go through the model."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Pair:
    """One encoded preference pair: the same prompt, with the answer that won and the one that lost."""

    chosen: Example
    rejected: Example
    row: int

    @property
    def cut(self) -> str:
        """What was given up so that it fits."""
        return self.chosen.cut

    @property
    def length(self) -> int:
        """Tokens that go through the model."""
        return self.chosen.length + self.rejected.length


def encode(
    turns: Turns,
    tokenizer: Any,
    *,
    tools: list[Any] | None = None,
    max_length: int,
    assistant_only: bool = True,
    row: int = 0,
) -> Example | None:
    """Encode one conversation, shortened at its turns where it is too long; None where nothing of it is learned."""
    rendered = _Renderer(tokenizer, assistant_only=assistant_only)
    fitted = fit(turns, tools, rendered.length, max_length)
    return rendered.example(fitted, max_length, row)


class _Renderer:
    """Renders conversations with the base's own template.

    Control tokens that somebody wrote into the text are broken up, and so are ordinary text.
    """

    def __init__(self, tokenizer: Any, *, assistant_only: bool) -> None:
        self._tokenizer, self._assistant_only = tokenizer, assistant_only
        self._control = [token for token in tokenizer.get_added_vocab() if len(token) > 1]
        self._last: tuple[Turns | None, Tools, Any] = (None, None, None)

    def length(self, turns: Turns, tools: Tools) -> int:
        """Return how many tokens a conversation has."""
        return len(self._render(turns, tools)["input_ids"])

    def example(self, fitted: Fitted, max_length: int, row: int) -> Example | None:
        """Return a conversation in tokens, None where no token of it is learned."""
        encoded = self._render(fitted.turns, fitted.tools)
        ids = list(encoded["input_ids"])[:max_length]
        mask = encoded["assistant_masks"][:max_length] if self._assistant_only else [1] * len(ids)
        labels = [token if learned else IGNORED for token, learned in zip(ids, mask, strict=True)]
        learned = any(label != IGNORED for label in labels[1:])
        return Example(ids, labels, row, fitted.cut) if learned else None

    def _render(self, turns: Turns, tools: Tools) -> Any:
        """Render; what was rendered last is kept, since a row that fits is measured and then encoded."""
        if self._last[0] is not turns or self._last[1] is not tools:
            encoded = self._tokenizer.apply_chat_template(
                disarmed(turns, self._control),
                tools=disarmed(tools, self._control),
                return_dict=True,
                return_assistant_tokens_mask=self._assistant_only,
            )
            self._last = (turns, tools, encoded)
        return self._last[2]


def disarmed(value: Any, control: Sequence[str]) -> Any:
    """Return a JSON value in which no string holds a control token: a space parts its first two characters."""
    if isinstance(value, str):
        for token in control:
            value = value.replace(token, f"{token[0]} {token[1:]}")
        return value
    if isinstance(value, list):
        return [disarmed(item, control) for item in value]
    if isinstance(value, dict):
        return {disarmed(key, control): disarmed(item, control) for key, item in value.items()}
    return value


def encode_rows(
    rows: Sequence[Row], tokenizer: Any, *, max_length: int, assistant_only: bool = True
) -> list[Example]:
    """Encode all rows that teach something; the others are left out (compare the lengths)."""
    examples = (
        encode(
            row.messages,
            tokenizer,
            tools=row.tools,
            max_length=max_length,
            assistant_only=assistant_only,
            row=number,
        )
        for number, row in enumerate(rows)
    )
    return [example for example in examples if example is not None]


def encode_pairs(rows: Sequence[Row], tokenizer: Any, *, max_length: int) -> list[Pair]:
    """Encode preference pairs; only the two answers are learned, never the turns before them."""
    pairs = (_pair(row, tokenizer, max_length, number) for number, row in enumerate(rows))
    return [pair for pair in pairs if pair is not None]


def _pair(row: Row, tokenizer: Any, max_length: int, number: int) -> Pair | None:
    """Encode both answers after the same turns, as many of them as leave room for the longer answer."""
    if not row.chosen or not row.rejected:
        return None
    rendered = _Renderer(tokenizer, assistant_only=True)
    won, lost = row.chosen, row.rejected

    def length(turns: Turns, tools: Tools) -> int:
        return max(rendered.length([*turns[:-1], *answer], tools) for answer in (won, lost))

    fitted = fit([*row.messages, won[-1]], row.tools, length, max_length)
    if fitted.cut == ANSWER_CUT:
        return None
    chosen, rejected = (
        _last_answer_only(
            rendered.example(
                Fitted([*fitted.turns[:-1], *answer], fitted.tools, fitted.cut), max_length, number
            )
        )
        for answer in (won, lost)
    )
    return Pair(chosen, rejected, number) if chosen and rejected else None


def _last_answer_only(example: Example | None) -> Example | None:
    """Keep the labels of the last run of learned tokens."""
    if example is None:
        return None
    end = max(at for at, label in enumerate(example.labels) if label != IGNORED)
    start = end
    while start and example.labels[start - 1] != IGNORED:
        start -= 1
    return Example(example.ids, [IGNORED] * start + example.labels[start:], example.row, example.cut)


def with_generation_markers(tokenizer: Any) -> Any:
    """Make sure that the template says what the assistant wrote.

    Raises:
        UncaseError: ``no-assistant-mask`` where neither the template nor TRL's variant of it does.
    """
    from trl.chat_template_utils import get_training_chat_template, has_generation_markers

    if tokenizer.chat_template and has_generation_markers(tokenizer.chat_template):
        return tokenizer
    try:
        tokenizer.chat_template = get_training_chat_template(tokenizer) or tokenizer.chat_template
    except ValueError:
        raise UncaseError(
            "no-assistant-mask",
            "The base's chat template does not mark what the assistant wrote ({% generation %}).",
            "Add the markers to its chat_template, or set training.assistant_only_loss to false.",
        ) from None
    return tokenizer


def collate(examples: Sequence[Example], pad: int) -> dict[str, Any]:
    """Pad examples on the right into tensors."""
    import torch

    length = max(len(example.ids) for example in examples)

    def padded(values: list[int], filler: int) -> list[int]:
        return values + [filler] * (length - len(values))

    return {
        "input_ids": torch.tensor([padded(example.ids, pad) for example in examples]),
        "labels": torch.tensor([padded(example.labels, IGNORED) for example in examples]),
        "attention_mask": torch.tensor([padded([1] * len(example.ids), 0) for example in examples]),
    }
