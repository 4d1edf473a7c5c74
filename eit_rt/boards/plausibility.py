"""Plausibility: values that their own past and the rest of the frame speak against. Imports numpy only.

For boards whose format has no checksum. The rule it keeps: damage on a line hits single values, an event in the tank
moves many; so a few values that leap are doubted, many that leap together are believed, and a value that says the same
again is believed as well.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAP = 10.0
"""A value is doubted beyond so many times its usual change, or the usual change of a moving frame."""
LEARNING = 0.1
"""Weight of the newest change in the usual change of a value."""
FEW = 3
"""More doubtful values than this, or than FEW_FRACTION of the frame, are an event in the tank."""
FEW_FRACTION = 0.02
SETTLING_FRAMES = 4
"""Frames after the start in which nothing is doubted: the usual change is not known yet."""
QUANTILE = 0.75
"""What most values of the frame do."""

Values = NDArray[Any]


class Plausibility:
    """Looks at every frame of a run, in order."""

    def __init__(self, n_meas: int, resolution: float = 0.0) -> None:
        """resolution: smallest difference between values that the format can say."""
        self._least = max(resolution, float(np.finfo(np.float32).tiny))
        self._believed: Values | None = None
        self._heard: Values | None = None
        self._usual = np.zeros(n_meas)
        self._n_frames = 0

    def doubtful(self, values: Values) -> NDArray[np.bool_]:
        """(n_meas,) True where a value should not be believed. values: (n_meas,), real or complex; NaN = missing."""
        self._n_frames += 1
        if self._believed is None or self._heard is None:
            self._believed, self._heard = values.copy(), values.copy()
            return np.zeros(len(values), dtype=np.bool_)
        change = np.abs(values - self._believed)
        doubted = self._leaps(change, np.abs(values - self._heard))
        self._learn(values, change, doubted)
        return doubted

    def _leaps(self, change: Values, change_of_heard: Values) -> NDArray[np.bool_]:
        if self._n_frames <= SETTLING_FRAMES:
            return np.zeros(len(change), dtype=np.bool_)
        usual = np.maximum(self._usual, self._least)
        with np.errstate(invalid="ignore"):
            moved = change / usual
            frame_moves = max(1.0, float(np.nan_to_num(np.nanquantile(moved, QUANTILE))))
            limit = LEAP * usual * frame_moves
            doubted = (change > limit) & (change_of_heard > limit)
        is_event = np.count_nonzero(doubted) > max(FEW, FEW_FRACTION * len(change))
        return np.zeros(len(change), dtype=np.bool_) if is_event else doubted

    def _learn(self, values: Values, change: Values, doubted: NDArray[np.bool_]) -> None:
        assert self._believed is not None
        assert self._heard is not None
        known = np.isfinite(change) & ~doubted
        weight = max(LEARNING, 1.0 / self._n_frames)
        # A leap that was believed must not make the next ones look usual.
        most = np.maximum(LEAP * self._usual, self._least) if self._n_frames > 2 else change
        step = np.minimum(change, most)
        self._usual[known] += weight * (step[known] - self._usual[known])
        is_there = np.isfinite(values)
        self._believed = np.where(is_there & ~doubted, values, self._believed)
        self._heard = np.where(is_there, values, self._heard)
