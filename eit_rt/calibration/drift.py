"""Drift: lets the reference follow a tank that is still, slowly.

Imports nothing of the project. The rule it keeps: while the frame differs from the reference by more than the user
calls still, the reference does not move. It cannot tell slow drift from a small or slow object: both are absorbed.
"""

import numpy as np
from numpy.typing import NDArray

NS_PER_S = 1e9


class DriftTracker:
    """Exponential follower of the reference, one time constant, held while something is in the tank."""

    def __init__(self, time_constant_s: float, still_below: float) -> None:
        """still_below: rms of dv over the valid measurements, in the unit of dv."""
        self._time_constant_s = time_constant_s
        self._still_below = still_below
        self._t_ns: int | None = None
        self._moved: NDArray[np.inexact] | None = None

    def step(
        self,
        values: NDArray[np.inexact],
        reference: NDArray[np.inexact],
        dv: NDArray[np.float32],
        valid: NDArray[np.float32],
        t_ns: int,
    ) -> NDArray[np.inexact] | None:
        """(n_meas,) the reference after this frame, in double precision; None if it stays.

        Arrays are (n_meas,), values in the board's unit, NaN in dv where valid is 0. t_ns: the board's time.
        """
        elapsed_s = 0.0 if self._t_ns is None else (t_ns - self._t_ns) / NS_PER_S
        self._t_ns = t_ns
        # A board that restarted or paused gives no time to follow in.
        if not 0 < elapsed_s < self._time_constant_s or not self._is_still(dv, valid):
            return None
        if self._moved is None:
            # Single precision would swallow steps of 1e-8 of the value.
            self._moved = reference.astype(
                np.complex128 if np.iscomplexobj(reference) else np.float64
            )
        share = -np.expm1(-elapsed_s / self._time_constant_s)
        usable = valid > 0
        self._moved[usable] += share * (values[usable] - self._moved[usable])
        return self._moved

    def restart(self) -> None:
        """Forget: another reference was set."""
        self._t_ns = self._moved = None

    def _is_still(self, dv: NDArray[np.float32], valid: NDArray[np.float32]) -> bool:
        known = dv[valid > 0]
        return len(known) > 0 and float(np.sqrt(np.mean(np.square(known)))) < self._still_below
