"""A link over one file descriptor: serial port, pseudo-terminal or TCP socket. Imports errors only.

The rule it keeps: the first bytes after a silence are handed over at once; a dribbling sender costs at most 1 / PACE_S
reads a second. Reading eagerly takes a third of a core when bytes come one by one, a nap before every read costs
latency on every frame; so only a read that follows a *small* read within PACE_S naps, and only for the rest of it.
"""

import errno
import os
import select
import threading
import time
from collections.abc import Callable

from eit_rt.errors import LinkLost

PACE_S = 0.0005
"""Shortest time between small reads: bounds both the added latency and the reads per second (2000)."""
SMALL = 1024
"""A read of at least so many bytes is efficient: the next one is not paced."""
CHUNK = 65536
SLICE_S = 0.05
"""Longest single wait: how quickly `close` from another thread is noticed."""
DISCARD_S = 0.2
WRITE_TIMEOUT_S = 2.0
"""A peer that takes no byte for so long is gone: command packets are a few dozen bytes."""


class DescriptorLink:
    """Reads and writes a non-blocking file descriptor. One thread may read while another writes or closes."""

    def __init__(self, url: str, fd: int, give_back: Callable[[], None]) -> None:
        """give_back closes the descriptor's owner (pyserial object or socket)."""
        self.url = url
        self._fd = fd
        self._give_back = give_back
        self._closed = False
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self._paced_until = 0.0

    def read(self, timeout_s: float = 0.05) -> bytes:
        """What has arrived, at once if anything has; b"" after the time-out. Raises LinkLost if the peer is gone."""
        deadline = time.monotonic() + timeout_s
        with self._reading:
            while True:
                self._refuse_if_closed()
                left = deadline - time.monotonic()
                if self._is_ready(min(max(left, 0.0), SLICE_S)):
                    return self._take()
                if left <= SLICE_S and time.monotonic() >= deadline:
                    return b""

    def write(self, data: bytes) -> None:
        """Send all of it. Raises LinkLost if the peer is gone or takes nothing for WRITE_TIMEOUT_S."""
        with self._writing:
            self._refuse_if_closed()
            left = memoryview(data)
            while left:
                left = left[self._send_some(left) :]

    def discard_input(self) -> None:
        """Forget what has arrived so far."""
        # A flood never runs dry: give up on the rest after a while, the decoder copes with it.
        deadline = time.monotonic() + DISCARD_S
        with self._reading:
            self._refuse_if_closed()
            # A look at least, should this thread be held up here for as long.
            while self._is_ready(0.0):
                self._receive()
                if time.monotonic() >= deadline:
                    return

    def close(self) -> None:
        """Give the port back; a second call does nothing. Never raises."""
        if self._closed:
            return
        self._closed = True
        with self._reading, self._writing:
            self._give_back()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise LinkLost(f"{self.url} was closed; open it again")

    def _is_ready(self, timeout_s: float) -> bool:
        try:
            return bool(select.select([self._fd], [], [], timeout_s)[0])
        except (OSError, ValueError) as error:
            raise self._lost(str(error)) from error

    def _take(self) -> bytes:
        nap = self._paced_until - time.monotonic()
        if nap > 0:
            time.sleep(nap)
        data = self._receive()
        self._paced_until = time.monotonic() + PACE_S if len(data) < SMALL else 0.0
        return data

    def _receive(self) -> bytes:
        try:
            data = os.read(self._fd, CHUNK)
        except BlockingIOError:
            # Another reader was quicker; on a port that is ours alone this does not happen.
            return b""
        except OSError as error:
            raise self._lost(_reason(error)) from error
        if not data:
            # End of file: a socket whose peer closed, or a terminal that was hung up.
            raise self._lost("the other side closed it")
        return data

    def _send_some(self, data: memoryview) -> int:
        try:
            if not select.select([], [self._fd], [], WRITE_TIMEOUT_S)[1]:
                raise self._lost(f"it took no bytes for {WRITE_TIMEOUT_S:g} s")
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except (OSError, ValueError) as error:
            raise self._lost(str(error)) from error

    def _lost(self, reason: str) -> LinkLost:
        return LinkLost(
            f"{self.url} went away ({reason}); check the cable and power, then open it again"
        )


def _reason(error: OSError) -> str:
    # A pseudo-terminal and a pulled USB cable both say EIO.
    return "device disconnected" if error.errno in (errno.EIO, errno.ENXIO) else str(error)
