"""The picture: conductivity in the tank, the circle, the electrodes, the colour bar.

The rule it keeps: x right, y up, row 0 of an image at the top, and the place of electrode 1 from the layout.
"""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPathItem, QGraphicsPolygonItem

from eit_rt.viewer import electrodes, theme
from eit_rt.viewer.edge import edge_fill
from eit_rt.viewer.panel import Panel
from eit_rt.viewer.source import Source

REACH = 1.21
"""Half of the drawn square in tank radii: room for the numbers."""


class TankView(Panel):
    """Shows (H, W) images. `show_image` is all that runs per frame."""

    def __init__(self, source: Source) -> None:
        super().__init__(_capital(source.quantity))
        self._use = electrodes.ElectrodeUse(source.stream) if source.stream else None
        self._layout = source.layout
        n_electrodes = self._layout.n_electrodes if self._layout else 0
        self._off = np.zeros(n_electrodes, dtype=bool)
        self.plot.setAspectLocked(True)
        self.plot.hideAxis("left")
        self.plot.hideAxis("bottom")
        self.plot.setRange(xRange=(-REACH, REACH), yRange=(-REACH, REACH), padding=0)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.image.setColorMap(theme.DIVERGING)
        self.plot.addItem(self.image)
        xmin, xmax, ymin, ymax = self._extent = source.image_extent
        self._fills: dict[tuple[int, ...], np.ndarray] = {}
        self._rect = QRectF(xmin, ymin, xmax - xmin, ymax - ymin)
        if self._layout is not None:
            self._add_tank()
        self._add_electrodes()
        self._bar = self._add_colour_bar(source)
        self._notice = pg.TextItem("waiting for the first picture", theme.MUTED, anchor=(0.5, 0.5))
        self.plot.addItem(self._notice)
        self._limit = 0.0

    @property
    def levels(self) -> tuple[float, float]:
        """Low and high end of the colour scale."""
        return -self._limit, self._limit

    def set_limit(self, limit: float) -> None:
        """Colour scale -limit..+limit."""
        if limit > 0 and limit != self._limit:
            self._limit = limit
            self._bar.setLevels(values=(-limit, limit))

    def show_image(self, values, valid) -> None:
        """values: (H, W), row 0 = top, NaN outside. valid: (n_meas,) as in Difference."""
        self._notice.setVisible(False)
        if values.shape not in self._fills:
            self._fills = {values.shape: edge_fill(values.shape, self._extent)}
        # Without a wall nothing is clipped, so there are no notches to fill.
        drawn = values if self._layout is None else values.ravel()[self._fills[values.shape]]
        # pyqtgraph's y axis points up, so the first row it gets is the lowest.
        self.image.setImage(drawn[::-1], autoLevels=False, rect=self._rect)
        self.image.setLevels((-self._limit, self._limit))
        off = self._use.unusable(valid) if self._use else self._off
        if len(off) == len(self._off):
            self._grey_out(off)

    def _grey_out(self, off) -> None:
        for k in np.flatnonzero(off != self._off):
            self._sectors[k].setBrush(theme.brush(_electrode_colour(k, off[k])))
            self._numbers[k].setColor(theme.NUMBER_OFF if off[k] else theme.TEXT)
        self._off = off

    def _add_tank(self) -> None:
        """The circle, and a cover over all outside it: the picture's edge is the wall, not the steps of its pixels."""
        outside = QPainterPath()
        outside.addRect(-9.0, -9.0, 18.0, 18.0)
        outside.addEllipse(-1.0, -1.0, 2.0, 2.0)
        cover = QGraphicsPathItem(outside)
        cover.setBrush(theme.brush(theme.PANEL))
        cover.setPen(theme.pen(theme.ELECTRODE))
        cover.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.plot.addItem(cover)

    def _add_electrodes(self) -> None:
        self._sectors, self._numbers = [], []
        if self._layout is None:
            return
        for k, place in enumerate(electrodes.number_positions(self._layout)):
            corners = electrodes.outline(self._layout, k)
            sector = QGraphicsPolygonItem(QPolygonF([QPointF(x, y) for x, y in corners]))
            sector.setPen(pg.mkPen(None))
            sector.setBrush(theme.brush(_electrode_colour(k, False)))
            is_numbered = k % electrodes.number_step(self._layout) == 0
            number = pg.TextItem(str(k + 1) if is_numbered else "", theme.TEXT, anchor=(0.5, 0.5))
            number.setPos(*place)
            for item in (sector, number):
                self.plot.addItem(item)
            self._sectors.append(sector)
            self._numbers.append(number)
        font = self._numbers[0].textItem.font()
        font.setBold(True)
        self._numbers[0].setFont(font)

    def _add_colour_bar(self, source: Source) -> pg.ColorBarItem:
        unit = f" ({source.unit})" if source.unit not in ("", "1") else ""
        bar = pg.ColorBarItem(
            values=(-1.0, 1.0), width=14, colorMap=theme.DIVERGING, interactive=False,
            label=_capital(source.quantity) + unit,
        )  # fmt: skip
        bar.setImageItem(self.image, insert_in=self.plot)
        bar.getAxis("left").setTextPen(theme.pen(theme.MUTED))
        bar.getAxis("right").setTextPen(theme.pen(theme.MUTED))
        bar.getAxis("right").setWidth(52)
        bar.getAxis("right").setTickDensity(0.6)
        return bar


def _electrode_colour(electrode: int, is_off: bool) -> str:
    if is_off:
        return theme.ELECTRODE_OFF
    return theme.ELECTRODE_ONE if electrode == 0 else theme.ELECTRODE


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
