import numpy as np
import pytest
from PySide6.QtCore import Qt

from eit_rt.frames import Severity
from eit_rt.layout import Layout
from eit_rt.viewer import theme
from eit_rt.viewer.window import ViewerWindow
from tests.viewer.conftest import PATIENCE_MS, place_of
from tests.viewer.tank import SyntheticTank, disc, rod_image

WHITE = [255, 255, 255]


def tank_square(window) -> tuple[slice, slice]:
    """Rows and columns of the grabbed window that hold the tank, and not the colour bar."""
    top, left = place_of(window, -1.0, 1.0)
    bottom, right = place_of(window, 1.0, -1.0)
    return slice(top, bottom), slice(left, right)


def centre_of(mask) -> tuple[float, float]:
    """Row and column, as parts of the height and width."""
    assert mask.any()
    rows, columns = np.nonzero(mask)
    return rows.mean() / mask.shape[0], columns.mean() / mask.shape[1]


def test_an_object_at_the_top_right_is_red_at_the_top_right(window, tank, pixels):
    tank.put(rod_image(0.5, 0.5))
    window.tick()
    red, green, blue = np.moveaxis(pixels(window)[tank_square(window)], 2, 0)
    # The rod sits at (0.5, 0.5), so a quarter from the top and from the right; its negative opposite.
    assert centre_of(red - np.maximum(green, blue) > 60) == pytest.approx((0.25, 0.75), abs=0.02)
    assert centre_of(blue - np.maximum(red, green) > 60) == pytest.approx((0.75, 0.25), abs=0.02)


def test_electrode_one_is_green_and_stands_where_the_layout_says(qtbot, clock, pixels):
    for first_deg, side in ((90.0, (0.0, 0.5)), (0.0, (0.5, 1.0)), (180.0, (0.5, 0.0))):
        tank = SyntheticTank()
        tank.layout = Layout.ring(16, first_deg=first_deg)
        window = ViewerWindow(tank, "test", paint_hz=0.01, clock=clock)
        qtbot.addWidget(window)
        window.resize(1000, 800)
        seen = pixels(window)
        (top, left), (bottom, right) = place_of(window, -1.1, 1.1), place_of(window, 1.1, -1.1)
        red, green, blue = np.moveaxis(seen[top:bottom, left:right], 2, 0)
        assert centre_of((green - red > 80) & (green - blue > 60)) == pytest.approx(side, abs=0.05)


def test_outside_the_tank_and_where_values_are_missing_is_background(window, tank, pixels):
    picture = np.full((64, 64), 0.1, np.float32)
    picture[30:34, 30:34] = np.nan
    tank.put(picture)
    window.tick()
    seen = pixels(window)
    between = np.deg2rad(90 - 11.25)
    assert seen[place_of(window, 0.0, 0.0)].tolist() == WHITE
    assert seen[place_of(window, 1.04 * np.cos(between), 1.04 * np.sin(between))].tolist() == WHITE
    assert seen[place_of(window, -0.95, 0.95)].tolist() == WHITE
    assert seen[place_of(window, 0.3, 0.3)].tolist() != WHITE


def test_zero_is_neutral_and_levels_are_symmetric(window, tank, pixels):
    tank.put(rod_image(0.5, 0.0, height=0.3))
    window.tick()
    low, high = window.picture.levels
    assert low == -high
    assert high >= 0.2
    red, green, blue = pixels(window)[place_of(window, 0.0, 0.9)]
    assert max(red, green, blue) - min(red, green, blue) <= 2


def test_colours_follow_the_scale_and_not_the_picture(window, tank, pixels):
    window.toolbar.auto.setChecked(False)
    assert window.toolbar.limit.value() == 1.0
    _, _, inside = disc()
    seen = {}
    for height in (0.0, 0.1, 1.0, -1.0):
        tank.put(np.where(inside, height, np.nan))
        window.tick()
        red, green, blue = pixels(window)[place_of(window, 0.3, 0.3)]
        seen[height] = (red - blue, red + green + blue)
    assert abs(seen[0.0][0]) <= 2
    assert 5 < seen[0.1][0] < 60
    assert seen[1.0][0] > 60 > -60 > seen[-1.0][0]
    assert seen[1.0][1] < 200 < 600 < seen[0.1][1], "the ends are dark, the middle is light"


def test_levels_that_the_user_fixes_stay(window, tank):
    window.toolbar.limit.setValue(2.5)
    tank.put(rod_image(0.5, 0.0, height=40.0))
    window.tick()
    assert not window.is_auto
    assert window.picture.levels == (-2.5, 2.5)
    window.toolbar.auto.setChecked(True)
    tank.put(rod_image(0.5, 0.0, height=40.0))
    window.tick()
    assert window.picture.levels[1] >= 30


def test_every_counter_is_on_screen(window, tank):
    tank.counts.update(received=1234, bad=3, lost=2, dropped=14, imaged=1200, recorded=1233)
    tank.put(rod_image(0.5, 0.5))
    window.tick()
    shown = {name: window.status.text(name) for name in (*tank.counts, "drawn", "fps")}
    assert shown == {
        "received": "1235", "bad": "3", "lost": "2", "dropped": "14", "imaged": "1201",
        "recorded": "1233", "drawn": "1", "fps": "100",
    }  # fmt: skip
    assert window.status.text("latency p50") == "0.412 ms"
    assert window.status.text("latency p99") == "1.37 ms"


def test_a_loss_is_red_while_fresh_and_orange_later(window, tank, clock):
    tank.counts["lost"] = 2
    window.refresh_status(clock())
    assert theme.BAD in window.status._cells["lost"]._value.styleSheet()
    assert theme.BAD not in window.status._cells["received"]._value.styleSheet()
    clock.now_s += 6
    window.refresh_status(clock())
    assert theme.WARN in window.status._cells["lost"]._value.styleSheet()


def test_the_newest_event_is_shown(window, tank):
    tank.happen("the link was lost", Severity.ERROR)
    tank.happen("2 frames lost after number 1204")
    window.tick()
    assert window.status.news.whole == "2 frames lost after number 1204"


def test_a_stall_is_told_with_the_stage_that_stopped(window, tank, clock):
    tank.put(rod_image(0.5, 0.5))
    window.tick()
    assert "running" in window.status.state.whole
    clock.now_s += 5
    window.refresh_status(clock())
    assert "no frames for 5 s: the board or its link" in window.status.state.whole
    assert window.status.text("fps") == "0.0"


def test_a_snapshot_is_drawn_once(window, tank):
    assert window.drawn == 0
    tank.put(rod_image(0.5, 0.5))
    for _ in range(5):
        window.tick()
    assert window.drawn == tank.drawn == 1
    tank.put(rod_image(0.4, 0.5))
    window.tick()
    assert window.drawn == tank.drawn == 2


def test_an_excluded_electrode_is_grey_and_comes_back(window, tank, pixels):
    spot = place_of(window, 1.04, 0.0)  # electrode 5 of 16 at 3 o'clock
    tank.put(rod_image(0.5, 0.5), invalid=np.flatnonzero(tank.pattern.touches(4)))
    window.tick()
    assert min(pixels(window)[spot]) > 190
    assert max(pixels(window)[place_of(window, -1.04, 0.0)]) < 100
    tank.put(rod_image(0.5, 0.5))
    window.tick()
    assert max(pixels(window)[spot]) < 100


def test_invalid_measurements_are_marked_and_counted(window, tank):
    tank.put(rod_image(0.5, 0.5), invalid=[3, 50, 51])
    window.tick()
    x, _ = window.voltages._crosses.getData()
    assert x.tolist() == [4, 51, 52]
    assert window.voltages._detail.text() == "205/208 valid"


def test_keys_do_what_the_tooltips_say(qtbot, window, tank):
    tips = [action.toolTip() for action in window.toolbar.actions() if action.text()]
    assert [tip.split("[")[1] for tip in tips] == ["R]", "Space]", "S]", "A]"]
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE_MS)
    qtbot.keyClick(window, Qt.Key.Key_R)
    assert tank.references == 1
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.is_paused
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert not window.is_auto
    qtbot.keyClick(window, Qt.Key.Key_Q)
    assert not window.isVisible()


def test_a_paused_display_holds_the_picture_while_counters_go_on(window, tank):
    tank.put(rod_image(0.5, 0.5))
    window.tick()
    window.toolbar.pause.setChecked(True)
    tank.put(rod_image(-0.5, 0.5))
    window.tick()
    window.refresh_status(0.0)
    assert window.drawn == 1
    assert window.status.text("received") == "2"
    window.toolbar.pause.setChecked(False)
    window.tick()
    assert window.drawn == 2


def test_a_screenshot_is_saved_here_and_a_failure_is_told(window, tank, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    window.take_screenshot()
    (saved,) = tmp_path.glob("eit-rt-*.png")
    assert saved.read_bytes().startswith(b"\x89PNG")
    assert saved.name in window.status.state.whole
    window.take_screenshot(tmp_path / "absent" / "a.png")
    assert "cannot write the picture" in window.status.state.whole


def test_closing_stops_the_source_once(window, tank):
    window.close()
    window.close()
    assert tank.stops == 1


def test_an_error_of_the_source_stays_in_sight(qtbot, window, tank):
    tank.error, tank.is_running = "the disk is full", False
    with qtbot.waitSignal(window.finished, timeout=PATIENCE_MS):
        window.tick()
    assert "stopped" in window.status.state.whole
    assert window.status.alarm.text() == "the disk is full"
    assert window.status.alarm.isVisible()


def test_impedances_are_bars(qtbot, clock):
    tank = SyntheticTank(kind="impedance")
    window = ViewerWindow(tank, "test", paint_hz=0.01, clock=clock)
    qtbot.addWidget(window)
    tank.put([10.0, -20.0, 30.0])
    window.tick()
    assert window.picture._bars.opts["height"].tolist() == [10.0, -20.0, 30.0]
    assert window.picture.levels == (-30.0, 30.0)
    assert window.trace.trace.since(0.0)[1].tolist() == pytest.approx([20 / 3])


def bottom_of(window):
    return window.picture.plot.viewRange()[1][0]


def test_the_axis_of_impedances_goes_below_zero_as_far_as_they_do(qtbot, clock):
    tank = SyntheticTank(kind="impedance")
    window = ViewerWindow(tank, "test", paint_hz=0.01, clock=clock)
    qtbot.addWidget(window)
    tank.put([10.0, 20.0, 30.0])
    window.tick()
    assert -10 < bottom_of(window) < 0
    tank.put([10.0, -20.0, 30.0])
    window.tick()
    assert bottom_of(window) < -30


def test_true_impedances_stand_beside_the_estimated_ones(qtbot, clock):
    tank = SyntheticTank(kind="impedance")
    truth = {0: [1.0, 2.0, 3.0], 1: [6.0, 2.0, 1.0], 2: [1.0]}
    window = ViewerWindow(
        tank, "test", paint_hz=0.01, clock=clock, truth=lambda frame: np.array(truth[frame])
    )
    qtbot.addWidget(window)
    for frame in (0, 1):
        tank.put([1.5, 2.5, 2.0])
        window.tick()
        estimated, true = window.picture._bars.opts, window.picture._true_bars.opts
        assert estimated["height"].tolist() == [1.5, 2.5, 2.0]
        assert true["height"].tolist() == truth[frame]
        assert window.picture.levels[1] >= 3.0
        assert (estimated["x"] + estimated["width"] <= true["x"] + 1e-9).all()
        assert (true["x"] + true["width"] <= estimated["x"] + 1).all()
    tank.put([1.0, 2.0, 3.0, 4.0])
    window.tick()
    assert window.picture._bars.opts["height"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert len(window.picture._true_bars.opts["x"]) == 0


def test_thousands_of_pictures_leave_no_growth(window, tank):
    pictures = [rod_image(0.5, 0.1 * k) for k in range(5)]
    for k in range(50):
        tank.put(pictures[k % 5])
        window.tick()
    items, memory = len(window.picture.plot.scene().items()), window.trace.trace.nbytes
    for k in range(3000):
        tank.put(pictures[k % 5])
        window.tick()
    assert window.drawn == 3050
    assert len(window.picture.plot.scene().items()) == items
    assert window.trace.trace.nbytes == memory
    assert len(window.trace.trace) <= 64 + 60


@pytest.mark.parametrize(("frames_a_tick", "drawn"), [(33, 60), (1, 60), (0.25, 15)])
def test_paint_rate_has_nothing_to_do_with_data_rate(window, tank, frames_a_tick, drawn):
    """At most once a tick, and never twice what has been painted already."""
    picture, due = rod_image(0.5, 0.5), 0.0
    for tick in range(1, 61):
        while due + 1 <= tick * frames_a_tick:
            tank.put(picture)
            due += 1
        window.tick()
    assert due == 60 * frames_a_tick
    assert window.drawn == drawn


def test_the_window_ticks_by_itself_as_often_as_it_paints(qtbot, tank):
    window = ViewerWindow(tank, "test", paint_hz=30.0)
    qtbot.addWidget(window)
    window.show()
    assert not window._timer.isActive()
    window.watch()
    assert window._timer.isActive()
    assert window._timer.interval() == 33
    tank.play(100.0)
    qtbot.waitUntil(lambda: window.drawn >= 10, timeout=PATIENCE_MS)
    tank.stop()
