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

    analysis: Tensor
    synthesis: Tensor

    def __init__(self, n: int, n_in: int, n_out: int) -> None:
        """n electrodes with n_in numbers each -> n_out each. Begins as an `nn.Linear` of the whole width would."""
        super().__init__()
        self.n_single = 2 - n % 2
        self.n_double = (n - self.n_single) // 2
        for name, rows in zip(("analysis", "synthesis"), waves(n), strict=True):
            rows32 = torch.as_tensor(rows, dtype=torch.float32)
            self.register_buffer(name, rows32, persistent=False)
        bound = n_in**-0.5
        self.single = _matrices(self.n_single, bound, n_in, n_out)
        self.cosine = _matrices(self.n_double, bound / 2**0.5, n_in, n_out)
        self.sine = _matrices(self.n_double, bound / 2**0.5, n_in, n_out)
        self.bias = _uniform(bound / n**0.5, n_out)

    def forward(self, x: Tensor) -> Tensor:
        """(n, batch, n_out). x: (n, batch, n_in)."""
        n, batch, n_in = x.shape
        amplitudes = (self.analysis @ x.flatten(1)).reshape(n, batch, n_in)
        # A cosine and its sine go through a block together, so that the block is read once.
        parts = torch.split(amplitudes, [1] * self.n_single + [2] * self.n_double)
        straight = zip(parts, [*self.single, *self.cosine], strict=True)
        quarter = zip(parts[self.n_single :], self.sine, strict=True)
        mixed = torch.cat([part @ block for part, block in (*straight, *quarter)])
        return (self.synthesis @ mixed.flatten(1)).reshape(n, batch, -1) + self.bias


def waves(n: int) -> tuple[Floats, Floats]:
    """How numbers of electrodes become amplitudes of waves, (n, n), and how products of these become numbers again.

    Amplitudes: of the constant, (n even) of the alternating wave, then of each cosine and its sine; orthonormal. Back,
    (n, 2 n - singles): those waves; then for what went through the `sine` blocks each sine and its cosine, negative: a
    wave that is turned by a quarter of its length.
    """
    along = 2 * np.pi * np.arange(n) / n
    single = np.cos(np.array([0] if n % 2 else [0, n // 2])[:, None] * along) / n**0.5
    angle = np.arange(1, (n + 1) // 2)[:, None] * along
    cosine, sine = (2 / n) ** 0.5 * np.cos(angle), (2 / n) ** 0.5 * np.sin(angle)
    double = np.stack([cosine, sine], axis=1).reshape(-1, n)
    quarter = np.stack([sine, -cosine], axis=1).reshape(-1, n)
    return np.concatenate([single, double]), np.concatenate([single, double, quarter]).T


def _matrices(count: int, bound: float, *shape: int) -> nn.ParameterList:
    return nn.ParameterList(_uniform(bound, *shape) for _ in range(count))


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
