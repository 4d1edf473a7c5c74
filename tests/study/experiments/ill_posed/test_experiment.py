"""Verdicts about Figure 1 on tables that clearly hold, clearly do not, or are noise."""

from itertools import product

import numpy as np
import pytest

from eit_rt.study.experiments.ill_posed.experiment import (
    EXPERIMENT,
    GAINS,
    RATES,
    TUNED_ON,
)
from eit_rt.study.experiments.ill_posed.interpolants import WIDTH, N
from eit_rt.study.networks import ACTIVATIONS
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome

SEEDS = range(20)
POSSIBLE, LINE, PLANE, POLE, HOLE, BRIDGE, SAMPLES, TUNED, USUAL, TERM = range(10)


def tables(error=0.05, relu=0.9, exponent=-0.5, size=1.0, beyond=0.02, noise=0.01, term=0.9):
    """error: with N samples. relu: its error over that of the others. exponent: of the error in the samples.

    term: error with λ₃ > 0 over without.
    """
    rng = np.random.default_rng(0)
    shapes = [
        (4, N, "tuned"),
        (WIDTH, N, "tuned"),
        (WIDTH, 32, "tuned"),
        (WIDTH, N, "usual"),
        (WIDTH, N, "long"),
    ]
    scores = [
        {"function": f, "activation": a, "width": w, "n": n, "start": start, "seed": seed}
        | {"error": error * (n / N) ** exponent * (relu if a == "relu" else 1) * np.exp(noise * rng.standard_normal())}
        | {
            "pole": size * np.exp(noise * rng.standard_normal()) if f != "jumps" else np.nan,
            "hole": size * np.exp(noise * rng.standard_normal()) if f != "jumps" else np.nan,
            "beyond": beyond * np.exp(noise * rng.standard_normal()) if f != "jumps" else np.nan,
        }
        for f, a, (w, n, start), seed in product(("jumps", "all", "plane"), ACTIVATIONS, shapes, SEEDS)
        if start != "long" or a in ("relu", "tanh")
    ]  # fmt: skip
    lines = [
        {
            "function": f,
            "n": n,
            "seed": seed,
            "error": error * np.exp(noise * rng.standard_normal()),
        }
        for f, n, seed in product(("jumps", "all", "plane"), (32, N), SEEDS)
    ]
    tuning = [
        {
            "function": "all",
            "activation": "relu",
            "tuned_at": 16,
            "gain": 1,
            "rate": 0.1,
            "error": 0.1,
        }
    ]
    weighed = [
        {"function": f, "lambda3": lam, "seed": seed, "norm": 10.0}
        | {"error": (term if lam else 1.0) * np.exp(noise * rng.standard_normal())}
        for f, lam, seed in product(("jumps", "all"), (0.0, 0.01), SEEDS)
    ]
    return {
        "scores": Table.of(scores),
        "lines": Table.of(lines),
        "tuning": Table.of(tuning),
        "weight_term": Table.of(weighed),
    }


def outcomes(**given):
    return [verdict.outcome for verdict in EXPERIMENT.judge(tables(**given))]


def test_all_claims_hold_where_the_numbers_say_so():
    assert set(outcomes()) == {Outcome.HOLDS}


@pytest.mark.parametrize(
    ("given", "broken"),
    [
        ({"error": 0.3}, {LINE, PLANE}),
        ({"size": 3.0}, {POLE, HOLE}),
        ({"beyond": 0.5}, {BRIDGE}),
        ({"exponent": 0.2}, {SAMPLES}),
        ({"relu": 1.3}, {TUNED, USUAL}),
        ({"term": 1.2}, {TERM}),
    ],
    ids=str,
)
def test_only_the_claim_that_the_numbers_speak_against_does_not_hold(given, broken):
    found = outcomes(**given)
    assert {k for k, one in enumerate(found) if one is Outcome.DOES_NOT} == broken
    assert found[POSSIBLE] is (Outcome.UNDECIDED if given.get("error") == 0.3 else Outcome.HOLDS)
    holding = {k for k, one in enumerate(found) if one is Outcome.HOLDS}
    assert holding | {POSSIBLE} == set(range(10)) - broken


def test_noise_decides_nothing_about_what_is_alike():
    found = outcomes(relu=1.0, exponent=0.0, noise=0.5, error=0.09, size=1.0, beyond=0.02, term=1.0)
    assert found[SAMPLES] is Outcome.UNDECIDED
    assert found[TUNED] is Outcome.UNDECIDED
    assert found[USUAL] is Outcome.UNDECIDED
    assert found[TERM] is Outcome.UNDECIDED


def test_one_activation_that_breaks_out_is_named():
    scores = tables()["scores"]
    sine = (scores["activation"] == "sine") & (scores["width"] == WIDTH)
    scores["hole"][sine] *= 4
    verdict = EXPERIMENT.judge(tables() | {"scores": scores})[HOLE]
    assert verdict.outcome is Outcome.DOES_NOT
    assert "not with sine" in verdict.because
    assert "sine 0%" in verdict.because


@pytest.mark.parametrize(
    ("breaking", "outcome"),
    [(2, Outcome.HOLDS), (9, Outcome.UNDECIDED), (18, Outcome.DOES_NOT)],
    ids=str,
)
def test_most_trainings_count_however_far_the_others_go(breaking, outcome):
    scores = tables()["scores"]
    out = (scores["activation"] == "tanh") & (scores["function"] == "all")
    scores["pole"][out & (scores["seed"] < breaking)] = 1000.0
    verdict = EXPERIMENT.judge(tables() | {"scores": scores})[POLE]
    assert verdict.outcome is outcome
    assert f"tanh {1 - breaking / len(SEEDS):.0%}" in verdict.because
    assert "reaches 1e+03 times the bound (all, tanh" in verdict.because


def test_relu_that_only_its_sibling_equals_is_not_decided_and_so_told():
    scores = tables()["scores"]
    usual = scores["start"] == "usual"
    sibling, relu = (usual & (scores["activation"] == a) for a in ("leaky_relu", "relu"))
    scores["error"][sibling] = scores["error"][relu] * np.resize([0.9, 1 / 0.9], sibling.sum())
    verdict = EXPERIMENT.judge(tables() | {"scores": scores})[USUAL]
    assert verdict.outcome is Outcome.UNDECIDED
    assert (
        "surely better than tanh, sigmoid, gelu, softplus, sine; not decided against leaky_relu"
        in verdict.because
    )
    assert "Nearest to it: leaky_relu, its sibling" in verdict.because


def test_choices_at_the_ends_of_what_was_tried_are_counted():
    """One in the middle of both, one with the smallest gain, one with the largest rate."""
    some = [
        {"function": f, "activation": "relu", "tuned_at": 16, "gain": g, "rate": r, "error": 0.1}
        for f, g, r in (
            ("jumps", GAINS[1], RATES[1]),
            ("all", GAINS[0], RATES[1]),
            ("plane", GAINS[1], RATES[2]),
        )
    ]
    verdict = EXPERIMENT.judge(tables() | {"tuning": Table.of(some)})[TUNED]
    assert "In 2 of 3 choices" in verdict.because
    assert "in 1 it is the largest" in verdict.because


def test_relu_that_is_best_in_some_settings_only_is_told():
    scores = tables(relu=1.3)["scores"]
    here = (
        (scores["activation"] == "relu") & (scores["function"] == "jumps") & (scores["width"] == 4)
    )
    scores["error"][here] *= 0.5
    verdict = EXPERIMENT.judge(tables() | {"scores": scores})[TUNED]
    assert verdict.outcome is Outcome.DOES_NOT
    assert f"surely better in 1 (jumps, width 4, {N} samples)" in verdict.because


def test_starts_are_chosen_on_seeds_that_are_not_judged():
    assert not set(TUNED_ON) & set(SEEDS)
