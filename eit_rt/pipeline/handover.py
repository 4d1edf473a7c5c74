"""Hand-over of items between two threads, with a stated bound and a stated rule when it is full.

Imports the standard library only. One thread puts, one thread takes.
"""

import queue
import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Newest(Generic[Item]):
    """Keeps the newest item; when the taker is late the oldest is dropped and counted. `put` never waits."""

    def __init__(self) -> None:
        # Written in C: nothing of Python's own runs between a put and the taker's waking.
        self._queue: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._closed = False
        self.dropped = 0

    def put(self, item: Item) -> None:
        if self._queue.qsize() >= 1:
            try:
                self._queue.get_nowait()
                self.dropped += 1
            except queue.Empty:
                pass
        self._queue.put(item)

    def take(self, timeout_s: float = 0.1) -> Item | None:
        """The newest item, or None after the time-out and once the slot is closed and empty."""
        try:
            return self._queue.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def close(self) -> None:
        """No more items will come. What lies in the slot can still be taken."""
        self._closed = True
        if self._queue.empty():
            self._queue.put(None)

    @property
    def is_finished(self) -> bool:
        return self._closed and self._queue.empty()


class Waiting(Generic[Item]):
    """Keeps up to `bound` items in order; when it is full `put` waits for the taker. Nothing is lost."""

    def __init__(self, bound: int = 64) -> None:
        self._queue: queue.Queue[Item] = queue.Queue(bound)
        self._closed = threading.Event()
        self.dropped = 0

    def put(self, item: Item) -> None:
        while not self._closed.is_set():
            try:
                self._queue.put(item, timeout=0.1)
                return
            except queue.Full:
                continue

    def take(self, timeout_s: float = 0.1) -> Item | None:
        """The oldest item, or None after the time-out."""
        try:
            return self._queue.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def close(self) -> None:
        """No more items will come. What waits can still be taken."""
        self._closed.set()

    @property
    def is_finished(self) -> bool:
        return self._closed.is_set() and self._queue.empty()
