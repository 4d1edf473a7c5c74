"""Bars instead of the picture, for models that give a vector of impedances."""

import numpy as np
import pyqtgraph as pg

from eit_rt.viewer import theme
from eit_rt.viewer.panel import Panel
from eit_rt.viewer.source import Source

WIDE, NARROW = 0.6, 0.38
"""Bars alone, and in pairs; the distance from one number to the next is 1."""
BELOW = 0.25
"""Share of the axis below zero while nothing reaches lower: most impedances are positive."""


class ImpedanceView(Panel):
    """Shows (n,) impedances, one bar each, numbered from 1; red above zero, blue below.

    Where the truth is known it stands beside them: pairs of orange (estimated) and blue (true) bars.
    """

    def __init__(self, source: Source) -> None:
        super().__init__(source.quantity[:1].upper() + source.quantity[1:])
        unit = f" ({source.unit})" if source.unit not in ("", "1") else ""
        self.plot.setLabel("left", source.quantity + unit)
        self.plot.setLabel("bottom", "output of the model")
        self._bars = _bars(theme.ORANGE)
        self._true_bars: pg.BarGraphItem | None = None
        self.plot.addItem(self._bars)
        self.plot.addLine(y=0, pen=theme.pen(theme.MUTED))
        self._brushes = (theme.brush(theme.BLUE), theme.brush(theme.RED))
        self._number = np.arange(0)
        self._limit = 0.0
        self._reaches_low = False
        self._truth: np.ndarray | None = None

    def _count_to(self, n: int) -> None:
        self._number = np.arange(1, n + 1)
        self.plot.setXRange(0.4, n + 0.6, padding=0)
        self.plot.getAxis("bottom").setTicks([[(k, str(k)) for k in self._number]])

    @property
    def levels(self) -> tuple[float, float]:
        return -self._limit, self._limit

    def set_limit(self, limit: float) -> None:
        """Axis up to +limit, and down to -limit if values go that way."""
        if limit > 0 and limit != self._limit:
            self._limit, self._reaches_low = limit, False
            self._set_range()

    def _set_range(self) -> None:
        low = self._limit if self._reaches_low else BELOW * self._limit
        self.plot.setYRange(-low, self._limit, padding=0.03)

    def show_image(self, values, valid) -> None:
        """values: (n,). valid: not used here, electrodes are not drawn."""
        if len(values) != len(self._number):
            self._count_to(len(values))
        heights = np.nan_to_num(values)
        if not self._reaches_low and heights.min(initial=0.0) < -BELOW * self._limit:
            self._reaches_low = True
            self._set_range()
        if self._truth is not None and len(self._truth) == len(values):
            self._show_pairs(heights, self._truth)
        else:
            brushes = [self._brushes[int(value > 0)] for value in values]
            self._bars.setOpts(x=self._number, height=heights, width=WIDE, brushes=brushes)
            if self._true_bars is not None:
                self._true_bars.setOpts(x=[], height=[])

    def know(self, truth) -> None:
        """What the impedances of the next `show_image` really are, (n,); shown if they are as many."""
        self._truth = np.asarray(truth)

    def _show_pairs(self, heights, truth) -> None:
        if self._true_bars is None:
            self._true_bars = _bars(theme.BLUE)
            self.plot.addItem(self._true_bars)
            legend = self.plot.addLegend(offset=(-10, 5), labelTextColor=theme.TEXT)
            legend.addItem(self._bars, "estimated")
            legend.addItem(self._true_bars, "true")
        aside = NARROW / 2
        self._bars.setOpts(x=self._number - aside, height=heights, width=NARROW, brushes=None)
        self._true_bars.setOpts(x=self._number + aside, height=truth, width=NARROW)


def _bars(colour: str) -> pg.BarGraphItem:
    pen, brush = pg.mkPen(None), theme.brush(colour)
    return pg.BarGraphItem(x=[], height=[], width=WIDE, pen=pen, brush=brush)
