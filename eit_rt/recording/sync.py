"""Sync: fsync in a thread of its own. Imports the standard library only.

The rule it keeps: a slow disk delays what a power failure can cost, never what kill -9 can: written frames are in the
system's hands at once, and the thread that writes them does not wait for the disk.
"""

import os
import threading


class Sync:
    """At most one fsync at a time of one descriptor; whoever closes the descriptor calls `wait` first."""

    def __init__(self, descriptor: int) -> None:
        self._file = descriptor
        self._thread: threading.Thread | None = None
        self._error: OSError | None = None

    @property
    def is_busy(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def begin(self) -> None:
        """Begin one, unless one is under way. Raises the OSError that the one before ended with."""
        if self.is_busy:
            return
        error, self._error = self._error, None
        if error is not None:
            raise error
        self._thread = threading.Thread(target=self._run, name="eit-rt fsync", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Until none is under way."""
        if self._thread is not None:
            self._thread.join()

    def finish(self) -> None:
        """The last one, here and now. Raises OSError, also that of the one before."""
        self.wait()
        error, self._error = self._error, None
        if error is not None:
            raise error
        os.fsync(self._file)

    def _run(self) -> None:
        try:
            os.fsync(self._file)
        except OSError as error:
            self._error = error
