"""Schedule: when a recorded moment is due now. Absolute, so that errors do not add up. Imports errors; reads no clock.

Recorded time runs at `speed` from an anchor (a recorded moment and the moment now that stands for it). Changing speed,
pausing and jumping set a new anchor; nothing is accumulated.
"""

import math

from eit_rt.errors import ConfigError

LEAST_SPEED, MOST_SPEED = 0.1, 100.0


class Schedule:
    """Maps recorded nanoseconds to host nanoseconds."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = checked_speed(speed)
        self._anchor: tuple[int, int] | None = None  # recorded, now
        self._pause_ns = 0
        self.is_paused = False

    @property
    def speed(self) -> float:
        return self._speed

    def forget(self, pause_ns: int = 0) -> None:
        """After a jump or a pause: the next moment asked for is due at once, and time runs on from there.

        pause_ns: of recorded time, that pass before.
        """
        self._anchor, self._pause_ns = None, pause_ns

    def set_speed(self, speed: float, next_recorded_ns: int, now_ns: int) -> None:
        """next_recorded_ns: the moment that is played next; recorded time never runs ahead of it."""
        speed = checked_speed(speed)
        if self._anchor is not None:
            self._anchor = (min(self._recorded_ns(now_ns), next_recorded_ns), now_ns)
        self._speed = speed

    def due_ns(self, recorded_ns: int, now_ns: int) -> int:
        """When this recorded moment is due; `now_ns` if the speed is infinite or there is no anchor yet."""
        if self._anchor is None:
            self._anchor = (recorded_ns - self._pause_ns, now_ns)
        if math.isinf(self._speed):
            return now_ns
        recorded, now = self._anchor
        return now + round((recorded_ns - recorded) / self._speed)

    def _recorded_ns(self, now_ns: int) -> int:
        assert self._anchor is not None
        recorded, now = self._anchor
        if math.isinf(self._speed):
            return 1 << 62
        return recorded + round((now_ns - now) * self._speed)


def checked_speed(speed: float) -> float:
    """The speed, if it is 0.1 to 100, or inf (as fast as possible). Raises ConfigError."""
    if not (LEAST_SPEED <= speed <= MOST_SPEED or speed == math.inf):
        raise ConfigError(
            f"speed is {speed:g}; expected {LEAST_SPEED:g} to {MOST_SPEED:g}, or inf for as fast as possible"
        )
    return float(speed)
