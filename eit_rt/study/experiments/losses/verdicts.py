"""What the tables of the losses say of each claim. Imports this room and numpy."""

import numpy as np

from eit_rt.study.experiments.losses.comparison import (
    PLAIN,
    Floats,
    at_its_best,
    by_seed,
    change,
    inside,
    settings_that,
    too_complex,
)
from eit_rt.study.experiments.losses.pictures import title
from eit_rt.study.run import Tables
from eit_rt.study.statistics import mean, power, ratio
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, below

FACTORS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Scale of a C that may pass 1, as a multiple of r of networks trained on the error alone."""
OTHERS = {PLAIN: "the loss without C", "L1": "L1", "L2": "L2"}


def judge(tables: Tables) -> list[Verdict]:
    table = inside(tables["selected"])
    return [
        *_directions(table),
        _balance(table),
        *_appropriate(tables["selected"]),
        *_named(tables["scales"]),
    ]


def _directions(table: Table) -> list[Verdict]:
    low, high = change(table, "L1", PLAIN, "C"), change(table, "L2", PLAIN, "C")
    over_l1, over_l3 = change(table, "L2", "L1", "C"), change(table, "L2", "L3", "C")
    clear, opposite, of = settings_that(table, "L1", PLAIN, -1)
    clear2, opposite2, of2 = settings_that(table, "L2", PLAIN, 1)
    return [
        Verdict(
            "L1 selects a small complexity", "Section I, (1)", below(low, 0.0),
            f"At the same lambdas the term λ₂ C changes C by {low} on average: smaller in {clear} of {of} "
            f"settings, larger in {opposite}. By Rademacher's measure it does little at first, and with a larger "
            "λ₂ the whole network is zero: norm against norm, one of them wins.",
            (Number.of("C of L1 less C without the term", low),),
        ),
        Verdict(
            "L2 selects the highest complexity of the three", "Section I, (1a)",
            _all([above(one, 0.0) for one in (high, over_l1, over_l3)]),
            f"λ₂/C changes C by {high}: larger in {clear2} of {of2} settings, smaller in {opposite2}. It is L3 "
            f"that comes next, with {over_l3} less.",
            (
                Number.of("C of L2 less C without the term", high),
                Number.of("C of L2 less C of L1", over_l1),
                Number.of("C of L2 less C of L3", over_l3),
            ),
        ),
    ]  # fmt: skip


def _balance(table: Table) -> Verdict:
    upper = change(too_complex(table), "L3", PLAIN, "C")
    everywhere, under = change(table, "L3", PLAIN, "C"), change(table, "L3", "L2", "C")
    return Verdict(
        "L3 lowers a complexity that is high and raises one that is low", "Section I, (1b) with 0 < C < 1",
        below(upper, 0.0),
        "By algebra it only raises: C + 1/C falls all the way from C = 0 to C = 1, its slope is that of 1/C times "
        "1 − C². Measured at those lambdas where the network is most complex without the term, L3 changes C by "
        f"{upper}; over all lambdas by {everywhere}. Against L2 the difference is {under}: L3 is a weaker L2.",
        (
            Number.of("C of L3 less C without the term, the complex half", upper),
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
    heavy = ratio(*(np.exp(by_seed(plain.where(lambda3=c), "test")) for c in (0.25, 0.0)))
    told = ", ".join(
        f"{a} of that of {b}" for a, b in zip(map(str, same), OTHERS.values(), strict=True)
    )
    told_best = ", ".join(
        f"{a} of that of {b}" for a, b in zip(map(str, chosen), OTHERS.values(), strict=True)
    )
    return [
        Verdict(
            "L3 selects the most appropriate complexity: at the same lambdas its error is the smallest",
            "Section I, after (1b)", _all([below(one, 1.0) for one in same]),
            f"Test error of L3 at the same lambdas, mean over the simplex: {told}.",
            tuple(Number.of(f"test error of L3 / {b}", a) for a, b in zip(same, OTHERS.values(), strict=True)),
        ),
        Verdict(
            "L3 selects the most appropriate complexity: at lambdas chosen for each loss its error is the smallest",
            "Section I, after (1b)", _all([below(one, 1.0) for one in chosen]),
            f"With lambdas that are best for the other seeds, test error of L3: {told_best}. For comparison, "
            f"λ₃ = 0.25 alone multiplies the error by {heavy}: it holds the norm of all weights near 1.",
            (
                *(Number.of(f"best test error of L3 / {b}", a) for a, b in zip(chosen, OTHERS.values(), strict=True)),
                Number.of("test error, λ = (0.75, 0, 0.25) / λ = (1, 0, 0)", heavy),
            ),
        ),
    ]  # fmt: skip


def _named(table: Table) -> list[Verdict]:
    reached = table.rows((table["factor"] > 0) & (table["factor"] <= 1))
    slopes = {title(key): _slopes(rows) for key, rows in reached.groups("task", "measure")}
    beyond = [
        _slopes(rows) for _, rows in table.rows(table["factor"] >= 1).groups("task", "measure")
    ]
    up_to, over = mean(np.mean(list(slopes.values()), axis=0)), mean(np.mean(beyond, axis=0))
    gains, spread, factors = [], [], []
    for key, rows in table.groups("task", "measure"):
        error = {f: by_seed(rows.where(factor=f), "test") for f in (0.0, *FACTORS)}
        order = [FACTORS[k] for k in np.argsort([error[f].mean() for f in FACTORS])]
        gain = ratio(np.exp(error[order[0]]), np.exp(error[0.0]))
        gains.append(Number.of(f"error at the best scale / without C, {title(key)}", gain))
        spread.append(error[order[-1]] - error[order[0]])
        factors.append(f"{order[0]:g} ({title(key)})")
    wrong = np.exp(np.mean(spread, axis=0))
    worst = ratio(wrong, np.ones(len(wrong)))
    return [
        Verdict(
            "If C may pass 1, L3 selects the complexity that its scale names", "Section I, (1b) without C < 1",
            _all([above(up_to, 0.8), below(up_to, 1.2)]),
            "With C = r/scale the sum C + 1/C is least at r = scale. Up to the complexity of the network without "
            f"the term r goes as the scale to the power {up_to}, 1 is to follow it exactly (0.8 to 1.2 count as "
            f"such); above it, {over}: there the error term and the training hold it back. This may be what the "
            "paper means by an optimal complexity.",
            (
                Number.of("exponent of r over scale, up to r without C", up_to),
                Number.of("exponent of r over scale, above", over),
                *(Number.of(f"up to r without C: {name}", mean(some)) for name, some in slopes.items()),
            ),
        ),
        Verdict(
            "Then that complexity is the appropriate one, whatever the scale", "Section I, (1b) without C < 1",
            below(worst, 1.1),
            f"The worst of the scales gives {worst} times the test error of the best. The best scale, in "
            f"complexities of the network without the term, is {', '.join(factors)}. The loss selects what the "
            "scale says; whether that is appropriate is the scale’s matter.",
            (Number.of("test error, worst scale / best scale", worst), *gains),
        ),
    ]  # fmt: skip


def _slopes(rows: Table) -> Floats:
    """(seeds,) exponent of r over the scale."""
    seeds = [rows.where(seed=k) for k in rows.values("seed")]
    return np.array([power(one["factor"], one["r"]).value for one in seeds])


def _all(outcomes: list[Outcome]) -> Outcome:
    """Of a claim with several parts: one that fails is enough."""
    for one in (Outcome.DOES_NOT, Outcome.UNDECIDED):
        if one in outcomes:
            return one
    return Outcome.HOLDS
