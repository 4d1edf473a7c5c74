"""Who is best: chosen on some seeds, judged on others."""

import numpy as np
import pytest

from eit_rt.study import statistics
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


@pytest.mark.parametrize(
    ("names", "confidence", "wider"),
    # Student's t, 19 degrees of freedom: 2.0930 at 95 %, 2.4334 at 97.5 %, 2.9439 at 99.1667 %.
    [("ab", 0.95, 1), ("abc", 0.975, 2.4334 / 2.093), ("abcdefg", 1 - 0.05 / 6, 2.9439 / 2.093)],
)
def test_intervals_are_wider_the_more_rivals_there_are(names, confidence, wider):
    table = rows(dict.fromkeys(names, 1.0), noise=0.3)
    contest = Contest.of(table, "a")
    assert contest.confidence == pytest.approx(confidence)
    log = {
        key: np.mean([np.log(y) for other, y in by_seed(table, "activation", "function", "width")
                      if other[0] == key], axis=0)
        for key in "ab"
    }  # fmt: skip
    usual = statistics.ratio(np.exp(log["a"]), np.exp(log["b"]))
    ours = contest.against["b"]
    assert ours.value == pytest.approx(usual.value)
    assert np.log(ours.high / ours.low) == pytest.approx(
        wider * np.log(usual.high / usual.low), rel=1e-3
    )


def test_a_duel_that_one_seed_judges_is_not_decided():
    contest = Contest.of(rows({"relu": 1.0, "tanh": 2.0}, seeds=2), "relu")
    assert {(duel.low, duel.high) for duel in contest.duels.values()} == {(0, np.inf)}
    assert contest.won == contest.lost == []


def test_the_nearest_rival_may_be_better_or_worse():
    assert Contest.of(rows({"relu": 1.0, "tanh": 1.1, "sine": 0.7}), "relu").nearest == "tanh"
    assert Contest.of(rows({"relu": 1.0, "tanh": 1.4, "sine": 0.9}), "relu").nearest == "sine"


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
