"""Figures of the dots: matches against noise, answers as pictures, fewer voltages and samples. Imports drawing."""

from typing import TYPE_CHECKING

import numpy as np

from eit_rt.study import statistics
from eit_rt.study.drawing import new_figure
from eit_rt.study.experiment import Picture
from eit_rt.study.experiments.dots import discs
from eit_rt.study.experiments.dots.trials import (
    BOTTLENECK,
    DISCS,
    ENTROPY,
    MODERATE_DB,
    NETWORKS,
    PICTURE_DB,
    PIXELS,
    SEARCH,
    TRUE,
)
from eit_rt.study.run import Tables
from eit_rt.study.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINES = {
    SEARCH: ("black", "-", "search among all 2ⁿ tanks"),
    NETWORKS: ("tab:red", "-", "networks, norm ‖R − G‖₂"),
    ENTROPY: ("tab:orange", "--", "networks, cross-entropy"),
    DISCS: ("tab:blue", "-", "Gauss-Newton on the discs"),
    PIXELS: ("tab:green", "-", "Gauss-Newton on elements"),
    BOTTLENECK: ("tab:purple", "-", "networks 128-64-6"),
}
OTHERS = "search, n other voltages"


def draw(tables: Tables) -> list[Picture]:
    """Three figures."""
    return [
        Picture(
            "exact-matches",
            "Share of tanks in which every dot is called right (mean and 95 % interval over seeds). Search is the "
            "ceiling. Dotted: 95 %. Grey: search with as many voltages, but sensed two instead of three electrodes on.",
            _rates(tables),
        ),
        Picture(
            "answers",
            f"Ten dots, ten voltages, noise {PICTURE_DB} dB below the largest: tanks drawn by chance, and what each "
            "method says. Dark: there. Red ring: wrong. Marks on the wall: electrodes.",
            _answers(tables["pictures"]),
        ),
        Picture(
            "fewer",
            f"At {MODERATE_DB} dB. Left: search with some of the n voltages, taken by chance. Right: networks "
            "trained on a part of the 1024 combinations of ten dots (ten voltages).",
            _fewer(tables),
        ),
    ]


def _rates(tables: Tables) -> "Figure":
    figure = new_figure(8, 6)
    axes = figure.subplots(2, 2, sharex=True, sharey=True)
    for (n, board), rows in tables["rates"].groups("n", "board"):
        ax = axes[0 if n == 8 else 1, 0 if board == "few" else 1]
        for (method,), some in rows.groups("method"):
            colour, style, label = LINES[method]
            _line(ax, some, "noise_db", "exact", label, color=colour, ls=style)
        if board == "few":
            _line(
                ax, tables["others"].where(n=n), "noise_db", "exact", OTHERS, color="grey", ls=":"
            )
        ax.set_title(f"{n:.0f} dots, {f'{n:.0f}' if board == 'few' else 208} voltages")
        ax.axhline(0.95, color="black", lw=0.8, ls=":")
    for ax in axes[1]:
        ax.set_xlabel("noise, dB below the largest voltage (quieter →)")
    for ax in axes[:, 0]:
        ax.set_ylabel("tanks called right")
    handles = {
        label: line
        for ax in axes.flat
        for line, label in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=3)
    return figure


def _line(ax: "Axes", rows: Table, x: str, y: str, label: str, **look: str) -> None:
    """Mean and interval over seeds."""
    found = {at: statistics.mean(some[y]) for (at,), some in rows.groups(x)}
    at = np.array(sorted(found))
    each = [found[value] for value in at]
    low = np.clip([one.low for one in each], 0, 1)
    high = np.clip([one.high for one in each], 0, 1)
    ax.plot(at, [one.value for one in each], marker=".", ms=4, label=label, **look)  # type: ignore[arg-type]
    ax.fill_between(at, low, high, color=look["color"], alpha=0.2, lw=0)


def _answers(table: Table) -> "Figure":
    rows = table.where(n=10, board="few")
    methods = (TRUE, SEARCH, NETWORKS, BOTTLENECK, DISCS, PIXELS)
    tanks = sorted(rows.values("tank"))
    figure = new_figure(8, 1.15 * len(methods))
    axes = figure.subplots(len(methods), len(tanks))
    for i, method in enumerate(methods):
        for j, tank in enumerate(tanks):
            there, true = (
                rows.where(method=one, tank=tank).sorted_by("dot")["there"] > 0.5
                for one in (method, TRUE)
            )
            _tank(axes[i, j], there, there != true)
        label = "true" if method == TRUE else LINES[method][2].replace(" ", "\n", 1)
        axes[i, 0].text(-1.35, 0, label, ha="right", va="center", fontsize=7)
    return figure


def _tank(ax: "Axes", there: np.ndarray, wrong: np.ndarray) -> None:
    from matplotlib.patches import Circle

    ax.add_patch(Circle((0, 0), 1, fill=False, lw=0.8))
    for at, dark, bad in zip(discs.places(len(there)), there, wrong, strict=True):
        ax.add_patch(Circle(at, discs.RADIUS, fc="black" if dark else "none", ec="grey", lw=0.5))
        if bad:
            ax.add_patch(Circle(at, 2 * discs.RADIUS, fill=False, ec="red", lw=1.3))
    for angle in np.pi / 2 - 2 * np.pi * np.arange(len(there)) / len(there):
        along = np.array([1.0, 1.1])
        ax.plot(along * np.cos(angle), along * np.sin(angle), color="black", lw=1.5)
    ax.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal")
    ax.axis("off")


def _fewer(tables: Tables) -> "Figure":
    figure = new_figure(8, 3)
    left, right = figure.subplots(1, 2, sharey=True)
    for (n,), rows in tables["fewer"].groups("n"):
        _line(
            left, rows, "voltages", "exact", f"{n:.0f} dots",
            color="tab:blue" if n == 8 else "tab:red",
        )  # fmt: skip
    left.set(xlabel="voltages used", ylabel="tanks called right")
    for column, label, colour in (
        ("exact_seen", "tanks of the training", "grey"),
        ("exact_unseen", "tanks never seen", "tab:red"),
    ):
        _line(right, tables["samples"], "known", column, label, color=colour)
    right.set_xscale("log", base=2)
    ticks = sorted(tables["samples"].values("known"))
    right.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
    right.set_xlabel("combinations in the training, of 1024")
    for ax in (left, right):
        ax.axhline(0.95, color="black", lw=0.8, ls=":")
        ax.legend()
    return figure
