"""The last minute of one number, in a ring of fixed size. Numbers only, no Qt; memory never grows."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Trace:
    """Time and value of the newest `capacity` samples. A pause longer than `gap_s` breaks the line with a NaN."""

    def __init__(self, capacity: int, gap_s: float = 1.0) -> None:
        self._times = np.full(capacity, np.nan)
        self._values = np.full(capacity, np.nan)
        self._gap_s = gap_s
        self._count = 0
        self._newest_s = np.nan

    def __len__(self) -> int:
        return min(self._count, len(self._times))

    @property
    def nbytes(self) -> int:
        return self._times.nbytes + self._values.nbytes

    def append(self, time_s: float, value: float) -> None:
        if time_s - self._newest_s > self._gap_s:
            self._put((time_s + self._newest_s) / 2, np.nan)
        self._put(time_s, value)
        self._newest_s = time_s

    def since(self, start_s: float) -> tuple[Floats, Floats]:
        """Times and values from `start_s` on, oldest first."""
        order = np.arange(self._count - len(self), self._count) % len(self._times)
        times, values = self._times[order], self._values[order]
        keep = times >= start_s
        return times[keep], values[keep]

    def _put(self, time_s: float, value: float) -> None:
        slot = self._count % len(self._times)
        self._times[slot], self._values[slot] = time_s, value
        self._count += 1
