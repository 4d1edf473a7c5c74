"""Stored pictures in the real window: no voltages, no reference, no wall, and the playback of a recording."""

import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from eit_rt.layout import Layout
from eit_rt.pipeline.slideshow import Slideshow
from eit_rt.recording.images import Album
from eit_rt.viewer.window import ViewerWindow
from tests.recording.image_readers.files import chest, draeger
from tests.viewer.conftest import PATIENCE_MS, place_of, rgb

N = 60


def pictures(layout=None) -> Album:
    """One red pixel at column 2, row 1 from the top, of 8 x 8; events at picture 20."""
    images = np.zeros((N, 8, 8), dtype=np.float32)
    images[:, 1, 2] = 1
    return Album(
        images, "image", np.arange(N) / 10, np.arange(N), np.ones(N, np.float32), (-1.0, 1.0, -1.0, 1.0),
        quantity="impedance change", unit="a.u.", layout=layout, events=((20, "PEEP 10"),),
    )  # fmt: skip


@pytest.fixture
def show(qtbot, clock):
    shows = []

    def show(album):
        slideshow = Slideshow(album)
        slideshow.hold_at_end = True
        slideshow.pause()
        shows.append(slideshow)
        window = ViewerWindow(slideshow, "pictures", paint_hz=0.01, clock=clock, player=slideshow)
        qtbot.addWidget(window)
        window.resize(1200, 800)
        with qtbot.waitExposed(window, timeout=PATIENCE_MS):
            window.show()
        slideshow.start()
        return window

    yield show
    for slideshow in shows:
        slideshow.stop()


def tick_until(qtbot, window, condition) -> None:
    def ticked() -> bool:
        window.tick()
        return bool(condition())

    qtbot.waitUntil(ticked, timeout=PATIENCE_MS)


def test_there_is_nothing_of_voltages_and_references(show):
    window = show(pictures())
    assert window.voltages is None
    assert not window.toolbar.reference.isVisible()
    assert window.toolbar.reference.shortcut().isEmpty()
    assert window.transport is not None


@pytest.mark.parametrize("layout", [None, Layout.ring(16)])
def test_the_pixel_is_where_it_is_stored(qtbot, show, pixels, layout):
    window = show(pictures(layout))
    window.transport.playback.step()
    tick_until(qtbot, window, lambda: window.drawn == 1)
    seen = pixels(window)
    red, green, blue = seen[place_of(window, -0.375, 0.625)]
    assert red - max(green, blue) > 60
    for x, y in ((0.375, 0.625), (-0.375, -0.625), (0.0, 0.0)):
        colour = seen[place_of(window, x, y)]
        assert colour.max() - colour.min() < 20
    corner = seen[place_of(window, 0.95, 0.95)]
    is_covered = bool((corner == 255).all())
    assert is_covered == (layout is not None), (
        "a wall covers what is outside; without one nothing is hidden"
    )


def test_playback_goes_where_the_user_says(qtbot, show):
    window = show(pictures())
    bar = window.transport
    assert [(mark.time_s, mark.text) for mark in bar.playback.marks()] == [(2.0, "PEEP 10")]
    bar.playback.go_to_time(2.04)
    tick_until(qtbot, window, lambda: window.picture._detail.text() == "frame 20")
    qtbot.keyClick(window, Qt.Key.Key_End)
    tick_until(qtbot, window, lambda: window.picture._detail.text() == "frame 59")
    window.refresh_status(0.0)
    assert window.status.state.whole == "● end of the recording"


def test_a_clinical_file_opens_on_an_x_server(x_display, tmp_path):
    """The command, the window, the picture: lungs that breathe, the larger one at the left."""
    path, shot = tmp_path / "chest.bin", tmp_path / "window.png"
    path.write_bytes(draeger(chest(45)))
    environ = {"DISPLAY": x_display, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    words = ("replay", path, "--window", "--frames", 45, "--screenshot", shot)
    done = subprocess.run(
        [sys.executable, "-m", "eit_rt", *map(str, words)],
        env=environ, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "orientation assumed" in done.stdout
    red, green, blue = rgb(QImage(str(shot))).transpose(2, 0, 1)
    is_red = (red - green > 60) & (red - blue > 60)
    columns = np.flatnonzero(is_red[:, :600].any(axis=0))
    middle = (columns.min() + columns.max()) / 2
    left = is_red[:, : int(middle)].sum()
    right = is_red[:, int(middle) : 600].sum()
    assert left > 1.2 * right > 500
