"""The window: pulls the newest snapshot on a timer and paints it when it is new.

Data rate and paint rate never meet: at 1000 frames per second this paints `paint_hz` times, at 2 it paints twice.
"""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QSplitter, QVBoxLayout, QWidget

from eit_rt.errors import ConfigError
from eit_rt.frames import Snapshot
from eit_rt.viewer import theme
from eit_rt.viewer.impedance_view import ImpedanceView
from eit_rt.viewer.levels import SymmetricLevel
from eit_rt.viewer.playback import Playback
from eit_rt.viewer.player import Player
from eit_rt.viewer.source import Source, Truth
from eit_rt.viewer.stages import StageWatch
from eit_rt.viewer.status_view import StatusView
from eit_rt.viewer.tank_view import TankView
from eit_rt.viewer.toolbar import Toolbar
from eit_rt.viewer.trace_view import TraceView
from eit_rt.viewer.transport import Transport
from eit_rt.viewer.voltage_view import VoltageView

PAINT_HZ = 30.0
"""Smooth to the eye; each picture costs 6 to 9 ms of a core, which others may need."""
TRACE_EVERY, STATUS_EVERY = 3, 6
"""Slow things are drawn once in so many ticks: 10 and 5 times a second."""
NOTE_S = 4.0
"""How long a note about a button stays."""


class ViewerWindow(QMainWindow):
    """Shows one source, from `watch` on. Closing it stops the source.

    player: what plays the recording that the source shows; brings the transport bar. truth: shown beside a vector.
    """

    finished = Signal()
    """The source has ended (once)."""

    def __init__(
        self,
        source: Source,
        title: str = "eit-rt",
        paint_hz: float = PAINT_HZ,
        clock: Callable[[], float] = time.monotonic,
        player: Player | None = None,
        truth: Truth | None = None,
    ) -> None:
        super().__init__()
        self.setWindowTitle(title)
        self.setStyleSheet(theme.STYLE)
        self.resize(1200, 800)
        self.setMinimumSize(720, 520)
        self._source, self._clock, self._truth = source, clock, truth
        self._shown: Snapshot | None = None
        self.drawn = 0
        self._ticks = 0
        self._has_finished = False
        self._note, self._note_until_s = "", 0.0
        self._level = SymmetricLevel()
        self._playback = Playback(player) if player else None
        self._pace = 1.0
        self._watch_stages(clock())
        self._build(paint_hz)
        self._owns_source = True
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.setInterval(max(1, round(1000 / paint_hz)))
        self._timer.timeout.connect(self.tick)

    # -- building ----------------------------------------------------------------------------------------------

    def _build(self, paint_hz: float) -> None:
        source = self._source
        is_picture = source.output_kind == "image"
        self.picture = TankView(source) if is_picture else ImpedanceView(source)
        self.voltages = VoltageView(source) if source.stream else None
        self.trace = TraceView("Mean of the " + ("picture" if is_picture else "outputs"), paint_hz)
        self.status = StatusView()
        self.toolbar = Toolbar()
        self.addToolBar(self.toolbar)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        right = QSplitter(Qt.Orientation.Vertical)
        if self.voltages:
            right.addWidget(self.voltages)
        else:
            self.toolbar.leave_out_reference()
        right.addWidget(self.trace)
        across = QSplitter(Qt.Orientation.Horizontal)
        across.addWidget(self.picture)
        across.addWidget(right)
        across.setStretchFactor(0, 5)
        across.setStretchFactor(1, 3)
        across.setSizes([740, 440])
        content = QWidget(objectName="content")
        column = QVBoxLayout(content)
        column.setContentsMargins(10, 6, 10, 10)
        column.addWidget(across, 1)
        self.transport = Transport(self._playback) if self._playback else None
        if self.transport:
            self.toolbar.leave_out_pause()
            column.addWidget(self.transport)
        column.addWidget(self.status)
        self.setCentralWidget(content)
        # The number box would swallow the keys of the actions, were it focused from the start.
        content.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        content.setFocus()
        self._connect()

    def _connect(self) -> None:
        self.toolbar.reference_asked.connect(self.take_reference)
        self.toolbar.screenshot_asked.connect(lambda: self.take_screenshot())
        self.toolbar.levels_changed.connect(self._apply_levels)
        QShortcut(QKeySequence("Q"), self, self.close)

    # -- per tick ----------------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Begin to pull. The source must have been started: one that does not run is taken to have ended."""
        self._watch_stages(self._clock())
        self._timer.start()

    def tick(self) -> None:
        """Pull, and paint what is new."""
        now_s = self._clock()
        if self.transport:
            self.transport.tick()
        has_ended = not self._source.is_running  # asked first: the last picture is pulled after it
        snapshot = None if self.is_paused else self._source.newest()
        if snapshot is not None and snapshot is not self._shown:
            self._draw(snapshot, now_s)
        if self._ticks % TRACE_EVERY == 0 and not self.is_paused:
            self._redraw_trace()
        if self._ticks % STATUS_EVERY == 0:
            self.refresh_status(now_s)
        self._ticks += 1
        if has_ended and not self._has_finished:
            self._has_finished = True
            if self.transport:
                self.transport.setEnabled(False)
            self.refresh_status(now_s)
            self.finished.emit()

    def redraw_all(self) -> None:
        """Bring the slow parts up to date too; for pictures of the window."""
        self._redraw_trace()
        self.refresh_status(self._clock())

    def _redraw_trace(self) -> None:
        """Up to now; while playback is paused, up to the frame that is looked at: the curve stands with the picture."""
        stands = self._shown is not None and self._playback is not None and self._playback.state
        now_ns = self._shown.image.frame.t_host_ns if stands else time.monotonic_ns()
        self.trace.redraw(now_ns / 1e9)

    def _watch_stages(self, now_s: float) -> None:
        """Look for stages that stand still from now on, at the pace of the source, or of its playback."""
        self._pace = self._playback.player.speed if self._playback else 1.0
        self._stages = StageWatch(self._expected_hz() * self._pace, now_s)

    def _expected_hz(self) -> float:
        """Frames per second of the source; of pictures only, on average."""
        if self._source.stream:
            return self._source.stream.rate_hz
        is_known = self._playback and self._playback.duration_s > 0
        return (self._playback.frames - 1) / self._playback.duration_s if is_known else 0.0

    def _draw(self, snapshot: Snapshot, now_s: float) -> None:
        self._shown = snapshot
        image = snapshot.image
        shown = image.values
        if self._truth is not None and isinstance(self.picture, ImpedanceView):
            truth = self._truth(image.frame.sequence)
            self.picture.know(truth)
            shown = np.concatenate([shown, truth])
        if self.is_auto:
            self._level.follow(shown, now_s)
            self.toolbar.show_limit(self._level.limit or self.toolbar.limit.value())
        self._apply_levels()
        self.picture.show_image(image.values, image.difference.valid)
        self.picture.tell(f"frame {image.frame.sequence}")
        if self.voltages:
            self.voltages.show_difference(image.difference, now_s)
        finite = image.values[np.isfinite(image.values)]
        if len(finite):
            self.trace.add(image.frame.t_host_ns / 1e9, float(finite.mean()))
        self.drawn += 1
        self._source.count_drawn()

    def _apply_levels(self) -> None:
        self.picture.set_limit(float(self.toolbar.limit.value()))

    def refresh_status(self, now_s: float) -> None:
        """Counters, speed, and the one sentence that says how things stand."""
        counters = dict(self._source.counters())
        rests = self._playback.state if self._playback else ""
        if self._playback and (rests or self._pace != self._playback.player.speed):
            self._watch_stages(now_s)
        trouble = self._stages.look(counters, now_s)
        self.status.show_counters(counters | {"drawn": self.drawn}, now_s)
        stands_still = rests or trouble.startswith("no frames") or self._has_finished
        newest = self._source.newest()
        rate_hz = newest.rate_hz if newest and not stands_still else 0.0
        self.status.show_speed(rate_hz, self._source.latency_ms())
        self.status.state.say(*self._state(trouble, now_s))
        self.status.show_alarm(self._source.error or "")
        if events := self._source.events():
            self.status.show_event(events[-1].text, events[-1].severity)

    def _state(self, trouble: str, now_s: float) -> tuple[str, str]:
        if self._source.error:
            return "● stopped", theme.BAD
        if now_s < self._note_until_s:
            return self._note, theme.ACCENT
        if self._has_finished:
            return "● finished", theme.MUTED
        if self._playback and self._playback.state:
            return f"● {self._playback.state}", theme.MUTED
        if self._playback and trouble.startswith("no frames"):
            return "● nothing was recorded here", theme.WARN
        if trouble:
            return f"● {trouble}", theme.BAD
        if self.is_paused:
            return "● display paused; frames go on", theme.WARN
        return "● running", theme.GOOD

    # -- what the user asks for --------------------------------------------------------------------------------

    @property
    def is_paused(self) -> bool:
        return self.toolbar.pause.isChecked()

    @property
    def is_auto(self) -> bool:
        """Whether the colour scale follows the picture."""
        return self.toolbar.auto.isChecked()

    def take_reference(self) -> None:
        self._source.set_reference()
        self.note("taking the reference: keep the tank still")

    def take_screenshot(self, path: Path | None = None) -> None:
        """Save the window as it looks; without a path under the time, in the current folder."""
        target = path or Path(f"eit-rt-{datetime.now():%Y%m%d-%H%M%S}.png")
        try:
            self.save_png(target)
            self.note(f"saved {target}")
        except ConfigError as error:
            self.note(str(error))

    def save_png(self, path: Path) -> None:
        """Raises ConfigError if the file cannot be written."""
        if not self.grab().save(str(path), "PNG"):
            raise ConfigError(
                f"cannot write the picture {path}; does the folder exist, and may you write there?"
            )

    def note(self, text: str) -> None:
        """Say something for a few seconds."""
        now_s = self._clock()
        self._note, self._note_until_s = text, now_s + NOTE_S
        self.refresh_status(now_s)

    def release(self) -> None:
        """Stop pulling, leave the source alone."""
        self._timer.stop()
        self._owns_source = False

    def closeEvent(self, event) -> None:
        if self._owns_source:
            self.release()
            self._source.stop()
        super().closeEvent(event)
