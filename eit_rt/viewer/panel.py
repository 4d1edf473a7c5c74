"""A white card with a title, a detail at the right and one plot: the frame that every view uses."""

import pyqtgraph as pg
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from eit_rt.viewer import theme

AXIS_WIDTH = 58
"""Pixels for the numbers of a vertical axis: fixed, so that plots do not move when the numbers change."""


class Panel(QFrame):
    """Title row above a pyqtgraph plot in `self.plot`, which neither zooms nor scales by itself."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._title = QLabel(title, objectName="title")
        self._detail = QLabel(objectName="detail")
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._detail)
        self.graphics = pg.GraphicsLayoutWidget()
        self.graphics.setBackground(theme.PANEL)
        self.graphics.setMinimumSize(120, 80)
        self.graphics.setAntialiasing(True)
        self.plot = self.graphics.addPlot()
        _calm(self.plot)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 7, 8, 6)
        column.setSpacing(3)
        column.addLayout(head)
        column.addWidget(self.graphics, 1)

    def tell(self, detail: str) -> None:
        """Text at the right of the title."""
        if detail != self._detail.text():
            self._detail.setText(detail)


def _calm(plot: pg.PlotItem) -> None:
    plot.setMouseEnabled(False, False)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.disableAutoRange()
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(theme.pen(theme.LINE))
        axis.setTextPen(theme.pen(theme.MUTED))
        axis.enableAutoSIPrefix(False)
    plot.getAxis("left").setWidth(AXIS_WIDTH)
    plot.getAxis("left").setTickDensity(0.6)
    plot.getAxis("bottom").setStyle(hideOverlappingLabels=False)
