"""Theorem 1 and Corollary 1: error against the number of neurons, for networks written down and networks trained."""

from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from eit_rt.study.experiment import Experiment
from eit_rt.study.experiments.approximation.constructions import ramps, steps, towers
from eit_rt.study.experiments.approximation.functions import POINTS, landscapes, rise
from eit_rt.study.experiments.approximation.pictures import draw
from eit_rt.study.experiments.approximation.verdicts import judge
from eit_rt.study.fitting import fit
from eit_rt.study.networks import Networks
from eit_rt.study.run import Rows, Run

Floats = NDArray[np.float64]
AWAY = 0.05
"""From a jump: there the error is counted apart."""
NEURONS = tuple(2**k for k in range(3, 13))
SHARPNESS = tuple(4.0**k for k in range(1, 7))
TRAINED = (
    "smooth",
    "Lipschitz",
    "jump",
    "indicator",
    "smooth 2-D",
    "Lipschitz 2-D",
    "indicator 2-D",
)
BATCH = 64
STEP_SIZES = ((64, 3e-2), (1024, 1e-2), (np.inf, 3e-3))
"""Adam's, for widths below."""
AT_ONCE = 4_000_000
"""Hidden values that are in memory together."""


def measure(run: Run) -> None:
    for phase in range(run.pick(quick=6, full=20)):
        run.cell({"phase": phase}, _written_down)
    widths = run.pick(quick=(4, 16, 64, 256), full=(4, 16, 64, 256, 1024, 4096))
    members, n_steps = run.pick(quick=(4, 500), full=(10, 1500))
    for name in TRAINED:
        for width in widths:
            run.cell(
                {"function": name, "N": width}, partial(_trained, name, width, members, n_steps)
            )


def _written_down(rng: np.random.Generator) -> Rows:
    shift = float(rng.random())
    errors, sharpness = [], []
    for name, land in landscapes(shift).items():
        x, share = land.grid()
        true, away = land.values(x), land.distance(x) > AWAY
        kinds = {"steps": steps, "ramps": ramps} if land.dimensions == 1 else {"towers": towers}
        for kind, construct in kinds.items():
            for n in NEURONS:
                off = np.abs(construct(land.values, n, x) - true)
                errors.append(
                    {"function": name, "construction": kind, "N": n, **sizes(off, share, away)}
                )
    x = np.linspace(0, 1, POINTS)[:, None]
    for k in SHARPNESS:
        function = rise(k, shift)
        for n in NEURONS:
            off = np.abs(ramps(function, n, x) - function(x))
            sharpness.append({"slope": k / 2, "N": n, "rms": float(np.sqrt(np.mean(off**2)))})
    return {"constructed": errors, "sharpness": sharpness}


def sizes(off: Floats, share: Floats, away: NDArray[np.bool_]) -> dict[str, float]:
    """Of absolute errors. share: of the whole that each stands for. away: places that are not near a jump."""
    rms = float(np.sqrt(share @ off**2))
    return {"rms": rms, "largest": float(off.max()), "largest_away": float(off[away].max())}


def _trained(name: str, width: int, members: int, n_steps: int, rng: np.random.Generator) -> Rows:
    """Each member has a landscape and samples of its own."""
    lands = [landscapes(float(rng.random()))[name] for _ in range(members)]
    networks = Networks((lands[0].dimensions, width, 1), "relu")

    def loss(rows: torch.Tensor) -> torch.Tensor:
        x = rng.random((members, BATCH, lands[0].dimensions))
        y = np.stack([land.values(one) for land, one in zip(lands, x, strict=True)])
        error = networks.outputs(rows, _centred(x)).squeeze(2) - torch.from_numpy(y).float()
        return error.square().mean(dim=1)

    rate = next(size for below, size in STEP_SIZES if width < below)
    rows = fit(networks.start(members), loss, n_steps, rate)
    found = []
    for k, land in enumerate(lands):
        x, share = land.grid(every=7)
        off = np.abs(_outputs(networks, rows[k : k + 1], x) - land.values(x))
        found.append({"seed": k, **sizes(off, share, land.distance(x) > AWAY)})
    return {"trained": found}


def _outputs(networks: Networks, row: torch.Tensor, x: Floats) -> Floats:
    """(len(x),) of one network, in pieces: the hidden values of all places at once would be gigabytes."""
    at_once = 1 + AT_ONCE // networks.widths[1]
    pieces = [
        networks.outputs(row, _centred(x[k : k + at_once])).flatten()
        for k in range(0, len(x), at_once)
    ]
    return np.asarray(torch.cat(pieces).double().numpy())


def _centred(x: Floats) -> torch.Tensor:
    return torch.from_numpy(2 * x - 1).float()


EXPERIMENT = Experiment(
    number=5,
    name="approximation",
    title="Error against the number of neurons",
    place="Section III, Theorem 1; section IV, Corollary 1",
    claim="At any point of a regularised, bounded and smoothed landscape the error is of the order O(N<sup>q−1</sup>), "
    "q &lt; 1, N the number of neurons (Theorem 1). Any bounded function with jumps can be approximated up to any "
    "accuracy in order of O(N<sup>q−1</sup>), where q depends upon the jump sharpness (Corollary 1).",
    method="<p>Approximation and optimisation are kept apart. <i>Written down</i>: N steps (one hidden layer; the "
    "construction of the proof and of [2]), N straight lines (“ramps”; one hidden layer of ReLU), and in two "
    "dimensions squares (“towers”; two hidden layers, N neurons in all). <i>Trained</i>: one hidden layer of N "
    "ReLU, Adam on samples that are drawn anew in each step, a step size for each range of N, the same number of "
    "steps for all. The functions are smooth, Lipschitz (a kink), with a jump, indicators of an interval and a "
    "disc, and one that is continuous and no better; the places of kinks and jumps are drawn anew (20 phases, 10 "
    "trained networks of each width; in a quick run 6 and 4). Exponents are slopes in double-logarithmic scale, "
    "intervals over phases or seeds. The paper does not say which error it means: the largest one and the root of "
    "the mean square are both given.</p>",
    measure=measure,
    judge=judge,
    draw=draw,
)
