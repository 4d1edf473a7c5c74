"""Who is best: chosen on some seeds, judged on others."""

import numpy as np
import pytest

from eit_rt.study.experiments.ill_posed.contest import Contest, best, by_seed
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome

HOLDS, NOT, OPEN = Outcome.HOLDS, Outcome.DOES_NOT, Outcome.UNDECIDED


def rows(factors, noise=0.01, seeds=20):
    """Errors of activations: a factor each, times what the seed has in common."""
    rng = np.random.default_rng(0)
    common = np.exp(rng.standard_normal(seeds))
    return Table.of(
        [
            {"activation": a, "function": f, "width": w, "n": 32, "seed": k}
            | {"error": common[k] * factor * np.exp(noise * rng.standard_normal())}
            for a, factor in factors.items()
            for f in ("one", "two")
            for w in (4, 8)
            for k in range(seeds)
        ]
    )


def test_pairing_sees_a_small_difference_under_large_common_noise():
    contest = Contest.of(rows({"relu": 1.0, "tanh": 1.1, "sine": 0.9}), "relu")
    assert contest.order == ("sine", "relu", "tanh")
    assert contest.against["tanh"].value == pytest.approx(1 / 1.1, rel=0.01)
    assert contest.against["sine"].low > 1
    assert len(contest.duels) == len(contest.lost) == 4
    assert contest.won == []


def test_the_best_one_wins_each_duel():
    assert len(Contest.of(rows({"relu": 1.0, "tanh": 1.2}), "relu").won) == 4


def test_alike_ones_rarely_win_or_lose():
    contest = Contest.of(rows({"relu": 1.0, "tanh": 1.0, "sine": 1.0}, noise=0.5), "relu")
    assert len(contest.won) + len(contest.lost) <= 1


def test_the_best_setting_is_judged_on_seeds_that_did_not_choose_it():
    """One setting is lucky on the even seeds alone."""
    table = Table.of(
        [
            {"activation": a, "seed": k, "error": 0.1 if a == "lucky" and k % 2 == 0 else 1.0}
            for a in ("lucky", "other")
            for k in range(10)
        ]
    )
    key, error = best(table, "activation")
    assert key == ("lucky",)
    assert error.value == 1.0


def test_seeds_are_put_in_order():
    table = Table.of([{"a": "x", "seed": k, "error": 10 * k} for k in (2, 0, 1)])
    ((_, errors),) = by_seed(table, "a")
    assert errors.tolist() == [0, 10, 20]
