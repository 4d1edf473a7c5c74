"""What is selected: the loss against its algebra, and verdicts on tables that are clear or noisy."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from eit_rt.study.experiments.losses.comparison import inside, learned
from eit_rt.study.experiments.losses.experiment import EXPERIMENT, simplex
from eit_rt.study.experiments.losses.scales import FACTORS
from eit_rt.study.experiments.losses.selection import Problem
from eit_rt.study.statistics import ratio
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome, Verdict
from eit_rt.training.paper_losses import complexity_term

SEEDS = 8


def test_the_simplex_has_its_corners_and_lambdas_sum_to_one() -> None:
    grid = simplex((0.0, 0.25, 0.5, 1.0))
    assert {(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)} <= set(grid)
    assert all(sum(point) == pytest.approx(1) for point in grid)


def test_below_one_the_third_loss_pulls_as_the_second_does_but_less() -> None:
    c = torch.linspace(0.05, 0.95, 19, dtype=torch.float64, requires_grad=True)
    pull = {
        name: torch.autograd.grad(complexity_term(name, c).sum(), c)[0] for name in ("L2", "L3")
    }
    assert bool((pull["L3"] < 0).all())
    assert torch.allclose(pull["L3"], pull["L2"] * (1 - c.detach() ** 2))


def test_a_free_complexity_is_drawn_to_its_scale() -> None:
    problem = Problem.of("wave", "rademacher", 2.0, seeds=3, steps=150)
    wanted = 0.3 * problem.loss.scale
    loss = replace(
        problem.loss, equation="L3", lambdas=torch.tensor([0.05, 0.95, 0.0]), scale=wanted, squashed=False,
    )  # fmt: skip
    found = [line["r"] for line in problem.train(loss)]
    assert found == pytest.approx([wanted] * 3, rel=0.25)


def tables(
    change: dict[str, float], error: dict[str, float], noise: float,
    exponent: float = 1.0, exponent_of_the_other: float | None = None, low: float | None = None, size: float = 1.0,
    cost: float = 1.0,
) -> dict[str, Table]:  # fmt: skip
    """exponent: of r over the scale, by Rademacher's measure, and perhaps another by the Hessian's.

    change: of C, where C without the term is high; low: that of L3 where it is low. size: r of networks without a term.
    cost: power with which the error goes over the scale.
    """
    rng = np.random.default_rng(0)
    selected, scales = [], []
    for measure in ("rademacher", "hessian_trace"):
        for seed in range(SEEDS):
            for loss in ("none", "L1", "L2", "L3"):
                for a, b, c in simplex((0.0, 0.25, 0.5, 1.0)):
                    off, more = noise * rng.normal(size=2)
                    selected.append({
                        "task": "wave", "measure": measure, "p": 2.0, "loss": loss, "lambda1": a, "lambda2": b,
                        "lambda3": c, "seed": seed, "C": _complexity(loss, b, c, change, low) + off,
                        "test": np.exp(more) * error.get(loss, 1.0), "weights": 1.0,
                    })  # fmt: skip
            for factor in (0.0, *FACTORS):
                own = exponent if measure == "rademacher" else exponent_of_the_other or exponent
                r = factor**own if factor else size
                scales.append({
                    "task": "wave", "measure": measure, "factor": factor, "seed": seed,
                    "r": r * np.exp(noise * rng.normal()),
                    "test": (1 + abs(np.log(factor or 1.0))) ** cost, "reference": 1.0, "truth": 1.0,
                })  # fmt: skip
    return {"selected": Table.of(selected), "scales": Table.of(scales)}


def _complexity(
    loss: str, b: float, c: float, change: dict[str, float], low: float | None
) -> float:
    """Low where lambda3 is above 0."""
    if loss == "L3" and c and low is not None:
        return 0.4 + low
    return (0.4 if c else 0.5 + b / 100) + change.get(loss, 0.0)


def outcomes(verdicts: list[Verdict]) -> list[Outcome]:
    return [verdict.outcome for verdict in verdicts]


def test_what_the_algebra_says_is_judged_so() -> None:
    told = EXPERIMENT.judge(
        tables({"L1": -0.2, "L2": 0.2, "L3": 0.1}, {"L1": 1.1, "L2": 1.4, "L3": 1.3}, noise=0.01)
    )
    yes, no = Outcome.HOLDS, Outcome.DOES_NOT
    assert outcomes(list(told)) == [yes, yes, no, no, no, yes, no, yes, yes]


def test_a_third_loss_that_balances_and_wins_is_believed() -> None:
    told = EXPERIMENT.judge(
        tables(
            {"L1": -0.2, "L2": 0.2, "L3": -0.1}, {"L1": 1.2, "L2": 1.4, "L3": 0.7}, noise=0.01, low=0.1
        )
    )  # fmt: skip
    assert outcomes(list(told))[2:5] == [Outcome.HOLDS] * 3


def test_a_third_loss_that_lowers_everywhere_balances_nothing() -> None:
    told = EXPERIMENT.judge(tables({"L1": -0.2, "L2": 0.2, "L3": -0.1}, {}, noise=0.01))
    assert outcomes(list(told))[2] is Outcome.DOES_NOT


def test_a_first_loss_must_be_below_the_others_too() -> None:
    told = EXPERIMENT.judge(tables({"L1": -0.1, "L2": 0.1, "L3": -0.2}, {}, noise=0.01))
    assert outcomes(list(told))[0] is Outcome.DOES_NOT


@pytest.mark.parametrize(
    ("size", "noise", "outcome"),
    [(0.9, 0.01, Outcome.HOLDS), (1.3, 0.01, Outcome.DOES_NOT), (1.1, 0.5, Outcome.UNDECIDED)],
)
def test_the_size_of_outputs_without_a_term_is_held_against_the_truth(
    size: float, noise: float, outcome: Outcome
) -> None:
    assert outcomes(list(EXPERIMENT.judge(tables({}, {}, noise=noise, size=size))))[7] is outcome


def test_noise_decides_nothing() -> None:
    told = outcomes(list(EXPERIMENT.judge(tables({}, {}, noise=1.0))))
    assert told[:2] == [Outcome.UNDECIDED] * 2
    assert Outcome.HOLDS not in told[2:5]
    assert told[5] is Outcome.UNDECIDED
    assert told[8] is Outcome.UNDECIDED


def test_two_losses_with_the_same_error_leave_open_whether_the_loss_matters() -> None:
    told = EXPERIMENT.judge(tables({}, {"L1": 1.2}, noise=0.01))[8]
    assert told.outcome is Outcome.UNDECIDED


def test_an_interval_for_three_pairs_is_wider() -> None:
    a, b = np.array([1.0, 1.1, 1.3, 1.2]), np.ones(4)
    one, three = ratio(a, b), ratio(a, b, 3)
    assert three.low < one.low < one.high < three.high


def test_lambdas_at_which_no_loss_learns_are_told_of_and_left_out() -> None:
    """Where lambda3 is above 0 every error is that of a constant; elsewhere L3 is better."""
    made = tables({}, {"none": 0.5, "L1": 0.5, "L2": 0.5, "L3": 0.25}, noise=0.001)
    selected = made["selected"]
    test = np.where(selected["lambda3"] > 0, 1.0, selected["test"])
    flat = Table({name: selected[name] for name in selected.names} | {"test": test})
    table, none, points = learned(inside(flat))
    assert (none, points, table.values("lambda3")) == (3, 5, [0.0])
    because = EXPERIMENT.judge(made | {"selected": flat})[3].because
    assert "In 3 of 5 lambdas no loss learns much" in because
    assert "without these: 0.500" in because


def test_where_nothing_is_learned_at_all_nothing_is_left_to_tell() -> None:
    because = EXPERIMENT.judge(tables({}, {}, noise=0.001))[3].because
    assert because.endswith(
        "In 5 of 5 lambdas no loss learns much (median error above 0.9 with each)."
    )


def test_a_complexity_that_does_not_follow_its_scale_is_seen() -> None:
    told = outcomes(list(EXPERIMENT.judge(tables({}, {}, noise=0.01, exponent=0.3))))
    assert told[5] is Outcome.DOES_NOT


def test_one_setting_that_does_not_follow_is_not_averaged_away() -> None:
    told = list(
        EXPERIMENT.judge(tables({}, {}, noise=0.01, exponent=1.15, exponent_of_the_other=0.75))
    )
    assert told[5].outcome is Outcome.DOES_NOT
    assert "in 1 of 2 settings" in told[5].because


def test_scales_that_all_give_the_same_error_are_seen() -> None:
    told = outcomes(list(EXPERIMENT.judge(tables({}, {}, noise=0.01, cost=0.0))))
    assert told[6] is Outcome.HOLDS


def test_scales_are_judged_on_seeds_that_did_not_choose_them() -> None:
    """Errors that are chance alone: chosen and judged on the same seeds, the worst scale would lose here."""
    made = tables({}, {}, noise=0.01)
    rng, scales = np.random.default_rng(1), made["scales"]
    chance = {name: scales[name] for name in scales.names} | {
        "test": np.exp(rng.normal(size=len(scales)))
    }
    told = EXPERIMENT.judge(made | {"scales": Table(chance)})
    assert outcomes(list(told))[6] is Outcome.UNDECIDED


def test_pictures_are_drawn_from_the_tables() -> None:
    shown = EXPERIMENT.draw(tables({}, {}, 0.01) | _four_settings())
    assert [picture.name for picture in shown] == ["paths", "simplex", "changes", "scales"]


def _four_settings() -> dict[str, Table]:
    made = tables({}, {}, 0.01)
    found = {}
    for name, table in made.items():
        rows = [
            {column: table[column][k] for column in table.names} | {"task": task}
            for task in ("wave", "blurred row")
            for k in range(len(table))
        ]
        found[name] = Table.of(rows)
    return found
