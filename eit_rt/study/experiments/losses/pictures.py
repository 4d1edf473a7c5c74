"""Figures of what the losses select. Imports matplotlib and this room."""

import numpy as np

from eit_rt.study.drawing import new_figure
from eit_rt.study.experiment import Picture
from eit_rt.study.experiments.losses.comparison import PLAIN, SETTING, by_seed, change
from eit_rt.study.statistics import mean
from eit_rt.study.table import Table

LOSSES = (PLAIN, "L1", "L2", "L3")
NAMES = {PLAIN: "no C", "L1": "L1", "L2": "L2", "L3": "L3"}
COLOURS = {PLAIN: "black", "L1": "tab:blue", "L2": "tab:red", "L3": "tab:green"}
WORDS = {"rademacher": "Rademacher", "hessian_trace": "Hessian"}


def title(key: tuple[str, ...]) -> str:
    """Of a setting: task, measure and perhaps p."""
    return f"{key[0]}, {WORDS[key[1]]}" + (f", p = {key[2]:g}" if len(key) > 2 else "")


def middle(rows: Table, column: str) -> float:
    """Mean of C, geometric mean of an error."""
    value = float(by_seed(rows, column).mean())
    return value if column == "C" else float(np.exp(value))


def paths(table: Table) -> Picture:
    """C and test error over lambda2, at the smallest lambda3 that is not 0."""
    weight = sorted(table.values("lambda3"))[1]
    chosen = table.where(p=2.0, lambda3=weight)
    figure = new_figure(8, 4.6)
    columns = figure.subplots(2, 4, sharex=True).T
    for column, (key, rows) in zip(columns, chosen.groups("task", "measure"), strict=True):
        for name in LOSSES:
            points = list(rows.where(loss=name).sorted_by("lambda2").groups("lambda2"))
            for axes, what in zip(column, ("C", "test"), strict=True):
                y = [middle(one, what) for _, one in points]
                line = "--" if name == PLAIN else "-"
                axes.plot(
                    [b for (b,), _ in points],
                    y,
                    line,
                    marker=".",
                    color=COLOURS[name],
                    label=NAMES[name],
                )
        column[0].set_title(title(key), fontsize=8)
        column[0].set_ylim(0, 1)
        column[1].set_xlabel("λ₂")
    columns[0, 0].set_ylabel("C")
    columns[0, 1].set_ylabel("test error")
    columns[0, 0].legend(fontsize=7)
    caption = (
        f"Complexity and test error of the selected networks over λ₂, with λ₃ = {weight:g} and p = 2; means over "
        "seeds. Dashed: the same λ₁ and λ₃ without C."
    )
    return Picture("paths", caption, figure)


def simplex(table: Table) -> Picture:
    """Test errors over lambda2 and lambda3, p = 2."""
    figure = new_figure(8, 7.6)
    values = sorted(table.values("lambda2"))
    blocks = figure.subplots(4, 4, sharex=True, sharey=True)
    for line, (key, rows) in zip(blocks, table.where(p=2.0).groups("task", "measure"), strict=True):
        for axes, name in zip(line, LOSSES, strict=True):
            field = np.full((len(values), len(values)), np.nan)
            for (b, c), one in rows.where(loss=name).groups("lambda2", "lambda3"):
                field[values.index(c), values.index(b)] = middle(one, "test")
            axes.imshow(field, origin="lower", cmap="viridis_r", vmin=0.4, vmax=1.2, aspect="auto")
            for (row, column), error in np.ndenumerate(field):
                if np.isfinite(error):
                    shade = "white" if error > 0.8 else "black"
                    axes.text(
                        column,
                        row,
                        f"{error:.2g}",
                        ha="center",
                        va="center",
                        fontsize=6,
                        color=shade,
                    )
            axes.set_title(f"{title(key)}: {NAMES[name]}", fontsize=7)
            axes.grid(visible=False)
            axes.set_xticks(range(len(values)), [f"{b:g}" for b in values], fontsize=6)
            axes.set_yticks(range(len(values)), [f"{c:g}" for c in values], fontsize=6)
        line[0].set_ylabel("λ₃")
    for axes in blocks[-1]:
        axes.set_xlabel("λ₂")
    caption = (
        "Test error over the simplex (λ₁ is the rest), p = 2; geometric means over seeds. A constant output has an "
        "error of about 1. The steps near 0 are finer, because there the network still learns."
    )
    return Picture("simplex", caption, figure)


def changes(table: Table) -> Picture:
    """What each loss does to C and to the test error in each setting, with intervals."""
    figure = new_figure(8, 3.6)
    left, right = figure.subplots(1, 2, sharey=True)
    keys = [key for key, _ in table.groups(*SETTING)]
    for axes, what in ((left, "C"), (right, "test")):
        for shift, name in ((0.22, "L1"), (0.0, "L2"), (-0.22, "L3")):
            for k, (_, rows) in enumerate(table.groups(*SETTING)):
                found, place = change(rows, name, PLAIN, what), len(keys) - 1 - k + shift
                axes.plot([found.low, found.high], [place, place], color=COLOURS[name], lw=2)
                axes.plot(found.value, place, "o", ms=4, color=COLOURS[name], label=None if k else name)  # fmt: skip
        axes.axvline(0.0 if what == "C" else 1.0, color="black", lw=0.8)
    left.set_yticks(range(len(keys)), [title(key) for key in reversed(keys)], fontsize=8)
    left.set_xlabel("C, difference to the loss without C")
    right.set_xlabel("test error, ratio to the loss without C")
    right.legend(fontsize=8)
    caption = "At the same lambdas and seeds, mean over all lambdas with λ₁ > 0 and λ₂ > 0; 95 % intervals over seeds."
    return Picture("changes", caption, figure)


def scales(table: Table) -> Picture:
    """L3 with a C that may pass 1: what it selects, and the error, over the scale."""
    figure = new_figure(8, 4.4)
    columns = figure.subplots(2, 4, sharex=True).T
    for column, (key, rows) in zip(columns, table.groups("task", "measure"), strict=True):
        free = rows.rows(rows["factor"] > 0)
        factor = np.array(free.values("factor"))
        for axes, what in zip(column, ("r", "test"), strict=True):
            found = [mean(by_seed(one, what)) for _, one in free.groups("factor")]
            unit = rows["reference"][0] if what == "r" else 1.0
            value, low, high = (
                np.exp([getattr(one, part) for one in found]) / unit for part in ("value", "low", "high")
            )  # fmt: skip
            axes.plot(factor, value, ".-", color=COLOURS["L3"])
            axes.fill_between(factor, low, high, color=COLOURS["L3"], alpha=0.2, lw=0)
            axes.set_xscale("log", base=2)
            axes.xaxis.set_major_formatter("{x:g}")
        column[0].set_yscale("log", base=2)
        column[0].yaxis.set_major_formatter("{x:g}")
        column[0].plot(factor, factor, color="black", lw=0.8, label="r = scale")
        if key[1] == "rademacher":
            column[0].axhline(
                rows["truth"][0] / rows["reference"][0],
                color="grey",
                ls=":",
                label="r of the truth",
            )
        column[1].axhline(
            middle(rows.where(factor=0.0), "test"), color="black", ls="--", lw=0.8, label="no C"
        )
        column[0].set_title(title(key), fontsize=8)
        column[1].set_xlabel("scale / r without C")
    columns[0, 0].set_ylabel("r / r without C")
    columns[0, 1].set_ylabel("test error")
    for axes in columns[0]:
        axes.legend(fontsize=7)
    caption = (
        "L3 with C = r/scale, which may pass 1, at λ = (0.25, 0.75, 0) and p = 2; geometric means over seeds, bands "
        "of 95 %."
    )
    return Picture("scales", caption, figure)
