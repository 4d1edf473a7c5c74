"""One-hidden-layer networks drawn through samples of an ill-posed function, many at once. Imports torch and this room.

A seed is an independent unit: its samples and its network's start are its own, and the same for each activation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eit_rt.study.experiments.ill_posed.targets import Ruler, Target, joined
from eit_rt.study.fitting import fit
from eit_rt.study.losses import PaperLoss
from eit_rt.study.networks import Networks
from eit_rt.study.run import Rows
from eit_rt.study.table import Table

Floats = NDArray[np.float64]
WIDTH, N = 64, 256
"""Hidden units and samples, where they are not what is varied."""
BATCH = 64
"""Samples that a step looks at, if there are more: the same work for each number of samples."""
ONLY_DATA = torch.tensor([1.0, 0.0, 0.0])
"""lambda1 = 1, lambda2 = lambda3 = 0, as the paper's [12]."""


@dataclass(frozen=True, slots=True)
class Start:
    """How training begins."""

    gain: float
    """Weights and biases of the hidden layer are multiplied by it: kinks and steps stay where they are, but steeper."""
    rate: float
    """Largest learning rate of Adam."""


USUAL = Start(gain=1.0, rate=3e-3)
"""What is taken where nobody looks for better."""


@dataclass(frozen=True, slots=True)
class Interpolants:
    """Networks of one width and activation for one target and number of samples."""

    target: Target
    n: int
    width: int
    activation: str

    @property
    def networks(self) -> Networks:
        return Networks((self.target.inputs, self.width, 1), self.activation)

    def fitted(
        self,
        seeds: Sequence[int],
        starts: Sequence[Start],
        steps: int,
        lambdas: Tensor = ONLY_DATA,
    ) -> Tensor:
        """Trained rows (starts * seeds, n_parameters): all seeds of the first start, then of the second, and so on.

        lambdas: of loss (1), (3,) or for each start (starts, 3).
        """
        drawn = [samples_of(self.target, self.n, seed) for seed in seeds]
        x, y = (
            torch.tensor(np.stack(part), dtype=torch.float32).repeat(len(starts), 1, 1)
            for part in ([one for one, _ in drawn], [two[:, None] for _, two in drawn])
        )
        generator = torch.Generator().manual_seed(seeds[0])
        begin = self.networks.start(len(seeds), generator).repeat(len(starts), 1)
        gains, rates = (
            torch.tensor(part).repeat_interleave(len(seeds)).unsqueeze(1)
            for part in ([start.gain for start in starts], [start.rate for start in starts])
        )
        weighed = lambdas.expand(len(starts), 3).repeat_interleave(len(seeds), 0)
        begin[:, : (self.target.inputs + 1) * self.width] *= gains

        # Adam's steps do not feel the scale of a gradient: to train u in begin + rate u with rate 1 is to train
        # each member with a rate of its own.
        def loss(u: Tensor) -> Tensor:
            at = torch.randint(self.n, (BATCH,)) if self.n > BATCH else torch.arange(self.n)
            return PaperLoss(self.networks, x[:, at], y[:, at], weighed)(begin + rates * u)

        return begin + rates * fit(torch.zeros_like(begin), loss, steps, 1.0)

    def outputs(self, rows: Tensor, x: Floats) -> Floats:
        """(members, points). x: (points, inputs)."""
        at = torch.tensor(x, dtype=torch.float32)
        with torch.no_grad():
            each = [self.networks.outputs(row, at)[0, :, 0] for row in torch.split(rows, 1)]
        return torch.stack(each).double().numpy()

    def tuning(self, seeds: Sequence[int], starts: Sequence[Start], steps: int) -> Rows:
        """Table "tuning": mean error of each start over these seeds."""
        ruler = Ruler.of(self.target)
        errors = ruler.scores(self.outputs(self.fitted(seeds, starts, steps), ruler.x))["error"]
        means = errors.reshape(len(starts), len(seeds)).mean(axis=1)
        return {
            "tuning": [
                {"gain": start.gain, "rate": start.rate, "error": error}
                for start, error in zip(starts, means, strict=True)
            ]
        }

    def scored(self, seeds: Sequence[int], start: Start, steps: int, shown: bool = False) -> Rows:
        """Table "scores": a row a seed. shown: also "curves", the first seed's network on the grid."""
        ruler = Ruler.of(self.target)
        y = self.outputs(self.fitted(seeds, [start], steps), ruler.x)
        scores = ruler.scores(y)
        rows = [
            {"seed": seed, "gain": start.gain, "rate": start.rate}
            | {name: float(some[k]) for name, some in scores.items()}
            for k, seed in enumerate(seeds)
        ]
        return {"scores": rows} | ({"curves": _curve(ruler, y[0])} if shown else {})


def best_start(tuning: Table, width: int) -> Start:
    """With the least error, at the next smaller width that was tuned, or the smallest."""
    tuned_at = tuning["tuned_at"]
    rows = tuning.where(tuned_at=max(tuned_at[tuned_at <= width], default=tuned_at.min()))
    k = int(np.nanargmin(rows["error"]))
    return Start(float(rows["gain"][k]), float(rows["rate"][k]))


def straight_lines(target: Target, n: int, seeds: Sequence[int], shown: bool = False) -> Rows:
    """Table "lines": error of joined samples, a row a seed. shown: also "points", the first seed's samples."""
    ruler = Ruler.of(target)
    drawn = [samples_of(target, n, seed) for seed in seeds]
    errors = [ruler.scores(joined(x, y, ruler.x)[None])["error"][0] for x, y in drawn]
    lines = [{"seed": seed, "error": error} for seed, error in zip(seeds, errors, strict=True)]
    points = [{"x1": x[0], "x2": x[-1], "y": y} for x, y in zip(*drawn[0], strict=True)]
    return {"lines": lines} | ({"points": points} if shown else {})


def _curve(ruler: Ruler, y: Floats) -> list[dict[str, float]]:
    every = slice(None, None, 4 if ruler.target.inputs == 1 else None)
    g = np.where(ruler.defined, ruler.target.raw(ruler.x), np.nan)
    return [
        {"x1": x[0], "x2": x[-1], "g": one, "network": two}
        for x, one, two in zip(ruler.x[every], g[every], y[every], strict=True)
    ]


def samples_of(target: Target, n: int, seed: int) -> tuple[Floats, Floats]:
    """A seed's samples: x (n, inputs), y (n,)."""
    return target.samples(n, np.random.default_rng([seed, n, *target.name.encode()]))
