"""Equations (1), (1a), (1b): what each loss selects over the simplex of lambdas, and L3 with a C that may pass 1."""

from dataclasses import replace
from functools import partial
from typing import get_args

import numpy as np
import torch

from eit_rt.study.experiment import Experiment, Picture
from eit_rt.study.experiments.losses import pictures as losses_figures
from eit_rt.study.experiments.losses.comparison import PLAIN, inside
from eit_rt.study.experiments.losses.scales import FACTORS
from eit_rt.study.experiments.losses.selection import HIDDEN, SETTINGS, Problem
from eit_rt.study.experiments.losses.verdicts import judge
from eit_rt.study.losses import Equation, Measure
from eit_rt.study.run import Rows, Run, Tables
from eit_rt.study.table import Cell

MEASURES: tuple[Measure, ...] = get_args(Measure)
STRONG = (0.25, 0.75, 0.0)
"""The lambdas there."""
SEEDS, QUICK_SEEDS = 20, 4


def measure(run: Run) -> None:
    seeds, steps = run.pick(quick=QUICK_SEEDS, full=SEEDS), run.pick(quick=180, full=700)
    values = run.pick(quick=(0.0, 0.02, 0.25, 0.5, 1.0), full=(0.0, 0.02, 0.25, 0.5, 0.75, 1.0))
    for task in SETTINGS:
        for way in MEASURES:
            for p in (1.0, 2.0):
                one: dict[str, Cell] = {"task": task, "measure": way, "p": p}
                run.cell(one, partial(_selected, task, way, p, simplex(values), seeds, steps))
            run.cell({"task": task, "measure": way}, partial(_scales, task, way, seeds, steps))


def simplex(values: tuple[float, ...]) -> list[tuple[float, float, float]]:
    """All lambdas with lambda2 and lambda3 among these values."""
    return [(1 - b - c, b, c) for b in values for c in values if b + c <= 1]


def _selected(
    task: str, way: Measure, p: float, grid: list[tuple[float, float, float]], seeds: int, steps: int,
    _: np.random.Generator,
) -> Rows:  # fmt: skip
    problem = Problem.of(task, way, p, seeds, steps)
    lambdas = torch.tensor(grid).repeat_interleave(seeds, dim=0)
    rows: list[dict[str, Cell]] = []
    for name in losses_figures.LOSSES:
        used = lambdas * torch.tensor([1.0, 0.0, 1.0]) if name == PLAIN else lambdas
        equation: Equation = "L1" if name == PLAIN else name  # type: ignore[assignment]
        lines = problem.train(replace(problem.loss, lambdas=used, equation=equation), len(grid))
        for k, line in enumerate(lines):
            a, b, c = grid[k // seeds]
            where: dict[str, Cell] = {
                "loss": name,
                "lambda1": a,
                "lambda2": b,
                "lambda3": c,
                "seed": k % seeds,
            }
            rows.append(where | dict(line))
    return {"selected": rows}


def _scales(task: str, way: Measure, seeds: int, steps: int, _: np.random.Generator) -> Rows:
    problem = Problem.of(task, way, 2.0, seeds, steps)
    alone = problem.loss
    rows: list[dict[str, Cell]] = []
    for factor in (0.0, *FACTORS):
        free = replace(
            alone,
            equation="L3",
            lambdas=torch.tensor(STRONG),
            scale=factor * alone.scale,
            squashed=False,
        )
        for k, line in enumerate(problem.train(free if factor else alone)):
            where: dict[str, Cell] = {
                "factor": factor,
                "reference": alone.scale,
                "truth": problem.truth,
                "seed": k,
            }
            rows.append(where | dict(line))
    return {"scales": rows}


def draw(tables: Tables) -> list[Picture]:
    selected = tables["selected"]
    return [
        losses_figures.paths(selected),
        losses_figures.simplex(selected),
        losses_figures.changes(inside(selected)),
        losses_figures.scales(tables["scales"]),
    ]


EXPERIMENT = Experiment(
    number=2,
    name="losses",
    title="Three losses, and what they select",
    place="Section I, equations (1), (1a), (1b)",
    claim="L1 = λ<sub>1</sub> ‖R − G(V)‖<sub>p</sub> + λ<sub>2</sub> C + λ<sub>3</sub> (‖w‖<sub>p</sub> + "
    "1/‖w‖<sub>p</sub>); L2 has 1/C and L3 has C + 1/C in place of C; λ<sub>1</sub> + λ<sub>2</sub> + "
    "λ<sub>3</sub> = 1, 0 &lt; C &lt; 1. They “correspond to regularization of minimal complexity, highest "
    "complexity and most appropriate complexity respectively”; “L3 selects an optimal complexity”.",
    method=f"<p>Two tasks, networks with one hidden layer of {HIDDEN} tanh: a wave from 16 samples with a noise of "
    "half its spread, and ten values seen through a blur by sensors that saturate (40 rows, noise of 5 % of the "
    "sensors’ range). Each loss, p = 1 and 2, starts from the same networks with the same samples, a seed each, "
    f"{SEEDS} seeds ({QUICK_SEEDS} in a quick run); "
    "“without C” is the same loss with its λ<sub>2</sub> term left out. Lambdas: a grid over the simplex with its "
    "edges, with one finer step at 0.02, because larger λ<sub>3</sub> leave a network that hardly learns. Error: "
    "root of the mean square against the truth.</p><p>The paper leaves open: the norm over many samples (here of "
    "all, divided by their number to the power 1/p); the measures. Rademacher: of the outputs on the samples, 64 "
    "draws of signs (Bartlett and Mendelson, 2002); it is the size of the outputs and sees nothing between "
    "samples. Hessian: |trace| of the first term’s Hessian over the number of parameters, exact in each step, "
    "because 1/C of an estimate has no finite mean; with p = 1 it may change its sign. And C in (0, 1): C = r/(r + "
    "s) of a raw complexity r, s such that networks trained on the error alone have C = 1/2. Second part: C = r/s "
    "without a limit, with several s. Intervals: over seeds, after the mean over lambdas and, where the text names no "
    "setting, over settings.</p><p>Limits of 0 and 1 are those of no difference. That L1 is held against L2 and L3, "
    "L3 judged in both halves, the scale in each setting and on seeds that did not choose it, the "
    "verdict on a low complexity with its tenth, and the verdict on which loss is taken, came after a full run had "
    "been seen; the other limits stayed as they were in it.</p>",
    measure=measure,
    judge=judge,
    draw=draw,
)
