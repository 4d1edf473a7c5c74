"""`eit-rt simulate` in one process and `live`, `record`, `replay`, `reconstruct` in others, as users run them."""

import json
import subprocess
import sys

import numpy as np
import pytest

from eit_rt.simulation import Scenario, SimulatorProcess
from eit_rt.simulation.witness import half_maximum_centre

RATE_HZ = 100


def eit_rt(folder, *words):
    done = subprocess.run(
        [sys.executable, "-m", "eit_rt", *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def turn(tmp_path_factory):
    """One turn of the rod, live, recorded and reported. Gives the folder."""
    folder = tmp_path_factory.mktemp("turn")
    frames = round((Scenario.load("rod").objects[0].motion.period_s + 1) * RATE_HZ)
    with SimulatorProcess("rod", "pty", "--rate", str(RATE_HZ)) as simulator:
        words = ("--headless", "--frames", frames, "--record", "turn.mcap", "--report", "turn.json")
        eit_rt(folder, "live", "--port", simulator.url, *words)
    eit_rt(folder, "reconstruct", "turn.mcap", "-o", "turn.npz")
    return folder


def test_report_has_every_stage_and_latency(turn):
    report = json.loads((turn / "turn.json").read_text())
    assert report["received"] == report["recorded"] == 11 * RATE_HZ
    assert report["bad"] == 0
    assert report["lost"] == 0
    assert report["imaged"] + report["dropped"] == report["received"] - 19
    assert (
        0
        < report["latency_ms"]["p50"]
        <= report["latency_ms"]["p99"]
        <= report["latency_ms"]["max"]
    )


def test_a_driver_without_a_baud_rate_can_be_used(turn):
    """As plug-ins may be; here the driver that plays recordings."""
    words = ("--driver", "replay", "--port", "turn.mcap", "--headless", "--frames", 5)
    assert "5 received" in eit_rt(turn, "live", *words)


def test_object_follows_the_rod_over_a_turn(turn):
    scenario = Scenario.load("rod").changed(rate_hz=float(RATE_HZ))
    errors = []
    with np.load(turn / "turn.npz") as album:
        for picture, number in zip(album["images"], album["frame"], strict=True):
            for rod in scenario.objects_at(number / RATE_HZ):
                x, y = half_maximum_centre(-picture, tuple(album["extent"]))
                errors.append(np.hypot(x - rod.x, y - rod.y))
    assert len(errors) == 10 * RATE_HZ
    assert np.mean(errors) < 0.08


def test_album_has_what_the_documentation_says(turn):
    with np.load(turn / "turn.npz") as album:
        n = 11 * RATE_HZ
        assert album["images"].shape == (n, 64, 64)
        assert album["images"].dtype == np.float32
        outside = np.isnan(album["images"][0])
        assert outside[0, 0]
        assert not outside[32, 32]
        assert album["extent"].tolist() == [-1, 1, -1, 1]
        np.testing.assert_allclose(np.diff(album["time_s"]), 1 / RATE_HZ, rtol=0.02)
        assert album["valid_fraction"].min() == 1


@pytest.mark.parametrize(
    ("options", "frames"), [(("--from-frame", 1000), 100), (("--from-time", "10.5"), 50)]
)
def test_replay_begins_where_it_is_told(turn, options, frames):
    eit_rt(
        turn,
        "replay",
        "turn.mcap",
        "--speed",
        "max",
        "--headless",
        "--report",
        "replay.json",
        *options,
    )
    report = json.loads((turn / "replay.json").read_text())
    assert report["received"] == pytest.approx(frames, abs=2)
    assert report["dropped"] == 0


def test_replay_keeps_the_recorded_pace_times_its_speed(turn):
    eit_rt(turn, "replay", "turn.mcap", "--speed", "10", "--headless", "--report", "fast.json")
    report = json.loads((turn / "fast.json").read_text())
    assert report["received"] == 11 * RATE_HZ
    assert 1.0 < report["duration_s"] < 8.0, (
        "eleven seconds, ten times as fast, on a machine that may be busy"
    )


def test_record_alone_makes_no_pictures(tmp_path):
    with SimulatorProcess("empty") as simulator:
        eit_rt(
            tmp_path,
            "record",
            "--port",
            simulator.url,
            "--frames",
            20,
            "-o",
            "r.mcap",
            "--report",
            "r.json",
        )
    report = json.loads((tmp_path / "r.json").read_text())
    assert (report["received"], report["recorded"], report["imaged"], report["dropped"]) == (
        20,
        20,
        0,
        0,
    )
