import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from eit_rt.calibration import Calibration
from eit_rt.frames import Frame
from tests.calibration.conftest import profile

RATE_HZ = 50
TAU_S = 2.0


def frame(values, number):
    return Frame(np.array(values, dtype=np.float32), number, int(number * 1e9 / RATE_HZ), 0)


def followed(stream, volts, scales, **fields):
    """dv of measurement 0 for frames scaled like this."""
    drift = {"time_constant_s": TAU_S, "still_below": 0.01}
    calibration = Calibration(profile(reference=volts.tolist(), drift=drift, **fields), stream)
    return calibration, np.array(
        [calibration.apply(frame(volts * s, n)).dv[0] for n, s in enumerate(scales)]
    )


def test_a_small_step_dies_away_with_the_time_constant(stream, volts):
    _, dv = followed(stream, volts, [1.0] + [1.005] * 500)
    n = np.arange(500)
    expected = 0.005 * np.exp(-n / (RATE_HZ * TAU_S))
    assert_allclose(dv[1:], expected, rtol=0.02, atol=1e-6)


def test_slow_drift_leaves_a_lag_of_rate_times_time_constant(stream, volts):
    t = np.arange(2000) / RATE_HZ
    _, dv = followed(stream, volts, 1 + 0.002 * t)
    assert abs(dv[-1] - 0.002 * TAU_S / (1 + 0.002 * t[-1])) < 1e-4


def test_an_object_holds_the_reference_where_it_is(stream, volts):
    calibration, dv = followed(stream, volts, [1.0] * 3 + [1.05] * 500)
    assert_allclose(dv[3:], 0.05, atol=1e-6)
    assert_allclose(calibration.reference, volts, rtol=1e-6)


def test_masked_measurements_stay_masked_and_unmoved(stream, volts):
    calibration, _ = followed(stream, volts, [1.0] + [1.005] * 50, excluded_measurements=[8])
    assert calibration.apply(frame(volts, 60)).valid[7] == 0
    assert_array_equal(np.flatnonzero(calibration.apply(frame(volts, 61)).valid == 0), [7])


def test_a_clock_that_jumps_moves_nothing(stream, volts):
    calibration, _ = followed(stream, volts, [1.0])
    for number in (10_000, 5):  # a pause of 200 s; a reboot
        calibration.apply(frame(volts * 1.005, number))
    assert_allclose(calibration.reference, volts, rtol=1e-6)


def test_a_new_reference_is_not_mixed_with_the_old_one(stream, volts):
    calibration, _ = followed(stream, volts, [1.0] + [1.005] * 100)
    calibration.use_reference(2 * volts)
    calibration.apply(frame(volts * 2, 200))
    assert_allclose(calibration.apply(frame(volts * 2, 201)).dv, 0, atol=1e-6)


def test_plain_differences_follow_too(stream, volts):
    calibration, _ = followed(stream, volts, [1.0] + [1.005] * 3000, difference="plain", gain=2.0)
    assert_allclose(calibration.reference, volts * 1.005, rtol=1e-5)
