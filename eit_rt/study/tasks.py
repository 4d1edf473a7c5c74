"""Small tasks for small networks: curves to be learned from noisy samples, and a blurred row of ten values.

Imports torch only. All targets have a spread of about 1, so noise and errors are shares of it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

TEST_POINTS = 512
BLUR = 0.8
"""Standard deviation of the blur, in places of the row."""
GAIN = 0.6
"""Of the sensors, before they saturate."""


class Task(Protocol):
    """What a network of `inputs` and `outputs` shall learn."""

    @property
    def name(self) -> str: ...
    @property
    def inputs(self) -> int: ...
    @property
    def outputs(self) -> int: ...

    def samples(
        self, members: int, n: int, noise: float, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """x (members, n, inputs) and y (members, n, outputs); each member has samples of its own."""

    def test(self, noise: float = 0.0) -> tuple[Tensor, Tensor]:
        """x (m, inputs) and the true y (m, outputs), the same in each call. noise: of x, if the task has it there."""


@dataclass(frozen=True, slots=True)
class Curve:
    """y = f(x), x uniform in [-1, 1]; the noise is in y, and the test is a dense grid without noise."""

    name: str
    function: Callable[[Tensor], Tensor]
    inputs: int = 1
    outputs: int = 1

    def samples(
        self, members: int, n: int, noise: float, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        x = 2 * torch.rand(members, n, 1, generator=generator) - 1
        return x, self.function(x) + noise * torch.randn(members, n, 1, generator=generator)

    def test(self, noise: float = 0.0) -> tuple[Tensor, Tensor]:
        x = torch.linspace(-1, 1, TEST_POINTS).unsqueeze(1)
        return x, self.function(x)


@dataclass(frozen=True, slots=True)
class Row:
    """A small inverse problem: ten values R, seen through a blur by sensors that saturate. V = tanh(g A R).

    The values are independent and uniform, with variance 1; the noise is in V, as a share of 1, the sensors' range.
    """

    name: str = "blurred row"
    inputs: int = 10
    outputs: int = 10

    def samples(
        self, members: int, n: int, noise: float, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        values = math.sqrt(3) * (2 * torch.rand(members, n, 10, generator=generator) - 1)
        seen = torch.tanh(GAIN * values @ blur().T)
        return seen + noise * torch.randn(seen.shape, generator=generator), values

    def test(self, noise: float = 0.0) -> tuple[Tensor, Tensor]:
        x, y = self.samples(1, TEST_POINTS, noise, torch.Generator().manual_seed(0))
        return x[0], y[0]


def blur() -> Tensor:
    """(10, 10) A: each sensor sees a mean of its neighbours, Gaussian weights that sum to 1."""
    place = torch.arange(10.0)
    weight = torch.exp(-((place - place.unsqueeze(1)) ** 2) / (2 * BLUR**2))
    return weight / weight.sum(dim=1, keepdim=True)


WAVE = Curve("wave", lambda x: math.sqrt(2) * torch.sin(1.5 * math.pi * x))
CORNER = Curve("corner", lambda x: math.sqrt(12) * (x.abs() - 0.5))
STEP = Curve("step", lambda x: torch.where(x < 0.2, -1.0, 1.0))
ROW = Row()
