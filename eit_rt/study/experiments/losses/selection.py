"""What the paper's losses select: many networks trained by one of them from the same starts, and what became of them.

Imports torch, training and this room.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from eit_rt.study.experiments.losses.curvature import mean_curvature
from eit_rt.study.fitting import fit
from eit_rt.study.losses import Measure, PaperLoss
from eit_rt.study.networks import Networks
from eit_rt.study.table import Row as Line
from eit_rt.study.tasks import ROW, WAVE, Task
from eit_rt.training.complexity import LEAST, rademacher, squash

SETTINGS: dict[str, tuple[Task, int, float]] = {
    "wave": (WAVE, 16, 0.5),
    "blurred row": (ROW, 40, 0.05),
}
"""Task, samples, noise."""
HIDDEN, RATE, DRAWS = 48, 0.03, 64


@dataclass(frozen=True, slots=True, eq=False)
class SelectingLoss(PaperLoss):
    """The paper's loss, with the exact trace as the Hessian measure; and C in (0, 1), or free."""

    squashed: bool = True
    """False: C = r / scale, from 0 on. C + 1/C is then least where r is the scale."""

    def raw_complexity(self, rows: Tensor) -> Tensor:
        if self.measure == "rademacher":
            return rademacher(self.networks.outputs(rows, self.x), self.draws)
        return mean_curvature(self.networks, rows, self.x, self.y, self.p)

    def complexity(self, rows: Tensor) -> Tensor:
        raw = self.raw_complexity(rows)
        return squash(raw, self.scale) if self.squashed else raw / self.scale + LEAST


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A task's samples and starts, one of each for a seed, and the loss of the error alone."""

    name: str
    loss: SelectingLoss
    """Its scale is the median r of networks trained on the error alone: their C is 1/2."""
    start: Tensor
    """(seeds, n_parameters)."""
    steps: int
    truth: float
    """Rademacher complexity of the noise-free targets, mean over the seeds."""

    @classmethod
    def of(cls, name: str, measure: Measure, p: float, seeds: int, steps: int) -> "Problem":
        task, n, noise = SETTINGS[name]
        x, y = task.samples(seeds, n, noise, torch.Generator().manual_seed(1))
        _, clean = task.samples(seeds, n, 0.0, torch.Generator().manual_seed(1))
        networks = Networks((task.inputs, HIDDEN, task.outputs), "tanh")
        start = networks.start(seeds, torch.Generator().manual_seed(2))
        alone = torch.tensor([1.0, 0.0, 0.0])
        loss = SelectingLoss(networks, x, y, alone, "L1", p, measure, draws=DRAWS)
        scale = float(loss.raw_complexity(fit(start, loss, steps, RATE)).median())
        truth = float(rademacher(clean, 16 * DRAWS).mean())
        return cls(name, replace(loss, scale=scale), start, steps, truth)

    def train(self, loss: SelectingLoss, points: int = 1) -> list[Line]:
        """r, C, errors (roots of mean squares) and |w|_2 of each network: points x seeds of them, seeds fastest.

        loss: of this problem, with lambdas for each network or for all.
        """
        task, _, noise = SETTINGS[self.name]
        x, y = (part.repeat(points, 1, 1) for part in (loss.x, loss.y))
        loss = replace(loss, x=x, y=y)
        rows = fit(self.start.repeat(points, 1), loss, self.steps, RATE)
        new_x, true = task.test(noise)
        with torch.no_grad():
            raw = loss.raw_complexity(rows)
            train = loss.networks.outputs(rows, x) - y
            test = loss.networks.outputs(rows, new_x) - true
            columns = {
                "r": raw,
                "C": raw / (raw + self.loss.scale),
                "train": train.square().mean(dim=(1, 2)).sqrt(),
                "test": test.square().mean(dim=(1, 2)).sqrt(),
                "weights": loss.networks.weights(rows).norm(dim=1),
            }
        lines = zip(*(column.tolist() for column in columns.values()), strict=True)
        return [dict(zip(columns, line, strict=True)) for line in lines]
