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
