"""The time line of a recording: how far it has played, where events are, and a place to press and drag.

Imports Qt and the theme. It says where the pointer is; the transport bar goes there.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from eit_rt.frames import Severity
from eit_rt.viewer import theme
from eit_rt.viewer.playback import Mark
from eit_rt.viewer.status_view import SEVERITY

MARGIN, GROOVE, HANDLE = 9.0, 4.0, 6.0
"""Pixels: left and right of the groove, its height, the handle's radius."""
REACH = 4
"""Pixels around the pointer in which an event is told."""
TOLD = 6
"""Events in one tooltip; how many more there are is said."""


class Timeline(QWidget):
    """Groove with a handle; a tick for each event, in the colour of the worst where several fall together."""

    pressed = Signal()
    moved = Signal(float)
    """The pointer goes to this time, in seconds, while it is held down."""
    released = Signal()

    def __init__(self, duration_s: float, marks: Sequence[Mark]) -> None:
        super().__init__()
        self._duration_s = duration_s
        self._marks = marks
        self._mark_times = [mark.time_s for mark in marks]
        self._ticks: dict[int, Severity] = {}
        self._time_s = 0.0
        self._is_held = False
        self.setAccessibleName("time line of the recording")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(400, 26)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 26)

    @property
    def time_s(self) -> float:
        """Where the handle is."""
        return self._time_s

    def show_time(self, time_s: float) -> None:
        """Move the handle there, unless somebody holds it."""
        if not self._is_held:
            self._move(time_s)

    def x_of(self, time_s: float) -> float:
        """Pixel column of a time."""
        part = time_s / self._duration_s if self._duration_s else 0.0
        return MARGIN + part * (self.width() - 2 * MARGIN)

    def time_at(self, x: float) -> float:
        """Time at a pixel column, within the recording."""
        part = (x - MARGIN) / max(self.width() - 2 * MARGIN, 1.0)
        return min(max(part, 0.0), 1.0) * self._duration_s

    def story_at(self, x: float) -> str:
        """The time at a pixel column, and the events near it."""
        first = bisect_left(self._mark_times, self.time_at(x - REACH))
        after = bisect_right(self._mark_times, self.time_at(x + REACH))
        lines = [f"{mark.time_s:.2f} s: {mark.text}" for mark in self._marks[first:after][:TOLD]]
        if after - first > TOLD:
            lines.append(f"… and {after - first - TOLD} more")
        return "\n".join(lines) or f"{self.time_at(x):.2f} s"

    def _move(self, time_s: float) -> None:
        if round(self.x_of(time_s)) != round(self.x_of(self._time_s)):
            self.update()
        self._time_s = time_s

    # -- the pointer -------------------------------------------------------------------------------------------

    def mousePressEvent(self, event) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._is_held = True
            self.pressed.emit()
            self._drag(event)

    def mouseMoveEvent(self, event) -> None:
        if self._is_held:
            self._drag(event)

    def mouseReleaseEvent(self, event) -> None:
        if self._is_held and event.button() == Qt.MouseButton.LeftButton:
            self._is_held = False
            self.released.emit()

    def _drag(self, event) -> None:
        time_s = self.time_at(event.position().x())
        self._move(time_s)
        self.moved.emit(time_s)

    def event(self, event) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.story_at(event.pos().x()), self)
            return True
        return super().event(event)

    # -- painting ----------------------------------------------------------------------------------------------

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._ticks = {}
        for mark in self._marks:
            x = round(self.x_of(mark.time_s))
            self._ticks[x] = max(self._ticks.get(x, mark.severity), mark.severity, key=_rank)

    def paintEvent(self, _event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, x = self.height() / 2, self.x_of(self._time_s)
        for end, colour in ((self.width() - MARGIN, theme.LINE), (x, theme.ACCENT)):
            painter.setBrush(theme.brush(colour))
            groove = QRectF(MARGIN, middle - GROOVE / 2, end - MARGIN, GROOVE)
            painter.drawRoundedRect(groove, GROOVE / 2, GROOVE / 2)
        for tick, severity in self._ticks.items():
            painter.fillRect(
                QRectF(tick - 1, 3, 2, self.height() - 6), theme.brush(SEVERITY[severity])
            )
        painter.setBrush(theme.brush(theme.PANEL))
        painter.setPen(theme.pen(theme.ACCENT))
        painter.drawEllipse(QPointF(x, middle), HANDLE, HANDLE)


def _rank(severity: Severity) -> int:
    return list(SEVERITY).index(severity)
