"""Which of n discs are there? Search among all tanks, thresholded Gauss-Newton, many networks. Imports reconstruction.

All get the same: x, (k, n_meas) changes in units of the largest voltage, in which the noise is white; all answer with
(k, n) flags. The rule it keeps: what is chosen or trained is so on the tanks of the known mesh, never on measured ones.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from eit_rt.reconstruction import priors
from eit_rt.reconstruction.linear import OneStep
from eit_rt.study.fitting import fit
from eit_rt.study.networks import Networks

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LossName = Literal["cross-entropy", "norm"]
STRENGTHS = 10.0 ** -np.arange(1.0, 7.0, 0.5)
"""Hyperparameters that Gauss-Newton may choose among, as shares of OneStep.highest."""


def nearest(x: Floats, tanks: Floats) -> NDArray[np.intp]:
    """(k,) row of tanks (m, n_meas) nearest to each x (k, n_meas).

    With white noise and tanks that are all as likely this is maximum likelihood: no method is right more often, as long
    as the tanks are what is measured but for noise.
    """
    return np.asarray(((tanks**2).sum(axis=1) - 2 * x @ tanks.T).argmin(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    """A linear picture of each disc, and how dark it must be."""

    matrix: Floats
    """(n_meas, n)"""
    limits: Floats
    """(n,) a disc is there where its value is below."""

    @classmethod
    def fitted(cls, matrix: Floats, x: Floats, present: Flags) -> "Thresholds":
        """For each disc the limit with the fewest mistakes on x (k, n_meas)."""
        values = x @ matrix
        return cls(
            matrix, np.array([_limit(*pair) for pair in zip(values.T, present.T, strict=True)])
        )

    def answers(self, x: Floats) -> Flags:
        """(k, n)"""
        return np.asarray(x @ self.matrix < self.limits)


def _limit(values: Floats, there: Flags) -> float:
    """Between two sorted values: those below are called present."""
    order = np.argsort(values)
    sorted_values, right = values[order], np.where(there[order], 1, -1)
    score = np.concatenate([[0], np.cumsum(right)])
    edges = np.concatenate([sorted_values[:1] - 1, sorted_values, sorted_values[-1:] + 1])
    as_good = np.flatnonzero(score == score.max())
    place = int(as_good[len(as_good) // 2])
    return float(edges[place] + edges[place + 1]) / 2


def pixel_matrices(sensitivity: Floats, shares: Floats) -> list[Floats]:
    """(n_meas, n) for each strength: one-step Gauss-Newton image, NOSER prior, then its mean over each disc.

    sensitivity: (n_meas, n_elem). shares: (n, n_elem) share of each element in a disc, times its area.
    """
    one = OneStep.of(sensitivity, priors.noser(sensitivity))
    mean = shares / shares.sum(axis=1, keepdims=True)
    return [(mean @ one.matrix(one.highest * strength)).T for strength in STRENGTHS]


def disc_matrices(sensitivity: Floats, shares: Floats) -> list[Floats]:
    """(n_meas, n) for each strength: one-step Gauss-Newton whose only unknowns are the n discs.

    shares: (n, n_elem) share of each element in a disc.
    """
    few = sensitivity @ shares.T
    one = OneStep.of(few, priors.noser(few))
    return [one.matrix(one.highest * strength).T for strength in STRENGTHS]


def best_thresholds(
    matrices: list[Floats], fitting: Floats, choosing: Floats, present: Flags
) -> Thresholds:
    """Limits fitted on one draw of noise, the strength chosen by the exact matches on another; the noise is known."""
    all_ = [Thresholds.fitted(matrix, fitting, present) for matrix in matrices]
    return max(all_, key=lambda one: exact(one.answers(choosing), present))


def exact(answers: Flags, present: Flags) -> float:
    """Share of tanks in which each disc is called right."""
    return float((answers == present).all(axis=-1).mean())


@dataclass(frozen=True, slots=True, eq=False)
class Trainees:
    """Networks that see the known tanks in noise drawn anew at each step."""

    networks: Networks
    x: Floats
    """(m, n_meas) changes without noise."""
    present: Flags
    """(m, n)"""
    quietest_db: float
    loudest_db: float
    """Each sample has a noise between them, all decibels as likely."""
    loss: LossName = "cross-entropy"

    @property
    def scale(self) -> float:
        """What all inputs are divided by: the largest spread over the tanks. One number, so white noise stays white."""
        return float(self.x.std(axis=0).max())

    def train(self, known: Tensor, steps: int, batch: int, rate: float = 3e-3) -> Tensor:
        """(members, n_parameters). known: (members,) how many tanks each may see: the first of an order of its own."""
        x = torch.tensor(self.x / self.scale, dtype=torch.float32)
        y = torch.tensor(self.present, dtype=torch.float32)
        orders, members = self.orders(len(known)), len(known)

        def loss(rows: Tensor) -> Tensor:
            place = (torch.rand(members, batch) * known[:, None]).long()
            tank = orders.gather(1, place)
            db = self.loudest_db + (self.quietest_db - self.loudest_db) * torch.rand(
                members, batch, 1
            )
            seen = x[tank] + 10 ** (-db / 20) / self.scale * torch.randn(members, batch, x.shape[1])
            return self._error(self.networks.outputs(rows, seen), y[tank])

        return fit(self.networks.start(members), loss, steps, rate)

    def orders(self, members: int) -> Tensor:
        """(members, m) the order of tanks of each member; the same at each call."""
        generator = torch.Generator().manual_seed(members)
        return torch.rand(members, len(self.x), generator=generator).argsort(dim=1)

    def _error(self, outputs: Tensor, y: Tensor) -> Tensor:
        """(members,) cross-entropy, or the paper's norm: the root of the mean square."""
        if self.loss == "norm":
            return ((outputs - y) ** 2).mean(dim=(1, 2)).sqrt()
        each = functional.binary_cross_entropy_with_logits(outputs, y, reduction="none")
        return each.mean(dim=(1, 2))

    def answers(self, rows: Tensor, x: Floats) -> Flags:
        """(members, k, n). x: (members, k, n_meas), or (k, n_meas) for all. A probability of one half is the limit."""
        seen = torch.tensor(x / self.scale, dtype=torch.float32)
        with torch.no_grad():
            outputs = self.networks.outputs(rows, seen)
        return np.asarray((outputs > (0.5 if self.loss == "norm" else 0.0)).numpy())
