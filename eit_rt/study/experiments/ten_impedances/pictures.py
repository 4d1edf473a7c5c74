"""Figures of experiment "ten-impedances", from its tables alone. Imports this room only."""

import numpy as np
from matplotlib.axes import Axes

from eit_rt.study.drawing import new_figure
from eit_rt.study.experiment import Picture
from eit_rt.study.experiments.ten_impedances.impedances import Floats
from eit_rt.study.experiments.ten_impedances.trials import GROUPS, HIDDEN, NUMBERS, SHOWN
from eit_rt.study.run import Tables
from eit_rt.study.statistics import mean
from eit_rt.study.table import Table

ROUNDING = 1e-9
"""Of singular values, over the first."""
MARKERS = {HIDDEN[-1]: ("o", 9), 8: ("s", 6), NUMBERS[-1]: (".", 4)}
"""Of networks whose directions are shown, and sizes: hollow and of different sizes, so that none hides another."""


def changes(threes: Table) -> Floats:
    """(networks, groups) relative change of the error by the term, as three tanks show it."""
    errors = [threes.where(lambda3=value).sorted_by("seed", "group")["error"] for value in SHOWN]
    return np.asarray((errors[1] / errors[0] - 1).reshape(-1, GROUPS))


def _line(
    axes: Axes, table: Table, of: str, column: str, label: str, colour: str, shift: float = 1.0
) -> None:
    """Means over the networks, with intervals; drawn a factor `shift` aside."""
    x = table.values(of)
    found = [mean(table.where(**{of: value})[column]) for value in x]
    middle = [one.value for one in found]
    half = [one.high - one.value for one in found]
    axes.errorbar(
        [shift * one for one in x],
        middle,
        half,
        fmt="o-",
        ms=3,
        capsize=2,
        label=label,
        color=colour,
    )


def paper(samples: Table) -> Picture:
    figure = new_figure(8, 4.2)
    panels = figure.subplots(2, 3, sharex=True, sharey=True)
    for ((value, k), rows), axes in zip(
        samples.groups("lambda3", "sample"), panels.flat, strict=True
    ):
        axes.plot(rows["region"], rows["true"], "o-", ms=4, color="tab:blue", label="true")
        axes.plot(rows["region"], rows["found"], "o-", ms=4, color="tab:orange", label="estimated")
        number = 1 + k + 3 * (value > 0)
        axes.set_title(f"Figure {number:.0f}: sample {k:.0f}, λ₃ = {value:g}", fontsize=8)
        axes.set_xticks(rows["region"])
    panels[0, 0].legend(fontsize=7)
    figure.supxlabel("region", fontsize=9)
    figure.supylabel("impedance over the water's", fontsize=9)
    caption = (
        "The paper's Figures 2 to 7: three test tanks, the first that were drawn, and one network, the first; above "
        "without, below with the term of the weights."
    )
    return Picture("figures-2-7", caption, figure)


def sweep(rows: Table, threes: Table) -> Picture:
    figure = new_figure(8, 2.7)
    left, middle, right = figure.subplots(1, 3)
    _line(left, rows, "lambda3", "error", "128-64-6", "black")
    left.axhline(rows["guess"][0], color="tab:gray", ls=":", label="mean for everything")
    left.set(ylabel="relative error", ylim=(0, None))
    left.legend(fontsize=7, loc="center left")
    _line(middle, rows, "lambda3", "norm", "", "black")
    middle.axhline(1, color="tab:gray", ls=":")
    middle.set(ylabel="‖w‖₂", yscale="log")
    for axes in (left, middle):
        axes.set_xscale("symlog", linthresh=1e-4, linscale=0.5)
        axes.set_xlim(-2e-5, 0.5)
        axes.set_xticks([0, 1e-4, 1e-3, 1e-2, 1e-1])
        axes.set_xlabel("λ₃")
    true = rows.where(lambda3=SHOWN[1])["error"] / rows.where(lambda3=0)["error"] - 1
    right.hist(100 * changes(threes).ravel(), bins=25, color="tab:orange")
    right.axvline(100 * true.mean(), color="black", label="all test tanks")
    right.set(xlabel="change of the error, %", ylabel="threes of test tanks")
    right.legend(fontsize=7)
    caption = (
        "Error and norm of the weights against λ₃, mean of the networks with 95 % intervals (many are smaller than the "
        "dots); and the change by "
        f"λ₃ = {SHOWN[1]:g} as three test tanks and one network show it."
    )
    return Picture("sweep", caption, figure)


def bottleneck(tables: Tables) -> Picture:
    figure = new_figure(8, 2.9)
    left, middle, right = figure.subplots(1, 3)
    k = np.linspace(0, 10, 2)
    _line(left, tables["numbers"], "numbers", "unexplained", "network", "black")
    lines = tables["lines"]
    left.plot(
        lines["numbers"],
        lines["unexplained"],
        "s--",
        ms=3,
        color="tab:green",
        label="straight line",
    )
    left.plot(k, 1 - k / 10, ":", color="tab:red", label="least possible")
    left.set(xlabel="neurons before the outputs", ylabel="unexplained variance", ylim=(0, 1))
    left.legend(fontsize=7)
    for (numbers,), rows in tables["directions"].groups("numbers"):
        if numbers in MARKERS:
            marker, size = MARKERS[int(numbers)]
            shown = rows["size"] > ROUNDING
            middle.plot(
                rows["direction"][shown],
                rows["size"][shown],
                marker=marker,
                ms=size,
                mfc="none",
                lw=1,
                label=f"{numbers:.0f} neurons",
            )
    middle.set(
        xlabel="direction of the outputs",
        ylabel="size over the first",
        ylim=(0, 1.05),
        xticks=range(1, 11),
    )
    middle.legend(fontsize=7, loc="lower left")
    _voltages(right, tables["voltages"], tables["voltage_lines"])
    caption = (
        "Left: variance of the test tanks that stays unexplained behind a last hidden layer of so many neurons, a "
        "straight line through as many numbers, and what no layer can go below. Middle: singular values of the "
        "outputs; six neurons have no seventh. Right: error against the number of voltages; hollow: ten taken with "
        "j = 2 or 4."
    )
    return Picture("bottleneck", caption, figure)


def _voltages(axes: Axes, voltages: Table, lines: Table) -> None:
    counts = dict(zip(lines["voltages"], lines["count"], strict=True))
    usual = [name for name in counts if "j" not in name]
    for numbers, colour in ((HIDDEN[-1], "tab:red"), (NUMBERS[-1], "black")):
        these = voltages.where(numbers=numbers)
        error = {name: these.where(voltages=name)["error"].mean() for name in counts}
        axes.plot([counts[one] for one in usual], [error[one] for one in usual], "o-", ms=3,
                  color=colour, label=f"network, {numbers} neurons")  # fmt: skip
        odd = [name for name in counts if "j" in name]
        axes.plot(
            [counts[one] for one in odd],
            [error[one] for one in odd],
            "o",
            ms=5,
            mfc="none",
            color=colour,
        )
    some = lines.rows(np.isin(lines["voltages"], usual))
    axes.plot(some["count"], some["error"], "s--", ms=3, color="tab:green", label="straight line")
    axes.set(xlabel="voltages", ylabel="relative error", xscale="log", ylim=(0, None))
    axes.set_xticks([5, 10, 20, 35, 70], ["5", "10", "20", "35", "70"])
    axes.minorticks_off()
    axes.legend(fontsize=7, loc="center right", bbox_to_anchor=(1, 0.69))


def few(rows: Table) -> Picture:
    figure = new_figure(8, 3)
    axes = figure.subplots()
    colours = ("black", "tab:blue", "tab:orange", "tab:red")
    for k, (value, colour) in enumerate(zip(rows.values("lambda3"), colours, strict=True)):
        these = rows.where(lambda3=value)
        _line(axes, these, "tanks", "error", f"λ₃ = {value:g}", colour, shift=1.05**k)
    axes.axhline(rows["guess"][0], color="tab:gray", ls=":", label="mean for everything")
    axes.set(xlabel="training tanks", ylabel="relative error", xscale="log", ylim=(0, None))
    axes.set_xticks(rows.values("tanks"), [f"{n:g}" for n in rows.values("tanks")])
    axes.minorticks_off()
    axes.legend(fontsize=7)
    caption = (
        "Networks that are trained on few tanks, each on its own; mean and 95 % interval over the networks. Points of "
        "one number of tanks are moved sideways, so that none hides another."
    )
    return Picture("few-tanks", caption, figure)
