"""DP-SGD as one would write it on a blackboard: one row at a time, no engine. What the engine is held against."""

import torch

from uncase_pipeline.adapter.encode import Example, collate
from uncase_pipeline.adapter.trainer import conversation_losses


def lora_weights(model):
    return [weight for _, weight in model.named_parameters() if weight.requires_grad]


def unit_gradient(model, examples: list[Example], pad: int) -> list[torch.Tensor]:
    """Return the gradient of the mean loss over the rows of one unit, row by row, without padding."""
    total = [torch.zeros_like(weight) for weight in lora_weights(model)]
    for example in examples:
        model.zero_grad()
        (conversation_losses(model, collate([example], pad)).sum() / len(examples)).backward()
        for sum_, weight in zip(total, lora_weights(model), strict=True):
            sum_.add_(weight.grad)
    model.zero_grad()
    return total


def clipped_sum(model, units: list[list[Example]], clip: float, pad: int) -> list[torch.Tensor]:
    """Return the sum over units of their gradients, each clipped to the norm ``clip``."""
    total = [torch.zeros_like(weight) for weight in lora_weights(model)]
    for unit in units:
        gradient = unit_gradient(model, unit, pad)
        factor = min(1.0, clip / norm(gradient))
        for sum_, part in zip(total, gradient, strict=True):
            sum_.add_(factor * part)
    return total


def norm(tensors) -> float:
    return float(torch.sqrt(sum(tensor.double().square().sum() for tensor in tensors)))


def distance(one, other) -> float:
    """Return the relative distance of two lists of tensors."""
    return norm([a - b for a, b in zip(one, other, strict=True)]) / norm(other)
