"""Figures of experiment 5."""

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray

from eit_rt.study.drawing import new_figure
from eit_rt.study.experiment import Picture
from eit_rt.study.run import Tables
from eit_rt.study.table import Table

Floats = NDArray[np.float64]
COLOURS = {"steps": "tab:blue", "ramps": "black", "towers": "tab:green"}


def draw(tables: Tables) -> list[Picture]:
    return [_rates(tables), _sharpness(tables["sharpness"])]


def _rates(tables: Tables) -> Picture:
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


def _sharpness(sharpness: Table) -> Picture:
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
