"""Reciprocity and removed electrodes as weights of measurements, in EIDORS' definitions.

Imports pattern and errors. In a passive tank, driving one pair and reading another gives the same value as the other
way round, whatever is inside: what differs is the electronics or an electrode.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError
from eit_rt.pattern import Pattern

Floats = NDArray[np.float64]

DEFAULT_TAU = 2.5e-6


def reciprocity_error(values: ArrayLike, pattern: Pattern) -> Floats:
    """e = |d - d_reciprocal| with d = v / max|v|.

    values: (n_meas,) or (n_frames, n_meas); several frames become d = sum_t m_t v_t / sum_t m_t^2, m_t = max|v_t|.
    Returns (n_meas,), NaN where a measurement or its reciprocal is missing or the pattern has none.
    Source: EIDORS `calc_reciproc_error`; Hartinger, Guardo, Adler, Gagnon 2009, IEEE Trans. Biomed. Eng. 56:369.
    Raises ConfigError if the values do not have the pattern's size.
    """
    d = _scaled(np.atleast_2d(np.asarray(values)), pattern)
    return np.asarray(np.abs(d - pattern.exchanged(d)))


def reciprocity_weight(values: ArrayLike, pattern: Pattern, tau: float = DEFAULT_TAU) -> Floats:
    """(n_meas,) exp(-e^2 / tau), 1 for perfect measurements; 1 as well where reciprocity says nothing.

    tau: > 0; EIDORS' default is 2.5e-6, its tutorial uses 3e-4 and 3e-2 for measured data.
    Source: EIDORS `calc_reciproc_error` (diagonal of its inverse covariance).
    """
    if not tau > 0:
        raise ConfigError(
            f"tau is {tau}; expected a positive number, 2.5e-6 (strict) to 3e-2 (lenient)"
        )
    error = reciprocity_error(values, pattern)
    return np.exp(-(np.where(np.isnan(error), 0.0, error) ** 2) / tau)


def removal_weight(pattern: Pattern, electrodes: Iterable[int], snr: float = np.inf) -> Floats:
    """(n_meas,) 0 (or 1/snr) where a measurement drives or senses one of the electrodes, 1 elsewhere.

    electrodes: numbered from 1. Source: EIDORS `meas_icov_rm_elecs`; Adler 2004, Physiol. Meas. 25:227.
    Raises ConfigError for an electrode that does not exist.
    """
    weight = np.ones(pattern.n_meas)
    for electrode in electrodes:
        if not 1 <= electrode <= pattern.n_electrodes:
            raise ConfigError(
                f"electrode {electrode} does not exist; they are numbered 1..{pattern.n_electrodes}"
            )
        weight[pattern.touches(electrode - 1)] = 1.0 / snr
    return weight


def relative_reciprocity_error(
    values: NDArray[Any], pattern: Pattern, *, signed: bool = True
) -> Floats:
    """(n_meas,) |v - v_reciprocal| over their mean size, 0..2; NaN where unknown. Every measurement counts alike,
    while `reciprocity_error` is dominated by those near the drive.

    signed False: magnitudes, whose sign is lost.
    """
    other = pattern.exchanged(values, signed=signed)
    size = 0.5 * (np.abs(values) + np.abs(other))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.abs(values - other) / size)


def _scaled(frames: NDArray[Any], pattern: Pattern) -> NDArray[Any]:
    if frames.ndim != 2 or frames.shape[1] != pattern.n_meas:
        raise ConfigError(
            f"values have shape {frames.shape}, the pattern ({pattern.describe()}) differs"
        )
    known = np.isfinite(frames)
    largest = np.max(np.abs(np.where(known, frames, 0)), axis=1, keepdims=True)
    weight = np.where(known, largest, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(
            np.sum(weight * np.where(known, frames, 0), axis=0) / np.sum(weight**2, axis=0)
        )
