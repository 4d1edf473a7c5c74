"""The witness against pictures whose error is known."""

import numpy as np
import pytest

from eit_rt.frames import Difference, Frame, Image
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.witness import ImpedanceWitness, Witness, half_maximum_centre

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
    assert witness.words == ""


class TestImpedances:
    def witness(self):
        scenario = Scenario.load("ten-impedances")
        return scenario, ImpedanceWitness(scenario)

    def test_the_right_ones_have_no_error(self):
        scenario, witness = self.witness()
        for sequence in range(100, 400, 50):
            witness.see(image(np.float32(scenario.impedances_at(sequence / 50)), sequence))
        assert witness.count == 6
        assert witness.mean_relative_error == pytest.approx(0.0, abs=1e-6)
        assert witness.correlation == pytest.approx(1.0)
        assert "relative error of 0.000" in witness.words

    def test_error_and_correlation_are_those_of_all_frames(self):
        scenario, witness = self.witness()
        random, seen, true = np.random.default_rng(1), [], []
        for sequence in range(100, 400, 10):
            true.append(scenario.impedances_at(sequence / scenario.rate))
            seen.append((true[-1] + random.normal(0, 0.5, 10)).astype(np.float32))
            witness.see(image(seen[-1], sequence))
        sizes = np.linalg.norm(true, axis=1)
        errors = np.linalg.norm(np.subtract(seen, true), axis=1) / sizes
        assert witness.mean_relative_error == pytest.approx(errors.mean(), rel=1e-6)
        expected = np.corrcoef(np.ravel(seen), np.ravel(true))[0, 1]
        assert witness.correlation == pytest.approx(expected, rel=1e-6)

    @pytest.mark.parametrize(("values", "sequence"), [(np.ones(10), 10), (np.ones(9), 100)])
    def test_an_empty_tank_and_another_number_are_not_judged(self, values, sequence):
        _, witness = self.witness()
        witness.see(image(values.astype(np.float32), sequence))
        assert (witness.count, witness.words) == (0, "")
