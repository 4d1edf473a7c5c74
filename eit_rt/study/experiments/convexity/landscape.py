"""Shape of a loss over the parameters: its terms, their Hessians, directions of slices. Imports torch and this room.

Points are rows of parameters (members, n_parameters), so each question is one or a few calls for all members. The rule
it keeps: a landscape is a function, so what is drawn at random in a loss is drawn alike in each call.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from eit_rt.study.fitting import Loss
from eit_rt.study.losses import PaperLoss
from eit_rt.study.networks import Networks
from eit_rt.training.paper_losses import p_norm

TERMS = ("data", "C", "1/C", "norm", "1/norm")
"""Of which all losses of the paper are weighted sums."""


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """A paper's loss with the same random signs in each call: a function of the parameters."""

    loss: PaperLoss
    seed: int = 0

    def __call__(self, rows: Tensor) -> Tensor:
        """(members,)."""
        return self._drawn(self.loss, rows)

    def term(self, name: str, rows: Tensor) -> Tensor:
        """(members,) one of TERMS, without its lambda."""
        if name == "data":
            return self.loss.data(rows)
        if "C" in name:
            c = self._drawn(self.loss.complexity, rows)
            return c if name == "C" else 1.0 / c
        norm = p_norm(self.loss.networks.weights(rows), self.loss.p)
        return norm if name == "norm" else 1.0 / norm

    def terms(self, rows: Tensor) -> Tensor:
        """(members, 5), as TERMS names them."""
        return torch.stack([self.term(name, rows) for name in TERMS], dim=1).detach()

    def term_hessians(self, rows: Tensor) -> Tensor:
        """(members, 5, n, n): of each of TERMS. A weighted sum of them is the Hessian of a loss."""
        return torch.stack([hessians(lambda w, k=k: self.term(k, w), rows) for k in TERMS], dim=1)  # type: ignore[misc]

    def _drawn(self, function: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            return function(rows)


def hessians(loss: Loss, rows: Tensor) -> Tensor:
    """(members, n, n) each member's own: the sum of losses has no mixed terms, so all go through one product."""
    rows = rows.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(
        loss(rows).sum(), rows, create_graph=True, materialize_grads=True
    )
    if not gradient.requires_grad:
        return rows.new_zeros(*rows.shape, rows.shape[1])
    lines = [
        torch.autograd.grad(column.sum(), rows, retain_graph=True, materialize_grads=True)[0]
        for column in gradient.unbind(1)
    ]
    return torch.stack(lines, dim=1)


def filter_normalised(networks: Networks, rows: Tensor) -> Tensor:
    """A random direction for each row, in which each neuron (weights into it, bias) is as long as the row's own.

    Source: H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, Visualizing the loss landscape of neural nets, 2018.
    """
    parts = []
    for weight, bias in networks.layers(rows):
        neuron = torch.cat([weight, bias], dim=1)
        direction = torch.randn_like(neuron)
        direction = (
            direction * neuron.norm(dim=1, keepdim=True) / direction.norm(dim=1, keepdim=True)
        )
        parts += [direction[:, :-1].flatten(1), direction[:, -1:].flatten(1)]
    return torch.cat(parts, dim=1)
