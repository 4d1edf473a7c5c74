"""Fixtures of the viewer's tests: a window on a synthetic tank, its pixels, and a virtual X server."""

import os
import shutil
import subprocess

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QImage

from eit_rt.viewer.screen import QT_LIBRARIES, XCB_LIBRARIES, can_load
from eit_rt.viewer.window import ViewerWindow
from tests.viewer.tank import SyntheticTank

PATIENCE_MS = 20_000


class Clock:
    """A clock that stands until told."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tank():
    tank = SyntheticTank()
    yield tank
    tank.stop()


@pytest.fixture
def window(qtbot, tank, clock):
    """A shown window whose own timer hardly ever fires: tests call `tick`."""
    window = ViewerWindow(tank, "test", paint_hz=0.01, clock=clock)
    qtbot.addWidget(window)
    window.resize(1200, 800)
    with qtbot.waitExposed(window, timeout=PATIENCE_MS):
        window.show()
    return window


@pytest.fixture
def pixels():
    return grabbed


def grabbed(window) -> np.ndarray:
    """(height, width, 3) int, the window as it looks."""
    return rgb(window.grab().toImage())


def rgb(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def place_of(window, x: float, y: float) -> tuple[int, int]:
    """Row and column in the grabbed window of a point of the picture, in tank radii."""
    view = window.picture
    in_view = view.graphics.mapFromScene(view.plot.vb.mapViewToScene(QPointF(x, y)))
    spot = view.graphics.viewport().mapTo(window, QPoint(in_view.x(), in_view.y()))
    return spot.y(), spot.x()


@pytest.fixture(scope="session")
def x_display():
    """DISPLAY of a virtual X server with one screen of 1400 x 900."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    missing = [name for name in (*QT_LIBRARIES, *XCB_LIBRARIES) if not can_load(name)]
    if missing:
        pytest.skip(f"libraries of Qt's xcb platform are missing: {missing}")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [
            "Xvfb",
            "-displayfd",
            str(writing),
            "-screen",
            "0",
            "1400x900x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    if not number:
        server.wait()
        pytest.skip("Xvfb does not start here")
    yield f":{number}"
    server.terminate()
    server.wait()
