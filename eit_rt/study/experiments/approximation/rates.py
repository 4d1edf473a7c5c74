"""What the errors of experiment 5 say: exponents, verdicts and pictures."""

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from eit_rt.study.drawing import new_figure
from eit_rt.study.experiment import Picture
from eit_rt.study.run import Tables
from eit_rt.study.statistics import Interval, mean, paired, power
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, all_of, below, opposite

Floats = NDArray[np.float64]
FITTED_FROM = 16
"""Neurons from which on an exponent is fitted to what was written down; trained networks: from their narrowest on."""
NO_RATE = 0.1
"""An exponent nearer to 0 than this is no approximation."""
SMOOTHNESS = ("smooth", "Lipschitz", "indicator")
COLOURS = {"steps": "tab:blue", "ramps": "black", "towers": "tab:green"}


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
        _jump(
            made, "rms", "in the mean square", "Only the part with the jump, 1/N wide, is wrong."
        ),
        _jump(made, "largest", "at every point", "Beside the jump half of it remains, with any N."),
        _sharpness(tables["sharpness"]),
        _dimensions(made),
        _training(made, tables["trained"]),
    ]


def _of(made: Table, function: str, construction: str, column: str) -> Interval:
    return mean(slopes(made.where(function=function, construction=construction), column))


def _verdict(
    claim: str, place: str, outcome: Outcome, because: str, rates: dict[str, Interval]
) -> Verdict:
    numbers = tuple(Number.of(f"q − 1, {name}", one) for name, one in rates.items())
    return Verdict(claim, place, outcome, because, numbers)


def _slowest(rates: dict[str, Interval]) -> Interval:
    return max(rates.values(), key=lambda one: one.high)


def _smooth(made: Table) -> Verdict:
    rates = {
        f"{function}, {kind}": _of(made, function, kind, "largest")
        for function in ("smooth", "Lipschitz")
        for kind in ("steps", "ramps")
    }
    return _verdict(
        "The error at any point of a bounded, smoothed landscape is O(N^(q−1)) with a q < 1",
        "Theorem 1",
        below(_slowest(rates), -NO_RATE),
        "Largest error anywhere, in one dimension. The construction of the proof, a step on each of N equal parts, "
        "gets 1/N; straight lines, which ReLU makes, get 1/N² where the function is smooth.",
        rates,
    )


def _continuous(made: Table) -> Verdict:
    rows = made.where(function="logarithmic", construction="steps")
    early, late = slopes(rows, "largest", 8, 128), slopes(rows, "largest", 128)
    return _verdict(
        "There is such a q for every bounded and continuous function",
        "Theorem 1, its proof",
        opposite(above(paired(late, early), 0.0)),
        "1/(1 + ln 1/x) is bounded and continuous. On N equal parts its error falls as 1/ln N, more slowly than any "
        "power: the exponent that one fits fades as N grows. In the proof the sides of (2) are exchanged, and (4) "
        "says only that the difference grows more slowly than N: no rate follows. (Parts of unequal width would do "
        "better.)",
        {"N = 8 to 128": mean(early), "N = 128 to 4096": mean(late)},
    )


def _jump(made: Table, column: str, where: str, because: str) -> Verdict:
    rates = {
        f"{function}, {kind}": _of(made, function, kind, column)
        for function in ("jump", "indicator")
        for kind in ("steps", "ramps")
    }
    return _verdict(
        f"Bounded functions with jumps can be approximated to any accuracy, {where}",
        "Corollary 1",
        below(_slowest(rates), -NO_RATE),
        f"{because} An exponent above −{NO_RATE} counts as no approximation.",
        rates,
    )


def _sharpness(sharpness: Table) -> Verdict:
    by_slope = {
        slope: slopes(rows, "rms", most=256) for (slope,), rows in sharpness.groups("slope")
    }
    gentlest, *_, steepest = by_slope.values()
    return _verdict(
        "The value of q depends upon the jump sharpness",
        "Corollary 1",
        above(paired(steepest, gentlest), 0.0),
        "Between 16 and 256 straight lines: a rise that is wider than a part has the rate of a smooth function, a "
        "steeper one that of a jump. It is a matter of N: with more neurons than its slope, each of these gets the "
        "fast rate.",
        {f"slope {slope:g}": mean(one) for slope, one in by_slope.items()},
    )


def _dimensions(made: Table) -> Verdict:
    line = {
        name: slopes(made.where(function=name, construction="steps"), "rms") for name in SMOOTHNESS
    }
    square = {name: slopes(made.where(function=f"{name} 2-D"), "rms") for name in SMOOTHNESS}
    # The claim is that the exponents are alike; it fails where all in two dimensions are slower.
    slower = {above(paired(square[name], line[name]), 0.0) for name in SMOOTHNESS}
    rates = {f"{name}, line": mean(one) for name, one in line.items()}
    rates |= {f"{name}, square": mean(one) for name, one in square.items()}
    return _verdict(
        "Higher dimensions can be proved similarly: the same order",
        "Theorem 1, its proof",
        opposite(slower.pop()) if len(slower) == 1 else Outcome.UNDECIDED,
        "N neurons make N parts of a line, but √N by √N parts of a square: the same construction has half the "
        "exponent. There is still a q < 1, but it rises towards 1 with the number of dimensions.",
        rates,
    )


def _training(made: Table, trained: Table) -> Verdict:
    rates: dict[str, Interval] = {}
    kept = []
    for (name,), rows in trained.groups("function"):
        own = mean(slopes(rows, "rms", least=0))
        kind = "towers" if name.endswith("2-D") else "ramps"
        written = _of(made, name, kind, "rms")
        rates |= {f"{name}, trained": own, f"{name}, {kind}": written}
        kept.append(below(own, written.value))
    count = sum(one is Outcome.HOLDS for one in kept)
    return _verdict(
        "Trained networks improve with N as fast as those that are written down",
        "Asked here: the paper does not part approximation from optimisation",
        all_of(kept),
        f"Of {len(kept)} functions, {count} are learned with a steeper rate. With few neurons training is better "
        "than the construction, for it puts them where they are needed; with many it stops at what the optimiser "
        "finds.",
        rates,
    )


# -- pictures --------------------------------------------------------------------------------------------------


def rates_picture(tables: Tables) -> Picture:
    figure = new_figure(8, 5)
    made = tables["constructed"]
    known: dict[str, Artist] = {}
    for axes, name in zip(figure.subplots(2, 4).flat, made.values("function"), strict=True):
        for (kind,), rows in made.where(function=name).groups("construction"):
            for column, style in (("rms", "-"), ("largest", ":")):
                (line,) = axes.loglog(*_middle(rows, column), style, color=COLOURS[kind])
                known[f"{kind}, {column}"] = line
        rows = tables["trained"].where(function=name)
        if len(rows):
            (line,) = axes.loglog(*_middle(rows, "rms"), "o-", ms=3, color="tab:red")
            known["trained, rms"] = line
        axes.set_title(name, fontsize=9)
    for axes in figure.axes[4:]:
        axes.set_xlabel("neurons N")
    for axes in figure.axes[::4]:
        axes.set_ylabel("error")
    figure.legend(
        list(known.values()), list(known), loc="outside lower center", ncols=4, fontsize=8
    )
    caption = "Root of the mean square (rms) and largest error; medians over phases or seeds."
    return Picture("rates", caption, figure)


def sharpness_picture(sharpness: Table) -> Picture:
    figure = new_figure(5, 3)
    axes = figure.subplots()
    for k, ((slope,), rows) in enumerate(sharpness.groups("slope")):
        axes.loglog(*_middle(rows, "rms"), color=f"{0.8 - 0.16 * k:.2f}", label=f"{slope:g}")
    axes.set(xlabel="neurons N", ylabel="error, rms")
    axes.legend(title="slope", fontsize=8, ncols=2)
    caption = "Straight lines: a steep rise looks like a jump until there are more neurons than its slope."
    return Picture("sharpness", caption, figure)


def _middle(rows: Table, column: str) -> tuple[Floats, Floats]:
    groups = list(rows.groups("N"))
    return np.array([n for (n,), _ in groups]), np.array([np.median(g[column]) for _, g in groups])
