"""What regularisation does to the error e, from the tables of Conjecture 1. Imports this room and numpy.

Lambdas are compared at the same tasks, samples, noises and seeds; the mean over all but the seed is geometric.
"""

import numpy as np
from numpy.typing import NDArray

from eit_rt.study.experiments.conjecture.exponents import exponent, exponents
from eit_rt.study.statistics import Interval, mean, paired, ratio
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Verdict, above, all_of, below

FEW, NOISY = 8, 0.5
"""Samples and noise of the curve that is learned for longer and longer."""
Lambdas = tuple[float, float, float]
ALONE: Lambdas = (1.0, 0.0, 0.0)
LIGHT: Lambdas = (0.98, 0.02, 0.0)
HALF: Lambdas = (0.5, 0.5, 0.0)
WITH_WEIGHTS: Lambdas = (0.98, 0.01, 0.01)


def benefits(table: Table, longer: Table) -> list[Verdict]:
    return [
        _jump(table.where(task="step")),
        _harm(table, longer),
        _held(table),
        _enhanced(table),
        _bound(_of(table, LIGHT)),
        _gained(_of(table, ALONE), _of(table, HALF)),
    ]


def _jump(step: Table) -> Verdict:
    helped, plain = _against(step, WITH_WEIGHTS, LIGHT), _against(step, WITH_WEIGHTS, ALONE)
    return Verdict(
        "The weight term helps to trace a jump", "Section I, before (1)", below(helped, 1.0),
        f"On the step, the error with λ = {_told(WITH_WEIGHTS)} is {helped} of that with λ = {_told(LIGHT)}. λ₂ "
        f"differs too, so it is not the weight term alone that is compared. Against λ = {_told(ALONE)}: {plain}.",
        (
            Number.of(f"e on the step, λ = {_told(WITH_WEIGHTS)} / {_told(LIGHT)}", helped),
            Number.of(f"e on the step, λ = {_told(WITH_WEIGHTS)} / {_told(ALONE)}", plain),
        ),
    )  # fmt: skip


def _harm(table: Table, longer: Table) -> Verdict:
    longest = longer["steps"].max()
    found = mean(longer.where(steps=longest)["e"])
    clean = mean(_of(table.where(task="wave", n=FEW, noise=0.0), ALONE)["e"])
    return Verdict(
        "Noise learned by heart does no harm", "Section VI, benign over-fitting [17]", below(found, NOISY),
        f"After {longest:.0f} steps on {FEW} samples with a noise of {NOISY:g} the mean error is {found}; no harm is "
        f"read as: less than the noise that was learned. For comparison, as many samples without noise leave {clean} "
        "(other samples, shorter training). This is one dimension and few samples, not the over-parameterised setting "
        "of [17].",
        (
            Number.of("e after the longest training, mean", found), Number("noise learned", NOISY),
            Number.of(f"e of {FEW} samples without noise, mean", clean),
        ),
    )  # fmt: skip


def _held(table: Table) -> Verdict:
    found = {which: _against(table, which, ALONE) for which in (LIGHT, HALF)}
    told = " and ".join(f"{one} with λ = {_told(which)}" for which, one in found.items())
    return Verdict(
        "Held to a small complexity (λ₂ > 0) the network is the better regulariser", "Section II",
        all_of(below(one, 1.0) for one in found.values()),
        f"Error against that of λ = {_told(ALONE)}, over all tasks, samples and noises: {told}. C is Rademacher’s of "
        "the outputs, and what it holds down is their size.",
        tuple(Number.of(f"e, λ = {_told(which)} / {_told(ALONE)}", one) for which, one in found.items()),
    )  # fmt: skip


def _enhanced(table: Table) -> Verdict:
    over_all = _against(table, WITH_WEIGHTS, ALONE)
    noises = {
        size: _against(table.where(noise=size), WITH_WEIGHTS, ALONE)
        for size in sorted(table.values("noise"))
    }
    better = [f"{size:g}" for size, one in noises.items() if one.high < 1]
    worse = [f"{size:g}" for size, one in noises.items() if one.low > 1]
    return Verdict(
        "A regularisation method enhances the network", "Section VI", below(over_all, 1.0),
        f"With λ = {_told(WITH_WEIGHTS)} the error is {over_all} of that with λ = {_told(ALONE)}, over all noises. By "
        f"noise it is clearly smaller at {_listed(better)}, clearly larger at {_listed(worse)}; the mean is of the "
        "noises chosen here.",
        (
            Number.of(f"e, λ = {_told(WITH_WEIGHTS)} / {_told(ALONE)}", over_all),
            *(Number.of(f"the same, noise {size:g}", one) for size, one in noises.items()),
        ),
    )  # fmt: skip


def _bound(light: Table) -> Verdict:
    error, least = exponent(light, "e", "n"), exponent(light, "Q", "n")
    return Verdict(
        "A higher accuracy goes with a higher bound √Q", "Section IV",
        all_of([below(error, 0.0), above(least, 0.0)]),
        f"With λ = {_told(LIGHT)} e goes as the number of samples to the power {error}, Q to the power {least}. Where "
        "the claim holds, the bound moves against the error that it is to bound.",
        (
            Number.of("exponent of e over samples, λ₂ = 0.02", error),
            Number.of("exponent of Q over samples, λ₂ = 0.02", least),
        ),
    )  # fmt: skip


def _gained(free: Table, held: Table) -> Verdict:
    of_free, of_held = exponents(free, "e", "n"), exponents(held, "e", "n")
    difference = paired(of_free, of_held)
    return Verdict(
        "The less complexity is held down, the more is gained by samples", "Section II, end, [18]",
        below(difference, 0.0),
        f"e goes as the number of samples to the power {mean(of_free)} with λ = {_told(ALONE)}, {mean(of_held)} with "
        f"λ = {_told(HALF)}; the difference is {difference}, below 0 where more is gained without the term.",
        (
            Number.of(f"exponent of e over samples, λ = {_told(ALONE)}", mean(of_free)),
            Number.of(f"exponent of e over samples, λ = {_told(HALF)}", mean(of_held)),
            Number.of("difference of the exponents", difference),
        ),
    )  # fmt: skip


def _against(table: Table, a: Lambdas, b: Lambdas) -> Interval:
    """e with lambdas a over e with lambdas b."""
    return ratio(_errors(_of(table, a)), _errors(_of(table, b)))


def _errors(table: Table) -> NDArray[np.float64]:
    """(seeds,) geometric mean over all else."""
    log, seeds = np.log(table["e"]), sorted(table.values("seed"))
    return np.exp([log[table["seed"] == seed].mean() for seed in seeds])


def _of(table: Table, lambdas: Lambdas) -> Table:
    return table.where(**dict(zip(("lambda1", "lambda2", "lambda3"), lambdas, strict=True)))


def _told(lambdas: Lambdas) -> str:
    return "({:g}, {:g}, {:g})".format(*lambdas)


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"
