"""Intervals: they hold the truth as often as they say, and agree with tables of others."""

import numpy as np
import pytest

from eit_rt.study import statistics
from eit_rt.study.statistics import Interval
from eit_rt.study.verdict import Number, Outcome, above, all_of, below, opposite

TRIALS = 2000


def covered(interval_of, truth):
    rng = np.random.default_rng(0)
    found = [interval_of(rng) for _ in range(TRIALS)]
    return np.mean([one.low <= truth <= one.high for one in found])


@pytest.mark.parametrize(
    ("name", "interval_of", "truth"),
    [
        ("mean", lambda rng: statistics.mean(rng.normal(3, 2, 8)), 3.0),
        ("paired", lambda rng: paired_of(rng), 0.5),
        ("ratio", lambda rng: ratio_of(rng), 2.0),
        ("slope", lambda rng: slope_of(rng), -0.5),
        ("power", lambda rng: power_of(rng), -1.5),
        ("share", lambda rng: statistics.share(int(rng.binomial(60, 0.3)), 60), 0.3),
    ],
)
def test_95_of_100_intervals_hold_the_truth(name, interval_of, truth):
    assert covered(interval_of, truth) == pytest.approx(0.95, abs=0.03)


def paired_of(rng):
    common = rng.normal(0, 50, 10)
    return statistics.paired(common + rng.normal(0.5, 1, 10), common + rng.normal(0, 1, 10))


def ratio_of(rng):
    common = np.exp(rng.normal(0, 3, 10))
    return statistics.ratio(2 * common * np.exp(rng.normal(0, 0.3, 10)), common)


def slope_of(rng):
    x = np.arange(9.0)
    return statistics.slope(x, 4 - 0.5 * x + rng.normal(0, 1, 9))


def power_of(rng):
    x = 2.0 ** np.arange(8)
    return statistics.power(x, 3 * x**-1.5 * np.exp(rng.normal(0, 0.2, 8)))


def test_wilson_interval_as_in_the_textbook():
    """Newcombe (1998), table 1: 81 of 263."""
    found = statistics.share(81, 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_one_sample_decides_nothing():
    one = statistics.mean([5.0])
    assert above(one, 0.0) is Outcome.UNDECIDED
    assert above(statistics.slope([0, 1], [0, 1]), 0.0) is Outcome.UNDECIDED


def test_signed_ranks_tell_pairs_apart():
    rng = np.random.default_rng(1)
    a = rng.normal(0, 1, 30)
    assert statistics.sign_p(a + 1 + rng.normal(0, 0.5, 30), a) < 1e-4
    assert statistics.sign_p(a, a) == 1.0


@pytest.mark.parametrize(
    ("low", "high", "is_above", "is_below"),
    [
        (1.0, 2.0, Outcome.HOLDS, Outcome.DOES_NOT),
        (-2.0, -1.0, Outcome.DOES_NOT, Outcome.HOLDS),
        (-1.0, 1.0, Outcome.UNDECIDED, Outcome.UNDECIDED),
    ],
)
def test_a_claim_is_decided_where_the_whole_interval_is_on_one_side(low, high, is_above, is_below):
    interval = Interval((low + high) / 2, low, high)
    assert above(interval, 0.0) is is_above
    assert below(interval, 0.0) is is_below
    assert opposite(is_above) is is_below


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["holds", "holds"], "holds"),
        (["holds", "not decided"], "not decided"),
        (["holds", "not decided", "does not hold"], "does not hold"),
        ([], "not decided"),
    ],
)
def test_a_claim_of_several_parts(parts, whole):
    assert all_of(map(Outcome, parts)) is Outcome(whole)


def test_a_number_is_told_with_its_interval():
    assert Number.of("x", Interval(0.12345, 0.1, 0.15)).told == "0.123 (0.100 to 0.150)"
    assert Number.of("x", Interval(2534.4, 2360.0, 99.96)).told == "2534 (2360 to 100)"
    assert Number("x", 12.0).told == "12"
    assert Number("x", 31415.9).told == "31416"
