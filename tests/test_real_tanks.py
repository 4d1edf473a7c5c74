"""Measured tanks go the whole way and come out with the object where it was.

Import, then three ways to pictures that must agree: offline, replay, and a pseudo-terminal that serves the recording.
"""

import numpy as np
import pytest

from eit_rt.boards import ReplayBoard, open_board
from eit_rt.calibration import Calibration
from eit_rt.cli import main
from eit_rt.pipeline import Imager, Pipeline
from eit_rt.pipeline.album import make_album
from eit_rt.reconstruction import Reconstructor
from eit_rt.recording import Recording
from eit_rt.simulation import Scenario
from eit_rt.simulation.witness import half_maximum_centre
from tests.simulation.served import served

EXTENT = (-1.0, 1.0, -1.0, 1.0)


def imported(shared, tmp_path, name):
    source, path = shared / "real_data" / f"{name}.npz", tmp_path / f"{name}.mcap"
    if not source.is_file():
        pytest.skip(f"{source} is not there")
    assert main(["import", str(source), "-o", str(path)]) == 0
    return Recording.open(path)


def imager(stream, recording, model):
    calibration = Calibration(None, stream)
    calibration.use_reference(recording.about.reference)
    return Imager(stream, calibration, Reconstructor.load(model))


def pictures(board, recording, model, n_frames):
    """Pictures by frame number, through the live pipeline."""
    seen = {}
    pipeline = Pipeline(
        board,
        imager(board.stream, recording, model),
        every_frame=True,
        max_frames=n_frames,
        on_image=lambda image: seen.update({image.frame.sequence: image.values}),
    )
    pipeline.start()
    assert pipeline.wait(60)
    pipeline.stop()
    counters = pipeline.counters()
    assert (counters["received"], counters["bad"], counters["lost"]) == (n_frames, 0, 0)
    return np.array([seen[number] for number in sorted(seen)])


def over_a_terminal(recording, model, rate_hz=100.0):
    """Through a real pseudo-terminal: the simulated board plays the recording."""
    scenario = Scenario.load("playback").changed(
        playback={"recording": str(recording.path)}, rate_hz=rate_hz
    )
    with served(scenario) as server, open_board("eitp", server.url) as board:
        board.configure()
        return pictures(board, recording, model, len(recording))


def replayed(recording, model):
    with Recording.open(recording.path) as again, ReplayBoard(again, float("inf")) as board:
        board.configure()
        return pictures(board, recording, model, len(recording))


def angle_travelled_deg(images):
    """Of the resistive object from the first picture to the last, counter-clockwise positive."""
    centres = np.array([half_maximum_centre(-image, EXTENT) for image in images])
    angles = np.unwrap(np.arctan2(centres[:, 1], centres[:, 0]))
    return float(np.rad2deg(angles[-1] - angles[0]))


@pytest.mark.parametrize("model", ["adjacent16-gn", "adjacent16-greit"])
def test_rotating_rod_is_followed_and_every_way_gives_the_same_pictures(shared, tmp_path, model):
    with imported(shared, tmp_path, "iirc_2006") as recording:
        album = make_album(recording, imager(recording.about.stream, recording, model), 20)
        assert angle_travelled_deg(album.images) == pytest.approx(-1008, abs=5)
        np.testing.assert_array_equal(replayed(recording, model), album.images)
        np.testing.assert_array_equal(over_a_terminal(recording, model), album.images)


def test_ball_in_a_pail_is_found_by_greit_whichever_way_its_frames_come(shared, tmp_path):
    model = "adjacent16-greit"
    with imported(shared, tmp_path, "ottawa_pail_2005A") as recording:
        album = make_album(recording, imager(recording.about.stream, recording, model), 20)
        x, y = half_maximum_centre(-album.images[1], EXTENT)
        assert np.hypot(x - 0.467, y) < 0.10
        np.testing.assert_array_equal(replayed(recording, model), album.images)
        np.testing.assert_array_equal(over_a_terminal(recording, model), album.images)
