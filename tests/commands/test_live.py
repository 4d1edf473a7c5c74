"""`live`, `record`, `replay`, `reconstruct` as users run them, on a simulated board behind a real port."""

import json
import subprocess
import sys

import numpy as np
import pytest

from eit_rt.frames import Frame
from eit_rt.pattern import Pattern
from eit_rt.recording import About, Recorder, Recording
from eit_rt.simulation import Scenario, SimulatorProcess
from eit_rt.simulation.witness import half_maximum_centre
from tests.simulation.served import served

RATE_HZ = 50


def eit_rt(folder, *words):
    done = subprocess.run(
        [sys.executable, "-m", "eit_rt", *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def turn(tmp_path_factory):
    """One turn of the rod, live, recorded and reported. Gives the folder."""
    folder = tmp_path_factory.mktemp("turn")
    rod = Scenario.load("rod").changed(rate_hz=float(RATE_HZ))
    frames = round((rod.objects[0].motion.period_s + 1) * RATE_HZ)
    with served(rod) as server:
        words = ("--headless", "--frames", frames, "--record", "turn.mcap", "--report", "turn.json")
        eit_rt(folder, "live", "--port", server.url, *words)
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


def test_headless_tells_what_a_window_would(tmp_path):
    """The model that fits, what the reference leaves out, that there is no screenshot."""
    clipping = Scenario.load("rod").changed(rate_hz=float(RATE_HZ), adc={"full_scale_v": 0.01})
    words = ["--headless", "--frames", "60", "--pattern", "opposite", "--screenshot", "w.png"]
    with served(clipping) as server:
        done = subprocess.run(
            [sys.executable, "-m", "eit_rt", "live", "--port", server.url, *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=250,
            check=True,
        )
    assert "model opposite16-mlp, which fits the pattern" in done.stderr
    assert "of 192 measurements are left out, being clipped" in done.stderr
    assert "no window, so no screenshot: w.png is not written" in done.stderr
    assert done.stderr.count("reference taken") == 1


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


@pytest.fixture(scope="module")
def moments_s(turn):
    """When the frames came; a busy machine takes more than eleven seconds for them."""
    with Recording.open(turn / "turn.mcap") as recording:
        stamps = np.array([frame.t_host_ns for frame in recording.frames()])
    return (stamps - stamps[0]) / 1e9


@pytest.mark.parametrize("options", [("--from-frame", 500), ("--from-time", "10.5")])
def test_replay_begins_where_it_is_told(turn, moments_s, options):
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
    frames = 50 if "--from-frame" in options else (moments_s >= 10.5).sum()
    assert report["received"] == pytest.approx(frames, abs=2)
    assert report["dropped"] == 0


def test_replay_keeps_the_recorded_pace_times_its_speed(tmp_path):
    """A recording of 150 seconds. How exact the pace is, tests of the board tell."""
    values = np.linspace(1, 2, 208, dtype=np.float32)
    with Recorder(tmp_path / "slow.mcap", About(Pattern.by_name("adjacent", 16))) as recorder:
        for k in range(16):
            recorder.write(Frame(values.copy(), k, k * 10**10, k * 10**10))
    words = ("--speed", "100", "--headless", "--report", "fast.json")
    eit_rt(tmp_path, "replay", "slow.mcap", *words)
    report = json.loads((tmp_path / "fast.json").read_text())
    assert report["received"] == 16
    assert 1.5 <= report["duration_s"] < 100


def test_record_alone_makes_no_pictures_of_a_board_in_a_process_of_its_own(tmp_path):
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
