"""The trace of a loss's Hessian, exactly, for networks with one hidden layer of tanh.

Imports torch, training, errors and this room. Training through 1/C wants it: an estimate by random signs comes near 0
by chance, and the mean of 1/C is then beyond all bounds.
"""

import torch
from torch import Tensor

from eit_rt.errors import ConfigError
from eit_rt.study.networks import Networks
from eit_rt.training.complexity import SMOOTH
from eit_rt.training.paper_losses import p_norm


def mean_curvature(networks: Networks, rows: Tensor, x: Tensor, y: Tensor, p: float) -> Tensor:
    """(members,) |tr H| / n_parameters of d = |G(x) - y|_p / N^(1/p), N samples times outputs, p 1 or 2.

    p = 2: tr H = (|J|² + sum_i e_i tr H_i) / (N d) - |grad d|² / d, with J the slopes of outputs, H_i their
    Hessians and e_i their errors. p = 1: tr H = sum_i sign(e_i) tr H_i / N, almost everywhere; it may be negative.
    """
    if networks.activation != "tanh" or len(networks.widths) != 3 or p not in (1.0, 2.0):
        raise ConfigError("the exact trace is for one hidden layer of tanh, and for p 1 or 2")
    (inner, inner_bias), (outer, outer_bias) = networks.layers(rows)
    act = torch.tanh(torch.matmul(x, inner) + inner_bias)
    first = 1 - act.square()
    second = -2 * act * first
    error = torch.matmul(act, outer) + outer_bias - y
    n = error[0].numel()
    length = x.square().sum(dim=-1, keepdim=True) + 1

    def of_outputs(weight: Tensor) -> Tensor:
        """Sum of weight_i tr H_i: only inner weights and biases curve an output."""
        return (torch.matmul(weight, outer.mT) * second * length).sum(dim=(1, 2))

    if p == 1.0:
        trace = of_outputs(error.sign()) / n
    else:
        slopes = error.shape[2] * (act.square().sum(dim=2) + 1).sum(dim=1) + (
            outer.square().sum(dim=2).unsqueeze(1) * first.square() * length
        ).sum(dim=(1, 2))
        back = torch.matmul(error, outer.mT) * first
        parts = (act.mT @ error, error.sum(dim=1), x.mT @ back, back.sum(dim=1))
        gradient = sum((part.flatten(1).square().sum(dim=1) for part in parts), act.new_zeros(1))
        d = p_norm(error.flatten(1), 2.0) / n**0.5
        trace = (slopes + of_outputs(error)) / (n * d) - gradient / (n**2 * d**3)
    size: Tensor = (trace / rows.shape[1]).square().add(SMOOTH**2).sqrt()
    return size
