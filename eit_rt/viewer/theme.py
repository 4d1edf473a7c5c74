"""Colours, pens and sizes of the viewer, made once. Imports Qt and pyqtgraph only."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

BACKDROP = "#f2f4f7"
PANEL = "#ffffff"
LINE = "#d8dde4"
FAINT = "#eceff3"
TEXT = "#1d2733"
MUTED = "#67737f"
ACCENT = "#1f5fa8"
GOOD = "#1f9d55"
WARN = "#c77700"
BAD = "#c62828"
ELECTRODE = "#3f4c5a"
ELECTRODE_ONE = "#2fbf5b"
ELECTRODE_OFF = "#c9ced6"
NUMBER_OFF = "#98a2ad"
RED, BLUE = "#c8321f", "#3457c8"

NEUTRAL = (243.0, 243.0, 244.0)


def _diverging() -> pg.ColorMap:
    """CET-D1A with a neutral middle. Its own is a light pink, and zero must not look like a little more; and its two
    sides meet so steeply there that the sign of rounding noise would be seen."""
    position = np.linspace(-1.0, 1.0, 257)
    colours = pg.colormap.get("CET-D1A").getLookupTable(0.0, 1.0, 257).astype(float)
    near_zero = np.clip(1 - np.abs(position) / 0.35, 0, 1)[:, None] ** 2
    colours += near_zero * (np.array(NEUTRAL) - colours[128])
    at_zero = np.exp(-((position / 0.02) ** 2))[:, None]
    colours += at_zero * (np.array(NEUTRAL) - colours)
    return pg.ColorMap((position + 1) / 2, np.clip(np.round(colours), 0, 255).astype(np.uint8))


DIVERGING = _diverging()
"""Blue - light grey - red, perceptually even on both sides: blue less, red more than the reference."""

STYLE = f"""
QMainWindow, QWidget#content {{ background: {BACKDROP}; }}
QWidget {{ color: {TEXT}; font-size: 10pt; }}
QFrame#panel {{ background: {PANEL}; border: 1px solid {LINE}; border-radius: 6px; }}
QLabel#title {{ font-weight: 600; }}
QLabel#detail, QLabel#caption {{ color: {MUTED}; font-size: 9pt; }}
QLabel#alarm {{ background: {BAD}; color: white; border-radius: 4px; padding: 5px 8px; }}
QLabel#count {{ font-size: 12pt; font-weight: 600; }}
QToolBar {{ background: {BACKDROP}; border: none; spacing: 6px; padding: 5px 10px 0 10px; }}
QToolButton {{ background: {PANEL}; border: 1px solid {LINE}; border-radius: 5px; padding: 4px 10px; }}
QToolButton:hover {{ border-color: {ACCENT}; }}
QToolButton:pressed, QToolButton:checked {{ background: #dbe8f7; border-color: {ACCENT}; }}
QToolTip {{ background: {PANEL}; color: {TEXT}; border: 1px solid {LINE}; }}
"""

_PENS = {}


def pen(colour: str):
    """A pen of width 1, the quick one; made once for each colour."""
    return _PENS.setdefault(colour, pg.mkPen(colour, width=1))


def brush(colour: str, alpha: int = 255):
    shade = QColor(colour)
    shade.setAlpha(alpha)
    return pg.mkBrush(shade)
