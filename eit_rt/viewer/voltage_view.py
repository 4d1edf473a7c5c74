"""The voltages against their reference, over the number of the measurement: is the raw signal sound?"""

import numpy as np
import pyqtgraph as pg

from eit_rt.frames import Difference
from eit_rt.viewer import electrodes, theme
from eit_rt.viewer.levels import SymmetricLevel
from eit_rt.viewer.panel import Panel
from eit_rt.viewer.source import Source


class VoltageView(Panel):
    """A line over all measurements, broken where they are invalid; those are crossed on the zero line."""

    def __init__(self, source: Source) -> None:
        super().__init__("Voltages against the reference")
        n_meas = source.stream.pattern.n_meas
        self._number = np.arange(1, n_meas + 1)
        self._level = SymmetricLevel(percentile=100.0)
        self._limit = 0.0
        self._add_drive_lines(electrodes.drive_starts(source.stream))
        self.plot.addLine(y=0, pen=theme.pen(theme.LINE))
        self._curve = self.plot.plot(pen=theme.pen(theme.ACCENT), connect="finite", antialias=True)
        self._crosses = pg.ScatterPlotItem(symbol="x", size=6, pen=theme.pen(theme.WARN))
        self.plot.addItem(self._crosses)
        self.plot.setXRange(0, n_meas + 1, padding=0.01)
        self.plot.setYRange(-1, 1, padding=0.05)
        self.plot.setLabel("bottom", "measurement")
        self.plot.setLabel("left", "dv")

    def _add_drive_lines(self, starts: list[int]) -> None:
        """A light line before each stimulation but the first; one item, since many are slow to paint."""
        x = np.repeat(np.array(starts) + 0.5, 2)
        y = np.tile([-1e9, 1e9], len(starts))
        self.plot.plot(x, y, connect="pairs", pen=theme.pen(theme.FAINT))

    def show_difference(self, difference: Difference, now_s: float) -> None:
        valid = difference.valid > 0
        self._curve.setData(self._number, np.where(valid, difference.dv, np.nan))
        bad = self._number[~valid]
        self._crosses.setData(bad, np.zeros(len(bad)))
        limit = self._level.follow(difference.dv[valid], now_s)
        if limit > 0 and limit != self._limit:
            self._limit = limit
            self.plot.setYRange(-limit, limit, padding=0.05)
        self.tell(f"{int(valid.sum())}/{len(valid)} valid")
