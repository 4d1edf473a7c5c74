"""Figures of Conjecture 1. Imports matplotlib and this room."""

import numpy as np

from eit_rt.study.drawing import new_figure
from eit_rt.study.experiment import Picture
from eit_rt.study.experiments.conjecture.verdicts import constants
from eit_rt.study.run import Tables
from eit_rt.study.table import Table

COLOURS = ("tab:blue", "tab:orange", "tab:green", "tab:red")


def draw(tables: Tables) -> list[Picture]:
    return [_scatter(tables["minima"]), _memory(tables["longer"])]


def _scatter(table: Table) -> Picture:
    figure = new_figure(8, 4.8)
    panels = list(figure.subplots(2, 3, sharex=True, sharey=True).flat)
    choices = table.groups("lambda1", "lambda2", "lambda3")
    for axes, (key, own) in zip(panels, choices, strict=False):
        for colour, ((task,), rows) in zip(COLOURS, own.groups("task"), strict=True):
            axes.loglog(rows["Q"], rows["e"], ".", ms=2.5, alpha=0.5, color=colour, label=task)
        span = np.geomspace(own["Q"].min(), own["Q"].max(), 30)
        c = constants(own).max()
        bound = c * np.sqrt(span)
        axes.loglog(span, bound, color="black", lw=0.9, label="c √Q above all")
        axes.annotate(
            f"c = {c:.0f}" if c >= 100 else f"c = {c:.3g}",
            (span[15], bound[15]), (-3, 4), textcoords="offset points", ha="right", fontsize=8,
        )  # fmt: skip
        axes.set_title("λ = ({:g}, {:g}, {:g})".format(*key), fontsize=8)
        axes.set_xlabel("Q")
        axes.xaxis.set_tick_params(labelbottom=True)
    panels[0].set_ylabel("e")
    panels[3].set_ylabel("e")
    handles = panels[0].get_legend_handles_labels()
    panels[-1].set_axis_off()
    panels[-1].legend(*handles, loc="center", fontsize=8, markerscale=4)
    caption = (
        "Error against the least L1 found; a dot is a seed, a noise and a number of samples. The line is the smallest "
        "c √Q above all dots."
    )
    return Picture("scatter", caption, figure)


def _memory(longer: Table) -> Picture:
    figure = new_figure(8, 2.8)
    left, right = figure.subplots(1, 2)
    for _, rows in longer.sorted_by("steps").groups("seed"):
        left.loglog(rows["Q"], rows["e"], color="tab:blue", lw=0.7, marker=".", ms=3, alpha=0.7)
        right.loglog(rows["steps"], rows["e"] / np.sqrt(rows["Q"]), color="tab:blue", lw=0.7)
    left.set_xlabel("Q")
    left.set_ylabel("e")
    left.set_ylim(0.05, 20)
    steps = sorted(longer.values("steps"))
    right.set_xticks(steps, [f"{k:g}" for k in steps])
    right.set_xticks([], minor=True)
    right.set_xlabel("steps of training")
    right.set_ylabel("e / √Q")
    caption = (
        "λ = (1, 0, 0), a few samples with noise: the longer it is trained, the smaller Q; e stays. A line is a "
        "seed, and starts at the right with the shortest training."
    )
    return Picture("by-heart", caption, figure)
