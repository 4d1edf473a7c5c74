"""The term of the weights: chosen on half of the seeds, judged on the others, and trained beside none."""

from itertools import product

import numpy as np
import pytest

from eit_rt.study.experiments.ill_posed.interpolants import Start
from eit_rt.study.experiments.ill_posed.targets import TARGETS
from eit_rt.study.experiments.ill_posed.weight_term import helps, weighed
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome


def rows(jumps, everything, noise=0.01):
    """λ₃ -> error over that without, for each of the two functions."""
    rng = np.random.default_rng(0)
    common = np.exp(rng.standard_normal(20))
    return Table.of(
        [
            {"function": f, "lambda3": lam, "seed": k, "norm": 50 - 100 * lam}
            | {"error": factor * common[k] * np.exp(noise * rng.standard_normal())}
            for (f, factors), k in product((("jumps", jumps), ("all", everything)), range(20))
            for lam, factor in ({0.0: 1.0} | factors).items()
        ]
    )


@pytest.mark.parametrize(
    ("jumps", "everything", "outcome"),
    [
        ({0.01: 0.9, 0.1: 2.0}, {0.01: 2.0, 0.1: 0.8}, Outcome.HOLDS),
        ({0.01: 0.9, 0.1: 2.0}, {0.01: 1.1, 0.1: 1.5}, Outcome.DOES_NOT),
        ({0.01: 0.9}, {0.01: 1.0}, Outcome.UNDECIDED),
    ],
)
def test_the_best_lambda_of_each_function_is_judged(jumps, everything, outcome):
    assert helps(rows(jumps, everything)).outcome is outcome


def test_noise_decides_nothing():
    assert helps(rows({0.01: 1.0}, {0.01: 1.0}, noise=0.5)).outcome is Outcome.UNDECIDED


def test_norms_and_the_chosen_lambda_are_told():
    because = helps(rows({0.01: 0.9, 0.1: 2.0}, {0.01: 2.0, 0.1: 0.8})).because
    assert "λ₃ of 0.01, 0.1 chosen by half of the seeds" in because
    assert "jumps: λ₃ = 0.01" in because
    assert "all: λ₃ = 0.1" in because
    assert "‖w‖ 49 and 50" in because


def test_luck_of_the_seeds_that_choose_is_no_credit():
    """0.1 is better on even seeds alone, and worse on the odd ones."""
    table = rows({0.01: 0.99, 0.1: 1.0}, {0.01: 0.99, 0.1: 1.0}, noise=0.001)
    lucky = table["lambda3"] == 0.1
    table["error"][lucky] *= np.where(table["seed"][lucky] % 2, 1.2, 0.5)
    assert helps(table).outcome is Outcome.DOES_NOT


def test_a_heavy_term_draws_the_norm_to_one():
    table = Table.of(
        weighed(TARGETS["jumps"], [0, 1, 2], Start(1.0, 0.03), 300, [0.0, 0.99])["weight_term"]
    )
    assert table["seed"].tolist() == [0, 1, 2] * 2
    assert table.where(lambda3=0.99)["norm"] == pytest.approx(1.0, abs=0.1)
    assert table.where(lambda3=0)["norm"].min() > 2
