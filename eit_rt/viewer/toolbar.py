"""Buttons and the scale's limit. Every action has a key, and the tooltip says which."""

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolBar, QWidget

from eit_rt.viewer.levels import SMALLEST


class Toolbar(QToolBar):
    """Says what was asked for; the window does it."""

    reference_asked = Signal()
    pause_toggled = Signal(bool)
    screenshot_asked = Signal()
    levels_changed = Signal()

    def __init__(self) -> None:
        super().__init__("Actions")
        self.setMovable(False)
        self.toggleViewAction().setEnabled(False)
        self.reference = self._add("Take reference", "R", "Show changes against the next frames")
        self.reference.triggered.connect(lambda: self.reference_asked.emit())
        self.pause = self._add("Pause display", "Space", "Hold the picture; frames go on", True)
        self.pause.toggled.connect(self.pause_toggled)
        self._add("Screenshot", "S", "Save this window as PNG here").triggered.connect(
            lambda: self.screenshot_asked.emit()
        )
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self.auto = self._add("Auto levels", "A", "Let the colour scale follow the picture", True)
        self.auto.setChecked(True)
        self.addWidget(QLabel(" ± "))
        self.limit = pg.SpinBox(
            value=1.0, bounds=(SMALLEST, 1e9), dec=True, step=0.2, minStep=SMALLEST,
            decimals=3, compactHeight=False,
        )  # fmt: skip
        self.limit.setToolTip("End of the colour scale. Typing here fixes it.")
        self.limit.setFixedWidth(100)
        self.limit.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.limit.editingFinished.connect(self.limit.clearFocus)
        self.addWidget(self.limit)
        self.auto.toggled.connect(lambda: self.levels_changed.emit())
        self.limit.sigValueChanged.connect(self._fix)

    def leave_out_pause(self) -> None:
        """For a recording: its transport bar pauses, and has the key."""
        self.pause.setShortcut(QKeySequence())
        self.pause.setVisible(False)

    def leave_out_reference(self) -> None:
        """For stored pictures: they cannot be made against another reference."""
        self.reference.setShortcut(QKeySequence())
        self.reference.setVisible(False)

    def show_limit(self, limit: float) -> None:
        """Tell the automatic scale; does not fix it."""
        if limit != self.limit.value():
            self.limit.blockSignals(True)
            self.limit.setValue(limit)
            self.limit.blockSignals(False)

    def _fix(self) -> None:
        self.auto.setChecked(False)
        self.levels_changed.emit()

    def _add(self, text: str, key: str, tip: str, checkable: bool = False) -> QAction:
        action = self.addAction(text)
        action.setCheckable(checkable)
        action.setShortcut(QKeySequence(key))
        action.setToolTip(f"{tip}  [{key}]")
        return action
