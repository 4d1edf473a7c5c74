"""Complexity C of a network, in (0, 1), differentiable: the measures that the founding paper names.

Imports torch and this room. Each measure gives a raw number r >= 0, and C = r / (r + scale). Formulas
and their reasons: docs/training.md, "Complexity".

Own code: PyHessian has had no release since 0.1, and curvlinops' operators are made for reading curvature, not for
training through it.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from eit_rt.training.recipe import Complexity

SMOOTH = 1e-6
"""|x| is sqrt(x² + SMOOTH²): curvature may be negative, and its size must have a slope at zero."""
LEAST = 1e-6
"""C keeps this distance from 0 and 1, so that 1/C and rounding do no harm."""


def squash(raw: Tensor, scale: float) -> Tensor:
    """raw / (raw + scale), in (0, 1): 1/2 where raw is the scale."""
    share: Tensor = raw / (raw + scale)
    return share * (1.0 - 2.0 * LEAST) + LEAST


def rademacher(outputs: Tensor, draws: int) -> Tensor:
    """(members,) empirical Rademacher complexity of the class {x -> <u, G(x)>: |u| <= 1} on the batch.

    E_s sup_u (1/n) sum_i s_i <u, G(x_i)> = E_s | (1/n) sum_i s_i G(x_i) |: the supremum is known, only the mean over
    the signs s is estimated, by `draws` of them. outputs: (members, n, ...), all that each
    network G gives for n inputs.
    """
    flat = outputs.flatten(2)
    n = flat.shape[1]
    signs = torch.randint(0, 2, (draws, n), device=flat.device).to(flat.dtype) * 2.0 - 1.0
    size: Tensor = torch.linalg.vector_norm(signs @ flat / n, dim=2)
    return size.mean(dim=1)


def hessian_trace(losses: Tensor, weights: Sequence[Tensor], draws: int) -> Tensor:
    """(members,) |tr H| / n_weights of each loss's Hessian: mean curvature, by Hutchinson's estimate E v'Hv over random
    signs v.

    losses: (members,). weights: all of one network; or of several, each tensor (members, ...), where no loss depends on
    the weights of another.
    """
    gradient = torch.autograd.grad(losses.sum(), weights, create_graph=True)
    members = len(losses)
    total = losses.new_zeros(members)
    for _ in range(draws):
        v = [torch.randint_like(w, 0, 2) * 2.0 - 1.0 for w in weights]
        total = total + _inner(_product(gradient, weights, v), v, members)
    return _size(total / draws / (sum(w.numel() for w in weights) / members))


def hessian_top(loss: Tensor, weights: Sequence[Tensor], steps: int) -> Tensor:
    """|largest eigenvalue| of the loss's Hessian, by `steps` of the power iteration from random signs.

    Only the last product is differentiated: for an eigenvector v of length one, d(v'Hv) = v'(dH)v.
    """
    gradient = torch.autograd.grad(loss, weights, create_graph=True)
    v = _unit([torch.randint_like(w, 0, 2) * 2.0 - 1.0 for w in weights])
    for _ in range(steps - 1):
        product = torch.autograd.grad(
            _inner(gradient, v), weights, retain_graph=True, materialize_grads=True
        )
        v = _unit([part.detach() for part in product])
    return _size(_inner(_product(gradient, weights, v), v))


def measured(
    section: Complexity,
    output: Tensor,
    loss_of_part: Callable[[], Tensor],
    weights: Sequence[Tensor],
) -> Tensor:
    """C of the recipe's measure. output: of the whole batch. loss_of_part: evaluates the data term of a part of it."""
    if section.measure == "rademacher":
        raw = rademacher(output.unsqueeze(0), section.draws).squeeze(0)
    elif section.measure == "hessian_trace":
        raw = hessian_trace(loss_of_part().unsqueeze(0), weights, section.draws).squeeze(0)
    else:
        raw = hessian_top(loss_of_part(), weights, section.draws)
    return squash(raw, section.scale)


def _product(
    gradient: Sequence[Tensor], weights: Sequence[Tensor], v: Sequence[Tensor]
) -> list[Tensor]:
    """H v, itself differentiable."""
    return list(
        torch.autograd.grad(_inner(gradient, v), weights, create_graph=True, materialize_grads=True)
    )


def _inner(a: Sequence[Tensor], b: Sequence[Tensor], members: int = 1) -> Tensor:
    """(members,), or a number for one."""
    parts = [(x * y).reshape(members, -1).sum(dim=1) for x, y in zip(a, b, strict=True)]
    total = torch.stack(parts).sum(dim=0)
    return total.squeeze(0) if members == 1 else total


def _unit(v: Sequence[Tensor]) -> list[Tensor]:
    size = _inner(v, v).sqrt().clamp(min=1e-30)
    return [part / size for part in v]


def _size(x: Tensor) -> Tensor:
    return (x.square() + SMOOTH**2).sqrt()
