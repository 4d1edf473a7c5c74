"""Experiment 7: exponents of made-up costs, and verdicts that follow from them."""

import numpy as np
import pytest
import torch

from eit_rt.study.experiments.training_cost.experiment import judge, waves
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome


def table(exponent, noise=0.05, seeds=10, arrived=1.0, dearer=1.0):
    rng = np.random.default_rng(1)
    rows = []
    for dimensions in (1, 2):
        for n in (4, 8, 16, 32):
            for seed in range(seeds):
                steps = 100 * n ** (exponent - 1) * np.exp(rng.normal(0, noise))
                steps *= dearer if dimensions == 2 else 1.0
                if rng.random() > arrived:
                    steps = 0.0
                rows.append(
                    {
                        "dimensions": dimensions,
                        "N": n,
                        "seed": seed,
                        "steps": steps,
                        "cost": steps * 3 * n,
                    }
                )
    return {"cost": Table.of(rows)}


@pytest.mark.parametrize(
    ("exponent", "no_more", "just_so"),
    [
        (1.2, Outcome.HOLDS, Outcome.DOES_NOT),
        (2.0, Outcome.UNDECIDED, Outcome.HOLDS),
        (3.0, Outcome.DOES_NOT, Outcome.DOES_NOT),
    ],
)
def test_the_exponent_decides(exponent, no_more, just_so):
    verdicts = judge(table(exponent))
    assert [one.outcome for one in verdicts[:2]] == [no_more, just_so]
    assert verdicts[0].numbers[0].value == pytest.approx(exponent, abs=0.1)


def test_noise_decides_nothing():
    found = {one.outcome for one in judge(table(1.9, noise=3.0, seeds=4))}
    assert found == {Outcome.UNDECIDED}


def test_widths_at_which_trainings_get_stuck_are_left_out():
    """Narrow ones may be; without the widest, growth is not known."""
    tables = table(1.2)
    for width, outcome in ((4, Outcome.HOLDS), (32, Outcome.UNDECIDED)):
        columns = {name: tables["cost"][name].copy() for name in tables["cost"].names}
        columns["steps"][(columns["N"] == width) & (columns["seed"] < 5)] = 0.0
        assert judge({"cost": Table(columns)})[0].outcome is outcome


def test_where_nothing_arrives_nothing_is_decided():
    verdicts = judge(table(1.2, arrived=0.0))
    assert {one.outcome for one in verdicts} == {Outcome.UNDECIDED}


@pytest.mark.parametrize(
    ("dearer", "outcome"),
    [(2.0, Outcome.HOLDS), (0.5, Outcome.DOES_NOT), (1.0, Outcome.UNDECIDED)],
)
def test_more_inputs_take_more_steps(dearer, outcome):
    assert judge(table(1.2, dearer=dearer))[2].outcome is outcome


def test_targets_have_size_one_and_differ():
    torch.manual_seed(0)
    y = waves(5, 2 * torch.rand(5, 400, 3) - 1)
    assert y.shape == (5, 400, 1)
    assert y.square().mean(dim=(1, 2)).tolist() == pytest.approx([1.0] * 5, rel=1e-5)
    assert len({round(float(one), 4) for one in y[:, 0, 0]}) == 5
