"""Heads of a network: the last layer's numbers -> picture, class scores or impedances.

Imports torch, physics' pixel grid and this room. The rule it keeps: a head has two ways out. `forward` is what losses
see: any size, finite everywhere. `finish` is what the exported model gives: the recipe's size, NaN outside the disc.
"""

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import KDTree
from torch import Tensor, nn

from eit_rt.physics import PixelGrid
from eit_rt.reconstruction.resizing import resizing
from eit_rt.training.recipe import ClassHead, ImageHead, ImpedanceHead

CLASSES = 3
CERTAIN = 10.0
"""Score of water, and less that of the others, outside the disc."""


class Head(Protocol):
    """An `nn.Module` after the last trained layer."""

    n_inputs: int
    side: int
    """Pixels each way that training is cheapest at; 0 for vectors."""

    def __call__(self, values: Tensor, size: int) -> Tensor:
        """Differentiable output. values: (batch, n_inputs). size: pixels each way; without meaning for vectors."""

    def finish(self, values: Tensor) -> Tensor:
        """The exported output."""


class _Pixels(nn.Module):
    """Coarse pixels inside the disc -> square pictures of any size.

    A coarse pixel outside the disc repeats the nearest one inside, so enlarging does not fade the picture at the wall.
    """

    nearest: Tensor
    inside: Tensor
    enlarge: Tensor

    def __init__(self, side: int, size: int, channels: int) -> None:
        super().__init__()
        self.side, self.size, self.channels = side, size, channels
        self.nearest_count = int(PixelGrid(side, side).inside.sum())
        self.n_inputs = channels * self.nearest_count
        self.register_buffer("nearest", torch.as_tensor(_nearest_inside(side)), persistent=False)
        inside = torch.as_tensor(PixelGrid(size, size).inside)
        self.register_buffer("inside", inside, persistent=False)
        self.register_buffer("enlarge", torch.as_tensor(resizing(side, size)), persistent=False)

    def pictures(self, values: Tensor, size: int) -> Tensor:
        """(batch, channels, size, size)"""
        coarse = values.reshape(-1, self.nearest_count).index_select(1, self.nearest)
        coarse = coarse.reshape(-1, self.channels, self.side, self.side)
        if size == self.side:
            return coarse
        rows = self.enlarge
        if size != self.size:
            rows = torch.as_tensor(resizing(self.side, size), device=values.device)
        rows = rows.to(coarse.dtype)
        return rows @ coarse @ rows.T


class ContrastHead(_Pixels):
    """A contrast picture in (-1, 1)."""

    def __init__(self, section: ImageHead) -> None:
        super().__init__(section.side, section.size, 1)

    def forward(self, values: Tensor, size: int) -> Tensor:
        """(batch, size, size)"""
        return self.pictures(values, size).squeeze(1).tanh()

    def finish(self, values: Tensor) -> Tensor:
        return torch.where(self.inside, self(values, self.size), torch.nan)


class ScoreHead(_Pixels):
    """Scores (logits) of water, resistive, conductive."""

    water: Tensor

    def __init__(self, section: ClassHead) -> None:
        super().__init__(section.side, section.size, CLASSES)
        water = torch.tensor([CERTAIN, -CERTAIN, -CERTAIN]).reshape(CLASSES, 1, 1)
        self.register_buffer("water", water, persistent=False)

    def forward(self, values: Tensor, size: int) -> Tensor:
        """(batch, 3, size, size)"""
        return self.pictures(values, size)

    def finish(self, values: Tensor) -> Tensor:
        return torch.where(self.inside, self(values, self.size), self.water)


class VectorHead(nn.Module):
    """Impedances. The network's numbers are standardised; the unit comes back here."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, section: ImpedanceHead) -> None:
        super().__init__()
        self.n_inputs, self.side = section.n, 0
        self.register_buffer("mean", torch.zeros(section.n))
        self.register_buffer("deviation", torch.ones(section.n))

    def forward(self, values: Tensor, size: int) -> Tensor:
        """(batch, n)"""
        return values * self.deviation + self.mean

    def finish(self, values: Tensor) -> Tensor:
        return self.forward(values, 0)

    def measure(self, targets: Tensor) -> None:
        """Take mean and standard deviation from training targets (batch, n)."""
        self.mean.copy_(targets.mean(dim=0))
        self.deviation.copy_(targets.std(dim=0).clamp(min=1e-12))


def make_head(
    section: ImageHead | ClassHead | ImpedanceHead,
) -> ContrastHead | ScoreHead | VectorHead:
    if isinstance(section, ImageHead):
        return ContrastHead(section)
    return ScoreHead(section) if isinstance(section, ClassHead) else VectorHead(section)


def _nearest_inside(side: int) -> NDArray[np.int64]:
    """(side * side,) number, among the pixels inside, of the one nearest to each pixel."""
    grid = PixelGrid(side, side)
    tree = KDTree(grid.centres[grid.inside])
    return np.asarray(tree.query(grid.centres.reshape(-1, 2))[1], dtype=np.int64)
