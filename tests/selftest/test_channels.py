"""Noise, drift and level of channels with known ones."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.selftest import Channels

TIMES_S = np.arange(400) / 20.0


def test_noise_is_found_beside_drift():
    rng = np.random.default_rng(1)
    level = np.array([1.0, -0.1, 5.0])
    line = 1 + 0.05 * TIMES_S[:, None] / 60
    values = level * line + 1e-3 * rng.standard_normal((400, 3))
    channels = Channels.of(values, TIMES_S, None)
    assert channels.snr_db == pytest.approx([60.0, 40.0, 74.0], abs=1.5)
    assert channels.drift_per_minute[[0, 2]] == pytest.approx([0.05, 0.05], abs=0.004)
    assert channels.level == pytest.approx(level, rel=0.02)


def test_missing_and_clipped_values_are_shares():
    values = np.ones((20, 3))
    values[:5, 1] = np.nan
    values[:, 2] = np.nan
    values[:4, 0] = -2.0
    channels = Channels.of(values, TIMES_S[:20], 2.0)
    assert channels.missing.tolist() == [0, 0.25, 1]
    assert channels.saturated.tolist() == [0.2, 0, 0]
    assert np.isnan(channels.level[2])
    assert np.isnan(channels.snr_db[2])


def test_complex_values_have_complex_levels():
    values = np.full((12, 2), 3 + 4j)
    assert Channels.of(values, TIMES_S[:12], None).level == pytest.approx([3 + 4j, 3 + 4j])


def test_few_frames_say_nothing():
    with pytest.raises(ConfigError, match="9 frames say nothing"):
        Channels.of(np.ones((9, 2)), TIMES_S[:9], None)


def test_noise_below_the_steps_of_the_values_counts_as_rounding():
    rng = np.random.default_rng(2)
    step = 0.01
    values = np.round((1 + 0.0005 * rng.standard_normal((200, 4))) / step) * step
    values[7, 0] += step  # one value in all that is rounded to the next step
    snr_db = Channels.of(values, TIMES_S[:200], None).snr_db
    assert snr_db == pytest.approx(20 * np.log10(np.sqrt(12) / step), abs=0.1)
