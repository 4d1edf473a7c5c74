"""Noise, gain, steps, clipping, loose electrodes: statistics against what the scenario says."""

import numpy as np
import pytest

from eit_rt.pattern import Pattern
from eit_rt.protocol import FrameStatus
from eit_rt.simulation import Scenario
from eit_rt.simulation.electronics import LEAK, Electronics, saturation_of, with_range
from eit_rt.simulation.tank_source import TankSource

PATTERN = Pattern.by_name("adjacent", 16)
VOLTS = np.linspace(1e-4, 5e-3, 208)
QUIET = {"noise": {"snr_db": None}}


def electronics(**plain):
    scenario = Scenario.from_dict(plain)
    return Electronics(scenario, PATTERN, VOLTS)


def test_without_noise_values_are_true_to_half_a_step():
    reading = electronics(**QUIET).measure(VOLTS, 0, 0.0)
    step = 2 * 0.01 / 2**16
    assert np.abs(reading.values - VOLTS).max() <= step / 2 * 1.001
    assert np.abs(reading.values / step - np.rint(reading.values / step)).max() < 1e-3
    assert (reading.values.dtype, reading.status) == (np.float32, 0)


@pytest.mark.parametrize("snr_db", [40.0, 60.0])
def test_noise_is_as_strong_as_the_signal_to_noise_ratio_says(snr_db):
    measuring = electronics(noise={"snr_db": snr_db}, adc={"bits": 24})
    readings = np.array([measuring.measure(VOLTS, k, 0.0).values for k in range(400)])
    rms = np.sqrt(np.mean(VOLTS**2))
    found_db = 20 * np.log10(rms / (readings - VOLTS).std())
    assert found_db == pytest.approx(snr_db, abs=0.1)


def test_a_frame_depends_on_seed_and_number_alone():
    def frames(seed, order):
        measuring = electronics(seed=seed)
        found = {k: measuring.measure(VOLTS, k, k / 50).values for k in order}
        return np.array([found[k] for k in sorted(found)])

    forward, backward, other = frames(3, range(5)), frames(3, range(4, -1, -1)), frames(4, range(5))
    np.testing.assert_array_equal(forward, backward)
    assert not np.array_equal(forward, other)
    assert len(np.unique(forward, axis=0)) == 5


def test_gain_errors_are_fixed_and_spread_as_told():
    measuring = electronics(noise={"snr_db": None, "gain_spread": 0.02}, adc={"bits": 24})
    one, two = (measuring.measure(VOLTS, k, 0.0).values / VOLTS for k in (0, 9))
    np.testing.assert_array_equal(one, two)
    assert one.std() == pytest.approx(0.02, rel=0.2)


def test_gain_drifts_by_the_minute():
    measuring = electronics(**QUIET, adc={"bits": 24}, drift={"gain_per_minute": 0.01})
    ratio = measuring.measure(VOLTS, 0, 120.0).values / VOLTS
    np.testing.assert_allclose(ratio, 1.02, rtol=1e-4)


def test_too_much_is_clipped_at_the_announced_value_and_flagged():
    plain = QUIET | {"adc": {"bits": 12, "full_scale_v": 0.002}}
    reading = electronics(**plain).measure(np.concatenate([VOLTS[:104], -VOLTS[104:]]), 0, 0.0)
    limit = saturation_of(Scenario.from_dict(plain))
    assert reading.status == FrameStatus.SATURATED
    assert reading.values.min() == pytest.approx(-limit)
    assert (np.abs(reading.values) <= np.float32(limit)).all()
    assert (reading.values == -np.float32(limit)).sum() > 50


def test_the_range_fits_the_empty_tank_unless_one_is_named():
    for largest, range_v in ((0.007, 0.01), (0.009, 0.02), (0.3, 0.5), (100.0, 10.0)):
        volts = np.array([0.0, -largest, largest / 2])
        fitted = with_range(Scenario.from_dict({"adc": {"bits": 12}}), volts)
        assert fitted.adc.full_scale_v == range_v
        assert fitted.adc.bits == 12
    named = Scenario.from_dict({"adc": {"full_scale_v": 0.01}})
    assert with_range(named, volts) is named


@pytest.mark.parametrize("pattern", ["adjacent", "opposite", "adjacent-all"])
def test_no_value_of_the_empty_tank_is_clipped(pattern):
    source = TankSource(Scenario.from_dict({"pattern": pattern, "mesh": {"elements": 800}}))
    assert source.saturation is not None
    assert np.abs(source.reading(0).values).max() < 0.9 * source.saturation


def test_a_loose_electrode_spoils_its_own_measurements_only():
    plain = QUIET | {"electrode_faults": [{"electrode": 5, "from_s": 1}]}
    measuring = electronics(**plain)
    good, bad = (measuring.measure(VOLTS, 0, t_s).values for t_s in (0.9, 1.0))
    touched = PATTERN.touches(4)
    np.testing.assert_array_equal(good[~touched], bad[~touched])
    drives = (PATTERN.currents[PATTERN.stimulation, 4] != 0) & (PATTERN.senses[:, 4] == 0)
    np.testing.assert_allclose(bad[drives], LEAK * VOLTS[drives], atol=2e-7)
    senses = PATTERN.senses[:, 4] != 0
    assert np.abs(bad[senses] - VOLTS[senses]).std() > 1e-3


def test_a_loose_electrode_breaks_reciprocity():
    measuring = electronics(**QUIET, electrode_faults=[{"electrode": 5}])
    true = PATTERN.voltages(_symmetric())
    seen = measuring.measure(true * 1e-3, 0, 0.0).values
    error = np.abs(seen - PATTERN.reciprocal_sign * seen[PATTERN.reciprocal])
    touched = PATTERN.touches(4)
    assert np.median(error[touched]) > 100 * np.median(error[~touched])


def _symmetric():
    """Any symmetric matrix is a passive tank to the pattern."""
    half = np.random.default_rng(0).uniform(0, 1, (16, 16))
    return half + half.T
