"""Verdicts of made-up tables, and the tanks against the equation that they solve."""

import numpy as np
import pytest
import torch

from eit_rt.study.experiments.convexity import cells as convexity_cells
from eit_rt.study.experiments.convexity import verdicts as convexity_verdicts
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome

MAIN = {"activation": "tanh", "measure": "rademacher"}
LOSSES = ("data", "L1", "L2", "L3")


def tables(violated=0, trials=1000, flat=48, curve=0.05, apart=0.0, positive=0, noise=0.0):
    """Of 20 seeds. violated: segments of each sort and function. curve: barrier, the straight one's being 1."""
    rng = np.random.default_rng(0)
    names = list(convexity_cells.SUMS)
    of_losses = [(loss, name) for loss in ("none", *LOSSES, "remark 2") for name in names]
    bumps = {"straight": 1.0, "curve": curve, "neurons permuted": 1.0}
    seeds = range(20)
    rows = {
        "segments": [
            MAIN | {"loss": loss, "kind": kind, "function": name, "violated": violated, "trials": trials}
            for loss, name in of_losses
            for kind in (("random",) if loss == "none" else ("neurons permuted", "near a minimum"))
        ],
        "lambdas": [
            MAIN | {"equation": "L3", "lambda1": 1 - k / 5, "lambda2": k / 5, "lambda3": 0, "violated": violated}
            for k in range(5)
        ],
        "spectra": [
            MAIN | {"loss": "L3", "seed": k, "step": step, "function": "L3"}
            | {"negative": 0.1, "least": -1.0, "greatest": 5.0}
            for k in seeds for step in (0, 100)
        ],
        "scalar": [{"s": 1.0, "second": 2.0}],
        "spheres": [{"radius": r, "negative": n} for r, n in ((0.5, 0.9), (1, 0), (2, 0))],
        "remark_2": [
            {"kind": kind, "radius": 2, "lambda3": 0.5, "trials": 20}
            | {"positive": positive, "positive_weights": positive}
            for kind in ("random", "minimum")
        ],
        "manifold": [
            {"seed": k, "error": 1e-15, "flat": flat, "parameters": 72, "equations": 24, "path_error": 1e-15}
            | {"gap": 0.1, "gap_before": 0.4}
            for k in seeds
        ],
        "paths": [
            MAIN | {"loss": loss, "seed": k, "way": way, "t": t}
            | {"value": 0.2 + t * 0.1 + (height + noise * rng.normal()) * (t == 0.5)}
            for loss in LOSSES for way, height in bumps.items() for k in seeds for t in (0, 0.5, 1)
        ],
        "pairs": [
            MAIN | {"loss": loss, "seed": k, "trained": 0.0, "new": apart + abs(noise * rng.normal())}
            for loss in LOSSES for k in seeds
        ],
    }  # fmt: skip
    return {name: Table.of(some) for name, some in rows.items()}


def outcomes(**made_up):
    verdicts = convexity_verdicts.judge(tables(**made_up))
    return {verdict.claim.split(",")[0].split(" (")[0]: verdict.outcome for verdict in verdicts}


CONVEX = (
    "L3 is a convex optimization problem",
    "‖w‖ + 1/‖w‖ is a convex regularization item",
    "C + 1/C is a convex regularization item",
    "λ₁ ‖R − G‖₂ + λ₃",
)
OTHERS = "Both L1 and L2 are of non-convexity"
LOCAL = "The same could be strongly convex"
SET = "The global minimum is a sub-manifold for an over-parameterised model"
JOINED = "Minima hang together: low paths lead from one to the next"
MANY = "Without strong convexity solutions are not unique"
ONE = "With L3 the solution is unique"


def test_one_violated_segment_disproves_convexity():
    found = outcomes(violated=1)
    assert {found[claim] for claim in CONVEX} == {Outcome.DOES_NOT}
    assert found[OTHERS] is Outcome.HOLDS


def test_a_thousand_segments_without_one_speak_for_it():
    found = outcomes(violated=0)
    assert {found[claim] for claim in CONVEX} == {Outcome.HOLDS}
    assert found[OTHERS] is Outcome.DOES_NOT


def test_a_few_segments_decide_nothing():
    found = outcomes(violated=0, trials=20)
    assert {found[claim] for claim in (*CONVEX, OTHERS)} == {Outcome.UNDECIDED}


@pytest.mark.parametrize(
    ("made_up", "claim", "outcome"),
    [
        ({"positive": 20}, LOCAL, Outcome.HOLDS),
        ({"positive": 0}, LOCAL, Outcome.DOES_NOT),
        ({"positive": 10}, LOCAL, Outcome.UNDECIDED),
        ({"flat": 48}, SET, Outcome.HOLDS),
        ({"flat": 30}, SET, Outcome.DOES_NOT),
        ({"curve": 0.05}, JOINED, Outcome.HOLDS),
        ({"curve": 0.9}, JOINED, Outcome.DOES_NOT),
        ({"curve": 0.5, "noise": 0.3}, JOINED, Outcome.UNDECIDED),
        ({"apart": 0.5}, MANY, Outcome.HOLDS),
        ({"apart": 0.5}, ONE, Outcome.DOES_NOT),
        ({"apart": 0.0}, MANY, Outcome.DOES_NOT),
        ({"apart": 0.0}, ONE, Outcome.HOLDS),
        ({"apart": 0.03, "noise": 0.025}, ONE, Outcome.UNDECIDED),
    ],
)
def test_verdicts_follow_the_numbers(made_up, claim, outcome):
    assert outcomes(**made_up)[claim] is outcome


def test_a_barrier_is_what_lies_above_the_line_between_the_ends():
    heights = convexity_verdicts.barriers(tables(curve=0.25)["paths"], "L3", "curve")
    assert np.allclose(heights, 0.25)


def test_voltages_of_a_tank_are_those_of_its_potential():
    """u = (a r^k + b r^-k) cos kt outside, c r^k cos kt inside; potential and current go on at rho, current 1 at 1."""
    raw = np.random.default_rng(3)
    n = convexity_cells.SAMPLES + convexity_cells.NEW
    rho, mu = raw.uniform(0.3, 0.9, (1, n, 1))[0, :, 0], raw.uniform(-0.9, 0.9, (1, n, 1))[0, :, 0]
    v, r = convexity_cells.tanks(1, np.random.default_rng(3))
    sigma = (1 + mu) / (1 - mu)
    change = np.empty((n, 4))
    for i in range(n):
        for k in range(1, 5):
            p, q = rho[i] ** k, rho[i] ** -k
            equations = np.array([[p, q, -p], [p, -q, -sigma[i] * p], [k, -k, 0]])
            a, b, _ = np.linalg.solve(equations, [0, 0, 1])
            change[i, k - 1] = -(k * (a + b) - 1) / 2
    expected = (change - change.mean(0)) / change.std(0)
    assert np.allclose(v[0], expected)
    assert torch.allclose(r.mean(1), torch.zeros(1, 2, dtype=torch.float64), atol=1e-12)


def test_the_middle_of_a_line_through_0_breaks_the_weight_term_alone():
    fixed = convexity_cells._problem(
        "tanh", "rademacher", "L3", *convexity_cells.tanks(5, np.random.default_rng(0))
    )
    torch.manual_seed(0)
    a = convexity_cells._start("tanh", 5, 2.0)
    sums, mixed = convexity_cells._segments(fixed, "through 0", a, -a)
    found = {row["function"]: row["violated"] for row in sums}
    assert found["‖w‖ + 1/‖w‖"] == 5
    assert found["L3"] == 5
    only = [row for row in mixed if row["lambda3"] == 1]
    assert [row["violated"] for row in only] == [5, 5, 5]
