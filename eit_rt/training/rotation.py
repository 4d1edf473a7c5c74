"""Layers that treat every electrode of a ring alike: turn the tank by one electrode, and all they say turns with it.

Imports torch, layout and this room. The rule it keeps: what two electrodes do to each other depends on how far apart
they stand, not on which they are. In the basis of the ring's waves such a matrix falls into blocks: of n electrodes,
2 / n of the work of a full one is left.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from eit_rt.layout import Layout
from eit_rt.training.rings import blending

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class RingLinear(nn.Module):
    """y[g] = sum over h of W[(g - h) mod n] x[h] + b, as products of blocks between the waves of the ring."""

    waves: Tensor

    def __init__(self, n: int, n_in: int, n_out: int) -> None:
        """n electrodes with n_in numbers each -> n_out each. Begins as an `nn.Linear` of the whole width would."""
        super().__init__()
        rows = torch.as_tensor(waves(n), dtype=torch.float32)
        self.register_buffer("waves", rows, persistent=False)
        self.n_single = 2 - n % 2
        self.n_double = (n - self.n_single) // 2
        bound = n_in**-0.5
        self.single = _uniform(bound, self.n_single, n_in, n_out)
        self.cosine = _uniform(bound / 2**0.5, self.n_double, n_in, n_out)
        self.sine = _uniform(bound / 2**0.5, self.n_double, n_in, n_out)
        self.bias = _uniform(bound / n**0.5, n_out)

    def forward(self, x: Tensor) -> Tensor:
        """(n, batch, n_out). x: (n, batch, n_in)."""
        amplitudes = (self.waves @ x.flatten(1)).reshape(x.shape)
        single, c, s = torch.split(amplitudes, [self.n_single, self.n_double, self.n_double])
        # Turning a wave mixes its cosine and its sine: the product of two complex numbers.
        real = c @ self.cosine - s @ self.sine
        imaginary = c @ self.sine + s @ self.cosine
        mixed = torch.cat([single @ self.single, real, imaginary])
        return (self.waves.T @ mixed.flatten(1)).reshape(mixed.shape) + self.bias


def waves(n: int) -> Floats:
    """(n, n) orthonormal rows: the constant, (n even) the alternating one, then cosines, then sines."""
    along = 2 * np.pi * np.arange(n) / n
    single = np.array([0] if n % 2 else [0, n // 2])[:, None] * along
    double = np.arange(1, (n + 1) // 2)[:, None] * along
    size = (2 / n) ** 0.5
    return np.concatenate([np.cos(single) / n**0.5, size * np.cos(double), size * np.sin(double)])


def _uniform(bound: float, *shape: int) -> nn.Parameter:
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


class RingBody(nn.Module):
    """Features of a front -> numbers of each electrode -> layers -> points on rings -> pixels."""

    order: Tensor
    shared: Tensor
    blend: Tensor

    def __init__(
        self, order: Ints, shared: Ints, layers: nn.Module, layout: Layout, side: int, channels: int
    ) -> None:
        """order: (n_electrodes, k) which feature stands where; shared: (k,) features that all electrodes see. layers:
        the last has channels * points numbers of each electrode. side: of the pictures, as `blending` takes it.
        """
        super().__init__()
        self.channels, self.layers = channels, layers
        self.register_buffer("order", torch.as_tensor(order), persistent=False)
        self.register_buffer("shared", torch.as_tensor(shared), persistent=False)
        rows = torch.as_tensor(blending(layout, side), dtype=torch.float32)
        self.register_buffer("blend", rows, persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        """(batch, channels * pixels inside). features: (batch, n_features)."""
        n, k = self.order.shape
        own = features.index_select(1, self.order.flatten()).reshape(-1, n, k)
        shared = features.index_select(1, self.shared).unsqueeze(1).expand(-1, n, -1)
        numbers = self.layers(torch.cat([own, shared], dim=2).transpose(0, 1))
        points = numbers.unflatten(2, (self.channels, -1)).permute(1, 2, 0, 3)
        pixels: Tensor = points.flatten(2) @ self.blend
        return pixels.flatten(1)
