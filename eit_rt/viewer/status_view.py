"""Counters of every stage, speed, delay, newest event: a user who sees no picture can tell which stage failed."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from eit_rt.frames import Severity
from eit_rt.viewer import theme

COUNTERS = {
    "received": "whole, checked frames from the board",
    "bad": "damaged packets or lines",
    "lost": "frames missing by the board's own numbers",
    "dropped": "frames not imaged because a newer one was there; they are recorded all the same",
    "imaged": "pictures computed",
    "recorded": "frames written to the recording",
    "drawn": "pictures painted in this window",
}
SPEEDS = {
    "fps": "frames per second received",
    "latency p50": "median delay: last byte of the frame read to picture ready",
    "latency p99": "delay that 99 of 100 frames stay below",
}
LOSSES = ("bad", "lost", "dropped")
SEVERITY = {
    Severity.INFO: theme.MUTED,
    Severity.WARNING: theme.WARN,
    Severity.ERROR: theme.BAD,
}
FRESH_S = 5.0
"""A loss is red while it is this new, orange afterwards."""


class StatusView(QFrame):
    """One row of numbers, one line of words; above them an alarm, if there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._cells = {name: Cell(name, tip) for name, tip in (COUNTERS | SPEEDS).items()}
        self._grew_s: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self.alarm = QLabel(objectName="alarm", wordWrap=True, visible=False)
        self.state = Line()
        # Not `event`: that name is Qt's own, and hiding it ends the process.
        self.news = Line()
        numbers = QHBoxLayout()
        numbers.setSpacing(2)
        for cell in self._cells.values():
            numbers.addWidget(cell, 1)
        words = QHBoxLayout()
        words.setSpacing(16)
        words.addWidget(self.state, 3)
        words.addWidget(self.news, 2)
        self.news.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 6)
        column.setSpacing(4)
        column.addWidget(self.alarm)
        column.addLayout(numbers)
        column.addLayout(words)

    def text(self, name: str) -> str:
        """What the cell of this name shows."""
        return self._cells[name].text()

    def show_event(self, text: str, severity: Severity) -> None:
        self.news.say(text, SEVERITY[severity])
        self.news.show()

    def show_alarm(self, text: str) -> None:
        """Something that ended the run: stays in full, however long."""
        if text != self.alarm.text():
            self.alarm.setText(text)
            self.alarm.setVisible(bool(text))

    def show_counters(self, counters: Mapping[str, int], now_s: float) -> None:
        for name in COUNTERS:
            count = counters.get(name, 0)
            if count > self._counts.get(name, 0):
                self._grew_s[name] = now_s
            self._counts[name] = count
            self._cells[name].show_value(f"{count}", self._colour(name, count, now_s))

    def show_speed(self, rate_hz: float, latency_ms: Mapping[str, float]) -> None:
        self._cells["fps"].show_value(f"{rate_hz:.1f}" if rate_hz < 100 else f"{rate_hz:.0f}")
        for key in ("p50", "p99"):
            delay = latency_ms.get(key)
            known = delay is not None and delay == delay
            self._cells[f"latency {key}"].show_value(f"{delay:.3g} ms" if known else "–")

    def _colour(self, name: str, count: int, now_s: float) -> str:
        if name not in LOSSES or not count:
            return theme.TEXT
        is_fresh = now_s - self._grew_s.get(name, now_s) < FRESH_S
        # A dropped frame is the design when frames come faster than the model: it warns, it does not alarm.
        return theme.BAD if is_fresh and name != "dropped" else theme.WARN


class Cell(QWidget):
    """A number above its name."""

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self.setToolTip(tip)
        self._value = QLabel("0", objectName="count", alignment=Qt.AlignmentFlag.AlignHCenter)
        caption = QLabel(name, objectName="caption", alignment=Qt.AlignmentFlag.AlignHCenter)
        self._colour = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._value)
        column.addWidget(caption)

    def text(self) -> str:
        return self._value.text()

    def show_value(self, text: str, colour: str = theme.TEXT) -> None:
        if text != self._value.text():
            self._value.setText(text)
        if colour != self._colour:
            self._colour = colour
            self._value.setStyleSheet(f"color: {colour};")


class Line(QLabel):
    """One line of text that is shortened, never wrapped, and never widens the window; whole in the tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self._whole, self._colour = "", ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def whole(self) -> str:
        return self._whole

    def say(self, text: str, colour: str = theme.MUTED) -> None:
        if (text, colour) != (self._whole, self._colour):
            self._whole, self._colour = text, colour
            self.setStyleSheet(f"color: {colour};")
            self.setToolTip(text)
            self._shorten()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        room = max(self.width() - 4, 20)
        one_line = self._whole.replace("\n", " ")
        mode = Qt.TextElideMode.ElideRight
        self.setText(QFontMetrics(self.font()).elidedText(one_line, mode, room))
