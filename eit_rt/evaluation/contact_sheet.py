"""Contact sheet: truth and every method's pictures of some tanks side by side, as one PNG.

Imports this room and errors; matplotlib when called, and never its windows. Red is more conductive, blue less; each
picture has its own symmetric scale, and the number below it is that scale's end.
"""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.evaluation.comparison import TANKS_A_LEVEL, Comparison
from eit_rt.evaluation.evaluation_set import EvaluationSet
from eit_rt.evaluation.methods import Pictures
from eit_rt.evaluation.objects import HALF, true_objects

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure
    from matplotlib.patches import Circle

Floats = NDArray[np.float64]

COLUMNS = 8
INCHES = 1.35
HEAD_INCHES = 0.6
DPI = 110
NAME_SHARE = 0.14
"""Of the width, for the methods' names."""


def draw_sheet(file: BinaryIO, comparisons: Sequence[Comparison]) -> None:
    """Write the PNG. Raises ConfigError if matplotlib is not installed."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ConfigError(
            '--sheet needs matplotlib: pip install "eit-rt[train]", or leave --sheet out'
        ) from error
    heights = [HEAD_INCHES + INCHES * len(_rows(one)) for one in comparisons]
    width = INCHES * COLUMNS / (1 - NAME_SHARE)
    figure = Figure(figsize=(width, sum(heights)), dpi=DPI)
    FigureCanvasAgg(figure)
    parts = figure.subfigures(len(comparisons), 1, height_ratios=heights, squeeze=False)
    for part, comparison, height in zip(parts[:, 0], comparisons, heights, strict=True):
        _draw(part, comparison, height)
    figure.savefig(file, format="png")


def shown_tanks(comparison: Comparison) -> list[int]:
    """Which tanks, at most COLUMNS: the first simulated ones; of a recording some over all its length; of the Kuopio
    tanks the first level and the last."""
    tanks = comparison.tanks
    n = min(COLUMNS, len(tanks))
    if tanks.labels is not None and len(tanks) > 2 * TANKS_A_LEVEL:
        ends = np.arange(TANKS_A_LEVEL)
        return [*ends.tolist(), *(len(tanks) - TANKS_A_LEVEL + ends).tolist()]
    if tanks.truth is not None:
        return list(range(n))
    return [round(place) for place in np.linspace(0, len(tanks) - 1, n).tolist()]


def _draw(part: "SubFigure", comparison: Comparison, height: float) -> None:
    tanks, shown, rows = comparison.tanks, shown_tanks(comparison), _rows(comparison)
    axes = part.subplots(len(rows), COLUMNS, squeeze=False)
    top = 1 - HEAD_INCHES / height
    part.subplots_adjust(NAME_SHARE, 0.01, 0.995, top, wspace=0.05, hspace=0.22)
    part.suptitle(tanks.name, y=1 - 0.12 / height, fontsize=10, fontweight="bold", va="top")
    for axis in axes.ravel():
        axis.set_axis_off()
    for row, pictures in zip(axes, rows, strict=True):
        name = "truth" if pictures is None else pictures.method
        left = row[0].get_position()
        part.text(
            NAME_SHARE - 0.01,
            (left.y0 + left.y1) / 2,
            _folded(name),
            ha="right",
            va="center",
            fontsize=8,
        )
        for axis, tank in zip(row, shown, strict=False):
            _picture(axis, tanks, tank, _of_tank(tanks, pictures, tank))
            if pictures is not None and tank >= len(pictures):
                axis.text(0, 0, "not run", fontsize=6, ha="center", va="center", color="0.4")
    for axis, tank in zip(axes[0], shown, strict=False):
        if tanks.captions:
            axis.set_title(tanks.captions[tank], fontsize=7, pad=3)


def _rows(comparison: Comparison) -> list[Pictures | None]:
    """None is the truth, where something is known of it."""
    tanks = comparison.tanks
    is_known = tanks.truth is not None or tanks.objects is not None
    return [*([None] if is_known else []), *comparison.pictures]


def _of_tank(tanks: EvaluationSet, pictures: Pictures | None, tank: int) -> Floats | None:
    """Picture to be drawn, row 0 = top, or None: nobody knows the truth, or the method was not run on this tank."""
    if pictures is None:
        return None if tanks.truth is None else np.asarray(tanks.truth[tank])
    if tank >= len(pictures):
        return None
    if tanks.labels is None:
        return np.asarray(pictures.values[tank])
    labels = pictures.only(tank).labels()[0]
    return np.where(labels == 2, 1.0, np.where(labels == 1, -1.0, 0.0))


def _picture(axis: "Axes", tanks: EvaluationSet, tank: int, picture: Floats | None) -> None:
    wall = _circle((0.0, 0.0), 1.0, "0.6")
    axis.add_patch(wall)
    axis.set_xlim(-1.06, 1.06)
    axis.set_ylim(-1.06, 1.06)
    axis.set_aspect("equal")
    places = tanks.layout.positions()
    axis.plot(*places.T, ".", color="0.4", markersize=1.0)
    axis.plot(*places[0], ".", color="k", markersize=3.0)
    if picture is not None:
        largest = float(np.nanmax(np.abs(picture)))
        image = axis.imshow(
            picture, cmap="RdBu_r", vmin=-largest or -1, vmax=largest or 1, extent=(-1, 1, -1, 1)
        )
        image.set_clip_path(wall)
        axis.text(0, -1.08, f"{largest:.2g}", fontsize=5, ha="center", va="top", color="0.4")
    if tanks.truth is not None:
        _outline(axis, tanks.truth[tank])
    for one in tanks.objects[tank] if tanks.objects is not None else ():
        axis.add_patch(_circle((one.x, one.y), one.radius, "k"))


def _outline(axis: "Axes", truth: Floats) -> None:
    """Around each object where half of its own contrast is reached, so that weak ones have a line too."""
    from scipy.ndimage import binary_dilation

    centre = (np.arange(len(truth)) + 0.5) / (len(truth) / 2) - 1
    for one in true_objects(truth):
        near = binary_dilation(one.mask, np.ones((3, 3), dtype=bool), iterations=2)
        height = np.where(near, np.nan_to_num(truth) / one.amplitude, 0.0)
        axis.contour(centre, -centre, height, [HALF], colors="k", linewidths=0.5)


def _circle(centre: tuple[float, float], radius: float, colour: str) -> "Circle":
    from matplotlib.patches import Circle

    return Circle(centre, radius, fill=False, color=colour, linewidth=0.6)


def _folded(name: str, width: int = 18) -> str:
    return "\n".join(textwrap.wrap(name, width))
