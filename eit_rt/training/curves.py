"""Loss curves of a run: as a PNG, and as text for a terminal. Imports matplotlib when called."""

import math
from collections.abc import Mapping, Sequence
from typing import BinaryIO

BLOCKS = "▁▂▃▄▅▆▇█"
ROWS, COLUMNS = 12, 72
MARKS = {"training": ".", "loss": "o"}
"""Mark of each curve in the text; where both meet, the validation's shows."""

History = Sequence[Mapping[str, float]]
"""A row per validation: step, training (mean loss since the last row), loss, correlation, ..."""


def sparkline(values: Sequence[float], width: int = 24) -> str:
    """One line of blocks, lowest to highest value; the newest `width` values, gaps for what is not finite."""
    newest = list(values)[-width:]
    finite = [value for value in newest if math.isfinite(value)]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    scale = (len(BLOCKS) - 1) / (high - low) if high > low else 0.0
    return "".join(
        BLOCKS[round((value - low) * scale)] if math.isfinite(value) else " " for value in newest
    )


def text_curves(history: History) -> str:
    """Training and validation loss over steps, logarithmic, as text."""
    points = {
        name: [(row["step"], row[name]) for row in history if _plottable(row.get(name))]
        for name in MARKS
    }
    values = [math.log(value) for curve in points.values() for _, value in curve]
    if not values:
        return "no validation yet\n"
    low, high, last = min(values), max(values), max(row["step"] for row in history)
    canvas = [[" "] * COLUMNS for _ in range(ROWS)]
    for name, mark in MARKS.items():
        for step, value in points[name]:
            column = min(COLUMNS - 1, int(step / last * (COLUMNS - 1)))
            share = (high - math.log(value)) / (high - low) if high > low else 0.5
            canvas[min(ROWS - 1, int(share * (ROWS - 1) + 0.5))][column] = mark
    labels = [f"{math.exp(high - (high - low) * row / (ROWS - 1)):10.4g}" for row in range(ROWS)]
    lines = [f"{label} |{''.join(cells)}" for label, cells in zip(labels, canvas, strict=True)]
    axis = f"{'':10} +{'-' * COLUMNS}"
    ends = f"{'':12}0{f'step {int(last)}':>{COLUMNS - 1}}"
    told = "  ".join(f"{mark} {name}" for name, mark in MARKS.items()).replace(
        "o loss", "o validation"
    )
    return "\n".join([*lines, axis, ends, f"{'':12}{told}", ""])


def write_png(history: History, title: str, file: BinaryIO) -> None:
    """Loss above, correlation below, over steps."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 6.0), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True)
    steps = [row["step"] for row in history]
    for name, label in (("training", "training"), ("loss", "validation")):
        values = [row.get(name, math.nan) for row in history]
        above.plot(steps, values, label=label)
    if any(_plottable(row.get(name)) for row in history for name in MARKS):
        above.set_yscale("log")
    above.set_ylabel("loss")
    above.set_title(title)
    above.legend()
    below.plot(steps, [row["correlation"] for row in history], color="tab:green")
    below.set_ylabel("median correlation\n(validation)")
    below.set_xlabel("step")
    for axes in (above, below):
        axes.grid(visible=True, alpha=0.3)
    # Without the version of matplotlib and the date, equal histories give equal files.
    figure.savefig(file, format="png", dpi=100, metadata={"Software": None})


def _plottable(value: float | None) -> bool:
    return value is not None and math.isfinite(value) and value > 0
