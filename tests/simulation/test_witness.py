"""The witness against pictures whose error is known."""

import numpy as np
import pytest

from eit_rt.frames import Difference, Frame, Image
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.witness import Witness, half_maximum_centre

EXTENT = (-1.0, 1.0, -1.0, 1.0)


def picture(x0, y0, sign):
    y, x = np.mgrid[0:64, 0:64]
    x, y = (x + 0.5) / 32 - 1, 1 - (y + 0.5) / 32
    values = sign * np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / 0.05)
    values[x**2 + y**2 > 1] = np.nan
    return values.astype(np.float32)


def image(values, sequence):
    empty = np.zeros(1, dtype=np.float32)
    return Image(values, Frame(empty.copy(), sequence, 0, 0), Difference(empty, empty), 0)


@pytest.mark.parametrize(("x", "y"), [(0.5, 0.25), (-0.4, 0.0), (0.0, -0.6)])
def test_centre_of_a_round_spot_is_its_centre(x, y):
    assert half_maximum_centre(picture(x, y, 1), EXTENT) == pytest.approx((x, y), abs=0.02)


def test_error_is_the_distance_between_picture_and_truth():
    scenario = Scenario.load("rod")
    witness = Witness(scenario, EXTENT)
    sequence = round(2 * scenario.rate)
    (rod,) = scenario.objects_at(2.0)
    witness.see(image(picture(rod.x + 0.1, rod.y, -1), sequence))
    assert witness.mean_centre_error == pytest.approx(0.1, abs=0.02)


def test_an_empty_tank_is_not_judged():
    witness = Witness(Scenario.load("rod"), EXTENT)
    witness.see(image(picture(0.5, 0, -1), 0))
    assert witness.mean_centre_error is None
