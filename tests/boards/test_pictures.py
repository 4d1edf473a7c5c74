"""The picture shows the object where it is, through the bytes of every emulated board: order, sign and orientation."""

import numpy as np
import pytest

from eit_rt.boards import open_board
from eit_rt.calibration import Calibration
from eit_rt.pipeline import Imager, Pipeline
from eit_rt.reconstruction import Reconstructor
from eit_rt.simulation.witness import half_maximum_centre
from tests.boards.emulated import CLEAN, emulated

MODELS = {"openeit": "opposite16-mlp", "cn0565": "adjacent16-mlp", "sciospec": "adjacent16-mlp"}
COMES_S = 8.0
"""The tank is empty before: the first frames are the reference."""
PATIENCE_S = 60.0


@pytest.mark.slow
@pytest.mark.parametrize(("x", "y"), [(0.5, 0.2), (-0.1, -0.6)])
@pytest.mark.parametrize("board", MODELS)
def test_an_object_is_where_it_was_put(board, x, y):
    thing = {
        "name": "rod",
        "shape": "disc",
        "radius": 0.15,
        "conductivity_ratio": 0.1,
        "motion": {"kind": "still", "at": [x, y]},
        "presence": {"from_s": COMES_S},
    }
    centres = []

    def look(image):
        if np.nanmin(image.values) < -0.3:
            centres.append(half_maximum_centre(-image.values, (-1.0, 1.0, -1.0, 1.0)))
        if len(centres) >= 10:
            pipeline.request_stop()

    with (
        emulated(board, rate_hz=40, changes={"objects": [thing]}, **CLEAN) as server,
        open_board(board, server.url) as opened,
    ):
        stream = opened.configure()
        imager = Imager(stream, Calibration(None, stream), Reconstructor.load(MODELS[board]))
        pipeline = Pipeline(opened, imager, max_frames=2000, on_image=look)
        pipeline.start()
        assert pipeline.wait(PATIENCE_S)
        pipeline.stop()
    assert len(centres) >= 10
    assert np.hypot(*(np.mean(centres[2:], axis=0) - (x, y))) < 0.1
