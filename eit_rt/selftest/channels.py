"""Channels: level, noise and drift of every measurement over a run of frames. Imports calibration, errors.

Noise is judged from second differences: what moves slowly is drift, not noise.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from eit_rt.calibration.reference import MAD_TO_STD, median
from eit_rt.errors import ConfigError

Floats = NDArray[np.float64]

LEAST_FRAMES = 10
SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """What each measurement does, in pattern order."""

    level: NDArray[Any]
    """(n_meas,) median value, real or complex, in the unit of the frames; NaN = never there."""
    snr_db: Floats
    """(n_meas,) level over the standard deviation of the noise, dB; NaN = not known. Noise below the steps in which the
    values come counts as that of rounding, so this is at least what is true; inf: no value ever changes."""
    drift_per_minute: Floats
    """(n_meas,) slope of the straight line through the values, as a share of the level, 1/min; NaN = not known."""
    missing: Floats
    """(n_meas,) share of frames in which it is missing."""
    saturated: Floats
    """(n_meas,) share of frames in which it is clipped; 0 if the board does not say where it clips."""

    @classmethod
    def of(cls, values: NDArray[Any], times_s: Floats, saturation: float | None) -> Self:
        """values: (n_frames, n_meas), NaN = missing; times_s: (n_frames,). Raises ConfigError for too few frames."""
        if len(values) < LEAST_FRAMES:
            raise ConfigError(
                f"{len(values)} frames say nothing about noise; take {LEAST_FRAMES} or more"
            )
        level = median(values)
        size = np.abs(level)
        second = np.abs(np.diff(values, n=2, axis=0))
        noise = np.maximum(MAD_TO_STD / np.sqrt(6) * median(second), _rounding(values))
        with np.errstate(divide="ignore", invalid="ignore"):
            snr_db = 20 * np.log10(size / noise)
            drift = _slope(np.abs(values), times_s) * SECONDS_PER_MINUTE / size
        clipped = np.abs(values) >= (np.inf if saturation is None else saturation)
        return cls(level, snr_db, drift, np.isnan(values).mean(axis=0), clipped.mean(axis=0))


def _rounding(values: NDArray[Any]) -> float:
    """Standard deviation that rounding to steps makes; the step is the smallest change that is seen anywhere."""
    changes = np.abs(np.diff(values, axis=0))
    changes = changes[changes > 0]
    return float(changes.min()) / np.sqrt(12) if len(changes) else 0.0


def _slope(values: Floats, times_s: Floats) -> Floats:
    """(n_meas,) least squares slope over time, 1/s of the values' unit; NaN where a frame is missing."""
    t = times_s - times_s.mean()
    spread = float(t @ t)
    if spread == 0:
        return np.full(values.shape[1], np.nan)
    return np.asarray(t @ (values - values.mean(axis=0)) / spread)
