"""What the tables of the losses say of each claim. Imports this room and numpy."""

from itertools import combinations

import numpy as np

from eit_rt.study.experiments.losses.comparison import (
    FLAT,
    PLAIN,
    at_its_best,
    by_seed,
    change,
    halves,
    inside,
    learned,
    settings_that,
)
from eit_rt.study.experiments.losses.pictures import WORDS
from eit_rt.study.experiments.losses.scales import low_complexity, named
from eit_rt.study.run import Tables
from eit_rt.study.statistics import Interval, ratio
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, all_of, below

OTHERS = {PLAIN: "the loss without C", "L1": "L1", "L2": "L2"}


def judge(tables: Tables) -> list[Verdict]:
    table = inside(tables["selected"])
    return [
        *_directions(table),
        _balance(table),
        *_appropriate(tables["selected"]),
        *named(tables["scales"]),
        low_complexity(tables["scales"]),
        _matters(tables["selected"]),
    ]


def _directions(table: Table) -> list[Verdict]:
    low, high = change(table, "L1", PLAIN, "C"), change(table, "L2", PLAIN, "C")
    under_l2, under_l3 = change(table, "L1", "L2", "C"), change(table, "L1", "L3", "C")
    over_l1, over_l3 = change(table, "L2", "L1", "C"), change(table, "L2", "L3", "C")
    clear, opposite, of = settings_that(table, "L1", PLAIN, -1)
    clear2, opposite2, of2 = settings_that(table, "L2", PLAIN, 1)
    measures = {
        WORDS[way]: change(table.where(measure=way), "L1", PLAIN, "C")
        for way in table.values("measure")
    }
    by_measure = "; ".join(f"by {way} {one}" for way, one in measures.items())
    return [
        Verdict(
            "L1 selects the smallest complexity of the three", "Section I, (1)",
            all_of(below(one, 0.0) for one in (low, under_l2, under_l3)),
            f"At the same lambdas the term λ₂ C changes C by {low} on average; {by_measure}. It is smaller in {clear} "
            f"of {of} settings, larger in {opposite}. Its C less that of L2 is {under_l2}, less "
            f"that of L3 {under_l3}.",
            (
                Number.of("C of L1 less C without the term", low),
                Number.of("C of L1 less C of L2", under_l2),
                Number.of("C of L1 less C of L3", under_l3),
                *(Number.of(f"C of L1 less C without the term, {way}", one) for way, one in measures.items()),
            ),
        ),
        Verdict(
            "L2 selects the highest complexity of the three", "Section I, (1a)",
            all_of(above(one, 0.0) for one in (high, over_l1, over_l3)),
            f"λ₂/C changes C by {high}: larger in {clear2} of {of2} settings, smaller in {opposite2}. Its C less "
            f"that of L1 is {over_l1}, less that of L3 {over_l3}.",
            (
                Number.of("C of L2 less C without the term", high),
                Number.of("C of L2 less C of L1", over_l1),
                Number.of("C of L2 less C of L3", over_l3),
            ),
        ),
    ]  # fmt: skip


def _balance(table: Table) -> Verdict:
    upper, lower = (change(half, "L3", PLAIN, "C") for half in halves(table))
    everywhere, under = change(table, "L3", PLAIN, "C"), change(table, "L3", "L2", "C")
    return Verdict(
        "L3 lowers a complexity that is high and raises one that is low", "Section I, (1b) with 0 < C < 1",
        all_of([below(upper, 0.0), above(lower, 0.0)]),
        "By algebra the term only pulls upwards: C + 1/C falls all the way from C = 0 to C = 1, its slope is that of "
        "1/C times 1 − C², a weaker L2. Measured at that half of the lambdas where the network is more complex without "
        f"the term, L3 changes C by {upper}; at the other half by {lower}; over all lambdas by {everywhere}. Its C "
        f"less that of L2 is {under}.",
        (
            Number.of("C of L3 less C without the term, the complex half", upper),
            Number.of("C of L3 less C without the term, the other half", lower),
            Number.of("C of L3 less C without the term, all lambdas", everywhere),
            Number.of("C of L3 less C of L2", under),
        ),
    )  # fmt: skip


def _appropriate(whole: Table) -> list[Verdict]:
    table = inside(whole)
    same = [change(table, "L3", other, "test") for other in OTHERS]
    fair = whole.rows(whole["lambda1"] > 0.001)
    chosen = [ratio(at_its_best(fair, "L3"), at_its_best(fair, other)) for other in OTHERS]
    plain = whole.where(loss=PLAIN, lambda2=0.0)
    of_heavy, of_light = (np.exp(by_seed(plain.where(lambda3=c), "test")) for c in (0.25, 0.0))
    heavy = ratio(of_heavy, of_light)
    norms = np.exp(by_seed(plain.where(lambda3=0.25, p=2.0), "weights"))
    norm = ratio(norms, np.ones(len(norms)))
    some, none, points = learned(table)
    flat = f" In {none} of {points} lambdas no loss learns much (median error above {FLAT:g} with each)"
    without = [change(some, "L3", other, "test") for other in OTHERS] if len(some) else []
    beside = zip(without, OTHERS.values(), strict=True) if without else ()
    flat = f"{flat}; without these: {_listed(without)}." if without and none else f"{flat}."
    return [
        Verdict(
            "L3 selects the most appropriate complexity: at the same lambdas its error is the smallest",
            "Section I, after (1b)", all_of(below(one, 1.0) for one in same),
            f"Test error of L3 at the same lambdas, mean over the simplex: {_listed(same)}.{flat}",
            (
                *(Number.of(f"test error of L3 / {b}", a) for a, b in zip(same, OTHERS.values(), strict=True)),
                Number("lambdas at which no loss learns much", none),
                *(Number.of(f"test error of L3 / {b}, without these", a) for a, b in beside),
            ),
        ),
        Verdict(
            "L3 selects the most appropriate complexity: at lambdas chosen for each loss its error is the smallest",
            "Section I, after (1b)", all_of(below(one, 1.0) for one in chosen),
            f"With lambdas that are best for the other seeds, test error of L3: {_listed(chosen)}. For comparison, "
            f"λ₃ = 0.25 alone multiplies the error by {heavy}; ‖w‖₂ is then {norm} with p = 2 (‖w‖₂ + 1/‖w‖₂ is "
            "least at 1).",
            (
                *(Number.of(f"best test error of L3 / {b}", a) for a, b in zip(chosen, OTHERS.values(), strict=True)),
                Number.of("test error, λ = (0.75, 0, 0.25) / λ = (1, 0, 0)", heavy),
                Number.of("‖w‖₂, λ = (0.75, 0, 0.25), p = 2", norm),
            ),
        ),
    ]  # fmt: skip


def _matters(whole: Table) -> Verdict:
    table, fair = inside(whole), whole.rows(whole["lambda1"] > 0.001)
    pairs = list(combinations(("L3", "L2", "L1"), 2))
    error = {name: np.exp(by_seed(table.where(loss=name), "test")) for name in ("L1", "L2", "L3")}
    best = {name: at_its_best(fair, name) for name in error}
    same = {(a, b): ratio(error[a], error[b], len(pairs)) for a, b in pairs}
    chosen = {(a, b): ratio(best[a], best[b], len(pairs)) for a, b in pairs}
    (one, other), largest = max(chosen.items(), key=lambda item: abs(np.log(item[1].value)))
    clear = all(found.low > 1 or found.high < 1 for found in same.values())
    listed = ", ".join(f"{a}/{b} {found}" for (a, b), found in same.items())
    return Verdict(
        "Which of the three losses is taken matters for the error, at the same lambdas",
        "Section I, after remark 3, [14]", Outcome.HOLDS if clear else Outcome.UNDECIDED,
        f"Ratios of the test error, mean over the simplex: {listed} (intervals corrected for {len(pairs)} pairs; it "
        "holds if none contains 1); with lambdas chosen for each loss the largest difference is "
        f"{one}/{other} {largest}.",
        (
            *(Number.of(f"test error of {a} / {b}, corrected", found) for (a, b), found in same.items()),
            *(Number.of(f"best test error of {a} / {b}, corrected", found) for (a, b), found in chosen.items()),
        ),
    )  # fmt: skip


def _listed(found: list[Interval]) -> str:
    """Of L3, against each other loss."""
    return ", ".join(f"{a} of that of {b}" for a, b in zip(found, OTHERS.values(), strict=True))
