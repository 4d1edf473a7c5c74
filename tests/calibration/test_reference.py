import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from eit_rt.calibration import ReferenceCollector, fit_reference
from eit_rt.calibration.reference import median
from eit_rt.errors import ConfigError
from eit_rt.frames import Frame
from tests.calibration.conftest import frames_of, noisy


def test_reference_is_the_median_and_spread_the_standard_deviation(volts):
    fitted = fit_reference(frames_of(noisy(volts, 400, 1e-3)))
    assert_allclose(fitted.values, volts, rtol=4e-4)  # 6 sigma of a median of 400
    assert_allclose(np.median(fitted.spread / np.abs(volts)), 1e-3, rtol=0.05)
    assert fitted.used.all()


def test_values_rounded_by_a_converter_give_a_reference_finer_than_its_step():
    step = 3e-7
    rng = np.random.default_rng(5)
    exact = rng.uniform(-100, 100, 208) * step
    rounded = np.rint((exact + 0.4 * step * rng.standard_normal((400, 208))) / step) * step
    fitted = fit_reference(rounded)
    error = np.std(fitted.values - exact) / step
    assert error < 0.08  # 0.03 by chance: 1.25 x 0.49 / sqrt(400)
    assert np.std(np.median(rounded, axis=0) - exact) / step > 0.25
    # Rounding adds a variance of step^2 / 12 to the noise.
    assert_allclose(fitted.spread / step, np.hypot(0.4, 12**-0.5), rtol=0.15)


def test_a_few_wild_values_do_not_widen_the_spread(volts):
    values = noisy(volts, 60, 1e-3)
    values[::7] += 10 * np.abs(volts) * (np.arange(208) % 10 == 3)
    spread = fit_reference(values).spread / np.abs(volts)
    assert spread.max() < 3e-3


def test_a_frame_unlike_the_others_is_not_used(volts):
    values = noisy(volts, 20, 1e-3)
    values[4] *= 1.2  # someone touched the tank
    values[11, ::2] += 0.5 * np.abs(volts[::2])
    values[11, 1::2] -= 0.5 * np.abs(volts[1::2])
    fitted = fit_reference(values)
    assert_array_equal(np.flatnonzero(~fitted.used), [4, 11])
    assert_allclose(fitted.values, np.median(np.delete(values, [4, 11], axis=0), axis=0))


def test_common_flicker_of_the_gain_is_no_outlier(volts):
    rng = np.random.default_rng(3)
    scale = 1 + 0.01 * rng.standard_normal((100, 1))
    assert fit_reference(noisy(volts, 100, 1e-4) * scale).used.all()


def test_identical_frames_with_a_changed_last_digit_are_all_used(volts):
    values = np.tile(volts.astype(np.float32), (10, 1))
    values[3] = np.nextafter(values[3], np.inf)
    assert fit_reference(values).used.all()


def test_frames_with_less_than_half_of_their_values_are_not_used(volts):
    values = noisy(volts, 8, 1e-3)
    values[2, :105] = np.nan
    values[5, :103] = np.inf
    fitted = fit_reference(values)
    assert_array_equal(np.flatnonzero(~fitted.used), [2])
    assert np.isfinite(fitted.values).all()


def test_a_measurement_that_is_always_missing_stays_missing(volts):
    values = noisy(volts, 8, 1e-3)
    values[:, 7] = np.nan
    fitted = fit_reference(values)
    assert np.isnan(fitted.values[7])
    assert np.isnan(fitted.spread[7])
    assert np.isfinite(np.delete(fitted.values, 7)).all()


def test_complex_median_takes_each_part_by_itself():
    values = np.array([[1 + 9j], [2 + 7j], [3 + 8j]])
    assert median(values)[0] == 2 + 8j


def test_one_frame_is_a_reference_of_unknown_spread(volts):
    fitted = fit_reference(frames_of([volts]))
    assert_allclose(fitted.values, volts, rtol=1e-6)
    assert np.isnan(fitted.spread).all()


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([], "one or more frames"),
        ([np.ones(3), np.ones(4)], "frames of one size"),
        ([np.full(208, np.nan)] * 3, "none of 3 frames"),
    ],
)
def test_useless_frames_are_refused(frames, message):
    with pytest.raises(ConfigError, match=message):
        fit_reference(frames)


def frame(values, status=0):
    return Frame(np.array(values, dtype=np.float32), 0, 0, 0, status=status)


def test_collector_takes_the_first_good_frames_and_no_more(volts):
    collector = ReferenceCollector(3)
    broken = np.where(np.arange(208) < 150, np.nan, volts)
    taken = [collector.add(frame(v)) for v in (volts, broken, 2 * volts, 3 * volts, 4 * volts)]
    assert taken == [False, False, False, True, True]
    assert [round(float(f.values[0] / volts[0])) for f in collector.frames] == [1, 2, 3]
    collector.clear()
    assert not collector.is_complete


def test_collector_passes_flagged_frames_over_unless_all_are(volts):
    collector = ReferenceCollector(2)
    for status in (8, 0, 1, 0):
        collector.add(frame(volts, status))
    assert [f.status for f in collector.frames] == [0, 0]
    always = ReferenceCollector(2)
    needed = 1
    while not always.add(frame(volts, 2)):
        needed += 1
    assert needed == 4  # two in vain, then two


def test_collector_of_no_frames_is_refused():
    with pytest.raises(ConfigError, match="0 frames"):
        ReferenceCollector(0)
