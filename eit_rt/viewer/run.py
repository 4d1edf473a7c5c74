"""Opens the window and gives back an exit code; or renders it to a PNG without a screen.

Qt is imported inside the functions: importing this module costs nothing and works where Qt's libraries are missing.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from eit_rt.errors import ConfigError
from eit_rt.viewer.player import Player
from eit_rt.viewer.screen import find_screen
from eit_rt.viewer.source import Source, Truth

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from eit_rt.viewer.window import ViewerWindow

FAILED = 1
FIRST_PICTURE_S = 10.0
"""How long `save_window_png` waits for a first picture."""


def run_viewer(
    source: Source,
    title: str,
    max_seconds: float | None = None,
    close_when_finished: bool = False,
    screenshot: Path | None = None,
    start: Callable[[], object] | None = None,
    player: Player | None = None,
    truth: Truth | None = None,
) -> int:
    """Show a source until the window is closed, `max_seconds` are over, or Ctrl-C; then stop the source.

    start: starts the source, called once the window stands. Loading and building it takes a second in which a source
    that already ran would be starved and lose frames. None: the source has been started.
    player: what plays the recording that the source shows; brings the transport bar. truth: shown beside a vector.
    close_when_finished: close when the source ends. screenshot: PNG of the window as it was when it closed.
    Returns 0; 1 if the source ended with an error (the window showed it; telling it again is the caller's); 130 after
    Ctrl-C, 143 after SIGTERM. Raises ConfigError where no window can be opened or the PNG not be written, and what
    `start` raises.
    """
    screen = find_screen()
    if screen.trouble:
        raise ConfigError(f"cannot open a window: {screen.trouble}, or run with --headless")
    application = _application(screen.qt_platform)
    window = _window(source, title, player, truth)
    if close_when_finished:
        window.finished.connect(window.close)
    try:
        with _errors_close(window), _signals_close(window) as interrupts:
            window.show()
            application.processEvents()
            if start is not None and window.isVisible():
                start()
            window.watch()
            if max_seconds is not None:
                _after(window, max_seconds, window.close)
            # Closed before the loop began (Ctrl-C while starting): nothing would end the loop later.
            _after(window, 0.0, lambda: window.isVisible() or application.quit())
            application.exec()
        if screenshot is not None:
            window.save_png(screenshot)
    finally:
        window.release()
        source.stop()
        window.deleteLater()
    if source.error:
        return FAILED
    return 128 + interrupts[0] if interrupts else 0


def save_window_png(
    source: Source,
    path: Path,
    size: tuple[int, int] = (1200, 800),
    title: str = "eit-rt",
    seconds: float = 1.0,
) -> None:
    """Render the real window, without a screen, after it has watched a started source for `seconds`.

    The source is left running. Raises ConfigError if no picture came within 10 s or the file cannot be written.
    """
    application = _application("offscreen")
    window = _window(source, title)
    window.resize(*size)
    window.grab()  # lays everything out; without it the picture would have the sizes of before
    window.watch()
    try:
        first = _wait(application, lambda: window.drawn > 0, FIRST_PICTURE_S)
        _wait(application, lambda: False, seconds)
        if not first:
            raise ConfigError(
                f"no picture came within {FIRST_PICTURE_S:.0f} s: {window.status.state.whole}; nothing to save"
            )
        window.redraw_all()
        window.save_png(path)
    finally:
        window.release()
        window.deleteLater()


def _window(
    source: Source, title: str, player: Player | None = None, truth: Truth | None = None
) -> ViewerWindow:
    from eit_rt.viewer.window import ViewerWindow

    return ViewerWindow(source, title, player=player, truth=truth)


def _application(qt_platform: str) -> QApplication:
    if qt_platform:
        os.environ.setdefault("QT_QPA_PLATFORM", qt_platform)
    from PySide6.QtWidgets import QApplication

    existing = QApplication.instance()
    return existing if isinstance(existing, QApplication) else QApplication(["eit-rt"])


def _after(window: ViewerWindow, seconds: float, action: Callable[[], object]) -> None:
    from PySide6.QtCore import QTimer

    QTimer.singleShot(round(1000 * seconds), window, action)


def _wait(application: QApplication, is_done: Callable[[], bool], seconds: float) -> bool:
    """Let Qt work until the condition holds. Returns whether it does."""
    deadline = time.monotonic() + seconds
    while not is_done() and time.monotonic() < deadline:
        application.processEvents()
        time.sleep(0.005)
    return is_done()


@contextmanager
def _signals_close(window: ViewerWindow) -> Iterator[list[int]]:
    """Ctrl-C and SIGTERM close the window. Yields a list that holds the signal once it came.

    Python runs the handler when its next line of code runs, which is the window's next tick.
    """
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def close(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        window.close()

    before = {kind: signal.signal(kind, close) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


@contextmanager
def _errors_close(window: ViewerWindow) -> Iterator[None]:
    """An error in a timer ends the view and is raised here; left to Qt it would be printed 40 times a second."""
    caught: list[BaseException] = []

    def close(_kind: type[BaseException], error: BaseException, _trace: object) -> None:
        caught.append(error)
        window.close()

    before, sys.excepthook = sys.excepthook, close
    try:
        yield
    finally:
        sys.excepthook = before
    if caught:
        raise caught[0]
