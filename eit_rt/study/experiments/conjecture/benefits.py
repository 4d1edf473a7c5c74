"""What regularisation does to the error e, from the tables of Conjecture 1. Imports this room and numpy."""

import numpy as np

from eit_rt.study.experiments.conjecture.exponents import exponent, exponents
from eit_rt.study.experiments.conjecture.lambdas import (
    ALONE,
    HALF,
    LIGHT,
    REGULARISED,
    WITH_WEIGHTS,
    against,
    of,
    told,
)
from eit_rt.study.statistics import level, mean, paired
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Verdict, above, all_of, below

FEW, NOISY = 8, 0.5
"""Samples and noise of the curve that is learned for longer and longer."""
FLAT = 0.9
"""An error above this is about that of a constant, which is 1."""


def benefits(table: Table, longer: Table) -> list[Verdict]:
    return [
        _jump(table.where(task="step")),
        _harm(table, longer),
        _held(table),
        _enhanced(table),
        _bound(table),
        _gained(of(table, ALONE), of(table, HALF)),
    ]


def _jump(step: Table) -> Verdict:
    helped, plain = against(step, WITH_WEIGHTS, LIGHT), against(step, WITH_WEIGHTS, ALONE)
    return Verdict(
        "The weight term helps to trace a jump", "Section I, before (1)", below(helped, 1.0),
        f"On the task ‘step’ the error with λ = {told(WITH_WEIGHTS)} is {helped} of that with λ = {told(LIGHT)}. λ₂ "
        f"differs too, so it is not the weight term alone that is compared. Against λ = {told(ALONE)}: {plain}.",
        (
            Number.of(f"e on the task ‘step’, λ = {told(WITH_WEIGHTS)} / {told(LIGHT)}", helped),
            Number.of(f"e on the task ‘step’, λ = {told(WITH_WEIGHTS)} / {told(ALONE)}", plain),
        ),
    )  # fmt: skip


def _harm(table: Table, longer: Table) -> Verdict:
    longest = longer["steps"].max()
    found = mean(longer.where(steps=longest)["e"])
    clean = mean(of(table.where(task="wave", n=FEW, noise=0.0), ALONE)["e"])
    return Verdict(
        "Noise learned by heart does no harm", "Section VI, benign over-fitting [17]", below(found, NOISY),
        f"After {longest:.0f} steps on {FEW} samples with a noise of {NOISY:g} the mean error is {found}; no harm is "
        f"read as: less than the noise that was learned. For comparison, as many samples without noise leave {clean} "
        "(other samples, shorter training). The network has far more parameters than samples; but this is one "
        "dimension, not the linear regression in many dimensions of [17].",
        (
            Number.of("e after the longest training, mean", found), Number("noise learned", NOISY),
            Number.of(f"e of {FEW} samples without noise, mean", clean),
        ),
    )  # fmt: skip


def _held(table: Table) -> Verdict:
    found = {which: against(table, which, ALONE) for which in (LIGHT, HALF)}
    by_strength = " and ".join(f"{one} with λ = {told(which)}" for which, one in found.items())
    return Verdict(
        "Held to a small complexity (λ₂ > 0) the network is the better regulariser", "Section II",
        all_of(below(one, 1.0) for one in found.values()),
        f"Error against that of λ = {told(ALONE)}, over all tasks, samples and noises: {by_strength}. C is "
        "Rademacher’s of the outputs, and what it holds down is their size.",
        tuple(Number.of(f"e, λ = {told(which)} / {told(ALONE)}", one) for which, one in found.items()),
    )  # fmt: skip


def _enhanced(table: Table) -> Verdict:
    looks = len(REGULARISED)
    each = {which: against(table, which, ALONE) for which in REGULARISED}
    best = min(each, key=lambda which: each[which].value)
    sure = 100 * level(looks)
    decisive = against(table, best, ALONE, looks)
    noises = {
        size: against(table.where(noise=size), best, ALONE)
        for size in sorted(table.values("noise"))
    }
    better = [f"{size:g}" for size, one in noises.items() if one.high < 1]
    worse = [f"{size:g}" for size, one in noises.items() if one.low > 1]
    others = [f"{one}, λ = {told(which)}" for which, one in each.items() if which != best]
    weights = against(table, WITH_WEIGHTS, LIGHT)
    return Verdict(
        "One of the four regularisations tried here enhances the network", "Section VI", below(decisive, 1.0),
        f"With λ = {told(best)} the error is {decisive} of that with λ = {told(ALONE)}, over all noises. By noise it "
        f"is clearly smaller at {_listed(better)}, clearly larger at {_listed(worse)}; the mean is of the noises "
        f"chosen here. The other three: {'; '.join(others)} (ratios of the error). The best one was picked "
        f"after all four had been seen; its interval is corrected for that ({sure:g} %). λ = {told(WITH_WEIGHTS)} "
        f"against λ = {told(LIGHT)}, without the weight term: {weights}.",
        (
            Number.of(f"e, λ = {told(best)} / {told(ALONE)}, corrected", decisive),
            *(Number.of(f"e, λ = {told(which)} / {told(ALONE)}", one) for which, one in each.items() if which != best),
            *(Number.of(f"λ = {told(best)}, noise {size:g}", one) for size, one in noises.items()),
            Number.of(f"e, λ = {told(WITH_WEIGHTS)} / {told(LIGHT)}", weights),
        ),
    )  # fmt: skip


def _bound(table: Table) -> Verdict:
    e, q = (
        {which: exponent(of(table, which), name, "n") for which in (ALONE, LIGHT, HALF)}
        for name in ("e", "Q")
    )
    judged = (LIGHT, HALF)
    rises = ": that Q rises need not come from C" if q[ALONE].low > 0 else ""
    return Verdict(
        "A higher accuracy goes with a higher bound √Q", "Section IV",
        all_of([*(below(e[which], 0.0) for which in judged), *(above(q[which], 0.0) for which in judged)]),
        f"With λ = {told(LIGHT)} e goes as the number of samples to the power {e[LIGHT]}, Q to the power {q[LIGHT]}; "
        f"with λ = {told(HALF)} {e[HALF]} and {q[HALF]}. With λ = {told(ALONE)}, where there is no C, Q goes to the "
        f"power {q[ALONE]}{rises}. C itself was not measured here.",
        (
            *(Number.of(f"exponent of e over samples, λ = {told(which)}", e[which]) for which in judged),
            *(Number.of(f"exponent of Q over samples, λ = {told(which)}", one) for which, one in q.items()),
        ),
    )  # fmt: skip


def _gained(free: Table, held: Table) -> Verdict:
    of_free, of_held = exponents(free, "e", "n"), exponents(held, "e", "n")
    difference = paired(of_free, of_held)
    flat = float(np.mean(held["e"] > FLAT))
    leaving = (
        f" With λ = {told(HALF)} the error is above {FLAT:g}, about that of a constant, in {flat:.0%} of the "
        "trainings; where it falls, the slope is that of leaving the constant."
        if flat
        else ""
    )
    return Verdict(
        "The less complexity is held down, the more is gained by samples", "Section II, end, [18]",
        below(difference, 0.0),
        f"e goes as the number of samples to the power {mean(of_free)} with λ = {told(ALONE)}, {mean(of_held)} with "
        f"λ = {told(HALF)}; the difference is {difference}, below 0 where more is gained without the term."
        + leaving,
        (
            Number.of(f"exponent of e over samples, λ = {told(ALONE)}", mean(of_free)),
            Number.of(f"exponent of e over samples, λ = {told(HALF)}", mean(of_held)),
            Number.of("difference of the exponents", difference),
            Number(f"share of trainings with e above {FLAT:g}, λ = {told(HALF)}", flat),
        ),
    )  # fmt: skip


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"
