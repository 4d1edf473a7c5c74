"""Verdicts about the ten discs on made-up tables: that clearly hold, clearly do not, or do not say."""

import numpy as np
import pytest

from eit_rt.study.experiments.diagonal.names import (
    CLASSICAL,
    GUESS,
    ITERATED,
    NETWORK,
    NEWTON,
    ONE_STEP,
    PAPERS_LAYERS,
    TEN_ITERATED,
    TEN_NETWORK,
    TEN_ONE_STEP,
    WIDE_LAYERS,
)
from eit_rt.study.experiments.diagonal.pictures import pixels
from eit_rt.study.experiments.diagonal.verdicts import judge, smallest_spacing
from eit_rt.study.run import Tables
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome

HOLDS, DOES_NOT, UNDECIDED = Outcome.HOLDS, Outcome.DOES_NOT, Outcome.UNDECIDED
METHODS = (ONE_STEP, "one step, Laplace", *CLASSICAL, NETWORK)
REPRODUCED, ONE, CLASSIC, PICTURE, ILL, PLACES, TEN, WIDE, GUARANTEE, SMALL, WHICH, TIMES = range(
    12
)
NOISES = ("none", "60 dB", "40 dB", "20 dB")


def world(
    resolving: dict[str, float] | None = None,
    errors: tuple[float, float, float] = (0.2, 0.1, 0.4),
    seconds: tuple[float, float, float] = (1.0, 50.0, 50.0),
    ten: tuple[float, float] = (0.2, 0.1),
    growth: tuple[float, float] = (1.0, 1.5),
    lost: tuple[int, int] = (0, 0),
    noises: tuple[str, ...] = NOISES,
    correlation: float | None = 0.9999,
    spread: float = 0.0,
    condition: float = 7000.0,
    counted: dict[str, int] | None = None,
) -> Tables:
    """resolving: share of seeds in which a method tells all apart. errors: network, iterated, one step of ten.
    seconds: network, Newton-Raphson, both quasi-Newtons. ten: errors of ten voltages, paper's and wide layers.
    growth: of errors from no noise to 60 and to 20 dB. lost: tanks far off by the network and by the search.
    counted: discs that a method tells apart where it does not tell all; default 1."""
    resolving, counted = resolving or {}, counted or {}
    rng = np.random.default_rng(0)
    told = [
        {"kind": kind, "noise": "40 dB", "spacing": spacing, "seed": seed, "method": name, "n": n,
         "told": n if seed < 10 * resolving.get(name, 0.0) or spacing > 0.5 else counted.get(name, 1)}
        for kind in ("resistive", "conductive") for spacing, n in ((0.13, 10), (0.4, 5), (0.8, 3))
        for seed in range(10) for name in METHODS
    ]  # fmt: skip
    grown = dict(zip(NOISES, (1.0, growth[0], 1.0, growth[1]), strict=True))

    def error(typical: float) -> float:
        return typical * float(np.exp(spread * rng.standard_normal()))

    marks = [
        {"noise": noise, "tank": tank, "method": name, "side": 0.9, "correlation": 0.9,
         "log_error": grown[noise] * (0.9 if tank < far else error(typical))}
        for noise in noises for tank in range(20)
        for name, typical, far in zip(
            (TEN_NETWORK, TEN_ITERATED, TEN_ONE_STEP), errors, (*lost, 0), strict=True)
    ]  # fmt: skip
    few = [
        {"noise": "40 dB", "hidden": hidden, "tank": tank, "side": 0.9, "log_error": error(typical)}
        for hidden, typical in zip((PAPERS_LAYERS, WIDE_LAYERS), ten, strict=True)
        for tank in range(20)
    ]
    estimates = [
        {"noise": noise, "tank": tank, "disc": 0, "method": TEN_NETWORK,
         "found": 1.1 if noise == "60 dB" else 1.0}
        for noise in noises for tank in range(8)
    ]  # fmt: skip
    read = [{"noise": "40 dB", "tank": k, "method": ONE_STEP, "side": 0.7} for k in range(20)]
    times = [
        {"repeat": repeat, "method": name,
         "seconds": second * float(np.exp(spread * rng.standard_normal()))}
        for repeat in range(10)
        for name, second in (
            (ONE_STEP, 0.1), (NETWORK, seconds[0]),
            *zip(ITERATED, (seconds[1], seconds[2], seconds[2]), strict=True))
    ]  # fmt: skip
    tables = {
        "told": Table.of(told),
        "any_strength": Table.of(
            [{"method": name, "strength": 1, "n": 10, "told": 2} for name in METHODS]
        ),
        "impedances": Table.of(marks),
        "read": Table.of(read),
        "times": Table.of(times),
        "ten_voltages": Table.of(few),
        "ten_chosen": Table.of([{"condition": 1}, {"condition": 5000}]),
        "estimates": Table.of(estimates),
        "condition": Table.of([{"condition": condition}]),
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
    assert f"Iterating wins some spacing ({NEWTON}):" in verdict.because


def test_iterating_that_wins_nothing_is_said_to_win_nothing():
    for share in (0.0, 1.0):
        assert (
            "Iterating wins no spacing:"
            in judge(world(dict.fromkeys(METHODS, share)))[CLASSIC].because
        )


def test_where_nobody_tells_ten_apart_who_counts_most_is_named_not_the_first():
    verdict = judge(world(counted={"quasi-Newton, Broyden": 3}))[CLASSIC]
    assert verdict.because.startswith(
        "None of them does: all ten are told apart at 0.13 in 0% of the pictures of each; most are "
        "counted by quasi-Newton, Broyden (3.0 on average);"
    )
    assert verdict.numbers[0].name.endswith("quasi-Newton, Broyden")


def test_where_all_count_alike_all_are_named():
    because = judge(world())[CLASSIC].because
    assert f"most are counted by {' and '.join(CLASSICAL)} (1.0 on average)" in because


@pytest.mark.parametrize(
    ("condition", "outcome", "told"),
    [
        (7000, HOLDS, "one can only say: ill-conditioned"),
        (1000, UNDECIDED, "not ill-conditioned by this limit"),
        (20, UNDECIDED, "not ill-conditioned by this limit"),
    ],
)
def test_ill_posed_is_held_to_the_condition_of_ten_impedances(condition, outcome, told):
    verdict = judge(world(condition=condition))[ILL]
    assert verdict.claim == "The inverse problem of EIT is ill-posed"
    assert verdict.outcome == outcome
    assert f"condition number is {condition}:" in verdict.because
    assert told in verdict.because


@pytest.mark.parametrize("which", [CLASSIC, PICTURE, WHICH, TIMES])
def test_what_the_paper_leaves_to_future_work_is_not_called_its_claim(which):
    assert judge(world())[which].place == "asked here; section VI names it as future work"


@pytest.mark.parametrize("which", [ONE, CLASSIC, PICTURE])
def test_intervals_are_said_to_be_over_draws_of_noise(which):
    because = judge(world())[which].because
    assert "over 20 draws of noise; there is one tank of each kind (resistive and" in because


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
    ("ten", "spread", "papers", "wide"),
    [
        ((0.2, 0.1), 0.1, HOLDS, HOLDS),
        ((0.7, 0.1), 0.1, DOES_NOT, HOLDS),
        ((0.1, 0.7), 0.1, HOLDS, DOES_NOT),
        ((GUESS / 2, GUESS / 2), 0.5, UNDECIDED, UNDECIDED),
    ],
)
def test_ten_voltages_are_judged_for_each_shape_of_network(ten, spread, papers, wide):
    found = judge(world(ten=ten, spread=spread))
    assert (found[TEN].outcome, found[WIDE].outcome) == (papers, wide)
    for which, error in zip((TEN, WIDE), ten, strict=True):
        assert found[which].numbers[0].value == pytest.approx(error / GUESS, rel=0.5)
    assert f"err {found[TEN].numbers[-1].value:.2f} times as much as" in found[TEN].because


@pytest.mark.parametrize(
    ("lost", "outcome"),
    [((1, 1), HOLDS), ((0, 3), UNDECIDED), ((3, 0), UNDECIDED), ((0, 0), UNDECIDED)],
)
def test_one_tank_far_off_by_each_method_is_enough_against_a_guarantee(lost, outcome):
    verdict = judge(world(lost=lost))[GUARANTEE]
    assert verdict.outcome == outcome
    assert [one.value for one in verdict.numbers] == [share / 20 for share in lost]
    assert ("one is enough" in verdict.because) == (outcome == HOLDS)


@pytest.mark.parametrize(
    ("growth", "spread", "outcome"),
    [
        ((1.0, 1.5), 0.05, HOLDS),
        ((1.5, 2.0), 0.05, DOES_NOT),
        ((1.1, 1.5), 0.5, UNDECIDED),
    ],
)
def test_small_changes_of_the_voltages(growth, spread, outcome):
    verdict = judge(world(growth=growth, spread=spread))[SMALL]
    assert verdict.outcome == outcome
    assert f"move by {np.log(1.1):.3f}" in verdict.because


def test_small_changes_that_were_not_measured_decide_nothing():
    verdict = judge(world(noises=("none", "40 dB")))[SMALL]
    assert verdict.outcome == UNDECIDED
    assert "Not measured in this run" in verdict.because


def test_means_that_say_opposite_things_are_both_told():
    tables = world()
    assert "by both means" in judge(tables)[SMALL].because
    marks = tables["impedances"]
    rows = [
        {name: marks[name][k] for name in marks.names} | {"log_error": 1.0 if k % 20 == 0 else 0.1}
        for k in range(len(marks))
    ]
    for row in rows:  # The network doubles in all tanks; the search triples where it is good.
        if row["noise"] == "20 dB":
            grows = 2 if row["method"] == TEN_NETWORK else 3 if row["log_error"] < 1 else 1
            row["log_error"] *= grows
        if row["method"] == TEN_ITERATED and row["tank"] < 5:
            row["log_error"] = 2.0
    because = judge({**tables, "impedances": Table.of(rows)})[SMALL].because
    assert (
        f"opposite things: by the first the error of the {TEN_NETWORK} grows less, by the second "
        f"that of the {TEN_ITERATED}" in because
    )


def test_network_against_newton_tells_both_means():
    verdict = judge(world(errors=(0.2, 0.1, 0.4), lost=(0, 12), spread=0.05))[WHICH]
    numbers = {one.name: one.value for one in verdict.numbers}
    assert numbers["error less that of Gauss-Newton of ten, iterated, 40 dB"] < 0
    assert numbers["Wilcoxon’s p that both are alike, 40 dB"] < 0.05
    assert f"ends far off. Plain means of |ln(estimate/true)| at 40 dB: {TEN_NETWORK} 0.2" in (
        verdict.because
    )


@pytest.mark.parametrize(
    ("seconds", "spread", "outcome"),
    [
        ((1, 50, 50), 0.1, HOLDS),
        ((50, 1, 1), 0.1, DOES_NOT),
        ((10, 50, 1), 0.1, DOES_NOT),
        ((1, 1, 50), 0.5, UNDECIDED),
    ],
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
