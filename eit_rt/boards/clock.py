"""Clock: what time it is, and waiting until something changes. Imports the standard library only.

A board that waits or counts time does so through its clock, so that a test can put one of its own in the place of the
system's.
"""

import threading
import time


class Clock:
    """The system's clock."""

    def now_ns(self) -> int:
        """Nanoseconds of `time.monotonic_ns`, the clock of every `t_host_ns`."""
        return time.monotonic_ns()

    def wait(self, changed: threading.Condition, seconds: float) -> None:
        """Until `changed` is notified, so long at most. Whoever calls holds its lock, which is free meanwhile."""
        changed.wait(seconds)
