"""How long pictures take, in bounded memory: a histogram on a logarithmic scale.

Imports the standard library only. One thread adds; any thread may read (a reading may miss the newest picture).
"""

import math

FLOOR_MS = 1e-3
RATIO = 1.02
"""Width of a bin: a percentile is right to 2 %."""
N_BINS = 1 + math.ceil(math.log(1e6 / FLOOR_MS) / math.log(RATIO))
"""From a microsecond to a quarter of an hour."""


class LatencyHistogram:
    """Latencies of a run: how many, percentiles to 2 %, exact maximum."""

    def __init__(self) -> None:
        self._counts = [0] * N_BINS
        self.count = 0
        self.max_ms = 0.0

    def add(self, latency_ms: float) -> None:
        place = math.log(latency_ms / FLOOR_MS) / math.log(RATIO) if latency_ms > FLOOR_MS else 0
        self._counts[min(int(place), N_BINS - 1)] += 1
        self.count += 1
        self.max_ms = max(self.max_ms, latency_ms)

    def percentile_ms(self, percent: float) -> float | None:
        """Latency that `percent` of the pictures did not exceed; None before the first picture."""
        left = self.count * percent / 100.0
        for index, count in enumerate(self._counts):
            left -= count
            if count and left <= 0:
                return min(FLOOR_MS * math.pow(RATIO, index + 0.5), self.max_ms)
        return None

    def summary(self) -> dict[str, float]:
        """p50, p99 and max in milliseconds; empty before the first picture."""
        p50, p99 = self.percentile_ms(50), self.percentile_ms(99)
        return {} if p50 is None or p99 is None else {"p50": p50, "p99": p99, "max": self.max_ms}
