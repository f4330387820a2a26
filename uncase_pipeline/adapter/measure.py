"""Measures a model: loss on held-out rows, how far the adapter moved, memory. Knows models, not training."""

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from uncase_pipeline.adapter.encode import IGNORED, Example, Pair, collate
from uncase_pipeline.adapter.lora import START, as_reference

_ROWS_AT_ONCE = 16


@torch.no_grad()
def token_losses(model: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    """Return (rows, length-1) negative log-likelihoods, 0 where nothing is learned."""
    labels = inputs["labels"][:, 1:]
    logits = model(
        input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False
    ).logits
    return nn.functional.cross_entropy(
        logits[:, :-1].float().transpose(1, 2), labels, reduction="none", ignore_index=IGNORED
    )


def example_losses(model: nn.Module, examples: Sequence[Example], pad: int) -> list[Tensor]:
    """Return each example's per-token losses over what the assistant said, without padding."""
    with evaluating(model):
        return [losses for batch in _batched(examples) for losses in _batch_losses(model, batch, pad)]


def mean_loss(model: nn.Module, examples: Sequence[Example], pad: int) -> float:
    """Return the mean over conversations of their mean loss, the figure that training minimizes."""
    losses = example_losses(model, examples, pad)
    return float(torch.stack([row.mean() for row in losses]).mean())


def margins(model: Any, pairs: Sequence[Pair], pad: int) -> list[float]:
    """Return by how much more training raised each pair's better answer than the other (in log-probability)."""
    answers = [answer for pair in pairs for answer in (pair.chosen, pair.rejected)]
    tuned = [float(losses.sum()) for losses in example_losses(model, answers, pad)]
    with as_reference(model):
        base = [float(losses.sum()) for losses in example_losses(model, answers, pad)]
    gained = [before - after for before, after in zip(base, tuned, strict=True)]
    return [won - lost for won, lost in zip(gained[::2], gained[1::2], strict=True)]


def preference_loss(found: Sequence[float], beta: float) -> float:
    """Return the mean loss of DPO at these margins: log 2 where nothing was learned."""
    return float(-nn.functional.logsigmoid(beta * torch.tensor(found, dtype=torch.float64)).mean())


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Switch a model to evaluation and back to what it was."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


@torch.no_grad()
def adapter_norm(model: Any) -> float:
    """Return the norm of what training added: 0 for a fresh adapter, because B starts at 0."""
    squares = 0.0
    for module in model.modules():
        if "default" in getattr(module, "lora_A", {}):
            change = _added(module, "default")
            if START in module.lora_A:
                change = change - _added(module, START)
            squares += float(change.square().sum())
    return float(squares**0.5)


def _added(layer: Any, name: str) -> Tensor:
    added: Tensor = layer.lora_B[name].weight.float() @ layer.lora_A[name].weight.float()
    return added * float(layer.scaling[name])


def peak_memory_mb() -> float:
    """Return the peak of GPU memory where there is one, else of resident memory."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def _batch_losses(model: nn.Module, batch: Sequence[Example], pad: int) -> Iterator[Tensor]:
    device = next(model.parameters()).device
    inputs = {name: tensor.to(device) for name, tensor in collate(batch, pad).items()}
    losses, learned = token_losses(model, inputs), inputs["labels"][:, 1:] != IGNORED
    yield from (row[mask].cpu() for row, mask in zip(losses, learned, strict=True))


def _batched(examples: Sequence[Example]) -> Iterator[Sequence[Example]]:
    for start in range(0, len(examples), _ROWS_AT_ONCE):
        yield examples[start : start + _ROWS_AT_ONCE]
