import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from eit_rt.calibration.reciprocity import (
    reciprocity_error,
    reciprocity_weight,
    relative_reciprocity_error,
    removal_weight,
)
from eit_rt.errors import ConfigError
from eit_rt.pattern import Pattern
from tests.calibration.conftest import disc_voltages


@pytest.fixture
def faulty(golden):
    with np.load(golden / "elec_errors_c2c2.npz") as file:
        return dict(file)


def test_reciprocal_measurements_are_eidors(faulty, adjacent):
    assert_array_equal(adjacent.reciprocal, faulty["reciprocity_idx"])


@pytest.mark.parametrize(
    ("tau", "name"),
    [(2.5e-6, "2p5em06"), (1e-4, "0p0001"), (3e-4, "0p0003"), (3e-2, "0p03")],
)
def test_weights_are_those_of_eidors_calc_reciproc_error(faulty, adjacent, tau, name):
    expected = faulty[f"icov_recip_tau_{name}"]
    assert expected.min() < 0.999  # the case says something
    assert_allclose(reciprocity_weight(faulty["bad_v"], adjacent, tau), expected, atol=1e-9)


@pytest.mark.parametrize(
    ("electrodes", "snr", "name"),
    [([5], np.inf, "icov_rm5"), ([5, 13], np.inf, "icov_rm5_13"), ([5], 100, "icov_rm5_snr100")],
)
def test_removal_weights_are_those_of_eidors_meas_icov_rm_elecs(
    faulty, adjacent, electrodes, snr, name
):
    assert_allclose(removal_weight(adjacent, electrodes, snr), faulty[name], atol=1e-9)


NAMES = ["adjacent", "opposite", "skip4", "skip2/skip4", "adjacent-all", "adjacent-rotated"]


@pytest.mark.parametrize("name", NAMES)
def test_a_passive_tank_is_reciprocal_in_every_pattern_and_sign(name):
    pattern = Pattern.by_name(name, 16)
    volts = disc_voltages(pattern)
    error = reciprocity_error(volts, pattern)
    assert_array_equal(np.isnan(error), pattern.reciprocal < 0)
    assert np.nanmax(np.append(error, 0)) < 1e-12
    relative = relative_reciprocity_error(np.abs(volts), pattern, signed=False)
    usable = np.abs(volts) > 1e-9
    assert np.nanmax(np.append(relative[usable], 0)) < 1e-9


def test_several_frames_weigh_by_their_size(adjacent, volts):
    frames = np.stack([volts, 3 * volts])
    frames[1, 6] *= 1.1  # a small value: the largest of the frame stays what it is
    d = (volts.max() * frames[0] + 3 * volts.max() * frames[1]) / (10 * volts.max() ** 2)
    assert_allclose(
        reciprocity_error(frames, adjacent), np.abs(d - d[adjacent.reciprocal]), atol=1e-12
    )


def test_missing_values_leave_the_rest_known(adjacent, volts):
    volts[20] = np.nan
    error = reciprocity_error(volts, adjacent)
    assert_array_equal(np.flatnonzero(np.isnan(error)), sorted([20, adjacent.reciprocal[20]]))
    assert_array_equal(reciprocity_weight(volts, adjacent)[[20]], [1.0])


def test_wrong_arguments_are_told(adjacent, volts):
    with pytest.raises(ConfigError, match="electrode 17 does not exist"):
        removal_weight(adjacent, [17])
    with pytest.raises(ConfigError, match="electrode 0 does not exist"):
        removal_weight(adjacent, [0])
    with pytest.raises(ConfigError, match="tau is 0"):
        reciprocity_weight(volts, adjacent, 0)
    with pytest.raises(ConfigError, match="208"):
        reciprocity_error(volts[:-1], adjacent)
