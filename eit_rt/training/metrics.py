"""What a validation measures: the loss, and how well pictures look like the truth. Imports torch,
reconstruction and this room.

The rule it keeps: correlation is taken at 32 x 32 pixels inside the disc whatever the recipe's sizes are, so that runs
compare.
"""

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from eit_rt.reconstruction.resizing import resizing
from eit_rt.training.batches import Batch
from eit_rt.training.head import CLASSES
from eit_rt.training.losses import correlation, inside_of
from eit_rt.training.network import Network
from eit_rt.training.objective import Objective

SIDE = 32
"""Pixels each way at which pictures are compared."""


@torch.no_grad()
def validated(network: Network, objective: Objective, batches: Iterable[Batch]) -> dict[str, float]:
    """Mean loss, and the median over tanks of the correlation of output and truth."""
    network.eval()
    losses, correlations, n = 0.0, [], 0
    for batch in batches:
        output = network(batch.dv, batch.valid, size_of(batch))
        losses += float(objective.fit(output, batch)) * len(batch)
        correlations.append(likeness(output, batch.target))
        n += len(batch)
    network.train()
    of_tanks = torch.cat(correlations)
    known = of_tanks[~of_tanks.isnan()]
    return {
        "loss": losses / n,
        "correlation": float(known.median()) if len(known) else math.nan,
    }


def size_of(batch: Batch) -> int:
    """Pixels each way of the targets; 0 for vectors."""
    return batch.target.shape[-1] if batch.target.ndim == 3 else 0


def likeness(output: Tensor, target: Tensor) -> Tensor:
    """(batch,) correlation of output and truth; NaN for a truth without anything in it.

    Class scores count as pictures of probability of conductive less probability of resistive.
    """
    if output.ndim == 4 and output.shape[1] == CLASSES:
        probability = output.softmax(dim=1)
        output = probability[:, 2] - probability[:, 1]
    a, b = (inside_of(at_side(values, SIDE)) for values in (output, target))
    empty = b.std(dim=1) < 1e-6 * b.abs().amax(dim=1) + 1e-9
    return correlation(a, b).masked_fill(empty, math.nan)


def at_side(values: Tensor, side: int) -> Tensor:
    """Pictures (batch, size, size) at another size; vectors (batch, n) as they are."""
    if values.ndim < 3 or values.shape[-1] == side:
        return values
    rows = torch.as_tensor(resizing(values.shape[-1], side), device=values.device)
    return rows @ values @ rows.T
