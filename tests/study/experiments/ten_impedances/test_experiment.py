"""Experiment 9: the six-number limit, and verdicts that follow from made-up tables."""

import numpy as np
import pytest

from eit_rt.study.experiments.ten_impedances.experiment import LAMBDAS, judge
from eit_rt.study.experiments.ten_impedances.trials import GROUPS, NUMBERS, SHOWN
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome

HOLDS, DOES_NOT, UNDECIDED = Outcome.HOLDS, Outcome.DOES_NOT, Outcome.UNDECIDED
FEW = {3: 0.65, 30: 0.5, 300: 0.42}


def tables(
    gain=0.0, few_gain=0.0, noise=1e-3, spread=0.05, error=0.4, six=0.42, eight=0.1, line=0.27,
    ten_voltages=0.2, correlation=0.76,
):  # fmt: skip
    """Errors with the term are (1 - gain) times those without; three tanks see that with `spread`."""
    random = np.random.default_rng(3)
    seeds = range(20)

    def wobble():
        return float(np.exp(random.normal(0, noise)))

    def row(seed, value, unexplained=0.4):
        return {"seed": seed, "error": value * wobble(), "correlation": correlation + random.normal(0, noise),
                "unexplained": unexplained * wobble(), "guess": 0.6}  # fmt: skip

    def by_term(lambda3, value, by):
        return value * (1 - by if lambda3 > 0 else 1.0)

    sweep = [
        {"lambda3": one, **row(seed, by_term(one, error, gain)), "norm": 15.0 if one < 0.1 else 1.0}
        for one in LAMBDAS
        for seed in seeds
    ]
    threes = [
        {"lambda3": one, "seed": seed, "group": group,
         "error": by_term(one, error, gain) * float(np.exp(random.normal(0, spread)))}
        for one in SHOWN for seed in seeds for group in range(GROUPS)
    ]  # fmt: skip
    few = [
        {"tanks": tanks, "lambda3": one, **row(seed, by_term(one, value, few_gain))}
        for tanks, value in FEW.items()
        for one in (0.0, 1e-3, 1e-2)
        for seed in seeds
    ]
    numbers = [
        {"numbers": one, **row(seed, error, six if one == 6 else 0.15)}
        for one in NUMBERS
        for seed in seeds
    ]
    directions = [
        {"numbers": 6, "direction": k + 1, "size": 1.0 if k < 6 else 1e-15} for k in range(10)
    ]
    voltages = [
        {"voltages": name, "numbers": NUMBERS[-1], **row(seed, value)}
        for name, value in (("10", ten_voltages), ("10, j = 2", 0.3), ("35", 0.08))
        for seed in seeds
    ]
    return {
        "sweep": Table.of(sweep),
        "threes": Table.of(threes),
        "few": Table.of(few),
        "eight": Table.of([{"electrodes": 8, **row(seed, eight)} for seed in seeds]),
        "numbers": Table.of(numbers),
        "directions": Table.of(directions),
        "voltages": Table.of(voltages),
        "voltage_lines": Table.of(
            [{"voltages": name, "error": line} for name in ("10", "10, j = 2")]
        ),
    }


def outcome(place, **changes):
    return judge(tables(**changes))[place].outcome


@pytest.mark.parametrize(
    ("gain", "noise", "expected"),
    [
        (0.0, 1e-3, HOLDS),
        (-0.2, 1e-3, HOLDS),
        (0.01, 1e-3, HOLDS),
        (0.1, 1e-3, DOES_NOT),
        (0.0, 0.3, UNDECIDED),
    ],
)
def test_hardly_means_no_improvement_of_two_percent(gain, noise, expected):
    assert outcome(0, gain=gain, noise=noise) is expected


def test_chance_among_many_lambdas_is_no_improvement():
    """The best of seven equal ones looks better than none for those that chose it; not for the others."""
    verdict = judge(tables(noise=0.02))[0]
    held_out, others = verdict.numbers[0], verdict.numbers[1::3]
    assert held_out.low < 0.0 < held_out.high
    assert verdict.outcome is not DOES_NOT
    assert len(others) == len(LAMBDAS) - 1


@pytest.mark.parametrize(("spread", "expected"), [(0.1, HOLDS), (1e-4, DOES_NOT)])
def test_more_data_are_needed_if_three_tanks_see_another_change(spread, expected):
    assert outcome(1, spread=spread) is expected


@pytest.mark.parametrize(("correlation", "expected"), [(0.76, HOLDS), (0.6, DOES_NOT)])
def test_estimates_follow_from_a_correlation_of_seven_tenths_on(correlation, expected):
    assert outcome(2, correlation=correlation) is expected


def test_three_training_tanks_are_worse_than_the_mean_here():
    assert outcome(3) is DOES_NOT


@pytest.mark.parametrize(
    ("few_gain", "noise", "expected"),
    [(0.1, 1e-3, HOLDS), (0.0, 1e-3, DOES_NOT), (0.02, 0.2, UNDECIDED)],
)
def test_the_term_helps_few_tanks_if_thirty_say_so(few_gain, noise, expected):
    assert outcome(4, few_gain=few_gain, noise=noise) is expected


@pytest.mark.parametrize(("eight", "expected"), [(0.1, HOLDS), (0.4, DOES_NOT), (0.3, UNDECIDED)])
def test_eight_from_eight_is_satisfactory_below_half_of_the_means_error(eight, expected):
    assert outcome(5, eight=eight) is expected


@pytest.mark.parametrize(("six", "expected"), [(0.42, HOLDS), (0.15, DOES_NOT)])
def test_six_neurons_cost_if_more_stays_unexplained(six, expected):
    assert outcome(6, six=six) is expected


@pytest.mark.parametrize(("line", "expected"), [(0.27, DOES_NOT), (0.6, HOLDS)])
def test_the_network_is_held_against_a_straight_line(line, expected):
    assert outcome(7, line=line) is expected


@pytest.mark.parametrize(("ten_voltages", "expected"), [(0.2, HOLDS), (0.08, DOES_NOT)])
def test_ten_voltages_are_few_if_thirty_five_do_better(ten_voltages, expected):
    assert outcome(8, ten_voltages=ten_voltages) is expected


def test_no_six_numbers_explain_more_than_six_tenths_of_ten_independent_impedances():
    """The algebra behind the limit, with impedances as the experiment draws them and the best six directions."""
    random = np.random.default_rng(0)
    r = np.exp(random.uniform(np.log(0.25), np.log(4.0), (200_000, 10)))
    variance = np.linalg.eigvalsh(np.cov(r.T))[::-1]
    assert variance[6:].sum() / variance.sum() == pytest.approx(0.4, abs=0.01)
