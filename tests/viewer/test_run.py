import os
import signal
import time

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from eit_rt.errors import ConfigError, LinkError
from eit_rt.viewer import run, run_viewer, save_window_png
from tests.viewer.tank import rod_image

pytestmark = pytest.mark.usefixtures("qapp")


def test_it_ends_after_its_time_stops_the_source_and_leaves_a_picture(tank, tmp_path):
    tank.play(100)
    path = tmp_path / "window.png"
    start = time.monotonic()
    assert run_viewer(tank, "test", max_seconds=1.0, screenshot=path) == 0
    assert 0.9 < time.monotonic() - start < 60
    assert tank.stops >= 1
    assert not tank.is_running
    assert tank.drawn > 0
    assert (QImage(str(path)).width(), QImage(str(path)).height()) == (1200, 800)


def test_the_source_is_started_when_the_window_stands(tank):
    tank.is_running = False

    def start():
        assert [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        tank.is_running = True
        tank.end_when_drawn = 3
        tank.play(50)

    assert run_viewer(tank, "test", max_seconds=60, close_when_finished=True, start=start) == 0
    assert tank.drawn >= 3


def test_a_source_that_cannot_start_closes_the_window_and_says_why(tank):
    def start():
        raise LinkError("no such port")

    with pytest.raises(LinkError, match="no such port"):
        run_viewer(tank, "test", start=start)
    assert tank.stops == 1


def test_it_closes_when_the_source_has_finished(tank):
    tank.put(rod_image(0.5, 0.5))
    tank.end_when_drawn = 1
    start = time.monotonic()
    assert run_viewer(tank, "test", max_seconds=60, close_when_finished=True) == 0
    assert tank.drawn == 1
    assert time.monotonic() - start < 50


def test_a_source_that_ends_with_an_error_gives_exit_code_1(tank):
    tank.error, tank.is_running = "the board went away", False
    assert run_viewer(tank, "test", max_seconds=30, close_when_finished=True) == 1


@pytest.mark.parametrize(("kind", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_closes_the_window_and_stops_the_source(tank, kind, code):
    before = signal.getsignal(kind)
    tank.play(50)
    QTimer.singleShot(300, lambda: os.kill(os.getpid(), kind))
    assert run_viewer(tank, "test", max_seconds=30) == code
    assert not tank.is_running
    assert signal.getsignal(kind) is before


def test_ctrl_c_while_the_source_starts_ends_it_too(tank):
    def start():
        tank.play(50)
        os.kill(os.getpid(), signal.SIGINT)

    assert run_viewer(tank, "test", max_seconds=30, start=start) == 130
    assert not tank.is_running


def test_an_error_inside_the_window_ends_the_view_and_is_raised(tank, monkeypatch):
    def fail():
        raise ZeroDivisionError("counters")

    tank.play(50)
    QTimer.singleShot(300, lambda: monkeypatch.setattr(tank, "counters", fail))
    with pytest.raises(ZeroDivisionError, match="counters"):
        run_viewer(tank, "test", max_seconds=30)
    assert not tank.is_running


def test_a_screenshot_that_cannot_be_written_is_an_error_and_the_source_is_stopped(tank, tmp_path):
    with pytest.raises(ConfigError, match="cannot write the picture"):
        run_viewer(tank, "test", max_seconds=0.2, screenshot=tmp_path / "absent" / "a.png")
    assert tank.stops >= 1


@pytest.mark.parametrize("size", [(1200, 800), (800, 600)])
def test_the_real_window_is_rendered_without_a_screen(tank, tmp_path, size):
    tank.play(100)
    path = tmp_path / "window.png"
    save_window_png(tank, path, size=size, seconds=0.3)
    image = QImage(str(path))
    assert (image.width(), image.height()) == size
    assert tank.is_running, "the source is the caller's"


def test_without_a_picture_nothing_is_saved(tank, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "FIRST_PICTURE_S", 0.2)
    with pytest.raises(ConfigError, match="no picture came"):
        save_window_png(tank, tmp_path / "a.png", seconds=0.0)
    assert not list(tmp_path.iterdir())
