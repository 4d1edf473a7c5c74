"""Figures of the ten discs: pictures, profiles, what is told apart, impedances. Sees the tables only."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eit_rt.study.drawing import new_figure
from eit_rt.study.experiment import Picture
from eit_rt.study.experiments.diagonal.names import TEN_ITERATED, TEN_NETWORK, TEN_ONE_STEP
from eit_rt.study.run import Tables
from eit_rt.study.table import Row, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

AT: Floats = np.linspace(-0.97, 0.97, 389)
"""Places of a profile along the diagonal, tank radii."""
PIXELS = 64
RADIUS = 0.06
COLOURS = {
    "one step, NOSER": "black",
    "Newton-Raphson": "tab:red",
    "quasi-Newton, kept": "tab:orange",
    "quasi-Newton, Broyden": "tab:brown",
    "GREIT, flat tank": "tab:green",
    "network, shipped": "tab:blue",
}


def pixels(pictures: Mapping[str, Floats]) -> list[Row]:
    """Rows of a table: the pixels inside the tank, a column for each picture, as shares of its largest value."""
    centre = (np.arange(PIXELS) + 0.5) / (PIXELS / 2) - 1
    shares = {name: np.nan_to_num(one) / np.nanmax(np.abs(one)) for name, one in pictures.items()}
    return [
        {"row": i, "column": j} | {name: round(float(one[i, j]), 2) for name, one in shares.items()}
        for i in range(PIXELS)
        for j in range(PIXELS)
        if centre[i] ** 2 + centre[j] ** 2 <= 1
    ]


def draw(tables: Tables) -> list[Picture]:
    return [_pictures(tables), _profiles(tables), _told(tables), _impedances(tables)]


def _pictures(tables: Tables) -> Picture:
    figure = new_figure(8, 4.4)
    axes = figure.subplots(2, 4).flat
    _show(axes[0], np.full((PIXELS, PIXELS), np.nan), "truth", filled=True)
    places = list(axes[1:])
    if "eidors_pictures" in tables:
        _show(
            places.pop(0),
            _image(tables["eidors_pictures"], "EIDORS"),
            "EIDORS’ own: one step, Laplace",
        )
    for name, place in zip(COLOURS, places, strict=False):
        _show(place, _image(tables["pictures"], name), name)
    for place in places[len(COLOURS) :]:
        place.set_axis_off()
    caption = (
        "Ten discs 0.13 apart, 0.2 of the conductivity of the rest, noise 40 dB below the change; each picture on its "
        "own scale, blue: less conductive, red: more. Circles: where the discs are."
        + (
            " EIDORS’ picture is of its own voltages and mesh; ours of these is the same."
            if "eidors_pictures" in tables
            else ""
        )
    )
    return Picture("pictures", caption, figure)


def _image(table: Table, name: str) -> Floats:
    image = np.full((PIXELS, PIXELS), np.nan)
    image[table["row"].astype(int), table["column"].astype(int)] = table[name]
    return image


def _show(axes: "Axes", image: Floats, title: str, filled: bool = False) -> None:
    from matplotlib.patches import Circle

    axes.imshow(image, cmap="RdBu_r", vmin=-1, vmax=1, extent=(-1, 1, -1, 1))
    axes.add_patch(Circle((0, 0), 1, fill=False, lw=0.8))
    for k in range(10):
        at = (k - 4.5) * 0.13 / np.sqrt(2)
        face = "#0b3d80" if filled else "none"
        axes.add_patch(Circle((at, at), RADIUS, facecolor=face, edgecolor="black", lw=0.5))
    axes.set_title(title, fontsize=8)
    axes.set_xlim(-1.02, 1.02)
    axes.set_ylim(-1.02, 1.02)
    axes.set_axis_off()


def _profiles(tables: Tables) -> Picture:
    figure = new_figure(8, 3.2)
    table = tables["profiles"]
    groups = list(table.groups("spacing"))
    for axes, ((spacing,), rows) in zip(
        figure.subplots(1, len(groups), sharey=True), groups, strict=True
    ):
        n = 10 if spacing == 0.13 else 5
        for k in range(n):
            middle = (k - (n - 1) / 2) * spacing
            axes.axvspan(middle - RADIUS, middle + RADIUS, color="0.88", lw=0)
        for name, colour in COLOURS.items():
            one = rows.where(method=name)
            axes.plot(
                one["at"],
                one["value"] / np.abs(one["value"]).max(),
                color=colour,
                lw=1.2,
                label=name,
            )
        axes.set_title(f"{n} discs, {spacing} apart")
        axes.set_xlabel("place on the diagonal (tank radii)")
    figure.axes[0].set_ylabel("picture, share of its largest")
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8
    )
    caption = "Pictures along the diagonal, 40 dB; grey: the discs (resistive, so a picture should dip in each)."
    return Picture("profiles", caption, figure)


def _told(tables: Tables) -> Picture:
    figure = new_figure(8, 3.4)
    noises = [one for one in ("none", "40 dB", "20 dB") if one in tables["told"].values("noise")]
    for axes, noise in zip(figure.subplots(1, len(noises), sharey=True), noises, strict=True):
        rows = tables["told"].where(noise=noise).sorted_by("spacing")
        for name, colour in COLOURS.items():
            groups = [(key[0], one) for key, one in rows.where(method=name).groups("spacing")]
            share = [float((one["told"] / one["n"]).mean()) for _, one in groups]
            axes.plot([key for key, _ in groups], share, ".-", color=colour, lw=1.2, label=name)
        spacings = rows.values("spacing")
        counts = [int(rows.where(spacing=one)["n"][0]) for one in spacings]
        axes.set_xscale("log")
        axes.set_xticks(
            spacings,
            [_label(one, n) for one, n in zip(spacings, counts, strict=True)],
            fontsize=6,
        )
        axes.minorticks_off()
        axes.set_ylim(0, 1.05)
        axes.set_title(
            "no noise" if noise == "none" else f"noise {noise} below the change", fontsize=9
        )
        axes.set_xlabel("spacing in tank radii (discs)")
    figure.axes[0].set_ylabel("counted / discs there")
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8
    )
    widest = tables["told"].sorted_by("spacing")
    caption = (
        "How many things one counts along the diagonal, over the number of discs (Rayleigh’s criterion): mean over "
        "resistive and conductive discs and over seeds of noise. At 1 all are told apart; "
        "a picture in which the discs run together counts as one thing, 1 over their number. "
        f"Few discs fit at wide spacings: at {widest['spacing'][-1]:g} there are "
        f"{widest['n'][-1]:.0f}."
    )
    return Picture("told-apart", caption, figure)


def _label(spacing: float, n: int) -> str:
    return f"{spacing:g}\n({n})" if spacing != 0.16 else ""  # It would touch its neighbours.


def _impedances(tables: Tables) -> Picture:
    figure = new_figure(8, 3.0)
    rows = tables["estimates"].where(noise="40 dB")
    near = np.minimum(rows["disc"], 9 - rows["disc"])
    for axes, name in zip(
        figure.subplots(1, 3, sharey=True), (TEN_ONE_STEP, TEN_ITERATED, TEN_NETWORK), strict=True
    ):
        chosen = rows["method"] == name
        axes.plot([0.2, 5], [0.2, 5], color="0.6", lw=1)
        for least, colour, word in ((0, "tab:blue", "outer six"), (3, "tab:red", "middle four")):
            some = rows.rows(chosen & (near >= least) & (near < least + 3))
            axes.loglog(1 / some["true"], 1 / some["found"], ".", color=colour, ms=5, label=word)
        axes.set_title(name, fontsize=9)
        axes.set_xlabel("true impedance / water’s")
        axes.set_xticks([0.2, 0.5, 1, 2, 5], ["0.2", "0.5", "1", "2", "5"])
        axes.set_yticks([0.2, 0.5, 1, 2, 5], ["0.2", "0.5", "1", "2", "5"])
        axes.minorticks_off()
    figure.axes[0].set_ylabel("estimate")
    figure.axes[0].legend(fontsize=8)
    caption = (
        "Ten impedances at known places 0.13 apart, each its own: true against estimated, eight tanks, noise 40 dB "
        "below the change. Estimates are kept within 0.2 and 5."
    )
    return Picture("impedances", caption, figure)
