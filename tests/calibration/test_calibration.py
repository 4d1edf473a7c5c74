import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from eit_rt.calibration import Calibration
from eit_rt.calibration.calibration import is_near_zero
from eit_rt.errors import ConfigError, MismatchError
from eit_rt.frames import Frame, Stream, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from tests.calibration.conftest import frames_of, noisy, profile


def frame(values, dtype=np.float32):
    return Frame(np.array(values, dtype=dtype), 0, 0, 0)


def test_normalised_difference_is_the_relative_change(stream, volts):
    calibration = Calibration(profile(reference=volts.tolist()), stream)
    change = np.linspace(-0.3, 0.4, 208)
    difference = calibration.apply(frame(volts * (1 + change)))
    assert_allclose(difference.dv, change, atol=2e-7)
    assert_array_equal(difference.valid, 1)


def test_normalised_difference_ignores_gain_and_polarity_and_removes_offset(stream, volts):
    calibration = Calibration(
        profile(reference=(-3 * volts + 0.2).tolist(), offset=0.2, gain=7.0), stream
    )
    difference = calibration.apply(frame(-3 * volts * 1.01 + 0.2))
    assert_allclose(difference.dv, 0.01, atol=2e-6)


def test_plain_difference_is_scaled_by_the_gain_of_each_measurement(stream, volts):
    gain = np.linspace(0.5, 2, 208)
    calibration = Calibration(
        profile(reference=volts.tolist(), difference="plain", gain=gain.tolist()), stream
    )
    assert_allclose(calibration.apply(frame(volts + 0.01)).dv, gain * 0.01, rtol=1e-5)


def test_single_precision_of_the_frame_is_kept(stream, volts):
    """A change of 1e-6 at 100 dB is resolved as well as float32 frames hold it (6e-8 relative)."""
    exact = volts.astype(np.float32).astype(np.float64)
    calibration = Calibration(profile(reference=exact.tolist()), stream)
    changed = (exact * (1 + 1e-6)).astype(np.float32)
    expected = changed.astype(np.float64) / exact - 1
    assert_allclose(calibration.apply(frame(changed)).dv, expected, rtol=1e-6, atol=1e-12)


BROKEN_VALUES = [
    ("missing", np.nan),
    ("infinite", np.inf),
    ("minus infinite", -np.inf),
    ("saturated", 5.0),
    ("saturated, negative", -5.5),
    ("beyond single precision once scaled", 3e38),
]


@pytest.mark.parametrize(("what", "value"), BROKEN_VALUES, ids=[name for name, _ in BROKEN_VALUES])
def test_a_value_that_cannot_be_right_is_nan_and_not_valid(stream, volts, what, value):
    calibration = Calibration(
        profile(reference=volts.tolist()), replace(stream, saturation=5.0 if value < 10 else None)
    )
    values = volts.copy()
    values[17] = value
    difference = calibration.apply(frame(values))
    assert np.isnan(difference.dv[17])
    assert difference.valid[17] == 0
    assert_array_equal(np.delete(difference.valid, 17), 1)
    assert np.isfinite(np.delete(difference.dv, 17)).all()


def test_the_lower_of_two_saturation_levels_counts(stream, volts):
    level = float(np.sort(np.abs(volts))[100])
    low = Calibration(profile(reference=volts.tolist(), saturation=10.0), stream)
    assert low.apply(frame(volts)).valid.all()
    high = replace(stream, saturation=level * 1.000001)
    clipped = Calibration(profile(reference=volts.tolist(), saturation=10.0), high).apply(
        frame(volts)
    )
    assert_array_equal(clipped.valid == 0, np.abs(volts) > level * 1.000001)


def test_excluded_electrode_masks_all_it_touches_counted_from_one(stream, volts, adjacent):
    calibration = Calibration(
        profile(reference=volts.tolist(), excluded_electrodes=[5], excluded_measurements=[1, 208]),
        stream,
    )
    difference = calibration.apply(frame(volts))
    rows = adjacent.table
    touched = (rows == 4).any(axis=1)  # electrode 5 of the bench is 4 in a table
    touched[[0, 207]] = True
    assert_array_equal(difference.valid == 0, touched)
    assert_array_equal(np.isnan(difference.dv), touched)


def test_missing_reference_value_masks_the_measurement(stream, volts):
    reference = [None if m == 9 else v for m, v in enumerate(volts.tolist())]
    difference = Calibration(profile(reference=reference), stream).apply(frame(volts))
    assert_array_equal(np.flatnonzero(difference.valid == 0), [9])


def test_reference_near_zero_is_no_divisor_but_serves_a_plain_difference(stream, volts):
    reference = volts.copy()
    reference[3], reference[4] = 0.0, 0.009 * np.median(np.abs(volts))
    normalised = Calibration(profile(reference=reference.tolist()), stream).apply(frame(volts))
    assert_array_equal(np.flatnonzero(normalised.valid == 0), [3, 4])
    plain = Calibration(profile(reference=reference.tolist(), difference="plain"), stream)
    assert plain.apply(frame(volts)).valid.all()


def test_reference_within_its_own_noise_is_no_divisor():
    divisor, spread = np.array([1.0, -0.5, 0.3, np.nan]), np.array([0.01, 0.2, 0.01, 0.01])
    assert_array_equal(is_near_zero(divisor, spread, 0.01), [False, True, False, False])
    assert_array_equal(is_near_zero(divisor, None, 0.01), [False, False, False, False])


def test_complex_frames_give_the_real_part_of_the_ratio(adjacent, volts):
    stream = Stream(adjacent, 50.0, ValueKind.COMPLEX)
    reference = volts * np.exp(0.4j)
    calibration = Calibration(
        profile(
            value_kind="complex",
            reference=reference.real.tolist(),
            reference_imaginary=reference.imag.tolist(),
        ),
        stream,
    )
    ratio = 1.02 + 0.3j
    difference = calibration.apply(frame(reference * ratio, np.complex64))
    assert difference.dv.dtype == np.float32
    assert_allclose(difference.dv, 0.02, atol=3e-7)
    lost = reference * ratio
    lost[7] = complex(np.nan, 1)
    lost[8] = complex(np.inf, np.nan)
    assert_array_equal(
        np.flatnonzero(calibration.apply(frame(lost, np.complex64)).valid == 0), [7, 8]
    )


def test_magnitudes_have_no_plain_difference(adjacent):
    stream = Stream(adjacent, 50.0, ValueKind.MAGNITUDE)
    with pytest.raises(MismatchError, match="magnitudes: the sign"):
        Calibration(None, stream, "plain")
    with pytest.raises(MismatchError, match="magnitudes: the sign"):
        Calibration(profile(difference="plain"), stream)


def test_another_pattern_is_refused_with_both_named(volts):
    opposite = Stream(Pattern.by_name("opposite", 16), 50.0)
    with pytest.raises(MismatchError) as caught:
        Calibration(profile(), opposite)
    assert "adjacent, 16 electrodes, 208" in str(caught.value)
    assert "opposite, 16 electrodes, 192" in str(caught.value)


def test_another_order_of_the_same_measurements_is_refused():
    with pytest.raises(MismatchError, match="adjacent-rotated"):
        Calibration(profile(), Stream(Pattern.by_name("adjacent-rotated", 16), 50.0))


def test_the_kind_of_difference_must_be_the_models(stream):
    with pytest.raises(MismatchError, match="normalised difference, the model wants a plain"):
        Calibration(profile(), stream, "plain")
    assert Calibration(None, stream, "plain").difference == "plain"
    assert Calibration(None, stream).difference == "normalised"


def test_reference_of_another_kind_of_value_is_refused(adjacent, volts):
    with pytest.raises(MismatchError, match="holds real values, the frames are complex"):
        Calibration(profile(reference=volts.tolist()), Stream(adjacent, 50.0, ValueKind.COMPLEX))


def test_a_layout_that_contradicts_the_stream_is_refused(adjacent):
    stream = Stream(adjacent, 50.0, layout=Layout.ring(16))
    same = profile(layout={"n_electrodes": 16})
    assert Calibration(same, stream).layout == Layout.ring(16)
    turned = profile(layout={"n_electrodes": 16, "first_deg": 0.0})
    with pytest.raises(MismatchError, match="electrode 1 at 0 deg, clockwise"):
        Calibration(turned, stream)
    assert Calibration(turned, Stream(adjacent, 50.0)).layout.angles_deg[0] == 0.0


def test_without_a_reference_apply_says_so_and_set_reference_helps(stream, volts):
    calibration = Calibration(None, stream)
    assert calibration.needs_reference
    assert calibration.reference is None
    with pytest.raises(ConfigError, match="no reference yet"):
        calibration.apply(frame(volts))
    calibration.set_reference(frames_of(noisy(volts, 20, 1e-4)))
    assert not calibration.needs_reference
    assert_allclose(calibration.apply(frame(volts)).dv, 0, atol=2e-4)


def test_a_new_reference_replaces_the_old_one(stream, volts):
    calibration = Calibration(profile(reference=volts.tolist()), stream)
    calibration.use_reference(2 * volts)
    assert_allclose(calibration.apply(frame(volts)).dv, -0.5, atol=1e-6)
    assert not calibration.reference.flags.writeable


def test_frames_of_another_size_or_kind_are_refused(stream, volts):
    calibration = Calibration(profile(reference=volts.tolist()), stream)
    with pytest.raises(MismatchError, match=r"shape \(207,\)"):
        calibration.apply(frame(volts[1:]))
    with pytest.raises(MismatchError, match="announced as real"):
        calibration.apply(frame(volts, np.complex64))
    with pytest.raises(MismatchError, match=r"shape \(207,\)"):
        calibration.set_reference([frame(volts[1:])])


def test_a_reference_without_any_usable_measurement_is_refused(stream):
    calibration = Calibration(None, stream)
    with pytest.raises(ConfigError, match="no usable measurement"):
        calibration.use_reference(np.zeros(208))
    assert calibration.needs_reference


def test_published_arrays_are_read_only_and_never_reused(stream, volts):
    calibration = Calibration(profile(reference=volts.tolist()), stream)
    first = calibration.apply(frame(volts))
    kept = first.dv.copy()
    calibration.apply(frame(3 * volts))
    assert_array_equal(first.dv, kept)
    with pytest.raises(ValueError, match="read-only"):
        first.dv[0] = 1


def test_applying_many_frames_does_not_grow_memory(stream, volts):
    calibration = Calibration(profile(reference=volts.tolist()), stream)
    one = frame(volts)
    for _ in range(100):
        calibration.apply(one)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(5000):
        calibration.apply(one)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 2000
