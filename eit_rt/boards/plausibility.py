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
SETTLING_FRAMES = 6
"""Frames after the start in which nothing is doubted: the usual change is not known yet."""
CONFIRMED = 0.75
"""A doubted value is confirmed by one that is nearer to it, by this factor, than to what was expected."""
QUANTILE = 0.9
"""What most values of the frame do."""

Values = NDArray[Any]


class Plausibility:
    """Looks at every frame of a run, in order."""

    def __init__(self, n_meas: int, resolution: float = 0.0) -> None:
        """resolution: smallest difference between values that the format can say."""
        self._least = max(resolution, float(np.finfo(np.float32).tiny))
        self._usual = np.zeros(n_meas)
        """(n_meas,) how far values usually are from what was expected of them."""
        self._grain = 0.0
        """By how much a value changes if it does: a converter with coarse steps says the same for long, then leaps."""
        self._believed: Values | None = None
        self._expected: Values | None = None
        """Where the last two believed values lead to."""
        self._heard: Values | None = None
        self._doubted = np.zeros(n_meas, dtype=np.bool_)
        self._n_frames = 0

    def doubtful(self, values: Values) -> NDArray[np.bool_]:
        """(n_meas,) True where a value should not be believed. values: (n_meas,), real or complex; NaN = missing."""
        self._n_frames += 1
        if self._believed is None or self._expected is None or self._heard is None:
            self._believed = self._expected = self._heard = values.copy()
            return np.zeros(len(values), dtype=np.bool_)
        # What stands still is where it was, what moves is where it was going.
        off = np.fmin(np.abs(values - self._believed), np.abs(values - self._expected))
        again = np.abs(values - self._heard)
        doubted = self._leaps(off, again)
        self._learn(values, off, again, doubted)
        self._remember(values, doubted)
        return doubted

    def _leaps(self, off: Values, again: Values) -> NDArray[np.bool_]:
        if self._n_frames <= SETTLING_FRAMES:
            return np.zeros(len(off), dtype=np.bool_)
        # Noise is much the same everywhere: a value that has hardly changed so far has only been lucky.
        least = max(float(np.median(self._usual)), self._grain, self._least)
        usual = np.maximum(self._usual, least)
        moved = off / usual
        known = moved[np.isfinite(moved)]
        frame_moves = max(1.0, float(np.quantile(known, QUANTILE))) if len(known) else 1.0
        limit = LEAP * usual * frame_moves
        # What was doubted and goes on in the same direction is true: damage is never the same twice.
        is_confirmed = self._doubted & (again < CONFIRMED * off)
        doubted = (off > limit) & (again > limit) & ~is_confirmed
        is_event = np.count_nonzero(doubted) > max(FEW, FEW_FRACTION * len(off))
        return np.zeros(len(off), dtype=np.bool_) if is_event else doubted

    def _learn(
        self, values: Values, off: Values, again: Values, doubted: NDArray[np.bool_]
    ) -> None:
        known = np.isfinite(off) & ~doubted
        weight = max(LEARNING, 1.0 / self._n_frames)
        # A leap that was believed must not make the next ones look usual.
        most = np.maximum(LEAP * self._usual, self._least) if self._n_frames > 2 else off
        self._usual[known] += weight * (np.minimum(off, most)[known] - self._usual[known])
        if (changed := off[known & (off > 0)]).size:
            most_grain = LEAP * max(self._grain, self._least) if self._n_frames > 2 else np.inf
            grain = min(float(np.median(changed)), most_grain)
            self._grain += weight * (grain - self._grain)
        # But one that was doubted and came true must, or it would be doubted each time.
        wronged = self._doubted & known & (again < CONFIRMED * off)
        self._usual[wronged] = np.maximum(self._usual[wronged], 2 * off[wronged] / LEAP)

    def _remember(self, values: Values, doubted: NDArray[np.bool_]) -> None:
        assert self._believed is not None
        assert self._heard is not None
        is_there = np.isfinite(values)
        is_good = is_there & ~doubted
        self._expected = np.where(is_good, 2 * values - self._believed, self._believed)
        self._believed = np.where(is_good, values, self._believed)
        self._heard = np.where(is_there, values, self._heard)
        self._doubted = doubted
