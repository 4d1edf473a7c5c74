"""How far a scale reaches: numbers only, no Qt. The rule it keeps: a scale jumps rarely, and is symmetric about zero.

A scale that follows every frame hides what the frames do; one that never moves hides what they show.
"""

import math
from collections import deque

import numpy as np
from numpy.typing import ArrayLike

STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
"""Mantissas a scale may have: people read them easily, and 40 % between them is the smallest jump."""
SMALLEST = 1e-9


class SymmetricLevel:
    """The limit of a scale -limit..+limit that follows the data with hysteresis.

    It grows as soon as the median of the last few peaks passes it, so that one damaged frame changes nothing; it
    shrinks only when every peak of the last `hold_s` seconds used less than half of it.
    """

    PATIENCE = 3
    """Peaks whose median counts as one."""

    def __init__(self, percentile: float = 99.5, hold_s: float = 10.0) -> None:
        self.percentile = percentile
        self.hold_s = hold_s
        self.limit = 0.0
        """0 until the first finite value has been seen."""
        self._recent: deque[float] = deque(maxlen=self.PATIENCE)
        self._window_start_s = 0.0
        self._window_max = 0.0

    def follow(self, values: ArrayLike, now_s: float) -> float:
        """The limit after these values (any shape, NaN ignored)."""
        sizes = np.abs(np.asarray(values).ravel())
        sizes = sizes[np.isfinite(sizes)]
        if not len(sizes):
            return self.limit
        # np.percentile takes 0.7 ms for a picture, a partition a tenth of that.
        rank = math.ceil(self.percentile / 100 * (len(sizes) - 1))
        self._recent.append(float(np.partition(sizes, rank)[rank]))
        peak = sorted(self._recent)[len(self._recent) // 2]
        if peak > self.limit:
            self._restart(nice_limit(peak), now_s)
        self._window_max = max(self._window_max, peak)
        if now_s - self._window_start_s >= self.hold_s:
            shrinks = self._window_max < self.limit / 2
            self._restart(nice_limit(self._window_max) if shrinks else self.limit, now_s)
        return self.limit

    def _restart(self, limit: float, now_s: float) -> None:
        self.limit, self._window_start_s, self._window_max = limit, now_s, 0.0


class SteadyRange:
    """Low and high end of an axis: moves when the data leave it, or fill less than a third of it."""

    def __init__(self) -> None:
        self.low, self.high = 0.0, 0.0

    def follow(self, values: ArrayLike) -> tuple[float, float]:
        """The range after these values (NaN ignored); (0, 0) while there is nothing finite."""
        finite = np.asarray(values, dtype=np.float64)
        finite = finite[np.isfinite(finite)]
        if not len(finite):
            return self.low, self.high
        low, high = float(finite.min()), float(finite.max())
        span = max(high - low, 0.1 * max(abs(low), abs(high)), SMALLEST)
        leaves = low < self.low or high > self.high
        if leaves or span < (self.high - self.low) / 3:
            margin = 0.25 * span
            self.low, self.high = low - margin, high + margin
        return self.low, self.high


def nice_limit(peak: float) -> float:
    """The smallest of 1, 1.5, 2, 3, 5, 7, 10 times a power of ten that is not below peak."""
    if not peak > SMALLEST:
        return SMALLEST
    power = 10.0 ** np.floor(np.log10(peak))
    return float(next(step * power for step in (*STEPS, 15.0) if step * power >= peak))
