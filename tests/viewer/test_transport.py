"""The transport bar in the real window, over a real pipeline that plays a real recording."""

import time
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from eit_rt.frames import Severity
from eit_rt.viewer import theme
from eit_rt.viewer.timeline import TOLD
from eit_rt.viewer.window import ViewerWindow
from tests.viewer.conftest import PATIENCE_MS
from tests.viewer.recorded import FIRST_NUMBER, CountingBoard, make_recording, pipeline_for

EVENTS = [(0.5, "2 frames lost"), (2.0, "the link was lost", Severity.ERROR)]
LEFT_BUTTON = Qt.MouseButton.LeftButton
SLOW = 0.1
"""Half a minute from end to end: not over before a busy machine has looked."""


@pytest.fixture
def replay(qtbot, tmp_path, clock):
    """Opens a window on a recording that plays, or stands at its beginning."""
    pipelines = []

    def replay(moments_s=None, events=EVENTS, speed=1.0, is_paused=True) -> SimpleNamespace:
        recording = make_recording(tmp_path / "r.mcap", moments_s, events)
        board = CountingBoard(recording, speed, hold_at_end=True)
        if is_paused:
            board.pause()
        pipelines.append(pipeline_for(board))
        window = ViewerWindow(pipelines[-1], "replay", paint_hz=0.01, clock=clock, player=board)
        qtbot.addWidget(window)
        window.resize(1200, 800)
        with qtbot.waitExposed(window, timeout=PATIENCE_MS):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE_MS)
        pipelines[-1].start()
        bar = window.transport
        return SimpleNamespace(window=window, board=board, bar=bar, line=bar.timeline)

    yield replay
    for pipeline in pipelines:
        pipeline.stop()


@pytest.fixture
def tick_until(qtbot):
    def tick_until(window, condition) -> None:
        def ticked() -> bool:
            window.tick()
            return bool(condition())

        qtbot.waitUntil(ticked, timeout=PATIENCE_MS)

    return tick_until


@pytest.fixture
def settle(tick_until):
    """While paused: until the board has looked a few times whether it should go on, and the picture has followed."""

    def settle(shown) -> None:
        waited = shown.board.clock.waited
        tick_until(shown.window, lambda: shown.board.clock.waited > waited + 2)
        tick_until(shown.window, lambda: painted(shown.window) == shown.board.position - 1)

    return settle


def painted(window) -> int:
    """Number, from 0, of the frame whose picture is shown; -1 before the first."""
    text = window.picture._detail.text()
    return int(text.split()[1]) - FIRST_NUMBER if text else -1


def spot(line, time_s: float) -> QPoint:
    return QPoint(round(line.x_of(time_s)), line.height() // 2)


def test_a_live_window_has_no_bar_and_pauses_its_display(window):
    assert window.transport is None
    assert window.toolbar.pause.isVisible()


def test_space_pauses_playback_and_plays_on(qtbot, replay, tick_until, settle):
    shown = replay(is_paused=False, speed=SLOW)
    tick_until(shown.window, lambda: painted(shown.window) > 5)
    assert shown.bar.play.text() == "Pause"
    qtbot.keyClick(shown.window, Qt.Key.Key_Space)
    assert shown.board.is_paused
    assert shown.bar.play.text() == "Play"
    settle(shown)
    held = shown.board.position
    settle(shown)
    assert shown.board.position == held
    qtbot.mouseClick(shown.bar.play, LEFT_BUTTON)
    tick_until(shown.window, lambda: painted(shown.window) > held + 5)
    assert not shown.window.is_paused, "the display's own pause stays out of it"


def test_a_dot_and_the_button_step_one_frame(qtbot, replay, tick_until):
    shown = replay()
    for number in range(3):
        qtbot.keyClick(shown.window, Qt.Key.Key_Period)
        tick_until(shown.window, lambda number=number: painted(shown.window) == number)
    qtbot.mouseClick(shown.bar.step, LEFT_BUTTON)
    tick_until(shown.window, lambda: painted(shown.window) == 3)
    assert shown.board.position == 4
    assert shown.board.is_paused


def test_keys_go_to_the_ends_and_by_a_second(qtbot, replay, tick_until):
    shown = replay()
    for key, number, place in (
        (Qt.Key.Key_Right, 100, "1.0 / 3.0 s, frame 101 of 300"),
        (Qt.Key.Key_Right, 200, "2.0 / 3.0 s, frame 201 of 300"),
        (Qt.Key.Key_Left, 100, "1.0 / 3.0 s, frame 101 of 300"),
        (Qt.Key.Key_End, 299, "3.0 / 3.0 s, frame 300 of 300"),
        (Qt.Key.Key_Home, 0, "0.0 / 3.0 s, frame 1 of 300"),
    ):
        qtbot.keyClick(shown.window, key)
        tick_until(shown.window, lambda number=number: painted(shown.window) == number)
        assert shown.bar.place.text() == place
        assert shown.line.time_s == pytest.approx(number / 100, abs=1e-6)


def test_dragging_shows_the_frames_under_the_pointer_once_a_tick(qtbot, replay, tick_until):
    shown = replay()
    qtbot.mousePress(shown.line, LEFT_BUTTON, pos=spot(shown.line, 0.2))
    for time_s in np.linspace(0.2, 2.0, 50):
        qtbot.mouseMove(shown.line, spot(shown.line, time_s))
    assert shown.line.time_s == pytest.approx(2.0, abs=0.01)
    assert shown.board.sought == []
    shown.window.tick()
    assert len(shown.board.sought) == 1
    assert shown.board.sought[0] == pytest.approx(200, abs=1)
    tick_until(shown.window, lambda: painted(shown.window) == shown.board.sought[0])
    qtbot.mouseMove(shown.line, spot(shown.line, 1.0))
    qtbot.mouseRelease(shown.line, LEFT_BUTTON, pos=spot(shown.line, 1.0))
    tick_until(shown.window, lambda: painted(shown.window) == pytest.approx(100, abs=1))
    assert len(shown.board.sought) == 2
    assert shown.board.is_paused, "it did not play before"


def test_a_recording_that_plays_holds_while_dragged_and_plays_on(qtbot, replay, tick_until, settle):
    shown = replay(is_paused=False, speed=SLOW)
    tick_until(shown.window, lambda: painted(shown.window) >= 0)
    qtbot.mousePress(shown.line, LEFT_BUTTON, pos=spot(shown.line, 2.0))
    tick_until(shown.window, lambda: painted(shown.window) >= 199)
    held = painted(shown.window)
    settle(shown)
    assert painted(shown.window) == held
    assert shown.bar.play.text() == "Pause"
    qtbot.mouseRelease(shown.line, LEFT_BUTTON, pos=spot(shown.line, 2.0))
    assert not shown.board.is_paused
    tick_until(shown.window, lambda: painted(shown.window) > held + 2)


def test_dragged_to_the_end_it_stays_there_and_can_be_played_again(qtbot, replay, tick_until):
    shown = replay(is_paused=False, speed=SLOW)
    tick_until(shown.window, lambda: painted(shown.window) >= 0)
    qtbot.mousePress(shown.line, LEFT_BUTTON, pos=spot(shown.line, 1.0))
    qtbot.mouseMove(shown.line, QPoint(shown.line.width() + 50, 5))
    shown.window.tick()
    qtbot.mouseRelease(shown.line, LEFT_BUTTON, pos=QPoint(shown.line.width() + 50, 5))
    tick_until(shown.window, lambda: painted(shown.window) == 299 and shown.board.is_paused)
    shown.window.tick()  # the bar shows the state that the tick before found
    shown.window.refresh_status(0.0)
    assert "end of the recording" in shown.window.status.state.whole
    assert shown.bar.play.text() == "Play"
    qtbot.keyClick(shown.window, Qt.Key.Key_Left)
    tick_until(shown.window, lambda: painted(shown.window) == 199)
    qtbot.keyClick(shown.window, Qt.Key.Key_End)
    tick_until(shown.window, lambda: painted(shown.window) == 299)
    qtbot.keyClick(shown.window, Qt.Key.Key_Space)
    tick_until(shown.window, lambda: 0 <= painted(shown.window) < 150)


def test_speed_is_chosen_in_the_box_or_by_keys(qtbot, replay):
    shown = replay(speed=3.0)
    box = shown.bar.speed
    names = [box.itemText(k) for k in range(box.count())]
    assert " ".join(names) == "0.1x 0.2x 0.5x 1x 2x 3x 5x 10x 20x 50x 100x max"
    assert box.currentText() == "3x"
    qtbot.keyClick(shown.window, Qt.Key.Key_Semicolon)
    assert (shown.board.speed, box.currentText()) == (5.0, "5x")
    qtbot.keyClick(shown.window, Qt.Key.Key_Comma)
    assert (shown.board.speed, box.currentText()) == (2.0, "2x")
    box.showPopup()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(box.view(), key)
    qtbot.waitUntil(lambda: shown.board.speed == 0.5, timeout=PATIENCE_MS)
    shown.window.tick()
    assert box.currentText() == "0.5x"


def test_events_are_ticks_in_the_colour_of_the_worst(replay, pixels):
    close = [(1.0, f"note {k}", Severity.INFO) for k in range(10)] + [(1.001, "lost")]
    line = replay(events=EVENTS + close).line
    seen = pixels(line)
    for time_s, colour in ((0.5, theme.WARN), (1.0, theme.WARN), (2.0, theme.BAD)):
        wanted = QColor(colour).getRgb()[:3]
        assert seen[5, round(line.x_of(time_s))].tolist() == list(wanted)
    empty = round(line.x_of(1.5))
    assert seen[5, empty].tolist() == seen[5, empty + 20].tolist()
    assert line.story_at(line.x_of(0.5)) == "0.50 s: 2 frames lost"
    assert line.story_at(line.x_of(2.0) + 3) == "2.00 s: the link was lost"
    assert line.story_at(line.x_of(1.5)).endswith(" s")
    crowd = line.story_at(line.x_of(1.0)).splitlines()
    assert len(crowd) == TOLD + 1
    assert crowd[-1] == f"… and {11 - TOLD} more"


def test_a_pause_is_no_stall(replay, clock, tick_until):
    shown = replay(speed=SLOW)
    tick_until(shown.window, lambda: True)
    for _ in range(5):
        clock.now_s += 5
        shown.window.refresh_status(clock())
        assert shown.window.status.state.whole == "● playback paused"
    shown.board.resume()
    shown.window.refresh_status(clock())
    assert "running" in shown.window.status.state.whole


def test_silence_in_the_recording_is_told_as_such(replay, clock, tick_until):
    shown = replay(moments_s=[0.0, 3600.0], is_paused=False)
    tick_until(shown.window, lambda: painted(shown.window) == 0)
    shown.window.refresh_status(clock())  # it has seen the frame, before the silence
    clock.now_s += 5
    shown.window.refresh_status(clock())
    assert "nothing was recorded here" in shown.window.status.state.whole


def test_the_curve_stands_while_playback_is_paused(qtbot, replay, tick_until):
    shown = replay()
    qtbot.keyClick(shown.window, Qt.Key.Key_Period)
    tick_until(shown.window, lambda: painted(shown.window) == 0)
    qtbot.wait(150)
    shown.window.redraw_all()
    x, _ = shown.window.trace._curve.getData()
    assert x[-1] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("is_paused", [True, False])
def test_closing_ends_a_paused_and_a_held_playback_at_once(replay, tick_until, is_paused):
    shown = replay(is_paused=is_paused, speed=100.0)
    tick_until(shown.window, lambda: shown.board.is_paused)
    shown.board.clock.oversleeps = True
    tick_until(shown.window, lambda: shown.board.clock.is_asleep)
    begin = time.monotonic()
    shown.window.close()
    assert time.monotonic() - begin < PATIENCE_MS / 1000
    assert not shown.window._source.is_running


def test_the_bar_rests_when_the_pipeline_has_ended(replay, tick_until):
    shown = replay()
    shown.window._source.stop()
    tick_until(shown.window, lambda: not shown.bar.isEnabled())


def test_it_fits_into_the_smallest_window_and_the_line_does_not_move(replay, tick_until):
    shown = replay()
    assert shown.window.minimumSizeHint().width() <= 720
    shown.window.resize(720, 520)
    width = shown.line.width()
    assert width > 150
    shown.board.seek_frame(299)
    shown.window.tick()
    assert shown.line.width() == width
