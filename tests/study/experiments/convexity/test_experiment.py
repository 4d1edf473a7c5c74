"""Verdicts of made-up tables, and the tanks against the equation that they solve."""

import numpy as np
import pytest
import torch

from eit_rt.study.experiments.convexity import cells as convexity_cells
from eit_rt.study.experiments.convexity import endings as convexity_endings
from eit_rt.study.experiments.convexity import verdicts as convexity_verdicts
from eit_rt.study.statistics import share
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome

MAIN = {"activation": "tanh", "measure": "rademacher"}
LOSSES = ("data", "L1", "L2", "L3")


def tables(
    violated=0,
    trials=1000,
    at_minima=1000,
    flat=48,
    curve=0.05,
    apart=0.0,
    positive=0,
    settings=2,
    noise=0.0,
    gap=0.0,
    unequal=0,
):
    """Of 20 seeds. violated: segments of each sort and function, of so many trials. curve: barrier, the straight one's
    being 1. positive: seeds, at each of the settings. gap: loss of the second training over the first one's, less 1.
    unequal: seeds where that is 0.5 and the two are 0.5 apart, too.
    """
    rng = np.random.default_rng(0)
    gaps = [0.5 if k < unequal else gap for k in range(20)]
    away = [0.5 if k < unequal else apart for k in range(20)]
    names = list(convexity_cells.SUMS)
    of_losses = [(loss, name) for loss in ("none", *LOSSES, "remark 2") for name in names]
    bumps = {"straight": 1.0, "curve": curve, "neurons permuted": 1.0}
    seeds = range(20)
    rows = {
        "segments": [
            MAIN | {"loss": loss, "kind": kind, "function": name, "violated": violated}
            | {"trials": trials if loss == "none" else at_minima}
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
        "scalar": [{"s": s, "second": 2 / s**3} for s in (0.25, 0.5, 1, 2)],
        "spheres": [{"radius": r, "negative": n} for r, n in ((0.5, 0.9), (1, 0), (2, 0))],
        "remark_2": [
            {"kind": kind, "radius": 2, "lambda3": (k + 1) / settings, "trials": 20}
            | {"positive": positive, "positive_weights": positive}
            for kind in ("random", "minimum") for k in range(settings // 2)
        ],
        "manifold": [
            {"seed": k, "error": 1e-15, "flat": flat, "parameters": 72, "equations": 24, "path_error": 1e-15}
            | {"gap": 0.1, "gap_before": 0.4}
            for k in seeds
        ],
        "paths": [
            MAIN | {"loss": loss, "seed": k, "way": way, "t": t}
            | {"value": 0.2 + t * 0.2 * gaps[k] + (height + noise * rng.normal()) * (t == 0.5)}
            for loss in LOSSES for way, height in bumps.items() for k in seeds for t in (0, 0.5, 1)
        ],
        "pairs": [
            MAIN | {"loss": loss, "seed": k, "trained": 0.0, "new": away[k] + abs(noise * rng.normal())}
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
    "The loss of footnote 2 is convex in the weights",
)
OTHERS = "Both L1 and L2 are of non-convexity"
LOCAL = "The same could be strongly convex"
SET = "The global minimum is a sub-manifold for an over-parameterised model"
JOINED = "A trained curve between minima has less than half of the straight line's barrier"
SAME = "Two trainings reach the same least loss"
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


def test_many_segments_of_one_sort_do_not_vouch_for_another():
    found = outcomes(violated=0, at_minima=20)
    assert found["L3 is a convex optimization problem"] is Outcome.UNDECIDED
    assert found["The loss of footnote 2 is convex in the weights"] is Outcome.HOLDS


@pytest.mark.parametrize(
    ("made_up", "claim", "outcome"),
    [
        ({"positive": 20}, LOCAL, Outcome.HOLDS),
        ({"positive": 0}, LOCAL, Outcome.DOES_NOT),
        ({"positive": 1}, LOCAL, Outcome.UNDECIDED),
        ({"positive": 16}, LOCAL, Outcome.HOLDS),
        ({"positive": 16, "settings": 56}, LOCAL, Outcome.UNDECIDED),
        ({"positive": 20, "settings": 56}, LOCAL, Outcome.HOLDS),
        ({"gap": 0.0}, SAME, Outcome.HOLDS),
        ({"gap": 0.02}, SAME, Outcome.DOES_NOT),
        ({"unequal": 2}, SAME, Outcome.UNDECIDED),
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
        ({"apart": 0.0, "unequal": 10}, ONE, Outcome.HOLDS),
        ({"apart": 0.5, "gap": 0.02}, ONE, Outcome.UNDECIDED),
    ],
)
def test_verdicts_follow_the_numbers(made_up, claim, outcome):
    assert outcomes(**made_up)[claim] is outcome


def test_a_barrier_is_what_lies_above_the_line_between_the_ends():
    heights = convexity_endings.barriers(tables(curve=0.25, gap=0.5)["paths"], "L3", "curve")
    assert np.allclose(heights, 0.25)


def test_the_worse_training_is_measured_by_the_better_one_whichever_it_is():
    for gap, excess in ((0.5, 0.5), (-0.5, 1.0)):
        found = convexity_endings.excesses(tables(gap=gap)["paths"], "L2")
        assert np.allclose(found, excess)


def test_numbers_of_unique_are_of_pairs_with_one_loss():
    (one,) = (v for v in convexity_verdicts.judge(tables(apart=0.2, unequal=6)) if ONE in v.claim)
    numbers = {number.name: number.value for number in one.numbers}
    assert numbers["pairs of one loss"] == 14
    assert np.isclose(numbers["L3: difference, new tanks, pairs of one loss"], 0.2)


def test_over_the_number_c_the_least_is_at_the_edge():
    assert outcomes()["Over C itself"] is Outcome.DOES_NOT
    s = np.linspace(0.1, 0.9, 9)
    assert convexity_verdicts.least_inside(s, (s - 0.5) ** 2)
    assert not convexity_verdicts.least_inside(s, s)
    assert not convexity_verdicts.least_inside(s, -s)


def test_an_interval_is_wider_the_more_settings_are_looked_at():
    one, many = (share(16, 20, looks) for looks in (1, 56))
    assert one == share(16, 20)
    assert many.low < one.low < one.value < one.high < many.high


def test_a_positive_eigenvalue_within_rounding_is_none():
    torch.manual_seed(0)
    least = torch.tensor([1e-6, 1e-12, 0.0, -1e-6], dtype=torch.float64)
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64))[0]
    h = torch.stack(
        [turn @ torch.diag(torch.tensor([2.0, 1.0, v]).double()) @ turn.T for v in least]
    )
    found, positive = convexity_cells.least_eigenvalue(h)
    assert torch.allclose(found, least, atol=1e-12)
    assert positive.tolist() == [True, False, False, False]


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
