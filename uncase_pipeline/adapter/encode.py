"""Rows into token ids and labels: what the model reads, and what it learns. Knows tokenizers, not training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from uncase_pipeline.adapter.dataset import Row, Turns
from uncase_pipeline.errors import UncaseError

IGNORED = -100


@dataclass(frozen=True, slots=True)
class Example:
    """One encoded conversation.

    Attributes:
        ids: Token ids, cut to the maximum length.
        labels: The same where the assistant speaks, else ``IGNORED``.
        row: Index of the row that it came from.
    """

    ids: list[int]
    labels: list[int]
    row: int

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
    """Encode one conversation; None where nothing of it is learned within ``max_length``.

    Control tokens that somebody wrote into the text are broken up, and so are ordinary text.
    """
    control = [token for token in tokenizer.get_added_vocab() if len(token) > 1]
    encoded = tokenizer.apply_chat_template(
        disarmed(turns, control),
        tools=disarmed(tools, control),
        return_dict=True,
        return_assistant_tokens_mask=assistant_only,
    )
    ids = list(encoded["input_ids"])[:max_length]
    mask = encoded["assistant_masks"][:max_length] if assistant_only else [1] * len(ids)
    labels = [token if learned else IGNORED for token, learned in zip(ids, mask, strict=True)]
    return Example(ids, labels, row) if any(label != IGNORED for label in labels[1:]) else None


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
    answers = [
        _last_answer_only(
            encode(row.messages + answer, tokenizer, tools=row.tools, max_length=max_length, row=number)
        )
        for answer in (row.chosen or [], row.rejected or [])
        if answer
    ]
    if len(answers) != 2 or answers[0] is None or answers[1] is None:
        return None
    return Pair(answers[0], answers[1], number)


def _last_answer_only(example: Example | None) -> Example | None:
    """Keep the labels of the last run of learned tokens."""
    if example is None:
        return None
    end = max(at for at, label in enumerate(example.labels) if label != IGNORED)
    start = end
    while start and example.labels[start - 1] != IGNORED:
        start -= 1
    return Example(example.ids, [IGNORED] * start + example.labels[start:], example.row)


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
