"""The loop that trains rows of parameters, all members at once. Imports torch only."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

Loss = Callable[[Tensor], Tensor]
"""(members, n_parameters) -> (members,): each member's own."""
WARM_UP = 0.02
"""Share of the steps in which the learning rate rises; after them it falls to zero as a cosine does."""


def fit(
    rows: Tensor,
    loss: Loss,
    steps: int,
    rate: float = 3e-3,
    watch: Callable[[int, Tensor, Tensor], None] | None = None,
) -> Tensor:
    """Trained rows, (members, n_parameters); Adam. The rows given stay as they are.

    watch: called before each step with its number, the rows and the losses (members,), both detached.
    Members do not feel each other: Adam works on each parameter for itself, and the sum of losses has no mixed terms.
    """
    trained = rows.detach().clone().requires_grad_()
    optimiser = torch.optim.Adam([trained], lr=rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda k: _share_of_rate(k, steps))
    for step in range(steps):
        losses = loss(trained)
        if watch is not None:
            watch(step, trained.detach(), losses.detach())
        optimiser.zero_grad()
        losses.sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return trained.detach()


def _share_of_rate(step: int, steps: int) -> float:
    warm = max(1, int(WARM_UP * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))
