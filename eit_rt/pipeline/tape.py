"""The recorder's own thread: a bounded, lossless queue between the reader and the file.

Full means that the disk is too slow: recording then stops loudly instead of losing frames in silence, and everything
written before stays. Acquisition and pictures go on.
"""

import queue
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from eit_rt.errors import RecordingError, RecordingStopped, known
from eit_rt.frames import Event, Frame
from eit_rt.recording import Recorder

BOUND = 4096
"""Items that may wait: 40 s at 100 frames per second."""
STATUS_EVERY_S = 1.0


class Tape:
    """Writes what `put` gives it, in order, in a thread of its own."""

    def __init__(
        self, recorder: Recorder, status: Callable[[], Mapping[str, Any]], bound: int = BOUND
    ) -> None:
        self._recorder = recorder
        self._status = status
        self._queue: queue.Queue[Frame | Event] = queue.Queue(bound)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write, name="eit-rt recorder", daemon=True)
        self.recorded = 0
        self.error: RecordingError | None = None
        """Why recording stopped; None while all is well."""

    def start(self) -> None:
        self._thread.start()

    def put(self, item: Frame | Event) -> None:
        """Queue an item; never waits. After an error it does nothing: `error` says why."""
        if self.error is not None:
            return
        try:
            self._queue.put_nowait(item)
        except queue.Full:
            self.error = RecordingStopped(
                f"the disk is too slow: {self._queue.maxsize} frames waited to be written to {self._recorder.path}; "
                f"the {self.recorded} frames before are safe. Record to a faster disk or at a lower rate"
            )

    def close(self) -> None:
        """Write what still waits, then finish the file. A second call does nothing."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _write(self) -> None:
        try:
            self._write_all()
            self._recorder.write_status(dict(self._status()))
        except RecordingError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - a thread's top: a recording that ends is told, never silent
            traceback.print_exception(error)
            self.error = RecordingError(str(known(error)))
        finally:
            self._finish()

    def _finish(self) -> None:
        """Whatever has happened, the frames that are there belong into a finished file."""
        try:
            self._recorder.close()
        except RecordingError as error:
            self.error = self.error or error
        finally:
            self.recorded = self._recorder.frames_saved

    def _write_all(self) -> None:
        next_status_s = 0.0
        while not (self._closing.is_set() and self._queue.empty()):
            try:
                item = self._queue.get(timeout=0.1)
            except queue.Empty:
                self._recorder.flush()
                continue
            self._recorder.write(item)
            self.recorded = self._recorder.frames_written
            if time.monotonic() >= next_status_s:
                next_status_s = time.monotonic() + STATUS_EVERY_S
                self._recorder.write_status(dict(self._status()))
