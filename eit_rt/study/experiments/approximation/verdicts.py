"""What the errors of experiment 5 say: exponents and verdicts."""

import numpy as np
from numpy.typing import NDArray

from eit_rt.study.run import Tables
from eit_rt.study.statistics import Interval, mean, paired, power
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, all_of, below, opposite

Floats = NDArray[np.float64]
FITTED_FROM = 16
"""Neurons from which on an exponent is fitted to what was written down; trained networks: from their narrowest on."""
NO_RATE = 0.1
"""An exponent nearer to 0 than this is no approximation; two that differ by less are alike."""
AS_ALGEBRA = 0.01
SMOOTHNESS = ("smooth", "Lipschitz", "indicator")


def slopes(rows: Table, column: str, least: float = FITTED_FROM, most: float = np.inf) -> Floats:
    """(phases or seeds,) q - 1 in error ~ N^(q - 1)."""
    unit = "phase" if "phase" in rows.names else "seed"
    kept = rows.rows((rows["N"] >= least) & (rows["N"] <= most))
    return np.array([power(one["N"], one[column]).value for _, one in kept.groups(unit)])


def judge(tables: Tables) -> list[Verdict]:
    made = tables["constructed"]
    return [
        _smooth(made),
        _continuous(made),
        _proof(made),
        _jump(
            made, "rms", "in the mean square", "Only the part with the jump, 1/N wide, is wrong."
        ),
        _jump(made, "largest", "at every point, with N equal parts", _beside(made)),
        _complexity(made),
        _sharpness(tables["sharpness"]),
        _dimensions(made),
        _training(made, tables["trained"]),
    ]


def _slopes(made: Table, function: str, construction: str, column: str) -> Floats:
    return slopes(made.where(function=function, construction=construction), column)


def _verdict(
    claim: str, place: str, outcome: Outcome, because: str, rates: dict[str, Interval]
) -> Verdict:
    numbers = tuple(Number.of(f"q − 1, {name}", one) for name, one in rates.items())
    return Verdict(claim, place, outcome, because, numbers)


def _smooth(made: Table) -> Verdict:
    rates = {
        f"{function}, {kind}": mean(_slopes(made, function, kind, "largest"))
        for function in ("smooth", "Lipschitz")
        for kind in ("steps", "ramps")
    }
    told = "; ".join(f"{name} {one.value:.2f}" for name, one in rates.items())
    return _verdict(
        "The error at any point of a bounded, smoothed landscape is O(N^(q−1)) with a q < 1",
        "Theorem 1",
        all_of(below(one, -NO_RATE) for one in rates.values()),
        "Largest error anywhere, in one dimension, of a smooth and of a Lipschitz function; the construction of the "
        f"proof (steps on N equal parts) and straight lines, which ReLU makes. Exponents: {told}.",
        rates,
    )


def _continuous(made: Table) -> Verdict:
    """There is no chance in it: all phases are alike."""
    rows = made.where(function="logarithmic", construction="steps", phase=0)
    off = np.abs(rows["largest"] * (1 + np.log(2 * rows["N"])) - 1).max()
    early, late = (power(*_part(rows, *ends)).value for ends in ((8, 128), (128, np.inf)))
    return Verdict(
        "The construction of the proof has such a q for every bounded and continuous function",
        "Theorem 1, its proof",
        Outcome.DOES_NOT if off < AS_ALGEBRA else Outcome.UNDECIDED,
        "1/(1 + ln 1/x) is bounded and continuous. On N equal parts its error is 1/(1 + ln 2N) by algebra, which falls "
        f"more slowly than any power of N; measured it differs from that by {off:.1g} of itself at most. The exponent "
        "that one fits fades as N grows. (Parts of unequal width would do better: it is no counter-example to "
        "networks.)",
        (
            Number("exponent that fits N = 8 to 128", early),
            Number("exponent that fits N = 128 to 4096", late),
        ),
    )


def _part(rows: Table, least: float, most: float) -> tuple[Floats, Floats]:
    kept = rows.rows((rows["N"] >= least) & (rows["N"] <= most))
    return kept["N"], kept["largest"]


def _proof(made: Table) -> Verdict:
    error = mean(_slopes(made, "jump", "steps", "largest"))
    product = Interval(error.value - 1, error.low - 1, error.high - 1)
    vanishes = {
        name: below(one, -NO_RATE) for name, one in (("product", product), ("error", error))
    }
    return _verdict(
        "Equation (4), 2/N times the difference goes to 0, makes the difference go to 0",
        "Theorem 1, its proof",
        vanishes["error"] if vanishes["product"] is Outcome.HOLDS else Outcome.UNDECIDED,
        "2/N times anything that is bounded goes to 0. With a jump the product falls, and the largest difference "
        "itself is what it is. (In (2), besides, the sides are exchanged.)",
        {"2/N times the largest error": product, "the largest error": error},
    )


def _jump(made: Table, column: str, where: str, because: str) -> Verdict:
    rates = {
        f"{function}, {kind}": mean(_slopes(made, function, kind, column))
        for function in ("jump", "indicator")
        for kind in ("steps", "ramps")
    }
    return _verdict(
        f"Bounded functions with jumps can be approximated to any accuracy, {where}",
        "Corollary 1",
        all_of(below(one, -NO_RATE) for one in rates.values()),
        f"{because} An exponent above −{NO_RATE} counts as no approximation.",
        rates,
    )


def _beside(made: Table) -> str:
    jumps = made.rows(np.isin(made["function"], ("jump", "indicator")))
    finest = jumps.where(N=jumps["N"].max())
    return (
        f"With {finest['N'][0]:g} neurons the largest error is still {finest['largest'].min():.2g} to "
        f"{finest['largest'].max():.2g} of the jump. No continuous network can do better than a half, and steps only "
        "if one of them stands at the jump."
    )


def _complexity(made: Table) -> Verdict:
    found = {name: _slopes(made, name, "ramps", "rms") for name in SMOOTHNESS}
    smooth, kinked, jumping = found.values()
    return _verdict(
        "The value of q depends upon the complexity of the landscape",
        "Corollary 1; section III, end",
        all_of([above(paired(kinked, smooth), 0.0), above(paired(jumping, kinked), 0.0)]),
        "The paper does not say what complexity is; taken as smoothness, the same straight lines, root of the mean "
        "square: each function less smooth has a larger q.",
        {name: mean(one) for name, one in found.items()},
    )


def _sharpness(sharpness: Table) -> Verdict:
    by_slope = {
        slope: slopes(rows, "rms", most=256) for (slope,), rows in sharpness.groups("slope")
    }
    gentlest, *_, steepest = by_slope.values()
    rates = {f"slope {slope:g}, N = 16 to 256": mean(one) for slope, one in by_slope.items()}
    beyond = {
        f"slope {slope:g}, N from {4 * slope:g} on": mean(slopes(rows, "rms", least=4 * slope))
        for (slope,), rows in sharpness.groups("slope")
        if sum(n >= 4 * slope for n in rows.values("N")) > 2
    }
    values = [one.value for one in beyond.values()]
    return _verdict(
        "The value of q depends upon the jump sharpness",
        "Corollary 1",
        above(paired(steepest, gentlest), 0.0),
        "Between 16 and 256 straight lines. It is a matter of N: with four times as many neurons as its slope, a rise "
        f"is no jump any more, and the exponents are {min(values):.2f} to {max(values):.2f}.",
        rates | beyond,
    )


def _dimensions(made: Table) -> Verdict:
    line = {name: _slopes(made, name, "steps", "rms") for name in SMOOTHNESS}
    square = {name: _slopes(made, f"{name} 2-D", "towers", "rms") for name in SMOOTHNESS}
    rates = {f"{name}, line": mean(one) for name, one in line.items()}
    rates |= {f"{name}, square": mean(one) for name, one in square.items()}
    told = "; ".join(
        f"{name} {line[name].mean():.2f} and {square[name].mean():.2f}" for name in SMOOTHNESS
    )
    return _verdict(
        "Higher dimensions can be proved similarly: the same order",
        "Theorem 1, its proof; read as: the same q",
        all_of(opposite(above(paired(square[name], line[name]), NO_RATE)) for name in SMOOTHNESS),
        "N neurons make N parts of a line, but √N by √N parts of a square, and so half of the exponent for many of "
        f"them. Exponents on a line and on a square: {told}. There is still a q < 1, but nearer to 1.",
        rates,
    )


def _nearer(made: Table, trained: Table) -> str:
    """Where a trained network has the smaller error, medians of the root of the mean square."""
    smaller = []
    for (name, n), rows in trained.groups("function", "N"):
        kind = "towers" if name.endswith("2-D") else "ramps"
        written = made.where(function=name, construction=kind, N=n)["rms"]
        if len(written):
            smaller.append(float(np.median(rows["rms"]) < np.median(written)))
    return (
        "The error itself may be smaller where the rate is worse: at the same N the trained ones have the smaller "
        f"error in {sum(smaller):.0f} of {len(smaller)} cases."
    )


def _training(made: Table, trained: Table) -> Verdict:
    rates: dict[str, Interval] = {}
    kept = []
    for (name,), rows in trained.groups("function"):
        kind = "towers" if name.endswith("2-D") else "ramps"
        own, written = mean(slopes(rows, "rms", least=0)), mean(_slopes(made, name, kind, "rms"))
        rates |= {f"{name}, trained": own, f"{name}, {kind}": written}
        apart = Interval(own.value - written.value, own.low - written.high, own.high - written.low)
        kept.append(below(apart, NO_RATE))
    return _verdict(
        "Trained networks improve with N as fast as those that are written down",
        "asked here: the paper does not part approximation from optimisation",
        all_of(kept),
        f"As fast: an exponent that is larger by {NO_RATE} at most. That is so for {kept.count(Outcome.HOLDS)} of "
        f"{len(kept)} functions and surely not for {kept.count(Outcome.DOES_NOT)}. {_nearer(made, trained)} Why "
        "the rates differ was not measured; the number of steps is the same for all N.",
        rates,
    )
