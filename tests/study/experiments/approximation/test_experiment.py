"""Experiment 5: exponents of errors that are known, and verdicts that follow from them."""

import numpy as np
import pytest

from eit_rt.study.experiments.approximation.experiment import NEURONS, SHARPNESS, TRAINED, sizes
from eit_rt.study.experiments.approximation.functions import landscapes
from eit_rt.study.experiments.approximation.verdicts import judge, slopes
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome

MADE = {
    # function, construction: exponent of rms and of the largest error
    ("smooth", "steps"): (-1, -1), ("smooth", "ramps"): (-2, -2),
    ("Lipschitz", "steps"): (-1, -1), ("Lipschitz", "ramps"): (-1.5, -1),
    ("jump", "steps"): (-0.5, 0), ("jump", "ramps"): (-0.5, 0),
    ("indicator", "steps"): (-0.5, 0), ("indicator", "ramps"): (-0.5, 0),
    ("smooth 2-D", "towers"): (-0.5, -0.5), ("Lipschitz 2-D", "towers"): (-0.5, -0.5),
    ("indicator 2-D", "towers"): (-0.25, 0),
}  # fmt: skip


def tables(noise=0.01, phases=8, made=MADE, trained=-1.0, jump_matters=True, slow=True):
    rng = np.random.default_rng(0)

    def wobble():
        return float(np.exp(rng.normal(0, noise)))

    constructed = [
        {"phase": phase, "function": name, "construction": kind, "N": n,
         "rms": n**rms * wobble(), "largest": n**largest * wobble()}
        for phase in range(phases)
        for (name, kind), (rms, largest) in made.items()
        for n in NEURONS
    ]  # fmt: skip
    constructed += [
        {"phase": phase, "function": "logarithmic", "construction": "steps", "N": n,
         "rms": 1.0, "largest": 1 / (1 + np.log(2 * n)) if slow else 1 / n}
        for phase in range(phases)
        for n in NEURONS
    ]  # fmt: skip
    sharpness = [
        {"phase": phase, "slope": k / 2, "N": n,
         "rms": min(n**-0.5, (k if jump_matters else 1) ** 1.5 * n**-2.0) * wobble()}
        for phase in range(phases)
        for k in SHARPNESS
        for n in NEURONS
    ]  # fmt: skip
    learned = [
        {"function": name, "N": n, "seed": seed, "rms": n**trained * wobble()}
        for name in TRAINED
        for n in (4, 16, 64, 256)
        for seed in range(phases)
    ]
    return {
        "constructed": Table.of(constructed),
        "sharpness": Table.of(sharpness),
        "trained": Table.of(learned),
    }


def outcomes(**changes):
    return [one.outcome for one in judge(tables(**changes))]


SMOOTH, CONTINUOUS, PROOF, IN_THE_MEAN, EVERYWHERE, COMPLEXITY, SHARPNESS_, DIMENSIONS, TRAINING = (
    range(9)
)


def test_rates_as_theory_says_give_these_verdicts():
    holds, fails = Outcome.HOLDS, Outcome.DOES_NOT
    assert outcomes() == [holds, fails, fails, holds, fails, holds, holds, fails, fails]


def test_errors_that_do_not_fall_refute_the_theorem():
    found = outcomes(made=dict.fromkeys(MADE, (0.0, 0.0)))
    assert found[SMOOTH] is Outcome.DOES_NOT
    assert found[IN_THE_MEAN] is Outcome.DOES_NOT
    assert found[DIMENSIONS] is Outcome.HOLDS
    assert found[COMPLEXITY] is not Outcome.HOLDS


def test_errors_that_fall_everywhere_hold():
    found = outcomes(made=dict.fromkeys(MADE, (-1.0, -1.0)))
    assert found[PROOF] is Outcome.HOLDS
    assert found[EVERYWHERE] is Outcome.HOLDS


def test_noise_decides_nothing():
    found = outcomes(noise=5.0, phases=3)
    for which in (SMOOTH, PROOF, IN_THE_MEAN):
        assert found[which] is Outcome.UNDECIDED
    assert found[TRAINING] is not Outcome.HOLDS


def test_a_continuous_function_with_a_rate_is_no_counter_example():
    assert outcomes(slow=False)[CONTINUOUS] is Outcome.UNDECIDED


def test_a_sharpness_without_effect_is_no_dependence():
    assert outcomes(jump_matters=False)[SHARPNESS_] is not Outcome.HOLDS


def test_networks_that_learn_every_rate_are_told():
    assert outcomes(trained=-3.0)[TRAINING] is Outcome.HOLDS


def test_slopes_are_those_of_powers():
    rows = Table.of(
        [{"phase": p, "N": n, "rms": (1 + p) * n**-1.5} for p in range(3) for n in NEURONS]
    )
    assert slopes(rows, "rms") == pytest.approx([-1.5] * 3, abs=1e-6)


def test_sizes_weigh_each_place_and_know_what_is_near_a_jump():
    found = sizes(
        np.array([3.0, 1.0, 0.5]), np.array([0.0, 0.5, 0.5]), np.array([False, True, True])
    )
    assert found["rms"] == pytest.approx(np.sqrt(0.625))
    assert (found["largest"], found["largest_away"]) == (3.0, 1.0)


def test_a_jump_is_not_approximated_at_every_point():
    """Straight lines through 4096 places: beside the jump at least half of it is missing."""
    from eit_rt.study.experiments.approximation.constructions import ramps

    land = landscapes(0.37)["jump"]
    x, _ = land.grid()
    off = np.abs(ramps(land.values, 4096, x) - land.values(x))
    assert off.max() > 0.49
    assert off[land.distance(x) > 0.05].max() < 1e-5
