"""Clocks in a test's hands: with them a board's times are exact, however busy the machine is."""

import threading

from eit_rt.boards.clock import Clock

START_NS = 1_000_000_000_000
PATIENCE_S = 20.0
"""For threads that do what is expected of them; what should not happen takes a minute."""
MINUTE_S = 60.0


class LeapingClock(Clock):
    """For one thread: whoever waits is at the end of the wait at once."""

    def __init__(self, ns: int = START_NS) -> None:
        self.ns = ns
        self.waits_s: list[float] = []
        """The waits that were asked for."""

    def now_ns(self) -> int:
        return self.ns

    def wait(self, changed: threading.Condition, seconds: float) -> None:
        self.waits_s.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.ns += round(seconds * 1e9)


class HandClock(Clock):
    """For a board that another thread reads: stands until `advance`, and a wait lasts until somebody says something.

    A board that is not woken by what concerns it hangs for a minute.
    """

    def __init__(self) -> None:
        self.ns = START_NS
        self._waits = threading.Event()
        self._changed = threading.Condition()

    def now_ns(self) -> int:
        return self.ns

    def wait(self, changed: threading.Condition, seconds: float) -> None:
        self._changed = changed
        self._waits.set()
        changed.wait(MINUTE_S)
        self._waits.clear()

    def settle(self) -> None:
        """Until the board has done all that there is to do now, and waits."""
        assert self._waits.wait(PATIENCE_S), "the board does not wait"
        with self._changed:
            self._waits.clear()
            self._changed.notify_all()
        assert self._waits.wait(PATIENCE_S), "the board does not wait again"

    def advance(self, seconds: float) -> None:
        """Let time pass, and the board do what is due then."""
        self.settle()
        self.ns += round(seconds * 1e9)
        self.settle()


class TickingClock(Clock):
    """Each look at it takes so long: time passes with what a board does, not with what the machine does."""

    def __init__(self, tick_s: float) -> None:
        self.ns = START_NS
        self._tick_ns = round(tick_s * 1e9)

    def now_ns(self) -> int:
        self.ns += self._tick_ns
        return self.ns
