"""Frames per second, over the last second or so and over the whole run. Standard library only."""

SMOOTHING_S = 1.0


class RateMeter:
    """Counts arrivals; the rate now is smoothed over about a second."""

    def __init__(self) -> None:
        self._first_ns = self._last_ns = 0
        self._count = 0
        self._interval_s = 0.0

    def add(self, t_ns: int) -> None:
        if self._count:
            interval_s = (t_ns - self._last_ns) / 1e9
            weight = min(1.0, max(interval_s / SMOOTHING_S, 1.0 / self._count))
            self._interval_s += weight * (interval_s - self._interval_s)
        else:
            self._first_ns = t_ns
        self._last_ns = t_ns
        self._count += 1

    def now_hz(self, now_ns: int) -> float:
        """Falls while nothing arrives: what has stopped has no rate."""
        silence_s = (now_ns - self._last_ns) / 1e9
        weight = min(1.0, max(0.0, silence_s / SMOOTHING_S))
        interval_s = self._interval_s + weight * max(0.0, silence_s - self._interval_s)
        return 1.0 / interval_s if self._interval_s > 0 else 0.0

    @property
    def mean_hz(self) -> float:
        elapsed_s = (self._last_ns - self._first_ns) / 1e9
        return (self._count - 1) / elapsed_s if elapsed_s > 0 else 0.0
