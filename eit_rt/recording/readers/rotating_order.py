"""The rotating order of 16-electrode devices, put into the fixed order of the pattern `adjacent`.

Imports pattern only. Rotating: injection k drives (k, k+1) and measures (k+2+j, k+3+j), j = 0..12. Source: EIDORS'
`rotate_meas`; proven on a recording of the Goe-MF II (reciprocity 1.7 % in this order, 105 % in the other).
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.pattern import Pattern

N_ELECTRODES = 16
FIXED = Pattern.by_name("adjacent", N_ELECTRODES)
ROTATING = Pattern.by_name("adjacent-rotated", N_ELECTRODES)
N_MEAS = FIXED.n_meas
REORDERED = "measurements reordered from rotating to the fixed order of `adjacent`"

LARGEST_ERROR = 0.6
"""Reciprocity error of values in the wrong order is about 1; that of a measured tank is below 0.1."""
LEAST_SLOPE = 1.2


def _index(rows: Iterable[Any], wanted: Iterable[Any]) -> NDArray[np.int64]:
    where = {tuple(row): m for m, row in enumerate(rows)}
    return np.array([where[tuple(row)] for row in wanted])


def _table(pattern: Pattern) -> list[list[int]]:
    assert pattern.table is not None
    rows: list[list[int]] = pattern.table.tolist()
    return rows


_FROM_ROTATING = _index(_table(ROTATING), _table(FIXED))
SECOND: NDArray[np.bool_] = ROTATING.reciprocal[_FROM_ROTATING] < _FROM_ROTATING
"""(208,) in fixed order, True for the measurement of a reciprocal pair that the device makes later."""


def to_fixed(values: NDArray[Any]) -> NDArray[Any]:
    """(n, 208) in rotating order -> (n, 208) in fixed order."""
    return np.asarray(values[:, _FROM_ROTATING])


def with_second_half(values: NDArray[Any]) -> NDArray[Any]:
    """(n, 208) in fixed order, the second measurement of each pair replaced by the first."""
    return np.where(SECOND, values[:, FIXED.reciprocal], values)


def what_is_wrong(values: NDArray[Any]) -> str:
    """Why (n, 208) values in fixed order are no voltages of an adjacent pattern; empty if they are.

    Two tests that numbers of another kind fail: exchanging injection and measurement changes little, and pairs beside
    the injection measure more than pairs opposite. Medians over the frames, so that a damaged one does not decide.
    """
    volts = np.where(np.isfinite(values), values, 0.0).astype(np.float64)
    # Relative to the largest of each frame, so that no sum of damaged numbers is too large.
    largest = np.abs(volts).max(axis=1, keepdims=True)
    if not largest.any():
        return "all values are zero"
    volts = (volts / np.where(largest > 0, largest, 1.0))[largest[:, 0] > 0]
    sizes = np.abs(volts).mean(axis=1)
    mismatch = np.abs(volts - volts[:, FIXED.reciprocal]).mean(axis=1)
    error = float(np.median(mismatch / sizes))
    if error > LARGEST_ERROR:
        return (
            f"exchanging injection and measurement changes the values by {error:.0%}; "
            f"in the rotating order of 16 electrodes it is less than {LARGEST_ERROR:.0%}"
        )
    distances = _distances()
    near = np.abs(volts[:, distances <= 3]).mean(axis=1)
    far = np.abs(volts[:, distances >= 7]).mean(axis=1)
    if np.median(near / np.maximum(far, 1e-300)) < LEAST_SLOPE:
        return "pairs beside the injection measure no more than pairs opposite"
    return ""


def _distances() -> NDArray[np.int64]:
    """(208,) electrodes between the injecting and the measuring pair, the shorter way."""
    table = np.array(_table(FIXED))
    apart = (table[:, 2] - table[:, 1]) % N_ELECTRODES
    return np.asarray(np.minimum(apart, N_ELECTRODES - apart))
