"""The loop that trains rows of parameters, all members at once. Imports torch only."""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

Loss = Callable[[Tensor], Tensor]
"""(members, n_parameters) -> (members,): each member's own."""
WARM_UP = 0.02
"""Share of the steps in which the learning rate rises."""


def fit(
    rows: Tensor,
    loss: Loss,
    steps: int,
    rate: float = 3e-3,
    watch: Callable[[int, Tensor, Tensor], bool | None] | None = None,
    *,
    decays: bool = True,
) -> Tensor:
    """Trained rows, (members, n_parameters); Adam. The rows given stay as they are.

    watch: called before each step with its number, the rows and the losses (members,), both detached; True ends the
    training. decays: the learning rate falls towards the end, as a cosine does.
    Members do not feel each other: Adam works on each parameter for itself, and the sum of losses has no mixed terms.
    """
    trained = rows.detach().clone().requires_grad_()
    optimiser = torch.optim.Adam([trained], lr=rate)
    share = partial(_share_of_rate, steps=steps, decays=decays)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, share)
    for step in range(steps):
        losses = loss(trained)
        if watch is not None and watch(step, trained.detach(), losses.detach()):
            break
        optimiser.zero_grad()
        losses.sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return trained.detach()


def _share_of_rate(step: int, steps: int, decays: bool) -> float:
    warm = max(1, int(WARM_UP * steps))
    if step < warm:
        return (step + 1) / warm
    if not decays:
        return 1.0
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))
