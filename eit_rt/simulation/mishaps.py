"""Mishaps: what happens to the line or the board at a given time: stalls, a disconnection, a reboot.

Imports sections only. The rule it keeps: pure functions of the seconds since the port was opened; no clock of its own.
"""

from math import floor, inf

from eit_rt.simulation.sections import Faults


class Mishaps:
    """The timetable of a scenario's faults."""

    def __init__(self, faults: Faults) -> None:
        self._stall = faults.stall
        self._disconnect = faults.disconnect
        self._reboot_at_s = faults.reboot_at_s

    def is_stalled(self, now_s: float) -> bool:
        """True while the line takes no bytes: the last for_s of each every_s."""
        if self._stall is None:
            return False
        return now_s % self._stall.every_s >= self._stall.every_s - self._stall.for_s

    def is_disconnected(self, now_s: float) -> bool:
        """True while the port is gone."""
        gone = self._disconnect
        return gone is not None and gone.at_s <= now_s < gone.at_s + gone.for_s

    def reboots(self, before_s: float, now_s: float) -> bool:
        """True if the reboot falls in before_s < t <= now_s."""
        return self._reboot_at_s is not None and before_s < self._reboot_at_s <= now_s

    def next_change(self, now_s: float) -> float:
        """When something changes next; inf if never."""
        return min((t for t in self._times(now_s) if t > now_s), default=inf)

    def _times(self, now_s: float) -> list[float]:
        times = [] if self._reboot_at_s is None else [self._reboot_at_s]
        if self._disconnect is not None:
            times += [self._disconnect.at_s, self._disconnect.at_s + self._disconnect.for_s]
        if self._stall is not None:
            every, length = self._stall.every_s, self._stall.for_s
            turn = floor(now_s / every)
            times += [(turn + k) * every - part for k in (1, 2) for part in (length, 0.0)]
        return times
