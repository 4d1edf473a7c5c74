"""Networks that estimate impedances, many at once, and how well they do.

Imports torch and this room. The rule it keeps: of two settings that are compared, network k has the same tanks, the
same start and the same batches.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eit_rt.study.experiments.ten_impedances.impedances import Task
from eit_rt.study.fitting import fit
from eit_rt.study.losses import PaperLoss
from eit_rt.study.networks import Networks

Floats = NDArray[np.float64]
ACTIVATION = "tanh"


@dataclass(frozen=True, slots=True)
class Training:
    """Of each network."""

    networks: int
    """Each from a seed of its own."""
    steps: int
    batch: int = 128
    rate: float = 3e-3


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """What trained networks say of the test tanks."""

    found: Floats
    """(networks, n_test, regions), over the water's."""
    norms: Floats
    """(networks,) 2-norm of all weights."""


def estimates(
    task: Task,
    hidden: tuple[int, ...],
    training: Training,
    lambda3: float = 0.0,
    tanks_each: int | None = None,
) -> Estimates:
    """Trained on the paper's L1 with (1 - lambda3, 0, lambda3) and p = 2.

    tanks_each: network k has so many training tanks of its own; default all. If they fit into a batch, each step sees
    all of them.
    """
    networks = Networks((task.x.shape[1], *hidden, task.y.shape[1]), ACTIVATION)
    chance = torch.Generator().manual_seed(1)
    start = networks.start(training.networks, chance)
    n, lambdas = tanks_each or len(task.x), torch.tensor([1.0 - lambda3, 0.0, lambda3])
    own = torch.stack(
        [torch.randperm(len(task.x), generator=chance)[:n] for _ in range(training.networks)]
    )

    def loss(rows: Tensor) -> Tensor:
        which = own
        if n > training.batch:
            places = torch.randint(n, (training.networks, training.batch), generator=chance)
            which = own.gather(1, places)
        return PaperLoss(networks, task.x[which], task.y[which], lambdas)(rows)

    rows = fit(start, loss, training.steps, training.rate)
    with torch.no_grad():
        # In double precision: the rank of the outputs is looked at.
        outputs = networks.outputs(rows.double(), task.x_test.double())
        norms = networks.weights(rows).norm(dim=1)
    return Estimates(task.impedances(outputs), norms.double().numpy())


def relative_errors(found: Floats, true: Floats) -> Floats:
    """(..., n) |found - true| / |true| of each tank, 2-norm over its regions."""
    size = np.linalg.norm(true, axis=-1)
    return np.asarray(np.linalg.norm(found - true, axis=-1) / size)


def scores(found: Floats, true: Floats) -> dict[str, float]:
    """Of one network, (n, regions) both: mean relative error; correlation over all tanks and regions; squared error
    over that of each region's mean ("unexplained")."""
    residual, spread = np.square(found - true).sum(), np.square(true - true.mean(axis=0)).sum()
    return {
        "error": float(relative_errors(found, true).mean()),
        "correlation": float(np.corrcoef(found.ravel(), true.ravel())[0, 1]),
        "unexplained": float(residual / spread),
    }
