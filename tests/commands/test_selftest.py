"""`eit-rt selftest` on boards through a pseudo-terminal, and on recordings of boards that are wired wrongly."""

import json

import numpy as np
import pytest

from eit_rt.cli import main
from eit_rt.pattern import Pattern
from eit_rt.recording import About, Recorder
from eit_rt.simulation import Scenario
from tests.selftest.tank import IMPEDANCE, LAYOUT, frames_of
from tests.simulation.served import served

PNG = b"\x89PNG\r\n\x1a\n"


def recorded(path, values, pattern):
    with Recorder(path, About(pattern, LAYOUT, rate_hz=20.0, unit="V")) as recorder:
        for frame in frames_of(values):
            recorder.write(frame)
    return str(path)


def test_a_sound_board_passes_with_table_picture_and_report(tmp_path, capsys):
    report, picture = tmp_path / "s.json", tmp_path / "s.png"
    with served(Scenario.load("empty").changed(rate_hz=200)) as server:
        args = ["selftest", "--port", server.url, "--frames", "60"]
        assert main([*args, "--report", str(report), "--picture", str(picture)]) == 0
    out = capsys.readouterr().out
    assert "order        good" in out
    assert "in all: " in out
    plain = json.loads(report.read_text())
    assert plain["frames"] == 60
    assert plain["arrangement"]["mistakes"] == []
    assert picture.read_bytes().startswith(PNG)


def test_driven_electrodes_show_a_poor_contact(capsys):
    scenario = Scenario.load("empty").changed(
        rate_hz=200,
        pattern="adjacent-all",
        contact={"per_electrode": {5: 0.05}},
        adc={"bits": 24, "full_scale_v": 0.5},
    )
    with served(scenario) as server:
        main(["selftest", "--port", server.url, "--frames", "40"])
    out = capsys.readouterr().out
    line = next(line for line in out.splitlines() if line.startswith("contacts"))
    assert "unlike the rest: 5" in line


def test_a_wrong_order_ends_with_an_exit_code_and_the_mistakes_name(tmp_path, capsys):
    values = Pattern.by_name("adjacent-rotated", 16).voltages(IMPEDANCE)
    path = recorded(tmp_path / "r.mcap", values, Pattern.by_name("adjacent", 16))
    assert main(["selftest", "--driver", "replay", "--port", path, "--json"]) == 1
    plain = json.loads(capsys.readouterr().out)
    assert plain["grade"] == "bad"
    assert plain["arrangement"]["mistakes"] == ["rotated order"]


def test_too_few_frames_are_an_error_that_says_so(tmp_path, capsys):
    values = Pattern.by_name("adjacent", 16).voltages(IMPEDANCE)
    path = tmp_path / "r.mcap"
    with Recorder(path, About(Pattern.by_name("adjacent", 16), LAYOUT)) as recorder:
        for frame in frames_of(values, n=4):
            recorder.write(frame)
    args = ["selftest", "--driver", "replay", "--port", str(path), "--timeout", "0.3"]
    assert main(args) == 3
    assert "4 frames came" in capsys.readouterr().err


def test_the_picture_shows_verdicts_in_their_colours(tmp_path):
    values = Pattern.by_name("adjacent-rotated", 16).voltages(IMPEDANCE)
    path = recorded(tmp_path / "r.mcap", values, Pattern.by_name("adjacent", 16))
    picture = tmp_path / "s.png"
    args = ["selftest", "--driver", "replay", "--port", path, "--picture", str(picture)]
    assert main(args) == 1
    QtGui = pytest.importorskip("PySide6.QtGui")
    image = QtGui.QImage(str(picture)).convertToFormat(QtGui.QImage.Format.Format_RGB888)
    raw = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), -1)
    pixels = raw[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)

    def count(colour):
        wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        return int((pixels == wanted).all(axis=2).sum())

    assert count("#c62828") > 20  # the word "bad"
    assert count("#1f9d55") > 20  # the word "good"
    assert count("#1f5fa8") > 200  # the measured values
