"""Digest: counts what happens often, tells of it at most once a second. Imports frames only; reads no clock.

A noisy line has thousands of faults a second; the recording and the screen need to know how many and of which kind.
"""

from eit_rt.frames import Event, Severity

QUIET_NS = 1_000_000_000


class Digest:
    """The first occurrence is told at once; those of the second that follows are summed up in one event."""

    def __init__(self, kind: str, sentence: str) -> None:
        """kind and sentence: of the events, "fault", "damaged bytes on the line"."""
        self._kind, self._sentence = kind, sentence
        self._waiting: dict[str, int] = {}
        self._told_ns: int | None = None

    def add(self, reason: str, count: int = 1) -> None:
        if count > 0:
            self._waiting[reason] = self._waiting.get(reason, 0) + count

    def due(self, now_ns: int) -> Event | None:
        """The event that should be told now, if any."""
        if self._told_ns is not None and now_ns - self._told_ns < QUIET_NS:
            return None
        return self.rest(now_ns)

    def rest(self, now_ns: int) -> Event | None:
        """What has not been told yet, without waiting for the second to pass."""
        if not self._waiting:
            return None
        total = sum(self._waiting.values())
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(self._waiting.items()))
        self._waiting, self._told_ns = {}, now_ns
        return Event(self._kind, f"{self._sentence}: {reasons}", now_ns, Severity.WARNING, total)
