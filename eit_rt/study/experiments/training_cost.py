"""Section IV: what it costs to train N neurons to an accuracy of 1/sqrt(N)."""

from functools import partial

import numpy as np
import torch

from eit_rt.study.drawing import new_figure
from eit_rt.study.experiment import Experiment, Picture
from eit_rt.study.fitting import fit
from eit_rt.study.networks import Networks
from eit_rt.study.run import Rows, Run, Tables
from eit_rt.study.statistics import Interval, mean, power, ratio
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, all_of, below

SAMPLES = 1024
RATE = 3e-3
RIDGES = 4
"""Waves in random directions that a target is the sum of."""
FEWEST_WIDTHS = 3
"""For an exponent."""
NEAR = 0.25
LEAST_REACHED = 0.9
"""Share of the seeds that must arrive at an N for it to count."""


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


def judge(tables: Tables) -> list[Verdict]:
    table = tables["cost"]
    kept = {n: _arrived(rows) for (n,), rows in table.groups("dimensions")}
    kept = {n: rows for n, rows in kept.items() if len(rows.values("N")) >= FEWEST_WIDTHS}
    exponents = {n: _exponent(rows, "cost") for n, rows in kept.items()}
    is_whole = [rows["N"].max() == table["N"].max() for rows in kept.values()]
    return [
        _no_more(table, kept, exponents, all(is_whole)),
        _just_so(exponents),
        _confined(kept),
    ]


def _no_more(
    table: Table, kept: dict[float, Table], exponents: dict[float, Interval], is_whole: bool
) -> Verdict:
    found = all_of(below(one, 2.0) for one in exponents.values())
    shares = {n: (rows["steps"] > 0).mean() for (n,), rows in table.groups("N")}
    narrow, wide = min(shares), max(shares)
    return Verdict(
        "To reach an accuracy of 1/√N, training costs no more than O(N²)",
        "Section IV, [6]",
        found if is_whole or found is not Outcome.HOLDS else Outcome.UNDECIDED,
        f"Cost: steps times parameters, {SAMPLES} samples in each step. Exponents: {_told(exponents)}. Trainings "
        f"that got stuck are left out, and so is a width at which fewer than {LEAST_REACHED:.0%} arrived: "
        f"{shares[narrow]:.0%} did with N = {narrow:g}, {shares[wide]:.0%} with N = {wide:g}. It can hold only if "
        "the widest arrived.",
        (
            *(Number.of(f"exponent of the cost, {n:g} inputs", x) for n, x in exponents.items()),
            *(
                Number.of(f"exponent of the steps, {n:g} inputs", _exponent(rows, "steps"))
                for n, rows in kept.items()
            ),
            *(Number(f"share that arrived, N = {n:g}", share) for n, share in shares.items()),
        ),
    )


def _just_so(exponents: dict[float, Interval]) -> Verdict:
    return Verdict(
        "It is N², no more and no less",
        "Section IV, read as an equality",
        all_of(
            part
            for one in exponents.values()
            for part in (above(one, 2.0 - NEAR), below(one, 2.0 + NEAR))
        ),
        f"Taken as: exponents within {NEAR:g} of 2, for each number of inputs. They are {_told(exponents)}. The number "
        "of parameters alone has the exponent 1; the rest is that of the steps, which is below 0 where wider networks "
        "arrive sooner, although more is asked of them.",
    )


def _confined(kept: dict[float, Table]) -> Verdict:
    claim, place = "Confining the space lowers the cost of training", "Sections I and IV, [13]"
    if len(kept) < 2:
        return Verdict(claim, place, Outcome.UNDECIDED, "Too few trainings arrived.")
    small, large = kept[min(kept)], kept[max(kept)]
    width = max(set(small.values("N")) & set(large.values("N")))
    few, many = (
        dict(zip(one["seed"].tolist(), one["steps"].tolist(), strict=True))
        for one in (small.where(N=width), large.where(N=width))
    )
    both = sorted(few.keys() & many.keys())
    more = ratio([many[k] for k in both], [few[k] for k in both])
    return Verdict(
        claim,
        place,
        above(more, 1.0),
        f"Taken as: fewer inputs. With N = {width:g}, functions of {max(kept):g} inputs take {more.value:.2f} times as "
        f"many steps to the same accuracy as functions of {min(kept):g}.",
        (Number.of("steps, most inputs over fewest", more),),
    )


def _told(exponents: dict[float, Interval]) -> str:
    return ", ".join(f"{one.value:.2f} with {n:g} inputs" for n, one in exponents.items()) or "none"


def _arrived(rows: Table) -> Table:
    """Widths at which nearly all seeds arrived, without the seeds that did not."""
    good = [n for (n,), one in rows.groups("N") if (one["steps"] > 0).mean() >= LEAST_REACHED]
    return rows.rows(np.isin(rows["N"], good) & (rows["steps"] > 0))


def _exponent(rows: Table, column: str) -> Interval:
    """Mean over seeds of the slope in double-logarithmic scale."""
    slopes = [power(one["N"], one[column]).value for _, one in rows.groups("seed") if len(one) > 2]
    return mean(slopes)


def draw(tables: Tables) -> list[Picture]:
    figure = new_figure(8, 3.2)
    left, right = figure.subplots(1, 2)
    for (dimensions,), rows in tables["cost"].groups("dimensions"):
        kept = _arrived(rows)
        for axes, column in ((left, "steps"), (right, "cost")):
            groups = list(kept.groups("N"))
            n = [key for (key,), _ in groups]
            axes.loglog(
                n, [np.median(g[column]) for _, g in groups], "o-", ms=4, label=f"{dimensions:g}"
            )
    widths = np.array(tables["cost"].values("N"))
    middle = np.median(_arrived(tables["cost"])["cost"])
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
    "the number of steps times the number of parameters.</p>",
    measure=measure,
    judge=judge,
    draw=draw,
)
