"""The private sum: each unit's gradient clipped, added up, noised. Knows tensors, not models and not accounting.

DP-SGD (Abadi et al. 2016, algorithm 1) with the unit of privacy in the place of the example.
"""

import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from torch import Tensor

_TINY = 1e-6
_FALSE_ALARM = 1e-10


class UnitSum:
    """Adds up gradients per unit, then clips each unit's to norm C and adds it to the sum.

    Rows of one unit must come one after the other; they may be spread over any number of micro-batches.
    """

    def __init__(self, like: Sequence[Tensor], clip: float) -> None:
        self.total = [torch.zeros_like(tensor, dtype=torch.float32) for tensor in like]
        self._clip = clip
        self._unit: int | None = None
        self._pending: list[Tensor] = []

    def add(self, gradients: Sequence[Tensor], units: Sequence[int]) -> None:
        """Add the per-sample gradients of one micro-batch, with the unit of each sample."""
        order = list(dict.fromkeys(units))
        index = torch.tensor([order.index(unit) for unit in units], device=gradients[0].device)
        sums = [
            torch.zeros(len(order), *grads.shape[1:], device=grads.device).index_add_(0, index, grads)
            for grads in gradients
        ]
        if self._unit == order[0]:
            for total, pending in zip(sums, self._pending, strict=True):
                total[0] += pending
        else:
            self.finish()
        self._add_clipped([total[:-1] for total in sums])
        self._unit, self._pending = order[-1], [total[-1].clone() for total in sums]

    def finish(self) -> list[Tensor]:
        """Clip and add what is left, and return the sum."""
        if self._unit is not None:
            self._add_clipped([pending.unsqueeze(0) for pending in self._pending])
        self._unit, self._pending = None, []
        return self.total

    def _add_clipped(self, sums: Sequence[Tensor]) -> None:
        """Add gradients of finished units: each counts with norm C at most, and not at all if it is not finite."""
        if not len(sums[0]):
            return
        norms = torch.stack([grads.flatten(1).square().sum(1) for grads in sums]).sum(0).sqrt()
        finite = torch.isfinite(norms)
        factors = (self._clip / (norms + _TINY)).clamp(max=1.0)
        for total, grads in zip(self.total, sums, strict=True):
            total.add_(torch.einsum("u,uoi->oi", factors[finite], grads[finite]))


class SecretNoise:
    """Gaussian noise out of a ChaCha20 stream that is keyed by the operating system and never logged.

    A framework's generator will not do: it is seeded by a number that experiments record, and whoever knows that
    number can subtract the noise.
    """

    def __init__(self) -> None:
        cipher = Cipher(algorithms.ChaCha20(os.urandom(32), os.urandom(16)), mode=None)
        self._stream = cipher.encryptor()

    def normal(self, like: Tensor, std: float) -> Tensor:
        """Return noise in the shape of a tensor (Box-Muller on 53-bit uniforms, in double precision)."""
        pairs = math.ceil(like.numel() / 2)
        words = np.frombuffer(self._stream.update(bytes(16 * pairs)), dtype=np.uint64)
        uniform = ((words >> np.uint64(11)).astype(np.float64) + 1.0) * 2.0**-53
        radius, angle = np.sqrt(-2.0 * np.log(uniform[:pairs])), 2.0 * math.pi * uniform[pairs:]
        drawn = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[: like.numel()]
        return torch.from_numpy(drawn * std).to(like.device, torch.float32).view(like.shape)


def carries_noise(totals: Sequence[Tensor], released: Sequence[Tensor], std: float) -> bool:
    """Return whether what is released differs from the sums by Gaussian noise of this size, in every tensor.

    The sum of n squares of true noise is chi-square with n degrees of freedom. The whole is tested, and each tensor
    alone: noise that is missing from one small matrix hardly shows in the whole. By chance a step with its noise is
    refused less than once in ten thousand million.
    """
    from scipy.stats import chi2

    squares = [
        float((after.double() - before.double()).square().sum()) / std**2
        for before, after in zip(totals, released, strict=True)
    ]
    sizes = [total.numel() for total in totals]
    each, whole = _tails(chi2, squares, sizes), _tails(chi2, [sum(squares)], [sum(sizes)])
    return bool(2 * min(len(squares) * each.min(), whole.min()) > _FALSE_ALARM)


def _tails(law: Any, found: Sequence[float], freedom: Sequence[int]) -> Any:
    """Return the chance of each figure or of one further out, on both sides."""
    return 2 * np.minimum(law.cdf(found, freedom), law.sf(found, freedom))


def poisson_batches(units: int, rate: float, steps: int) -> Iterator[list[int]]:
    """Yield, for each step, the units that were drawn: each independently with exactly this rate, from OS entropy."""
    threshold = rate * 2.0**64
    for _ in range(steps):
        words = np.frombuffer(os.urandom(8 * units), dtype=np.uint64)
        yield np.flatnonzero(words.astype(np.float64) < threshold).tolist()
