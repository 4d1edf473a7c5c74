"""What the tables of Conjecture 1 say. Imports this room and numpy."""

import numpy as np
from numpy.typing import NDArray

from eit_rt.study.run import Tables
from eit_rt.study.statistics import Interval, mean, power, ratio
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, below

ESTIMATED = 0.97
"""Share of a floor that the estimate of r may lack."""
Floats = NDArray[np.float64]


def constants(table: Table) -> Floats:
    """(seeds,) the c that e <= c sqrt(Q) needs, over all else."""
    needed = table["e"] / np.sqrt(table["Q"])
    return np.array([needed[table["seed"] == k].max() for k in sorted(table.values("seed"))])


def exponent(table: Table, of: str, over: str) -> Interval:
    """(mean over seeds of) the power with which one column goes over another, in each task, lambda and n or noise."""
    rest = ["task", "lambda1", "lambda2", "lambda3", "noise" if over == "n" else "n"]
    seeds = [
        np.mean([power(rows[over], rows[of]).value for _, rows in own.groups(*rest)])
        for _, own in table.groups("seed")
    ]
    return mean(seeds)


def judge(tables: Tables) -> list[Verdict]:
    table, longer = tables["minima"], tables["longer"]
    alone = table.rows(table["lambda2"] + table["lambda3"] == 0)
    heavy, some = table.rows(table["lambda3"] > 0), table.rows(table["lambda2"] > 0)
    some = some.rows(some["lambda3"] == 0)
    light = some.rows(some["lambda2"] < 0.1)
    return [
        _trivial(heavy, "λ₃ > 0"),
        _trivial(some, "λ₂ > 0, λ₃ = 0"),
        _by_heart(longer),
        *_rates(alone, light),
    ]


def _trivial(table: Table, which: str) -> Verdict:
    kept = bool((table["Q"] >= ESTIMATED * table["floor"]).all()) and bool(
        (table["floor"] > 0).all()
    )
    c, part = constants(table), float(np.median(np.sqrt(table["floor"] / table["Q"])))
    why = (
        "|w| + 1/|w| is never less than 2"
        if "λ₃ >" in which
        else "either the error or the complexity must stay"
    )
    return Verdict(
        f"e ≤ c √Q with one c, where {which}", "Conjecture 1", Outcome.HOLDS if kept else Outcome.UNDECIDED,
        f"c = {c.max():.3g} covers all {len(table)} minima. But it must: {why}, so Q has a floor above 0 that no "
        f"network changes ({table['floor'].min():.3g} at least here), and a bounded error is below a constant "
        f"times any floor. The floor makes {part:.0%} of √Q, in the middle of the cases.",
        (
            Number.of("c that a seed needs, mean", mean(c)), Number("c that all need", float(c.max())),
            Number("smallest Q", float(table["Q"].min())), Number("smallest floor", float(table["floor"].min())),
            Number("√floor / √Q, median", part),
        ),
    )  # fmt: skip


def _by_heart(longer: Table) -> Verdict:
    first, last = (longer.where(steps=pick(longer["steps"])) for pick in (np.min, np.max))
    ones = np.ones(len(constants(first)))
    before, after = ratio(constants(first), ones), ratio(constants(last), ones)
    growth = ratio(constants(last), constants(first))
    least = [float(np.median(rows["Q"])) for rows in (first, last)]
    error = [float(np.median(rows["e"])) for rows in (first, last)]
    return Verdict(
        "e ≤ c √Q with one c, where λ₂ = λ₃ = 0", "Conjecture 1, with the λ of the paper’s simulations",
        below(growth, 2.0),
        f"A wide network learns a few noisy samples by heart: from the shortest to the longest training Q goes from "
        f"{least[0]:.2g} to {least[1]:.2g} and e from {error[0]:.2g} to {error[1]:.2g} (medians). The c that is needed "
        f"changes by a factor of {growth}; twice as large is taken as the limit here. At Q = 0 no c would do.",
        (
            Number.of("e/√Q, shortest training", before), Number.of("e/√Q, longest training", after),
            Number.of("factor between them", growth),
            Number("Q, shortest training, median", least[0]), Number("Q, longest training, median", least[1]),
        ),
    )  # fmt: skip


def _rates(alone: Table, light: Table) -> list[Verdict]:
    many = alone["n"].max()
    tables = {"λ₁ alone": alone.where(n=many), "λ₂ = 0.02": light.where(n=many)}
    noise = {
        f"{task}, {which}": exponent(rows, "e", "Q")
        for which, of in tables.items()
        for (task,), rows in of.groups("task")
    }
    error, least = exponent(alone, "e", "n"), exponent(alone, "Q", "n")
    outcomes = [_half(one) for one in noise.values()]
    near = sum(one is Outcome.HOLDS for one in outcomes)
    far = sum(one is Outcome.DOES_NOT for one in outcomes)
    outcome = (
        Outcome.DOES_NOT if far else Outcome.HOLDS if near == len(outcomes) else Outcome.UNDECIDED
    )
    values, noisiest = [one.value for one in noise.values()], alone["noise"].max()
    return [
        Verdict(
            "e falls as the root of Q when the noise falls: the exponent is 1/2", "Conjecture 1, read as a rate",
            outcome,
            f"With {many:.0f} samples and noises from 0 to {noisiest:g}, e goes as Q to the power {min(values):.2g} to "
            f"{max(values):.2g} by task and λ; within 0.4 to 0.6, clearly, in {near} of {len(values)}, clearly "
            f"outside in {far}. Q is a norm, not its square; Barron’s theorem is about squared errors, there a "
            "root of Q is a rate.",
            tuple(Number.of(f"exponent over noise, {what}", one) for what, one in noise.items()),
        ),
        Verdict(
            "A smaller Q means a smaller e, when only the number of samples changes", "Conjecture 1, read as a rate",
            _alike(error, least),
            f"With the error term alone e goes as the number of samples to the power {error}, Q as the number to "
            f"the power {least}. Where the signs differ, more samples raise Q, because fewer of them are learned "
            "by heart, and lower e: one constant can hold, but Q says nothing of e.",
            (
                Number.of("exponent of e over samples", error), Number.of("exponent of Q over samples", least),
            ),
        ),
    ]  # fmt: skip


def _alike(a: Interval, b: Interval) -> Outcome:
    """Do both rise or both fall?"""
    first, second = above(a, 0.0), above(b, 0.0)
    if Outcome.UNDECIDED in (first, second):
        return Outcome.UNDECIDED
    return Outcome.HOLDS if first is second else Outcome.DOES_NOT


def _half(one: Interval) -> Outcome:
    if one.low > 0.4 and one.high < 0.6:
        return Outcome.HOLDS
    return Outcome.DOES_NOT if one.high < 0.4 or one.low > 0.6 else Outcome.UNDECIDED
