import os
import subprocess
import sys

import pytest

from eit_rt.errors import ConfigError
from eit_rt.viewer.screen import XCB_LIBRARIES, can_load, choose_mode, find_screen


def all_there(_library: str) -> bool:
    return True


def test_no_screen_variable_means_headless_with_one_line_that_says_so():
    mode = choose_mode("auto", {}, platform="linux", loads=all_there)
    assert not mode.is_window
    assert "DISPLAY" in mode.reason
    assert "WAYLAND_DISPLAY" in mode.reason
    assert "\n" not in mode.reason


def test_missing_qt_libraries_are_named_as_packages():
    absent = ("libxcb-icccm.so.4", "libxcb-keysyms.so.1")
    mode = choose_mode(
        "auto", {"DISPLAY": ":0"}, platform="linux", loads=lambda name: name not in absent
    )
    assert not mode.is_window
    assert "apt-get install -y libxcb-icccm4 libxcb-keysyms1`" in mode.reason


def test_a_library_that_every_window_needs_is_missed_before_the_screen_is_looked_for():
    mode = choose_mode("auto", {}, platform="linux", loads=lambda name: name != "libEGL.so.1")
    assert "libegl1" in mode.reason


def test_a_display_that_nobody_serves_is_headless_and_not_an_abort():
    if missing := [library for library in XCB_LIBRARIES if not can_load(library)]:
        pytest.skip(f"libraries of Qt's xcb platform are missing: {missing}")
    mode = choose_mode("auto", {"DISPLAY": ":987"}, platform="linux")
    assert not mode.is_window
    assert "DISPLAY=':987' does not answer" in mode.reason


def test_an_x_server_that_answers_is_a_window(x_display):
    assert choose_mode("auto", {"DISPLAY": x_display}, platform="linux").is_window
    assert find_screen({"DISPLAY": x_display}, platform="linux").qt_platform == "xcb"


def test_a_dead_wayland_falls_back_on_x(x_display, tmp_path):
    environ = {
        "WAYLAND_DISPLAY": "wayland-7",
        "XDG_RUNTIME_DIR": str(tmp_path),
        "DISPLAY": x_display,
    }
    assert find_screen(environ, platform="linux", loads=all_there).qt_platform == "xcb"


def test_a_dead_wayland_alone_is_headless(tmp_path):
    environ = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}
    mode = choose_mode("auto", environ, platform="linux", loads=all_there)
    assert not mode.is_window
    assert "wayland-7" in mode.reason


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_macos_and_windows_have_no_display_variable_and_a_window(platform):
    assert choose_mode("auto", {}, platform=platform, loads=lambda _name: False).is_window


def test_headless_on_request_needs_no_reason():
    mode = choose_mode("headless", {"DISPLAY": ":0"})
    assert (mode.kind, mode.reason) == ("headless", "")


def test_a_window_asked_for_where_none_can_open_is_an_error_with_advice():
    with pytest.raises(ConfigError, match=r"cannot open a window: .*DISPLAY.*--headless"):
        choose_mode("window", {}, platform="linux", loads=all_there)


def test_an_invisible_platform_is_headless_by_itself_and_a_window_on_request():
    environ = {"QT_QPA_PLATFORM": "offscreen"}
    mode = choose_mode("auto", environ, platform="linux", loads=all_there)
    assert "offscreen" in mode.reason
    assert choose_mode("window", environ, platform="linux", loads=all_there).is_window


def test_neither_the_door_nor_the_choice_imports_qt():
    code = (
        "import sys, eit_rt.viewer as v; v.choose_mode('auto', {});"
        "print([m for m in sys.modules if m.split('.')[0] in ('PySide6', 'pyqtgraph')])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert told.stdout.strip() == "[]"
