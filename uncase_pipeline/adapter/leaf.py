"""Per-sample gradients of LoRA matrices, at the cost of none. Knows LoRA layers, not privacy.

Each sample of a micro-batch gets a copy of A and B of its own: an expanded view (stride 0, no memory) that is a
leaf of the graph. One ordinary backward pass then leaves, for each matrix, one gradient per sample. No hooks, so
gradient checkpointing of both kinds, quantized bases and fused LM heads work unchanged.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from uncase_pipeline.errors import UncaseError


class LeafLora:
    """Hands out per-sample copies of the LoRA matrices of a PEFT model."""

    def __init__(self, model: nn.Module) -> None:
        self.names, self._layers = _lora_layers(model)
        self.parameters: list[Tensor] = [layer.weight for layer in self._layers]
        self._leaves: list[Tensor] = []

    @contextmanager
    def samples(self, count: int) -> Iterator[None]:
        """Give ``count`` samples copies of their own until the backward pass is done."""
        self._leaves = [
            weight.detach().unsqueeze(0).expand(count, -1, -1).requires_grad_(True)
            for weight in self.parameters
        ]
        for layer, leaf in zip(self._layers, self._leaves, strict=True):
            layer.forward = _forward(leaf)  # type: ignore[method-assign]
        try:
            yield
        finally:
            for layer in self._layers:
                del layer.forward

    def gradients(self) -> list[Tensor]:
        """Return, for each matrix, the gradients of the last samples: (samples, out, in), in fp32."""
        return [
            torch.zeros_like(leaf, dtype=torch.float32) if leaf.grad is None else leaf.grad.float()
            for leaf in self._leaves
        ]


def _forward(leaf: Tensor) -> Any:
    transposed = leaf.transpose(1, 2)

    def forward(inputs: Tensor) -> Tensor:
        return torch.matmul(inputs, transposed)

    return forward


def _lora_layers(model: nn.Module) -> tuple[list[str], list[nn.Linear]]:
    """Find the A and B of every LoRA layer.

    Raises:
        UncaseError: ``not-only-lora`` where anything else is trainable: its gradient would be neither clipped nor
            noised.
    """
    found = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear)
        and module.weight.requires_grad
        and (".lora_A." in name or ".lora_B." in name)
    }
    known = {id(module.weight) for module in found.values() if module.bias is None}
    strangers = [
        name for name, weight in model.named_parameters() if weight.requires_grad and id(weight) not in known
    ]
    if strangers or not found:
        raise UncaseError(
            "not-only-lora",
            f"Only LoRA matrices can be trained with privacy; {strangers[0] if strangers else 'none were found'}.",
            "Remove modules_to_save, biases, DoRA and trainable embeddings from the adapter's configuration.",
        )
    return list(found), list(found.values())
