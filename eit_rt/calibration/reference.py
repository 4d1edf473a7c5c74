"""Reference: what the boundary voltages are while nothing has changed yet, from several frames.

Imports frames and errors. The rule it keeps: never one frame alone if there are more, never a frame
that is unlike the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.frames import Frame, frozen

MAD_TO_STD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""
COMPLETE_FRACTION = 0.5
"""A frame with fewer finite values than this part is not used."""
OUTLIER_DISTANCE = 6.0
"""A frame whose typical measurement lies this many robust standard deviations off is not used."""
TIED_SHARE = 0.1
"""From this share of equal values on they are a converter's steps; fewer are chance."""
SMALLEST_SPREAD = 1e-6
"""Part of the median voltage below which spread counts as this: a last digit is no outlier among identical frames."""


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Median of the good frames."""

    values: NDArray[Any]
    """(n_meas,) float64 or complex128, unit of the frames, NaN where no frame had a value."""
    spread: NDArray[np.float64]
    """(n_meas,) robust standard deviation of single frames, unit of the frames; NaN below 3 values."""
    used: NDArray[np.bool_]
    """(n_frames,) which frames entered."""


class ReferenceCollector:
    """Holds frames until there are enough for a reference; bounded by `n_frames`.

    Frames less than half complete are passed over. So are frames that the board itself flags (status not 0), but no
    more than `n_frames` of them in a row: a board with a bad electrode may flag all, and must still get a reference.
    """

    def __init__(self, n_frames: int = 20) -> None:
        if n_frames < 1:
            raise ConfigError(f"a reference from {n_frames} frames is impossible; use 1 or more")
        self.n_frames = n_frames
        self._frames: list[Frame] = []
        self._flagged = 0

    @property
    def frames(self) -> tuple[Frame, ...]:
        return tuple(self._frames)

    @property
    def is_complete(self) -> bool:
        return len(self._frames) >= self.n_frames

    def add(self, frame: Frame) -> bool:
        """Take a frame if more are needed and it is good. Returns True when there are enough."""
        if (
            not self.is_complete
            and is_complete_frame(frame.values)
            and not self._is_passed_over(frame)
        ):
            self._frames.append(frame)
        return self.is_complete

    def _is_passed_over(self, frame: Frame) -> bool:
        if frame.status == 0:
            self._flagged = 0
            return False
        self._flagged += 1
        return self._flagged <= self.n_frames

    def clear(self) -> None:
        """Begin anew."""
        self._frames.clear()
        self._flagged = 0


def is_complete_frame(values: NDArray[Any]) -> bool:
    """Whether at least half of the measurements are finite."""
    return bool(np.isfinite(values).mean() >= COMPLETE_FRACTION)


def stacked(frames: Sequence[Frame] | NDArray[Any]) -> NDArray[Any]:
    """(n_frames, n_meas) copy, float64 or complex128, NaN for what is not finite. ConfigError if empty or ragged."""
    rows = [frame.values if isinstance(frame, Frame) else np.asarray(frame) for frame in frames]
    if not rows or rows[0].ndim != 1 or any(row.shape != rows[0].shape for row in rows):
        shapes = sorted({row.shape for row in rows})
        raise ConfigError(f"expected one or more frames of one size (n_meas,), got {shapes}")
    kind = np.complex128 if any(np.iscomplexobj(row) for row in rows) else np.float64
    values = np.array(rows, dtype=kind)
    values[~np.isfinite(values)] = np.nan
    return values


def fit_reference(frames: Sequence[Frame] | NDArray[Any]) -> Reference:
    """Median and spread over the good frames, per measurement, NaN left out.

    A frame enters if at least half of it is finite and it is no outlier as a whole: with m and s the median and robust
    standard deviation per measurement, the median over measurements of |v - m| / s is at most 6.
    Raises ConfigError if no frame is good.
    """
    values = stacked(frames)
    used = np.isfinite(values).mean(axis=1) >= COMPLETE_FRACTION
    if not used.any():
        raise ConfigError(
            f"none of {len(values)} frames has half of its measurements; check the electrodes and the cable"
        )
    used[used] = _distance(values[used]) <= OUTLIER_DISTANCE
    good = values[used]
    middle = median_of_rounded(good)
    return Reference(
        frozen(middle, middle.dtype),
        frozen(robust_std(good, middle), np.float64),
        frozen(used, np.bool_),
    )


def median(values: NDArray[Any]) -> NDArray[Any]:
    """(n,) median down the columns of (k, n), NaN left out; complex: real and imaginary part by themselves."""
    if np.iscomplexobj(values):
        return np.asarray(median(values.real) + 1j * median(values.imag))
    known = np.isfinite(values).any(axis=0)
    result = np.full(values.shape[1], np.nan)
    result[known] = np.nanmedian(values[:, known], axis=0)
    return result


def median_of_rounded(values: NDArray[Any]) -> NDArray[Any]:
    """(n,) median down the columns of (k, n); among values that a converter rounded, its place within the step.

    Without ties it is the median m. Where f values tie with m, b lie below and the converter's step is w, it is
    m + w ((k/2 - b)/f - 1/2): the median of grouped data. A plain median would be off by up to half a step for good.
    """
    if np.iscomplexobj(values):
        return np.asarray(median_of_rounded(values.real) + 1j * median_of_rounded(values.imag))
    middle = median(values)
    ties_of = (values == middle).sum(axis=0)
    for column in np.flatnonzero((ties_of > 1) & (ties_of >= TIED_SHARE * len(values))):
        known = values[np.isfinite(values[:, column]), column]
        codes = np.unique(known)
        if len(codes) > 1:
            below, ties = (known < middle[column]).sum(), ties_of[column]
            middle[column] += np.diff(codes).min() * ((len(known) / 2 - below) / ties - 0.5)
    return middle


def robust_std(values: NDArray[Any], middle: NDArray[Any]) -> NDArray[np.float64]:
    """(n,) standard deviation about `middle` down the columns of (k, n); NaN where fewer than 3 values are known.

    Deviations are cut at 3 x 1.4826 x their median, or at one step if most values are equal: rounded values may have a
    median deviation of 0 and are noisy all the same.
    """
    plain = median(values)
    off = np.abs(values - plain)
    known = np.isfinite(off)
    step = np.where(known & (off > 0), off, np.inf).min(axis=0)
    cut = np.fmax(3 * MAD_TO_STD * median(off), np.where(np.isfinite(step), step, 0.0))
    kept = np.minimum(np.abs(values - middle), cut + np.abs(middle - plain))
    count = known.sum(axis=0)
    variance = np.where(known, kept**2, 0.0).sum(axis=0) / np.where(count >= 3, count, np.nan)
    return np.asarray(np.sqrt(variance), dtype=np.float64)


def _distance(values: NDArray[Any]) -> NDArray[np.float64]:
    """(n_frames,) how far each frame lies from the median frame, in robust standard deviations; 0 below 3 frames."""
    if len(values) < 3:
        return np.zeros(len(values))
    middle = median(values)
    spread = robust_std(values, middle)
    floor = SMALLEST_SPREAD * np.nanmedian(np.abs(middle))
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(values - middle) / np.fmax(spread, floor)
    return np.asarray(np.nan_to_num(median(off.T)), dtype=np.float64)
