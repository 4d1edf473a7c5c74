"""Two link ends in memory: what one writes the other reads. For tests and for a simulated board in the same process.

Bounded like a wire: a writer waits while CAPACITY bytes are unread, and after WRITE_TIMEOUT_S the peer counts as gone.
"""

import threading
import time
from typing import Self

from eit_rt.errors import LinkLost

CAPACITY = 1 << 20
WRITE_TIMEOUT_S = 2.0


class _Pipe:
    """Bytes on their way in one direction."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.waiting = bytearray()
        self.is_closed = False
        self.changed = threading.Condition()

    def put(self, data: bytes) -> bool:
        """False if the pipe is closed, or stays full for WRITE_TIMEOUT_S."""
        deadline = time.monotonic() + WRITE_TIMEOUT_S
        left = memoryview(data)
        with self.changed:
            while left:
                room = self.capacity - len(self.waiting)
                if self.is_closed or (
                    room <= 0 and not self.changed.wait(deadline - time.monotonic())
                ):
                    return False
                if room > 0:
                    self.waiting += left[:room]
                    left = left[room:]
                    self.changed.notify_all()
            return not self.is_closed

    def take(self, timeout_s: float) -> bytes | None:
        """All that waits; b"" after the time-out; None if the pipe is closed and empty."""
        with self.changed:
            self.changed.wait_for(lambda: self.waiting or self.is_closed, timeout_s)
            if not self.waiting and self.is_closed:
                return None
            data = bytes(self.waiting)
            self.waiting.clear()
            self.changed.notify_all()
            return data

    def close(self) -> None:
        with self.changed:
            self.is_closed = True
            self.changed.notify_all()


class MemoryLink:
    """One end of a pair; see `MemoryLink.pair()`."""

    def __init__(self, inbox: _Pipe, outbox: _Pipe, url: str) -> None:
        self.url = url
        self._inbox, self._outbox = inbox, outbox
        self._closed = False

    @classmethod
    def pair(cls, capacity: int = CAPACITY) -> tuple[Self, Self]:
        """Two connected ends. capacity: bytes that may be under way in each direction before a writer waits."""
        there, back = _Pipe(capacity), _Pipe(capacity)
        return cls(back, there, "memory://a"), cls(there, back, "memory://b")

    def read(self, timeout_s: float = 0.05) -> bytes:
        """What has arrived, at once if anything has; b"" after the time-out. Raises LinkLost if the peer is gone."""
        data = None if self._closed else self._inbox.take(timeout_s)
        if data is None:
            raise self._lost()
        return data

    def write(self, data: bytes) -> None:
        """Send all of it. Raises LinkLost if the peer is gone or does not read."""
        if self._closed or not self._outbox.put(data):
            raise self._lost()

    def discard_input(self) -> None:
        """Forget what has arrived so far."""
        if self._closed:
            raise self._lost()
        self._inbox.take(0.0)

    def close(self) -> None:
        """Close both directions; the peer may still read what was sent. A second call does nothing."""
        self._closed = True
        self._inbox.close()
        self._outbox.close()

    def _lost(self) -> LinkLost:
        return LinkLost(
            f"{self.url} was closed; open it again"
            if self._closed
            else f"{self.url} went away (the other end closed it or does not read)"
        )
