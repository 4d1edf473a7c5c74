"""Colours, pens and sizes of the viewer, made once. Imports Qt, pyqtgraph and the palette."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from eit_rt.viewer import palette

BACKDROP = "#f2f4f7"
PANEL = palette.PANEL
LINE = palette.LINE
FAINT = "#eceff3"
TEXT = palette.TEXT
MUTED = palette.MUTED
ACCENT = "#1f5fa8"
GOOD = "#1f9d55"
WARN = "#c77700"
BAD = "#c62828"
ELECTRODE = palette.ELECTRODE
ELECTRODE_ONE = palette.ELECTRODE_ONE
ELECTRODE_OFF = "#c9ced6"
NUMBER_OFF = "#98a2ad"
RED, BLUE, ORANGE = "#c8321f", "#3457c8", "#e07b16"

DIVERGING = pg.ColorMap(np.linspace(0.0, 1.0, len(palette.DIVERGING)), palette.DIVERGING)
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
