"""Section IV: what it costs to train N neurons to an accuracy of 1/sqrt(N)."""

from functools import partial

import numpy as np
import torch

from eit_rt.study.drawing import new_figure
from eit_rt.study.experiment import Experiment, Picture
from eit_rt.study.experiments.training_cost.verdicts import LEAST_REACHED, SAMPLES, arrived, judge
from eit_rt.study.fitting import fit
from eit_rt.study.networks import Networks
from eit_rt.study.run import Rows, Run, Tables

RATE = 3e-3
RIDGES = 4
"""Waves in random directions that a target is the sum of."""


def measure(run: Run) -> None:
    widths = run.pick(quick=(4, 8, 16, 32, 64, 128), full=(4, 8, 16, 32, 64, 128, 256, 512))
    members, patience = run.pick(quick=(6, 1500), full=(20, 8000))
    for dimensions in run.pick(quick=(1, 2, 4), full=(1, 2, 4, 8)):
        for width in widths:
            setting = {"dimensions": dimensions, "N": width}
            run.cell(setting, partial(_cost, dimensions, width, members, patience))


def waves(members: int, x: torch.Tensor) -> torch.Tensor:
    """(members, n, 1) of mean square 1: a smooth function for each member. x: (members, n, inputs), -1 to 1."""
    directions = torch.randn(members, x.shape[2], RIDGES)
    directions *= (
        np.pi / directions.norm(dim=1, keepdim=True) * (0.5 + torch.rand(members, 1, RIDGES))
    )
    phases = 2 * np.pi * torch.rand(members, 1, RIDGES)
    y: torch.Tensor = torch.sin(torch.matmul(x, directions) + phases).sum(dim=2, keepdim=True)
    return y / y.square().mean(dim=(1, 2), keepdim=True).sqrt()


def _cost(dimensions: int, width: int, members: int, patience: int, _: np.random.Generator) -> Rows:
    """Steps until the error on the samples is below 1/sqrt(N); `patience` steps at most."""
    networks = Networks((dimensions, width, 1), "relu")
    x = 2 * torch.rand(members, SAMPLES, dimensions) - 1
    y = waves(members, x)
    reached = torch.zeros(members)

    def loss(rows: torch.Tensor) -> torch.Tensor:
        return (networks.outputs(rows, x) - y).square().mean(dim=(1, 2))

    def watch(step: int, _: torch.Tensor, losses: torch.Tensor) -> bool:
        arrived = (losses <= 1 / width) & (reached == 0)
        reached[arrived] = step + 1
        return bool((reached > 0).all())

    fit(networks.start(members), loss, patience, RATE, watch, decays=False)
    rows = [
        {"seed": k, "steps": float(n), "cost": float(n) * networks.n_parameters}
        for k, n in enumerate(reached)
    ]
    return {"cost": rows}


def draw(tables: Tables) -> list[Picture]:
    figure = new_figure(8, 3.2)
    left, right = figure.subplots(1, 2)
    for (dimensions,), rows in tables["cost"].groups("dimensions"):
        kept = arrived(rows)
        for axes, column in ((left, "steps"), (right, "cost")):
            groups = list(kept.groups("N"))
            n = [key for (key,), _ in groups]
            axes.loglog(
                n, [np.median(g[column]) for _, g in groups], "o-", ms=4, label=f"{dimensions:g}"
            )
    widths = np.array(tables["cost"].values("N"))
    middle = np.median(arrived(tables["cost"])["cost"])
    square = middle * (widths / widths[len(widths) // 2]) ** 2
    right.loglog(widths, square, "--", color="grey", label="N²")
    left.set(xlabel="neurons N", ylabel="steps to an error of 1/√N")
    right.set(xlabel="neurons N", ylabel="steps × parameters")
    right.legend(title="inputs", fontsize=8)
    caption = f"Medians over seeds, where at least {LEAST_REACHED:.0%} of them arrived."
    return [Picture("cost", caption, figure)]


EXPERIMENT = Experiment(
    number=7,
    name="training-cost",
    title="What training to an accuracy costs",
    place="Section IV",
    claim="For space R<sup>n</sup> it can be shown that to reach an accuracy of 1/√N, the complexity during training "
    "is O(N²) [6].",
    method="<p>The paper does not say what N is besides the number of neurons, of which task, nor how complexity is "
    f"counted. Here: one hidden layer of N ReLU learns a smooth function of 1 to 8 inputs, a sum of {RIDGES} waves "
    f"in directions drawn anew for each seed, root of the mean square 1; Adam with one step size ({RATE:g}, "
    f"constant), {SAMPLES} samples in every step, until the root of the mean square error on them is 1/√N. Cost is "
    "the number of steps times the number of parameters. 20 seeds (6 in a quick run).</p>",
    measure=measure,
    judge=judge,
    draw=draw,
)
