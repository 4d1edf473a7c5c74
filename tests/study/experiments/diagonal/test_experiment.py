"""Verdicts about the ten discs on made-up tables: that clearly hold, clearly do not, or do not say."""

import numpy as np
import pytest

from eit_rt.study.experiments.diagonal.pictures import pixels
from eit_rt.study.experiments.diagonal.verdicts import (
    CLASSICAL,
    NETWORK,
    NEWTON,
    ONE_STEP,
    TEN_ITERATED,
    TEN_NETWORK,
    TEN_ONE_STEP,
    judge,
    smallest_spacing,
)
from eit_rt.study.run import Tables
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome

HOLDS, DOES_NOT, UNDECIDED = Outcome.HOLDS, Outcome.DOES_NOT, Outcome.UNDECIDED
METHODS = (ONE_STEP, "one step, Laplace", *CLASSICAL, NETWORK)
REPRODUCED, ONE, CLASSIC, PICTURE, PLACES, WHICH, TIMES = range(7)


def world(
    resolving: dict[str, float] | None = None,
    errors: tuple[float, float, float] = (0.2, 0.1, 0.4),
    seconds: tuple[float, float] = (1.0, 50.0),
    correlation: float | None = 0.9999,
    spread: float = 0.0,
) -> Tables:
    """resolving: share of seeds in which a method tells all apart. errors: network, iterated, one step of ten.
    seconds: network, Newton-Raphson."""
    resolving = resolving or {}
    rng = np.random.default_rng(0)
    told = [
        {"kind": kind, "noise": "40 dB", "spacing": spacing, "seed": seed, "method": name, "n": n,
         "told": n if seed < 10 * resolving.get(name, 0.0) or spacing > 0.5 else 1}
        for kind in ("resistive", "conductive") for spacing, n in ((0.13, 10), (0.4, 5), (0.8, 3))
        for seed in range(10) for name in METHODS
    ]  # fmt: skip
    marks = [
        {"noise": "40 dB", "tank": tank, "method": name, "side": 0.9, "correlation": 0.9,
         "log_error": error * float(np.exp(spread * rng.standard_normal()))}
        for tank in range(20)
        for name, error in zip((TEN_NETWORK, TEN_ITERATED, TEN_ONE_STEP), errors, strict=True)
    ]  # fmt: skip
    read = [{"noise": "40 dB", "tank": k, "method": ONE_STEP, "side": 0.7} for k in range(20)]
    times = [
        {"repeat": repeat, "method": name,
         "seconds": second * float(np.exp(spread * rng.standard_normal()))}
        for repeat in range(10)
        for name, second in ((ONE_STEP, 0.1), (NETWORK, seconds[0]), (NEWTON, seconds[1]))
    ]  # fmt: skip
    tables = {
        "told": Table.of(told),
        "any_strength": Table.of(
            [{"method": name, "strength": 1, "n": 10, "told": 2} for name in METHODS]
        ),
        "impedances": Table.of(marks),
        "read": Table.of(read),
        "times": Table.of(times),
        "condition": Table.of([{"condition": 7000}]),
    }
    if correlation is not None:
        row = {"correlation": correlation, "lack": 1 - correlation, "told": 1}
        tables["eidors"] = Table.of([row, row | {"correlation": 1, "lack": 0}])
    return tables


def outcomes(tables: Tables) -> list[Outcome]:
    return [verdict.outcome for verdict in judge(tables)]


@pytest.mark.parametrize(
    ("correlation", "outcome"), [(0.9999, HOLDS), (0.95, DOES_NOT), (None, UNDECIDED)]
)
def test_eidors_picture_is_made_again_or_not_or_not_compared(correlation, outcome):
    assert outcomes(world(correlation=correlation))[REPRODUCED] == outcome


@pytest.mark.parametrize(
    ("share", "cannot", "can"),
    [(0.0, HOLDS, DOES_NOT), (1.0, DOES_NOT, HOLDS), (0.5, UNDECIDED, UNDECIDED)],
)
def test_pictures_tell_ten_apart_or_not(share, cannot, can):
    everybody = outcomes(world(dict.fromkeys(METHODS, share)))
    assert everybody[ONE] == cannot
    assert everybody[CLASSIC] == can
    assert everybody[PICTURE] == can


def test_one_classical_method_that_tells_ten_apart_is_enough_and_is_named():
    verdict = judge(world({NEWTON: 1.0}))[CLASSIC]
    assert verdict.outcome == HOLDS
    assert NEWTON in verdict.because
    won = {one.name: one.value for one in verdict.numbers}
    assert won[f"discs more told apart than by one step at 0.4, {NEWTON}"] == 4


@pytest.mark.parametrize(
    ("errors", "spread", "estimates", "is_network"),
    [
        ((0.1, 0.3, 0.4), 0.1, HOLDS, HOLDS),
        ((0.3, 0.1, 0.4), 0.1, HOLDS, DOES_NOT),
        ((0.7, 0.7, 0.7), 0.5, DOES_NOT, UNDECIDED),
        ((0.38, 0.38, 0.4), 0.5, UNDECIDED, UNDECIDED),
    ],
)
def test_network_against_gauss_newton_with_the_same_places(errors, spread, estimates, is_network):
    found = outcomes(world(errors=errors, spread=spread))
    assert found[PLACES] == estimates
    assert found[WHICH] == is_network


@pytest.mark.parametrize(
    ("seconds", "spread", "outcome"),
    [((1, 50), 0.1, HOLDS), ((50, 1), 0.1, DOES_NOT), ((1, 1), 0.5, UNDECIDED)],
)
def test_times_are_compared_as_ratios(seconds, spread, outcome):
    assert outcomes(world(seconds=seconds, spread=spread))[TIMES] == outcome


def test_smallest_spacing_is_where_all_larger_ones_are_resolved_too():
    def rows(told):
        return Table.of([{"spacing": s, "n": 3, "told": t} for s, t in told])

    assert smallest_spacing(rows([(0.1, 3), (0.2, 1), (0.4, 3), (0.8, 3)])) == 0.4
    assert smallest_spacing(rows([(0.1, 3), (0.2, 3)])) == 0.1
    assert smallest_spacing(rows([(0.1, 3), (0.2, 2)])) is None


def test_pixels_of_a_table_are_those_inside_the_tank_in_shares_of_the_largest():
    picture = np.full((64, 64), np.nan)
    picture[10, 30], picture[40, 20] = -4.0, 2.0
    rows = {(row["row"], row["column"]): row["a"] for row in pixels({"a": picture})}
    assert rows[10, 30] == -1
    assert rows[40, 20] == 0.5
    assert (0, 0) not in rows
