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
        self._believed: Values = np.full(n_meas, np.nan)
        self._expected: Values = self._believed
        """Where the last two believed values lead to."""
        self._heard: Values = self._believed
        self._doubted = np.zeros(n_meas, dtype=np.bool_)
        self._early: list[Values] = []
        self._is_settled = False

    def doubtful(self, values: Values) -> NDArray[np.bool_]:
        """(n_meas,) True where a value should not be believed. values: (n_meas,), real or complex; NaN = missing."""
        if self._is_settled:
            return self._judge(values)
        self._early.append(values.copy())
        if len(self._early) == SETTLING_FRAMES:
            self._begin(np.stack(self._early))
            self._early, self._is_settled = [], True
        return np.zeros(len(values), dtype=np.bool_)

    def _begin(self, frames: Values) -> None:
        """Learn from the first frames, (SETTLING_FRAMES, n_meas), one of which may be damaged in a value.

        Such a value is off in two changes of five, which their median does not see. Then they are looked at like all
        others, so that what comes next is not compared with damage.
        """
        off = np.abs(np.diff(frames, axis=0))
        off[1:] = np.fmin(off[1:], np.abs(np.diff(frames, 2, axis=0)))
        self._usual = np.nan_to_num(median(off))
        changed = np.isfinite(off) & (off > 0)
        # If no more values than damage may hit have changed, it may have been damage.
        if np.count_nonzero(changed.any(axis=0)) > FEW:
            self._grain = float(np.median(off[changed]))
        self._believed = self._expected = self._heard = median(frames)
        for values in frames:
            self._remember(values, self._leaps(*self._distances(values)))

    def _judge(self, values: Values) -> NDArray[np.bool_]:
        off, again = self._distances(values)
        doubted = self._leaps(off, again)
        self._learn(off, again, doubted)
        self._remember(values, doubted)
        return doubted

    def _distances(self, values: Values) -> tuple[Values, Values]:
        """(n_meas,) each: from what was expected, and from what was heard last."""
        # What stands still is where it was, what moves is where it was going.
        off = np.fmin(np.abs(values - self._believed), np.abs(values - self._expected))
        return off, np.abs(values - self._heard)

    def _floored(self) -> Values:
        """(n_meas,) usual change by which a value is judged."""
        # Noise is much the same everywhere: a value that has hardly changed so far has only been lucky.
        least = max(float(np.median(self._usual)), self._grain, self._least)
        return np.maximum(self._usual, least)

    def _leaps(self, off: Values, again: Values) -> NDArray[np.bool_]:
        usual = self._floored()
        moved = off / usual
        known = moved[np.isfinite(moved)]
        frame_moves = max(1.0, float(np.quantile(known, QUANTILE))) if len(known) else 1.0
        limit = LEAP * usual * frame_moves
        # What was doubted and goes on in the same direction is true: damage is never the same twice.
        is_confirmed = self._doubted & (again < CONFIRMED * off)
        doubted = (off > limit) & (again > limit) & ~is_confirmed
        is_event = np.count_nonzero(doubted) > max(FEW, FEW_FRACTION * len(off))
        return np.zeros(len(off), dtype=np.bool_) if is_event else doubted

    def _learn(self, off: Values, again: Values, doubted: NDArray[np.bool_]) -> None:
        known = np.isfinite(off) & ~doubted
        # A leap that was believed must not make the next ones look usual.
        seen = np.minimum(off, LEAP * self._floored())
        self._usual[known] += LEARNING * (seen[known] - self._usual[known])
        if (changed := off[known & (off > 0)]).size:
            grain = min(float(np.median(changed)), LEAP * max(self._grain, self._least))
            self._grain += LEARNING * (grain - self._grain)
        # But one that was doubted and came true must, or it would be doubted each time.
        wronged = self._doubted & known & (again < CONFIRMED * off)
        self._usual[wronged] = np.maximum(self._usual[wronged], 2 * off[wronged] / LEAP)

    def _remember(self, values: Values, doubted: NDArray[np.bool_]) -> None:
        is_there = np.isfinite(values)
        is_good = is_there & ~doubted
        self._expected = np.where(is_good, 2 * values - self._believed, self._believed)
        self._believed = np.where(is_good, values, self._believed)
        self._heard = np.where(is_there, values, self._heard)
        self._doubted = doubted


def median(rows: Values) -> Values:
    """(n,) median over the known ones of (n_rows, n), real and imaginary part apart; NaN where none is known."""
    known = np.isfinite(rows)
    some = known.any(axis=0)
    parts = [rows.real, rows.imag] if np.iscomplexobj(rows) else [rows]
    found = np.full((len(parts), rows.shape[1]), np.nan)
    if some.any():
        for part, middle in zip(parts, found, strict=True):
            middle[some] = np.nanmedian(np.where(known, part, np.nan)[:, some], axis=0)
    return np.asarray(found[0] + 1j * found[1] if len(parts) == 2 else found[0])
