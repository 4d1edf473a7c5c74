"""The self-test as one picture: values against the model, noise, drift, electrodes, and the findings below.

Needs no screen: it is painted in memory.
"""

import os
import textwrap

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication

from eit_rt.errors import ConfigError
from eit_rt.selftest import Examination, Finding, Grade
from eit_rt.selftest.contact import unlike_the_rest
from eit_rt.viewer import theme
from eit_rt.viewer.panel import Panel

WIDTH, PLOT_HEIGHT, GAP = 1200, 250, 8
LINE_HEIGHT, LETTERS = 19, 128
COLOURS = {
    Grade.GOOD: theme.GOOD,
    Grade.LOOK: theme.WARN,
    Grade.BAD: theme.BAD,
    Grade.UNKNOWN: theme.MUTED,
}


def selftest_sheet(found: Examination) -> bytes:
    """The PNG. Raises ConfigError if Qt cannot make it."""
    if QApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        pg.mkQApp()
    panels = [_values(found), _noise(found), _drift(found), _electrodes(found)]
    lines = [line for finding in found.findings for line in _lines(finding)]
    height = 2 * (PLOT_HEIGHT + GAP) + LINE_HEIGHT * (len(lines) + 3)
    image = QImage(WIDTH, height, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.BACKDROP))
    painter = QPainter(image)
    _paint_panels(painter, panels)
    _paint_findings(painter, found, lines)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):
        raise ConfigError("Qt cannot make a PNG here; leave --picture out")
    return bytes(buffer.data().data())


def _paint_panels(painter: QPainter, panels: list[Panel]) -> None:
    width = (WIDTH - 3 * GAP) // 2
    for place, panel in enumerate(panels):
        panel.setStyleSheet(theme.STYLE)
        panel.resize(width, PLOT_HEIGHT)
        panel.grab()  # lays everything out
        x, y = GAP + (place % 2) * (width + GAP), GAP + (place // 2) * (PLOT_HEIGHT + GAP)
        painter.drawPixmap(x, y, panel.grab())


def _paint_findings(painter: QPainter, found: Examination, lines: list[tuple[str, ...]]) -> None:
    y = 2 * (PLOT_HEIGHT + GAP) + LINE_HEIGHT
    identity = found.taken.identity
    title = f"{identity.model} {identity.serial}".strip()
    title += f": {found.taken.stream.pattern.describe()}; {len(found.taken.frames)} frames; in all {found.grade}"
    bold = QFont(painter.font())
    bold.setBold(True)
    plain = QFont(painter.font())
    _write(painter, bold, title, theme.TEXT, 2 * GAP, y)
    for name, grade, text in lines:
        y += LINE_HEIGHT
        _write(painter, bold, name, theme.TEXT, 2 * GAP, y)
        _write(painter, bold, grade, COLOURS[Grade(grade)] if grade else theme.TEXT, 120, y)
        _write(painter, plain, text, theme.MUTED if text.startswith("→") else theme.TEXT, 200, y)


def _write(painter: QPainter, font: QFont, text: str, colour: str, x: int, y: int) -> None:
    painter.setFont(font)
    painter.setPen(QColor(colour))
    box = QRectF(x, y, WIDTH - x, LINE_HEIGHT)
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _lines(finding: Finding) -> list[tuple[str, str, str]]:
    texts = textwrap.wrap(finding.text, LETTERS)
    texts += textwrap.wrap(f"→ {finding.advice}", LETTERS) if finding.advice else []
    return [
        (finding.name if k == 0 else "", str(finding.grade) if k == 0 else "", text)
        for k, text in enumerate(texts)
    ]


def _values(found: Examination) -> Panel:
    panel = Panel("Size of the values (blue) and a round homogeneous tank (grey)")
    number = np.arange(1, len(found.expected) + 1)
    level = np.abs(found.channels.level)
    panel.plot.plot(number, found.expected, pen=pg.mkPen(theme.NUMBER_OFF, width=3))
    panel.plot.plot(number, level, pen=theme.pen(theme.ACCENT), connect="finite", antialias=True)
    _ranges(panel, number, np.concatenate([level, found.expected]), from_zero=True)
    panel.plot.setLabel("left", found.taken.stream.unit or "board's unit")
    panel.plot.setLabel("bottom", "measurement")
    return panel


def _noise(found: Examination) -> Panel:
    panel = Panel("Signal to noise of each measurement")
    return _bars(panel, found.channels.snr_db, "dB", from_zero=True)


def _drift(found: Examination) -> Panel:
    panel = Panel("Drift of each measurement")
    return _bars(panel, 100 * found.channels.drift_per_minute, "% a minute", from_zero=False)


def _bars(panel: Panel, values: np.ndarray, unit: str, *, from_zero: bool) -> Panel:
    number = np.arange(1, len(values) + 1)
    shown = np.where(np.isfinite(values), values, np.nan)
    panel.plot.addLine(y=0, pen=theme.pen(theme.LINE))
    panel.plot.plot(
        number, shown, pen=None, symbol="o", symbolSize=3, symbolPen=None, symbolBrush=theme.ACCENT
    )
    _ranges(panel, number, shown, from_zero=from_zero)
    panel.plot.setLabel("left", unit)
    panel.plot.setLabel("bottom", "measurement")
    return panel


def _electrodes(found: Examination) -> Panel:
    if found.contacts is not None:
        panel = Panel("Contact impedance over that of the tank between neighbours")
        heights, unit = 100 * found.contacts, "%"
    else:
        panel = Panel("Reciprocity error of each electrode's measurements")
        heights = np.array([100 * e.levels["reciprocity"] for e in found.health.electrodes])
        unit = "%"
        if not np.nan_to_num(heights).any():
            panel = Panel("Signal to noise of each electrode's measurements")
            heights, unit = _snr_of_electrodes(found), "dB"
    number = np.arange(1, len(heights) + 1)
    verdicts = [str(e.verdict) for e in found.health.electrodes]
    colours = {"good": theme.GOOD, "suspect": theme.WARN, "bad": theme.BAD}
    if found.contacts is not None:
        unlike = unlike_the_rest(found.contacts)
        verdicts = [
            "suspect" if u and v == "good" else v for u, v in zip(unlike, verdicts, strict=True)
        ]
    brushes = [theme.brush(colours[verdict]) for verdict in verdicts]
    shown = np.nan_to_num(heights)
    panel.plot.addItem(
        pg.BarGraphItem(
            x=number, height=shown, width=0.7, brushes=brushes, pen=theme.pen(theme.LINE)
        )
    )
    _ranges(panel, number, np.append(shown, 0.0), from_zero=True)
    panel.plot.setLabel("left", unit)
    panel.plot.setLabel("bottom", "electrode")
    return panel


def _snr_of_electrodes(found: Examination) -> np.ndarray:
    """(n_electrodes,) dB, the median of the measurements that touch it."""
    pattern, snr_db = found.taken.stream.pattern, found.channels.snr_db
    of = [snr_db[pattern.touches(e) & np.isfinite(snr_db)] for e in range(pattern.n_electrodes)]
    return np.array([np.median(known) if len(known) else np.nan for known in of])


def _ranges(panel: Panel, x: np.ndarray, y: np.ndarray, *, from_zero: bool) -> None:
    known = y[np.isfinite(y)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    low = min(0.0, low) if from_zero else low
    panel.plot.setXRange(0, len(x) + 1, padding=0.01)
    panel.plot.setYRange(low, high if high > low else low + 1.0, padding=0.08)
