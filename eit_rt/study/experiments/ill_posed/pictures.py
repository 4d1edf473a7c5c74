"""Pictures of ill-posed functions, of the networks through their samples, and of errors by activation.

Imports matplotlib (by way of drawing), numpy and this room. What is drawn comes from tables alone.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from eit_rt.study import statistics
from eit_rt.study.drawing import new_figure
from eit_rt.study.experiments.ill_posed.targets import BOUND, TARGETS
from eit_rt.study.networks import ACTIVATIONS
from eit_rt.study.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = dict(zip(ACTIVATIONS, (f"C{k}" for k in (3, 1, 0, 9, 2, 8, 4)), strict=True))
MARKS = dict(zip(ACTIVATIONS, "ovsD^Px", strict=True))
BEYOND = 1.6
"""Axes end at this multiple of BOUND: a pole is seen to leave what is measured."""


def lines(curves: Table, points: Table) -> "Figure":
    """The paper's Figure 1 anew: each function of one input with its samples and networks."""
    names = [name for name in curves.values("function") if TARGETS[name].inputs == 1]
    rows = (len(names) + 1) // 2
    figure = new_figure(8, 2.7 * rows)
    for axes, name in zip(figure.subplots(rows, 2, squeeze=False).flat, names, strict=False):
        some = points.where(function=name)
        axes.plot(
            some["x1"], some["y"], "+", color="0.45", ms=4, mew=0.6, label="samples", zorder=1
        )
        for k, ((activation,), curve) in enumerate(
            curves.where(function=name).groups("activation")
        ):
            if k == 0:
                # Between two neighbours on either side of a pole or jump there is no line.
                g = np.where(np.abs(np.diff(curve["g"], append=0)) > 1.5, np.nan, curve["g"])
                axes.plot(curve["x1"], g, color="black", lw=2.6, alpha=0.35, label="g", zorder=2)
            axes.plot(
                curve["x1"],
                curve["network"],
                color=COLOURS[activation],
                lw=1.1,
                label=activation,
                zorder=3,
            )
        for bound in (-BOUND, BOUND):
            axes.axhline(bound, color="black", lw=0.6, ls=":")
        _shade_hole(axes, name)
        axes.set(ylim=(-BEYOND * BOUND, BEYOND * BOUND), xlim=(-1, 1), xlabel="x", ylabel="y")
        axes.set_xticks([-1, -0.5, 0, 0.5, 1])
        axes.set_title(f"{name}: {TARGETS[name].formula}", fontsize=8)
    figure.axes[0].legend(fontsize=7, ncols=2, loc="upper left")
    for axes in figure.axes[len(names) :]:
        axes.set_axis_off()
    return figure


def _shade_hole(axes: Any, name: str) -> None:
    grid = TARGETS[name].grid()
    hole = grid[TARGETS[name].undefined(grid), 0]
    if len(hole):
        axes.axvspan(hole.min(), hole.max(), color="black", alpha=0.08, lw=0)


def maps(curves: Table, points: Table) -> "Figure":
    """The function of two inputs: cut at ±BOUND, its samples, and what networks make of them."""
    figure = new_figure(8, 2.5)
    groups = [
        (a, curve)
        for (f, a), curve in curves.groups("function", "activation")
        if TARGETS[f].inputs == 2
    ]
    name = groups[0][1]["function"][0]
    row = figure.subplots(1, 2 + len(groups), sharex=True, sharey=True)
    side = round(len(groups[0][1]) ** 0.5)
    look: dict[str, Any] = {"cmap": "RdBu_r", "vmin": -BOUND, "vmax": BOUND}
    there = points.where(function=name)
    drawn = row[1].scatter(there["x1"], there["x2"], c=there["y"], s=5, **look)
    truth = np.clip(groups[0][1]["g"], -BOUND, BOUND)
    for axes, values, title in [
        (row[0], truth, "g, cut at its bound"),
        *((axes, curve["network"], a) for axes, (a, curve) in zip(row[2:], groups, strict=True)),
    ]:
        axes.imshow(
            values.reshape(side, side),
            origin="lower",
            extent=(-1, 1, -1, 1),
            interpolation="nearest",
            **look,
        )
        axes.set_title(title)
    row[1].set_title(f"{len(there)} samples")
    middle = -1 + (2 * np.arange(side) + 1) / side
    hole = TARGETS[name].hole
    for axes in row:
        if hole is not None:
            ring = hole(TARGETS[name].grid()).reshape(side, side)
            axes.contour(
                middle, middle, ring, levels=[0], colors="black", linewidths=0.7, linestyles=":"
            )
        axes.set(aspect="equal", xlabel="x1", xlim=(-1, 1), ylim=(-1, 1))
        axes.grid(False)
    row[0].set_ylabel("x2")
    figure.colorbar(drawn, ax=row, label="y", shrink=0.8)
    return figure


def errors(
    scores: Table, straight: Table, along: str, label: str, marks: Sequence[float]
) -> "Figure":
    """Relative error against a column, a panel for each function, by activation; bars: 95 % of the mean.

    straight: errors of samples joined by lines, rows with the same column or one level. marks: levels to draw.
    """
    names = scores.values("function")
    rows = -(-len(names) // 3)
    figure = new_figure(8, 2.6 * rows)
    panels = list(figure.subplots(rows, 3, squeeze=False).flat)
    for axes, name in zip(panels, names, strict=False):
        mine = scores.where(function=name)
        for k, ((activation,), some) in enumerate(mine.groups("activation")):
            places = sorted(some.values(along))
            means = [statistics.mean(some.where(**{along: x})["error"]) for x in places]
            # A little aside, or bars hide each other.
            at = np.array(places) * 1.04 ** (k - 3)
            reach = [[m.value - m.low for m in means], [m.high - m.value for m in means]]
            axes.errorbar(
                at,
                [m.value for m in means],
                yerr=reach,
                color=COLOURS[activation],
                marker=MARKS[activation],
                ms=3,
                lw=1,
                elinewidth=0.7,
                label=activation,
            )
        base = straight.where(function=name)
        if along in base.names and len(base.values(along)) > 1:
            places = sorted(base.values(along))
            axes.plot(
                places,
                [base.where(**{along: x})["error"].mean() for x in places],
                "k--",
                lw=1,
                label="joined by lines",
            )
        else:
            axes.axhline(
                base["error"].mean(), color="black", ls="--", lw=1, label="joined by lines"
            )
        for level in marks:
            axes.axhline(level, color="black", ls=":", lw=0.8, label=f"{level:.0%}")
        axes.set(xscale="log", yscale="log", xlabel=label, title=name)
        lines = base.values(along) if along in base.names else []
        _plain_ticks(axes, sorted({*mine.values(along), *lines}))
    panels[0].set_ylabel("relative error")
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    handles, texts = panels[0].get_legend_handles_labels()
    if len(names) < len(panels):
        panels[-1].legend(handles, texts, fontsize=8, loc="center")
    else:
        figure.legend(handles, texts, fontsize=7, ncols=5, loc="outside lower center")
    return figure


def _plain_ticks(axes: Any, places: Sequence[float]) -> None:
    axes.set_xticks(places, [f"{x:g}" for x in places])
    low, high = axes.get_ylim()
    levels = [y for y in (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5) if low <= y <= high]
    axes.set_yticks(levels, [f"{y:g}" for y in levels])
    axes.minorticks_off()
