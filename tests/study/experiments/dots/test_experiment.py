"""Verdicts about the dots on made-up tables, and the count of answers that six numbers can give."""

from collections.abc import Callable
from itertools import combinations, product

import numpy as np
import pytest

from eit_rt.study.experiments.dots.bench import NOISE_DB
from eit_rt.study.experiments.dots.rates import FEW, FULL, Rates, Setting
from eit_rt.study.experiments.dots.trials import (
    BESIDE,
    BOTTLENECK,
    DISCS,
    ENTROPY,
    MODERATE_DB,
    NETWORKS,
    PIXELS,
    SEARCH,
)
from eit_rt.study.experiments.dots.verdicts import ARRANGED, judge
from eit_rt.study.run import Tables
from eit_rt.study.table import Table
from eit_rt.study.verdict import Outcome

SEEDS = 6
METHODS = (SEARCH, NETWORKS, ENTROPY, BOTTLENECK, DISCS, PIXELS)
HOLDS, DOES_NOT, UNDECIDED = Outcome.HOLDS, Outcome.DOES_NOT, Outcome.UNDECIDED


def world(
    rates: dict[str, float],
    unseen: float = 0.99,
    spread: float = 0.001,
    beside: float | None = None,
    singular: tuple[float, ...] = (0.1, 0.1, 0.1, 0.1),
    last: float = 1.0,
) -> Tables:
    """Tables in which a method is right in this share of tanks, whatever board and noise.

    beside: share of networks whose dots are beside their places; default the same. singular: least values, one for each
    setting. last: search with k of n voltages is right in k/n of the tanks, and never in more than this.
    """
    rng = np.random.default_rng(0)

    def near(value: float) -> float:
        return value + spread * float(rng.standard_normal())

    return {
        "rates": Table.of([
            {"n": at.n, "board": at.board, "method": method, "noise_db": db, "seed": seed, "exact": near(rates[method])}
            for at in FEW + FULL for method in METHODS for db in NOISE_DB for seed in range(SEEDS)
        ]),
        "times": Table.of([
            {"n": at.n, "board": at.board, "method": method, "of_search": 1}
            for at in FEW + FULL for method in METHODS
        ]),
        "tanks": Table.of([
            {"n": at.n, "board": at.board, "least_singular": least}
            for at, least in zip(FEW + FULL, singular, strict=True)
        ]),
        "beside": Table.of([
            {"n": at.n, "board": at.board, "method": method, "radii": BESIDE, "seed": seed,
             "exact": near(rates[method] if beside is None else beside)}
            for at in FEW for method in (NETWORKS, SEARCH) for seed in range(SEEDS)
        ]),
        "samples": Table.of([
            {"known": k, "seed": seed, "exact_unseen": near(unseen), "exact_seen": near(0.99)}
            for k in (64, 512) for seed in range(SEEDS)
        ]),
        "fewer": Table.of([
            {"n": at.n, "voltages": k, "seed": seed, "exact": near(min(last, k / at.n))}
            for at in FEW for k in range(1, at.n + 1) for seed in range(SEEDS)
        ]),
        "others": Table.of([
            {"n": at.n, "noise_db": MODERATE_DB, "seed": seed, "exact": near(0.6)}
            for at in FEW for seed in range(SEEDS)
        ]),
        "middle": Table.of([
            {"n": at.n, "step": step, "change": change} for at in FEW for step, change in ((3, 0.1), (2, 0.01))
        ]),
    }  # fmt: skip


GOOD = {SEARCH: 0.99, NETWORKS: 0.985, ENTROPY: 0.98, BOTTLENECK: 0.97, DISCS: 0.8, PIXELS: 0.7}
BAD = {SEARCH: 0.9, NETWORKS: 0.7, ENTROPY: 0.7, BOTTLENECK: 0.2, DISCS: 0.8, PIXELS: 0.75}


@pytest.mark.parametrize(
    ("tables", "outcome"),
    [
        (lambda: world(GOOD), HOLDS),
        (lambda: world(BAD, unseen=0.5), DOES_NOT),
        (lambda: world(dict.fromkeys(METHODS, 0.95), unseen=0.95, spread=0.1), UNDECIDED),
    ],
)
def test_each_claim_follows_its_numbers(tables: Callable[[], Tables], outcome: Outcome) -> None:
    verdicts = judge(tables())
    assert len(verdicts) == 8
    # A claim about many noises fails with one of them: chance may do that to noisy tables, but not make it hold.
    allowed = {outcome, DOES_NOT} if outcome is UNDECIDED else {outcome}
    assert {one.outcome for one in verdicts} <= allowed
    assert outcome in {one.outcome for one in verdicts}
    assert all(one.because and one.numbers for one in verdicts)


def test_better_than_one_gauss_newton_only_is_not_better() -> None:
    verdicts = judge(world(GOOD | {DISCS: 0.99}))
    assert [one.outcome for one in verdicts[5:7]] == [DOES_NOT, DOES_NOT]


@pytest.mark.parametrize(
    ("beside", "spread", "outcome"),
    [(0.99, 0.001, HOLDS), (0.4, 0.001, DOES_NOT), (0.95, 0.05, UNDECIDED)],
)
def test_dots_beside_their_places_are_judged_by_networks(
    beside: float, spread: float, outcome: Outcome
) -> None:
    verdict = judge(world(GOOD, beside=beside, spread=spread))[1]
    assert verdict.outcome is outcome
    assert verdict.claim == "It works also with each dot 0.25 of its radius beside its place"
    assert "0.25 of its radius" in verdict.because
    assert "One displacement only" in verdict.because
    assert verdict.place.startswith("asked here")


@pytest.mark.parametrize(
    ("singular", "few", "full"),
    [
        ((1e-5, 2e-5, 0.19, 0.14), ": near 0", ": far from 0"),
        ((0.2, 0.3, 1e-5, 1e-4), ": far from 0", ": near 0"),
        ((1e-5, 0.3, 0.19, 1e-5), ".", "."),
    ],
)
def test_what_a_linear_picture_can_do_follows_the_least_singular_values(
    singular: tuple[float, ...], few: str, full: str
) -> None:
    verdicts = judge(world(GOOD, singular=singular))[5:7]
    for verdict, told in zip(verdicts, (few, full), strict=True):
        assert verdict.because.split("of the largest")[1].startswith(told)


@pytest.mark.parametrize(
    ("last", "fewest", "fewer"), [(1.0, "8", False), (0.5, "none", False), (1.0, "6", True)]
)
def test_fewest_voltages_are_told(last: float, fewest: str, fewer: bool) -> None:
    tables = dict(world(GOOD, last=last))
    if fewer:
        table = tables["fewer"]
        columns = {name: table[name].copy() for name in table.names}
        columns["exact"][(columns["voltages"] >= 6) & (columns["n"] == 8)] = 0.99
        tables["fewer"] = Table(columns)
    because = judge(tables)[7].because
    assert f"fewest that do, chosen by chance: {fewest}" in because
    assert ("That fewer do, for 8 dots," in because) is fewer
    assert ("Fewer do not." in because) is not fewer


def test_loudest_noise_is_where_all_that_is_quieter_is_good_too() -> None:
    tables = dict(world(GOOD))
    table = tables["rates"]
    columns = {name: table[name].copy() for name in table.names}
    columns["exact"][columns["noise_db"] == 35] = 0.5
    rates = Rates({"rates": Table(columns)})
    assert rates.loudest(FEW[0], SEARCH, 0.95) == "40 dB"
    assert rates.loudest(FEW[0], DISCS, 0.95) == "none"


def test_settings_are_told_with_their_voltages() -> None:
    assert str(Setting(8, "few")) == "8 dots, 8 voltages"
    assert str(Setting(10, "full")) == "10 dots, 208 voltages"


def test_ten_thresholds_on_six_numbers_give_848_answers_at_most() -> None:
    # Each cell of planes in general position has a corner, where six of them meet: around it are 2^6 cells.
    rng = np.random.default_rng(6)
    planes, offsets = rng.standard_normal((10, 6)), rng.standard_normal(10)
    cells = set()
    for meeting in combinations(range(10), 6):
        corner = np.linalg.solve(planes[list(meeting)], -offsets[list(meeting)])
        signs = planes @ corner + offsets > 0
        for around in product((False, True), repeat=6):
            signs[list(meeting)] = around
            cells.add(tuple(signs.tolist()))
    assert len(cells) == ARRANGED * 1024 == 848
