"""The paper's losses (1), (1a), (1b) for many networks at once, each with lambdas of its own.

Imports torch, training and this room. The formulas are those that `eit-rt train` uses; here each network is a row.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from eit_rt.study.networks import Networks
from eit_rt.training.complexity import hessian_trace, rademacher, squash
from eit_rt.training.paper_losses import complexity_term, p_norm, weight_term

Equation = Literal["L1", "L2", "L3"]
Measure = Literal["rademacher", "hessian_trace"]


@dataclass(frozen=True, slots=True, eq=False)
class PaperLoss:
    """lambda1 |R - G(V)|_p + lambda2 c(C) + lambda3 (|w|_p + 1/|w|_p), c as the equation says.

    The norm of the error is over all samples and outputs and divided by their number to the power 1/p: with p = 2 it is
    the root of the mean square. C = r / (r + scale), r the raw complexity.
    """

    networks: Networks
    x: Tensor
    """(n, inputs) or (members, n, inputs)."""
    y: Tensor
    """(n, outputs) or (members, n, outputs)."""
    lambdas: Tensor
    """(3,) or (members, 3)."""
    equation: Equation = "L1"
    p: float = 2.0
    measure: Measure = "rademacher"
    scale: float = 1.0
    draws: int = 8

    def __call__(self, rows: Tensor) -> Tensor:
        """(members,). A term whose lambda is 0 for all members is not computed."""
        data, complexity, weight = self.lambdas.unbind(-1)
        total = data * self.data(rows)
        if complexity.any():
            total = total + complexity * complexity_term(self.equation, self.complexity(rows))
        if weight.any():
            total = total + weight * self.weight(rows)
        return total

    def data(self, rows: Tensor) -> Tensor:
        """(members,) first norm, without its lambda."""
        error = (self.networks.outputs(rows, self.x) - self.y).flatten(1)
        norm: Tensor = p_norm(error, self.p) / error.shape[1] ** (1.0 / self.p)
        return norm

    def raw_complexity(self, rows: Tensor) -> Tensor:
        """(members,) r, from 0 on."""
        if self.measure == "rademacher":
            return rademacher(self.networks.outputs(rows, self.x), self.draws)
        if not rows.requires_grad:
            rows = rows.detach().requires_grad_()
        with torch.enable_grad():
            return hessian_trace(self.data(rows), [rows], self.draws)

    def complexity(self, rows: Tensor) -> Tensor:
        """(members,) C, in (0, 1)."""
        return squash(self.raw_complexity(rows), self.scale)

    def weight(self, rows: Tensor) -> Tensor:
        """(members,) |w|_p + 1/|w|_p, without its lambda."""
        return weight_term(self.networks.weights(rows), self.p)
