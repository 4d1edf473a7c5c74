"""The founding paper's losses, equations (1), (1a) and (1b), for any network and any recipe.

    L1 = l1 |R - G(V)|_p + l2 C       + l3 (|w|_p + 1/|w|_p)
    L2 = l1 |R - G(V)|_p + l2 1/C     + l3 (|w|_p + 1/|w|_p)
    L3 = l1 |R - G(V)|_p + l2 (C+1/C) + l3 (|w|_p + 1/|w|_p),   l1 + l2 + l3 = 1, 0 < C < 1

Imports torch and this room. R is the target (picture, classes or impedances), G the network with weights w, V the
measurements; a norm of a batch is the mean over its tanks. A term whose lambda is 0 is not computed.
"""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from eit_rt.training.batches import Batch
from eit_rt.training.complexity import measured
from eit_rt.training.losses import inside_of, labels_of
from eit_rt.training.network import Network
from eit_rt.training.recipe import ClassHead, NetworkSection, PaperLoss

TINY = 1e-12
"""Under the root of the p-norm: its slope at zero is finite."""


class PaperLosses:
    """One of the three equations, as a recipe's `paper` names it."""

    def __init__(self, section: PaperLoss, network: NetworkSection) -> None:
        self._section, self._network = section, network

    def __call__(self, network: Network, output: Tensor, batch: Batch) -> Tensor:
        _, complexity, weights = self._section.lambdas
        loss = self.fit(output, batch)
        if complexity:
            c = self.complexity(network, output, batch)
            loss = loss + complexity * complexity_term(self._section.equation, c)
        if weights:
            row = torch.cat([w.flatten() for w in network.weights()]).unsqueeze(0)
            loss = loss + weights * weight_term(row, self._section.p).squeeze(0)
        return loss

    def fit(self, output: Tensor, batch: Batch) -> Tensor:
        """The first term, with its lambda."""
        return self._section.lambdas[0] * self.data_term(output, batch.target)

    def data_term(self, output: Tensor, target: Tensor) -> Tensor:
        """|R - G(V)|_p, mean over the batch. Classes: of probabilities, against 0 and 1."""
        head = self._network.head
        if isinstance(head, ClassHead):
            output = output.softmax(dim=1)
            target = functional.one_hot(labels_of(target, head.threshold), 3).movedim(3, 1)
        difference = inside_of(output - target.to(output.dtype)).flatten(1)
        return p_norm(difference, self._section.p).mean()

    def complexity(self, network: Network, output: Tensor, batch: Batch) -> Tensor:
        """C, in (0, 1)."""

        def loss_of_part() -> Tensor:
            part = batch.part(0, self._section.complexity.samples)
            size = part.target.shape[-1]
            return self.data_term(network(part.dv, part.valid, size), part.target)

        return measured(self._section.complexity, output, loss_of_part, network.weights())


def complexity_term(equation: Literal["L1", "L2", "L3"], c: Tensor) -> Tensor:
    """What an equation makes small of the complexity c, in (0, 1)."""
    if equation == "L1":
        return c
    return 1.0 / c if equation == "L2" else c + 1.0 / c


def weight_term(weights: Tensor, p: float) -> Tensor:
    """(members,) |w|_p + 1/|w|_p of each row of weights, (members, n); least, 2, where the norm is 1."""
    norm = p_norm(weights, p)
    return norm + 1.0 / norm


def p_norm(rows: Tensor, p: float) -> Tensor:
    """(batch,) p-norm of each row (batch, n)."""
    if p == 2.0:
        return (rows.square().sum(dim=1) + TINY).sqrt()
    return (rows.abs().pow(p).sum(dim=1) + TINY).pow(1.0 / p)
