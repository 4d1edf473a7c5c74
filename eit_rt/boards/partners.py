"""Partners: a value against the one that was measured with drive and sense exchanged. Imports plausibility, pattern.

For boards whose format has no checksum and whose pattern measures most things twice. The rule it keeps: in a passive
tank both say the same at any moment, whatever moves; so a pair that parts is doubted, and many that part together are
believed.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.boards.plausibility import FEW, FEW_FRACTION, Plausibility, median
from eit_rt.pattern import Pattern

PARTED = 6.0
"""A pair is doubted beyond so many times its usual distance, or the usual distance of this frame's pairs."""
LEARNING = 0.1
QUANTILE = 0.9
"""What most pairs of the frame do; if they part, too, it is an event of the tank."""
MOST_SHARE = 0.5
"""Relative difference of a pair from which its usual one is learned."""

Values = NDArray[Any]


class PartnerPlausibility(Plausibility):
    """Doubts what leaps in time, and what differs from its partner more than it usually does."""

    def __init__(self, pattern: Pattern, resolution: float = 0.0, *, signed: bool = True) -> None:
        """signed: False for magnitudes. Without reciprocal pairs it is `Plausibility`."""
        super().__init__(pattern.n_meas, resolution)
        partner = pattern.reciprocal
        self._first = np.flatnonzero(partner > np.arange(pattern.n_meas))
        self._second = partner[self._first]
        self._sign = pattern.reciprocal_sign[self._first] if signed else 1.0
        n = len(self._first)
        self._share: Values = np.zeros(n)
        """(n_pairs,) usual difference over the pair's mean: the gains of two channels are not quite the same."""
        self._apart = np.zeros(n)
        """(n_pairs,) how far a pair usually is from that."""
        self._last: Values = np.full(n, np.nan)
        """(n_pairs,) the newest distance over the pair's mean."""

    def _begin(self, frames: Values) -> None:
        middle, difference = self._compared(frames)
        teaches = self._teaches(middle, difference)
        shares = np.where(teaches, difference, np.nan) / np.where(teaches, middle, 1)
        self._share = np.nan_to_num(median(shares))
        self._apart = np.nan_to_num(median(np.abs(difference - self._share * middle)))
        super()._begin(frames)
        if len(self._first):
            self._parted(frames[-1])

    def _judge(self, values: Values) -> NDArray[np.bool_]:
        doubted = super()._judge(values)
        if not len(self._first):
            return doubted
        parted = self._parted(values)
        # Its own past may tell which of the two it is.
        is_known = doubted[self._first] | doubted[self._second]
        both = np.concatenate([self._first[parted & ~is_known], self._second[parted & ~is_known]])
        doubted = doubted.copy()
        doubted[both] = True
        return doubted

    def _parted(self, values: Values) -> NDArray[np.bool_]:
        """(n_pairs,) True where the two should not be believed."""
        middle, difference = self._compared(values)
        off = difference - self._share * middle
        distance = np.abs(off)
        parted = self._too_far(distance, np.abs(off - self._last * middle))
        known = np.isfinite(distance)
        usual = self._apart[known]
        # What parts teaches, too, but not much: something that moves near it would be doubted again and again.
        seen = np.where(parted, np.minimum(distance, PARTED * self._apart), distance)[known]
        self._apart[known] = usual + LEARNING * (seen - usual)
        taught = known & ~parted & self._teaches(middle, difference)
        self._share[taught] += LEARNING * off[taught] / middle[taught]
        is_there = known & (np.abs(middle) > self._least)
        self._last = np.where(is_there, off / np.where(is_there, middle, 1), self._last)
        return parted

    def _compared(self, values: Values) -> tuple[Values, Values]:
        """Mean and difference of each pair: (..., n_pairs) of (..., n_meas)."""
        one, other = values[..., self._first], self._sign * values[..., self._second]
        return (one + other) / 2, one - other

    def _teaches(self, middle: Values, difference: Values) -> NDArray[np.bool_]:
        """Channels' gains are nearly the same: what differs by more, the pickup of a loose electrode, does not."""
        return np.asarray(
            (np.abs(middle) > self._least) & (np.abs(difference) < MOST_SHARE * np.abs(middle))
        )

    def _too_far(self, distance: Values, again: Values) -> NDArray[np.bool_]:
        """distance: from what is usual; again: from what the pair was last, which confirms it."""
        usual = np.maximum(self._apart, max(float(np.median(self._apart)), self._least))
        moved = distance / usual
        known = moved[np.isfinite(moved)]
        most_moved = float(np.quantile(known, QUANTILE)) if len(known) else 0.0
        limit = PARTED * usual * max(1.0, most_moved / 2)
        parted = (distance > limit) & ~(again < limit)
        n_parted = np.count_nonzero(parted)
        is_event = most_moved > PARTED or n_parted > max(FEW, FEW_FRACTION * len(distance))
        return np.zeros(len(distance), dtype=np.bool_) if is_event else parted
