"""What the errors of experiment 9 say: of the term, of three tanks, of six neurons, of ten voltages."""

import numpy as np

from eit_rt.study.experiments.ten_impedances import pictures
from eit_rt.study.experiments.ten_impedances.trials import NUMBERS, SHOWN
from eit_rt.study.run import Tables
from eit_rt.study.statistics import Interval, mean, ratio, sign_p
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, all_of, below, opposite

HARDLY, FOLLOWS, SATISFACTORY, COSTS, UNSURE = 0.02, 0.7, 0.5, 1.1, 0.05
"""Limits of the verdicts, which state them."""
HALF = 0.5
"""What UNSURE was at first."""
FAR = 2
"""A value is far from its limit if a limit so many times as high would say the same."""
FEW_TANKS = 300
"""So many training tanks at most are few."""


def judge(tables: Tables) -> list[Verdict]:
    sweep, few = tables["sweep"], tables["few"]
    none = sweep.where(lambda3=0)
    return [
        _hardly(sweep, none),
        _large_weights(sweep, none),
        _three_are_few(tables["threes"], sweep, none),
        _follow(none),
        _three_trained_on(few.where(tanks=3, lambda3=0)),
        _helps_few(few),
        _eight_from_eight(tables["eight"]),
        _bottleneck(tables["numbers"], tables["directions"]),
        _against_a_line(
            none,
            tables["numbers"].where(numbers=NUMBERS[-1]),
            tables["voltage_lines"].where(voltages="10"),
        ),
        _few_voltages(tables["voltages"].where(numbers=NUMBERS[-1])),
    ]


def _improvement(table: Table, lambda3: float, which: slice = slice(None)) -> Interval:
    """Share by which the term makes the error smaller, over the networks chosen."""
    with_term, without = (table.where(lambda3=one)["error"][which] for one in (lambda3, 0.0))
    change = ratio(with_term, without)
    return Interval(1 - change.value, 1 - change.high, 1 - change.low)


def _best(table: Table) -> tuple[float, Interval]:
    """The lambda3 that half of the networks choose, and its improvement for the other half."""
    even, odd = slice(0, None, 2), slice(1, None, 2)
    values = [value for value in table.values("lambda3") if value > 0]
    best = min(values, key=lambda one: table.where(lambda3=one)["error"][even].mean())
    return best, _improvement(table, best, odd)


def _hardly(sweep: Table, none: Table) -> Verdict:
    best, improvement = _best(sweep)
    strengths = [value for value in sweep.values("lambda3") if value > 0]
    last = sweep.where(lambda3=strengths[-1])
    worse = sum(_improvement(sweep, value).high < 0 for value in strengths)
    numbers = [
        Number.of(f"improvement by λ₃ = {best:g}, networks that did not choose it", improvement)
    ]
    for value in strengths:
        with_term = sweep.where(lambda3=value)
        numbers += [
            Number.of(f"improvement by λ₃ = {value:g}", _improvement(sweep, value)),
            Number(f"p of it, Wilcoxon, λ₃ = {value:g}", sign_p(with_term["error"], none["error"])),
            Number.of(f"‖w‖₂ with λ₃ = {value:g}", mean(with_term["norm"])),
        ]
    return Verdict(
        "The performance improvement by including the term ‖w‖₂ + 1/‖w‖₂ is hardly observed",
        "Section V",
        below(improvement, HARDLY),
        f"Hardly: by less than {HARDLY:.0%}. Of the sweep, λ₃ = {best:g} is best for half of the networks; it changes "
        f"the error of the others by {-improvement.value:+.2%}. {worse} of {len(strengths)} strengths make it larger "
        f"beyond doubt. Without the term ‖w‖₂ is {none['norm'].mean():.1f} and "
        f"the error {none['error'].mean():.3f}; λ₃ = {strengths[-1]:g} pulls them to {last['norm'].mean():.2f} and "
        f"{last['error'].mean():.3f}, where {none['guess'].mean():.3f} is that of the mean for everything.",
        tuple(numbers),
    )


def _large_weights(sweep: Table, none: Table) -> Verdict:
    with_term = {value: sweep.where(lambda3=value)["norm"] for value in sweep.values("lambda3")}
    against = {one: ratio(norm, none["norm"]) for one, norm in with_term.items() if one > 0}
    shown = SHOWN[1]
    return Verdict(
        "The term ‖w‖ + 1/‖w‖ leaves room for large weights",
        "Section I, before (1)",
        opposite(below(against[shown], 1.0)),
        f"Read as: the term does not make ‖w‖₂ smaller. Of itself it is least at ‖w‖ = 1. With λ₃ = {shown:g} ‖w‖₂ is "
        f"{with_term[shown].mean():.2f} after {none['norm'].mean():.2f} without it, {against[shown].value:.2f} times "
        f"as much.",
        tuple(
            Number.of(f"‖w‖₂ with λ₃ = {one:g} over that without", by)
            for one, by in against.items()
        ),
    )


def _three_are_few(threes: Table, sweep: Table, none: Table) -> Verdict:
    change = pictures.changes(threes)
    true = sweep.where(lambda3=SHOWN[1])["error"] / none["error"] - 1
    is_off = np.abs(change - true[:, None]) > HARDLY
    # All networks see the same threes, and all threes the same networks: the unit that varies more counts.
    by_networks, by_threes = (mean(is_off.mean(axis=axis)) for axis in (1, 0))
    off = max(by_networks, by_threes, key=lambda one: one.high - one.low)
    harder = above(off, HALF)
    return Verdict(
        "More configurations of impedance and test data are needed for any conclusions",
        "Section V",
        above(off, UNSURE),
        f"Three test tanks, as in the figures, misjudge the change that the term makes by more than {HARDLY:.0%} of "
        f"the error in {off.value:.0%} of the cases; with more than {UNSURE:.0%} they are too few "
        f"(held to {HALF:.0%}, the first limit: {harder}). With "
        f"λ₃ = {SHOWN[1]:g} all test tanks say {true.mean():+.1%}, threes say {change.min():+.0%} to "
        f"{change.max():+.0%}.",
        (
            Number.of("share of threes that are off, interval over networks", by_networks),
            Number.of("share of threes that are off, interval over threes", by_threes),
        ),
    )


def _follow(none: Table) -> Verdict:
    correlation = mean(none["correlation"])
    return Verdict(
        "Estimated impedances follow the true ones",
        "Section V, what Figures 2-4 show",
        above(correlation, FOLLOWS),
        f"Taken as: correlation above {FOLLOWS:g}, half of the variance. It is {correlation.value:.3f}; through six "
        f"numbers no more than √0.6 = {0.6**0.5:.3f} is to be expected (see below).",
        (
            Number.of("correlation", correlation),
            Number.of("relative error", mean(none["error"])),
            Number("relative error, mean for everything", none["guess"].mean()),
        ),
    )


def _three_trained_on(three: Table) -> Verdict:
    against = ratio(three["error"], three["guess"])
    return Verdict(
        "Three sets of 10 impedances and 10 voltages are enough to train on",
        "Section V, read literally",
        below(against, SATISFACTORY),
        "The paper may mean three tanks, or three sets of many. Taken as: at most "
        f"{SATISFACTORY:g} of the error of telling the mean for everything, as for eight impedances below. Networks "
        f"that are trained on three tanks have {against.value:.2f} of it; only below 1 something is learned.",
        (Number.of("error over that of the mean", against),),
    )


def _helps_few(few: Table) -> Verdict:
    found = {tanks: _best(few.where(tanks=tanks)) for tanks in few.values("tanks")}
    told = "; ".join(
        f"{tanks:g} tanks (λ₃ = {best:g}): {by.value:+.1%}, "
        f"{few.where(tanks=tanks, lambda3=best)['error'].mean():.3f} after "
        f"{few.where(tanks=tanks, lambda3=0)['error'].mean():.3f}"
        for tanks, (best, by) in found.items()
    )
    return Verdict(
        "The term improves networks that are trained on few tanks",
        "Section VI: regularization could enhance the final performance",
        all_of(above(by, HARDLY) for tanks, (_, by) in found.items() if tanks <= FEW_TANKS),
        f"Taken as: it makes the error smaller by more than {HARDLY:.0%} with each number of training tanks up to "
        f"{FEW_TANKS}. Improvements, of networks that did not choose λ₃, and errors, of all – {told}. The mean for "
        f"everything has {few['guess'].mean():.3f}.",
        tuple(
            Number.of(f"improvement with {tanks:g} tanks, λ₃ = {one:g}", by)
            for tanks, (one, by) in found.items()
        ),
    )


def _eight_from_eight(eight: Table) -> Verdict:
    against = ratio(eight["error"], eight["guess"])
    return Verdict(
        "Eight voltages are satisfactory for eight impedances",
        "Section II, of [12]",
        below(against, SATISFACTORY),
        f"Taken as: at most {SATISFACTORY:g} of the error of the mean for everything. Two hidden layers, no six "
        f"neurons: {against.value:.3f} of it; relative error {eight['error'].mean():.3f}, correlation "
        f"{eight['correlation'].mean():.3f}.",
        (Number.of("error over that of the mean", against),),
    )


def _bottleneck(numbers: Table, directions: Table) -> Verdict:
    six, ten, wide = (numbers.where(numbers=k)["unexplained"] for k in (6, 10, NUMBERS[-1]))
    cost = ratio(six, ten)
    seventh = directions.where(numbers=6, direction=7)["size"][0]
    return Verdict(
        "Six neurons before ten outputs cost accuracy",
        "asked here",
        above(cost, COSTS),
        f"With six, {six.mean():.0%} of the variance stays unexplained, with ten {ten.mean():.0%}, with {NUMBERS[-1]} "
        f"{wide.mean():.0%}. The outputs of six neurons lie in six directions (the seventh has {seventh:.0e} of the "
        "first), and ten impedances that are drawn independently have 4/10 of their variance outside any six: no "
        "training and no term of the weights can bring that back.",
        (
            Number.of("unexplained with six over that with ten", cost),
            Number.of("unexplained, six", mean(six)),
            Number("least possible, six", 0.4),
        ),
    )


def _against_a_line(none: Table, wide: Table, line: Table) -> Verdict:
    six, more = (ratio(one["error"], np.full(len(one), line["error"][0])) for one in (none, wide))
    loses, wins = (
        below(one, 1.0) is found for one, found in ((six, Outcome.DOES_NOT), (more, Outcome.HOLDS))
    )
    return Verdict(
        "The 128-64-6 network estimates better than a straight line from the same ten voltages",
        "asked here",
        below(six, 1.0),
        f"Least squares has the relative error {line['error'][0]:.3f}, the networks {none['error'].mean():.3f}. With "
        f"{NUMBERS[-1]} neurons in place of the six they have {wide['error'].mean():.3f}"
        + (": what loses is the six neurons, not networks." if loses and wins else "."),
        (
            Number.of("error over that of least squares", six),
            Number.of(f"the same with {NUMBERS[-1]} neurons in place of the six", more),
        ),
    )  # fmt: skip


def _few_voltages(wide: Table) -> Verdict:
    ten, all_of_them = (wide.where(voltages=name)["error"] for name in ("10", "35"))
    against = ratio(ten, all_of_them)
    others = ", ".join(
        f"{wide.where(voltages=name)['error'].mean():.3f} with {name}"
        for name in wide.values("voltages")
    )
    return Verdict(
        "Ten voltages are few for ten impedances",
        "asked here",
        above(against, COSTS),
        f"Taken as: more than {COSTS:g} times the error of all 35 independent ones. Relative errors without the "
        f"bottleneck: {others}. With 10 it is {against.value:.2f} times that with 35"
        + (
            f": a limit {FAR} times as high would say the same."
            if against.low > FAR * COSTS
            else "."
        ),
        (Number.of("error with 10 voltages over that with 35", against),),
    )
