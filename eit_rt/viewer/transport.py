"""The transport bar: play, step, seek and speed of a recording. Every action has a key, and the tooltip says which.

The rule it keeps: dragging seeks at the pace of the paint timer (`tick`), never at that of the mouse.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QToolButton

from eit_rt.viewer.playback import JUMP_S, SPEEDS, Playback, speed_name
from eit_rt.viewer.timeline import Timeline


class Transport(QFrame):
    """Rules a playback and shows where it stands."""

    def __init__(self, playback: Playback) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.playback = playback
        self._wanted_s: float | None = None
        self._plays_on = False
        self.play = self._button("Pause", "Pause or play the recording  [Space]", playback.toggle)
        self.step = self._button("Step", "Play one frame, then pause  [.]", playback.step)
        self.timeline = Timeline(playback.duration_s, playback.marks())
        self.place = QLabel(objectName="detail")
        self.place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.speed = self._speed_box()
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 10, 5)
        row.setSpacing(6)
        for widget in (self.play, self.step, self.timeline, self.place, self.speed):
            row.addWidget(widget, 1 if widget is self.timeline else 0)
        self._connect()
        self.show_place()

    def _connect(self) -> None:
        playback = self.playback
        self.timeline.pressed.connect(self._hold)
        self.timeline.moved.connect(self._want)
        self.timeline.released.connect(self._let_go)
        self.speed.activated.connect(self._set_speed)
        for key, action in {
            "Space": playback.toggle,
            ".": playback.step,
            "Left": lambda: playback.jump(-JUMP_S),
            "Right": lambda: playback.jump(JUMP_S),
            "Home": lambda: playback.go_to_frame(0),
            "End": lambda: playback.go_to_frame(playback.frames - 1),
            ",": playback.slower,
            ";": playback.faster,
        }.items():
            shortcut = QShortcut(QKeySequence(key), self, self._then_show(action))
            shortcut.setAutoRepeat(key != "Space")

    # -- per tick ----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Go where the handle was dragged to since the last tick, and show where playback stands."""
        if self._wanted_s is not None:
            self.playback.go_to_time(self._wanted_s)
            self._wanted_s = None
        self.show_place()

    def show_place(self) -> None:
        playback = self.playback
        self.timeline.show_time(playback.time_s)
        _set_text(self.place, playback.place)
        # As wide as it ever gets: the time line must not move under the mouse when a digit is added.
        self.place.setMinimumWidth(max(self.place.minimumWidth(), self._widest_place()))
        _set_text(self.play, "Pause" if self.plays else "Play")
        self._show_speed(playback.player.speed)

    @property
    def plays(self) -> bool:
        """Whether it plays, or will when the handle is let go."""
        return self._plays_on or not self.playback.player.is_paused

    # -- dragging ----------------------------------------------------------------------------------------------

    def _hold(self) -> None:
        """Held frames stay: a recording that played on would run away from under the mouse."""
        self._plays_on = not self.playback.player.is_paused
        self.playback.player.pause()

    def _want(self, time_s: float) -> None:
        self._wanted_s = time_s

    def _let_go(self) -> None:
        if self._plays_on:
            self._wanted_s = None
            self.playback.play_from(self.timeline.time_s)
        self._plays_on = False
        self.tick()

    # -- parts -------------------------------------------------------------------------------------------------

    def _speed_box(self) -> QComboBox:
        box = QComboBox()
        box.setToolTip("Speed  [, slower   ; faster]\nmax: as fast as it can be read")
        box.setAccessibleName("speed")
        box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for speed in sorted({*SPEEDS, self.playback.player.speed}):
            box.addItem(speed_name(speed), speed)
        return box

    def _show_speed(self, speed: float) -> None:
        if speed != self.speed.currentData():
            if self.speed.findData(speed) < 0:
                self.speed.addItem(speed_name(speed), speed)
            self.speed.setCurrentIndex(self.speed.findData(speed))

    def _set_speed(self, index: int) -> None:
        self.playback.player.speed = self.speed.itemData(index)

    def _button(self, text: str, tip: str, action: Callable[[], None]) -> QToolButton:
        button = QToolButton(text=text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setFixedWidth(64)
        button.clicked.connect(self._then_show(action))
        return button

    def _then_show(self, action: Callable[[], None]) -> Callable[[], None]:
        def act() -> None:
            action()
            self.show_place()

        return act

    def _widest_place(self) -> int:
        longest = self.playback.place_of(self.playback.frames - 1)
        return self.place.fontMetrics().horizontalAdvance(longest) + 6


def _set_text(widget: QLabel | QToolButton, text: str) -> None:
    if text != widget.text():
        widget.setText(text)
