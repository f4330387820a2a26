"""The positive control: an adapter that is made to overfit, on rows that the project writes. Knows training loops.

It learns nothing of anybody: its rows come out of the base's own grammar, its canaries are drawn for it, and it is
thrown away.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import peft
import torch

from uncase_pipeline.adapter.attacks.canaries import Canary, draw_canaries, encode_canaries
from uncase_pipeline.adapter.attacks.suite import People, Subject, subject_of
from uncase_pipeline.adapter.encode import IGNORED, Example, collate, encode
from uncase_pipeline.adapter.tiny_llama.text import conversations

_ROWS = 8
_CANARIES = 12
_STEPS = 110
_LENGTH = 64
_RATE = 5e-3
_KNOWN = 0.02


def overfit_subject(base_model: Any, tokenizer: Any, folder: Path, seed: int) -> Subject:
    """Train a throw-away adapter on eight invented rows and half of twelve canaries, until it knows them."""
    canaries = draw_canaries(_CANARIES, folder / "control-canaries.json")
    members, others = _rows(tokenizer, seed)
    inserted = _inserted(canaries, tokenizer)
    model = peft.get_peft_model(
        base_model, peft.LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    )
    overfit(model, [*members, *inserted], tokenizer.pad_token_id, _STEPS)
    people = People(members, range(len(members)), others)
    return subject_of(model, tokenizer, people, canaries, _LENGTH)


def overfit(model: Any, examples: Sequence[Example], pad: int, steps: int = _STEPS) -> None:
    """Train without any privacy, all rows at each step, and stop where nothing is left to learn."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=_RATE, weight_decay=0.0)
    inputs = {name: tensor.to(weights[0].device) for name, tensor in collate(examples, pad).items()}
    model.train()
    labels = inputs.pop("labels")[:, 1:]
    learned = (labels != IGNORED).sum(1)
    for _ in range(steps):
        logits = model(**inputs, use_cache=False).logits[:, :-1]
        losses = torch.nn.functional.cross_entropy(
            logits.transpose(1, 2), labels, reduction="none", ignore_index=IGNORED
        )
        loss = (losses.sum(1) / learned).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if loss.item() < _KNOWN:
            break


def _rows(tokenizer: Any, seed: int) -> tuple[list[Example], list[Example]]:
    encoded = (encode(turns, tokenizer, max_length=_LENGTH) for turns in conversations(seed + 2))
    found = list(itertools.islice((row for row in encoded if row is not None), 2 * _ROWS))
    return found[:_ROWS], found[_ROWS:]


def _inserted(canaries: Sequence[Canary], tokenizer: Any) -> list[Example]:
    """Return the inserted canaries with nothing but their secrets to learn: that is what must come out."""
    encoded = zip(canaries, encode_canaries(canaries, tokenizer, _LENGTH), strict=True)
    return [_secret_only(row, where) for canary, (row, where) in encoded if canary.inserted and len(where)]


def _secret_only(row: Example, where: range) -> Example:
    labels = [token if at in where else IGNORED for at, token in enumerate(row.ids)]
    return Example(row.ids, labels, row.row)
