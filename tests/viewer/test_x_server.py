"""The real window on a real X server: a process of its own, since Qt takes one platform for life."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.viewer.conftest import rgb

SHOW = """
import json, sys
from pathlib import Path
from tests.viewer.tank import SyntheticTank
from eit_rt.viewer import choose_mode, run_viewer

class Tank(SyntheticTank):
    def count_drawn(self):
        super().count_drawn()
        if self.drawn == 1:
            print("drawn", flush=True)

mode = choose_mode("auto")
tank = Tank()
tank.end_when_drawn = int(sys.argv[1])
path = Path(sys.argv[2]) if len(sys.argv) > 2 else None
code = run_viewer(
    tank.play(100), "test", max_seconds=90, close_when_finished=True, screenshot=path
)
from PySide6.QtGui import QGuiApplication
print(json.dumps({
    "mode": mode.kind, "platform": QGuiApplication.platformName(), "drawn": tank.drawn,
    "is_running": tank.is_running,
}))
sys.exit(code)
"""


@pytest.fixture
def show(x_display):
    """Start the window in a process; returns the process."""
    environ = {
        k: v for k, v in os.environ.items() if k not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")
    }
    started = []

    def start(*words) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", SHOW, *map(str, words)],
            env=environ | {"DISPLAY": x_display},
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_the_window_opens_paints_and_closes_on_an_x_server(show, tmp_path):
    path = tmp_path / "window.png"
    process = show(30, path)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    told = json.loads(out.splitlines()[-1])
    assert (told["mode"], told["platform"], told["is_running"]) == ("window", "xcb", False)
    assert told["drawn"] >= 30
    red, green, blue = rgb(QImage(str(path))).transpose(2, 0, 1)
    assert ((red - green > 60) & (red - blue > 60)).sum() > 500, "the red rod is on the picture"
    assert ((green - red > 80) & (green - blue > 60)).sum() > 100, "electrode 1 is on the picture"


def test_ctrl_c_in_the_terminal_ends_it_in_good_order(show):
    process = show(1_000_000)
    assert process.stdout.readline() == "drawn\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=80)
    assert process.returncode == 130, err
    assert json.loads(out.splitlines()[-1])["is_running"] is False
    assert "Traceback" not in err
