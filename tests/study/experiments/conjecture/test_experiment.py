"""Conjecture 1: the floor of Q against networks, and verdicts on tables that are clear or noisy."""

import numpy as np
import pytest
import torch

from eit_rt.study.experiments.conjecture.experiment import EXPERIMENT, floor
from eit_rt.study.experiments.conjecture.lambdas import ALONE, LIGHT, against
from eit_rt.study.losses import PaperLoss
from eit_rt.study.networks import Networks
from eit_rt.study.table import Table
from eit_rt.study.tasks import ROW, WAVE, Task
from eit_rt.study.verdict import Outcome

LAMBDAS = ((1.0, 0.0, 0.0), (0.98, 0.02, 0.0), (0.5, 0.5, 0.0), (0.98, 0.01, 0.01), (0.8, 0.1, 0.1))


@pytest.mark.parametrize("task", [WAVE, ROW], ids=lambda task: task.name)
def test_no_network_of_any_size_of_output_goes_below_the_floor(task: Task) -> None:
    generator = torch.Generator().manual_seed(0)
    networks = Networks((task.inputs, 8, task.outputs), "tanh")
    x, y = task.samples(50, 6, 0.1, generator)
    rows = networks.start(50, generator) * torch.logspace(-3, 1, 50).unsqueeze(1)
    for lambdas in LAMBDAS:
        loss = PaperLoss(networks, x, y, torch.tensor(lambdas), scale=0.1, draws=4096)
        assert bool((loss(rows) >= 0.97 * floor(loss)).all())


def test_the_floor_is_reached_by_the_targets_themselves() -> None:
    """Where complexity costs little, Q of a network that fits exactly is lambda2 C(R)."""
    networks = Networks((1, 4, 1), "tanh")
    rows = networks.start(3, torch.Generator().manual_seed(0))
    x = torch.linspace(-1, 1, 6).reshape(1, 6, 1).expand(3, 6, 1)
    y = networks.outputs(rows, x)
    loss = PaperLoss(networks, x, y, torch.tensor([0.99, 0.01, 0.0]), scale=10.0, draws=4096)
    assert loss(rows).tolist() == pytest.approx(floor(loss).tolist(), rel=0.1)


def test_weights_alone_have_the_floor_of_two() -> None:
    networks = Networks((1, 4, 1), "tanh")
    x, y = WAVE.samples(1, 5, 0.0, torch.Generator().manual_seed(0))
    assert floor(PaperLoss(networks, x, y, torch.tensor([0.5, 0.0, 0.5]))).tolist() == [1.0]


def tables(
    over_noise: float, longer: float, over_n: float, floor_share: float = 0.5, noise: float = 0.02,
    errors: tuple[float, ...] = (1.0,) * 5, steeper: float = 0.0,
) -> dict[str, Table]:  # fmt: skip
    """e goes as Q to the power over_noise; under longer training e goes as Q to the power longer.

    errors: factors of e, by lambda. steeper: added to the power of e over n where lambda is (1, 0, 0).
    """
    rng = np.random.default_rng(0)
    minima, trained = [], []
    for seed in range(10):
        for task in ("wave", "corner", "step", "blurred row"):
            for n in (8, 128):
                for (a, b, c), factor in zip(LAMBDAS, errors, strict=True):
                    for size in (0.0, 0.1, 0.2, 0.4):
                        q = (0.1 + size) * (n / 8) ** 0.3
                        e = (
                            (0.1 + size) ** over_noise
                            * (n / 8) ** (over_n + (0.0 if b + c else steeper))
                            * factor
                            * np.exp(noise * rng.normal())
                        )
                        minima.append({
                            "task": task, "n": n, "lambda1": a, "lambda2": b, "lambda3": c, "noise": size,
                            "seed": seed, "Q": q, "e": e, "floor": floor_share * q if b + c else 0.0,
                        })  # fmt: skip
        for steps in (100, 1000, 10000):
            q = 1e2 / steps * np.exp(noise * rng.normal())
            trained.append({"steps": steps, "seed": seed, "Q": q, "e": q**longer})
    return {"minima": Table.of(minima), "longer": Table.of(trained)}


def outcomes(made: dict[str, Table], first: int = 0, end: int = 5) -> list[Outcome]:
    """Of the conjecture; from 5 on: of what regularisation does to e."""
    return [verdict.outcome for verdict in EXPERIMENT.judge(made)][first:end]


YES, NO = Outcome.HOLDS, Outcome.DOES_NOT


def test_a_world_in_which_the_conjecture_is_right() -> None:
    assert outcomes(tables(over_noise=0.5, longer=0.5, over_n=0.15)) == [Outcome.HOLDS] * 5


def test_a_world_in_which_regularisation_helps() -> None:
    made = tables(0.5, 0.5, -0.5, errors=(1.0, 0.8, 0.7, 0.6, 1.0), steeper=-0.05)
    assert outcomes(made, 5, 11) == [YES] * 6


def test_a_world_in_which_regularisation_harms() -> None:
    made = tables(0.5, 0.0, 0.5, errors=(1.0, 1.2, 1.3, 1.4, 1.3), steeper=0.05)
    assert outcomes(made, 5, 11) == [NO] * 6


def test_one_strength_that_is_no_better_is_enough_against_holding_down() -> None:
    assert outcomes(tables(0.5, 0.5, -0.5, errors=(1.0, 0.8, 1.2, 1.0, 1.0)), 7, 8) == [NO]


def test_an_error_that_rises_with_its_bound_is_not_against_it() -> None:
    """Section IV: the claim is that they move apart."""
    assert outcomes(tables(0.5, 0.5, 0.3), 9, 10) == [NO]


def test_a_bound_that_falls_with_the_error_at_one_strength_is_against_it() -> None:
    made = tables(0.5, 0.5, -0.5)
    minima = made["minima"]
    fallen = minima["Q"] * np.where(minima["lambda2"] == 0.5, (minima["n"] / 8) ** -0.5, 1.0)
    told = EXPERIMENT.judge(made | {"minima": _changed(minima, Q=fallen)})
    assert told[9].outcome is NO
    assert "Q rises need not come from C" in told[9].because  # it rises with the error term alone
    assert "both fall" in told[4].because


def test_one_regularisation_that_helps_is_enough_and_the_others_are_told() -> None:
    told = EXPERIMENT.judge(tables(0.5, 0.5, -0.5, errors=(1.0, 1.0, 2.0, 1.1, 0.9)))[8]
    assert told.outcome is YES
    assert told.because.startswith("With λ = (0.8, 0.1, 0.1)")
    assert all(f"λ = {one}" in told.because for one in ("(0.98, 0.02, 0)", "(0.5, 0.5, 0)"))


def test_the_best_of_four_has_a_wider_interval() -> None:
    table = tables(0.5, 0.5, -0.5)["minima"]
    one, four = (against(table, LIGHT, ALONE, looks) for looks in (1, 4))
    alone = against(table, LIGHT, ALONE)
    assert (one.value, one.low, one.high) == pytest.approx((alone.value, alone.low, alone.high))
    assert four.low < one.low < four.value < one.high < four.high


def test_four_that_differ_by_chance_alone_enhance_nothing() -> None:
    assert EXPERIMENT.judge(tables(0.5, 0.5, -0.5, noise=0.5))[8].outcome is Outcome.UNDECIDED


@pytest.mark.parametrize(("size", "said"), [(10.0, "in 100% of the trainings"), (1e-3, "")])
def test_errors_of_a_constant_are_told_of(size: float, said: str) -> None:
    made = tables(0.5, 0.5, -0.1, errors=(1.0, 1.0, size, 1.0, 1.0))
    because = EXPERIMENT.judge(made)[10].because
    assert said in because
    assert ("leaving the constant" in because) is bool(said)


def _changed(table: Table, **columns: np.ndarray) -> Table:
    return Table({name: table[name] for name in table.names} | columns)


def test_noise_decides_nothing_of_regularisation() -> None:
    assert outcomes(tables(0.5, 0.15, 0.0, noise=2.0), 5, 11) == [Outcome.UNDECIDED] * 6


def test_the_floor_of_a_light_complexity_does_not_decide_the_rate() -> None:
    made = tables(0.5, 0.5, 0.15)
    minima = made["minima"]
    bent = np.where(minima["lambda2"] == 0.02, minima["e"] ** 3, minima["e"])
    columns = {name: minima[name] for name in minima.names} | {"e": bent}
    assert outcomes(made | {"minima": Table(columns)})[3] is YES


def test_a_world_in_which_it_is_wrong() -> None:
    told = outcomes(tables(over_noise=1.0, longer=0.0, over_n=-0.5))
    assert told == [Outcome.HOLDS] * 2 + [Outcome.DOES_NOT] * 3


def test_a_minimum_below_its_floor_is_not_called_proven() -> None:
    assert outcomes(tables(0.5, 0.5, 0.15, floor_share=1.5))[:2] == [Outcome.UNDECIDED] * 2


def test_noise_decides_no_rate() -> None:
    assert outcomes(tables(0.5, 0.5, 0.0, noise=2.0))[3:] == [Outcome.UNDECIDED] * 2


def test_pictures_are_drawn_from_the_tables() -> None:
    shown = EXPERIMENT.draw(tables(1.0, 0.0, -0.5))
    assert [picture.name for picture in shown] == ["scatter", "by-heart"]
