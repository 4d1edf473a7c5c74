"""Bars instead of the picture, for models that give a vector of impedances."""

import numpy as np
import pyqtgraph as pg

from eit_rt.viewer import theme
from eit_rt.viewer.panel import Panel
from eit_rt.viewer.source import Source


class ImpedanceView(Panel):
    """Shows (n,) impedances, one bar each, numbered from 1; red above zero, blue below."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.quantity[:1].upper() + source.quantity[1:])
        unit = f" ({source.unit})" if source.unit not in ("", "1") else ""
        self.plot.setLabel("left", source.quantity + unit)
        self.plot.setLabel("bottom", "output of the model")
        self._bars = pg.BarGraphItem(x=[], height=[], width=0.6, pen=pg.mkPen(None))
        self.plot.addItem(self._bars)
        self.plot.addLine(y=0, pen=theme.pen(theme.MUTED))
        self._brushes = (theme.brush(theme.BLUE), theme.brush(theme.RED))
        self._number = np.arange(0)
        self._limit = 0.0

    def _count_to(self, n: int) -> None:
        self._number = np.arange(1, n + 1)
        self.plot.setXRange(0.4, n + 0.6, padding=0)
        self.plot.getAxis("bottom").setTicks([[(k, str(k)) for k in self._number]])

    @property
    def levels(self) -> tuple[float, float]:
        return -self._limit, self._limit

    def set_limit(self, limit: float) -> None:
        """Axis -limit..+limit."""
        if limit > 0 and limit != self._limit:
            self._limit = limit
            self.plot.setYRange(-limit, limit, padding=0.03)

    def show_image(self, values, valid) -> None:
        """values: (n,). valid: not used here, electrodes are not drawn."""
        if len(values) != len(self._number):
            self._count_to(len(values))
        self._bars.setOpts(
            x=self._number,
            height=np.nan_to_num(values),
            brushes=[self._brushes[int(value > 0)] for value in values],
        )
