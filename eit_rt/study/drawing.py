"""Figures of the report: one look, the same bytes from the same tables. Imports matplotlib and this room."""

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from eit_rt.output import whole_file

DPI = 110
STYLE: dict[str, Any] = {
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.hashsalt": "eit-rt",
    "axes.grid": True,
    "grid.alpha": 0.25,
}


def new_figure(width: float = 8.0, height: float = 3.0) -> Figure:
    """Inches; the report shows 8 across."""
    for name, value in STYLE.items():
        mpl.rcParams[name] = value  # type: ignore[index]
    return Figure(figsize=(width, height), layout="constrained")


def write(figure: Figure, folder: Path, name: str) -> bytes:
    """name.png and name.svg. Returns the PNG."""
    written = {}
    for ending, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
        out = io.BytesIO()
        figure.savefig(out, format=ending, dpi=DPI, metadata=metadata)
        written[ending] = out.getvalue()
        with whole_file(folder / f"{name}.{ending}") as file:
            file.write(written[ending])
    return written["png"]
