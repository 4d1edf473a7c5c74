"""Takes the reference from the stream itself: the median of the next good frames, at the start or when the user asks.

Imports calibration and frames. `request` may come from any thread; the rest belongs to the imaging thread.
"""

import threading
import time

from eit_rt.calibration import Calibration, ReferenceCollector
from eit_rt.errors import ConfigError
from eit_rt.frames import Event, Frame, Severity

FEW = 0.05
"""A larger part of measurements without a use is told."""


class ReferenceTaker:
    """Collects frames while there is no reference; the first `n_frames` good ones become it."""

    def __init__(self, calibration: Calibration, n_frames: int) -> None:
        self._calibration = calibration
        self._collector = ReferenceCollector(n_frames)
        self._requested = threading.Event()
        if calibration.needs_reference:
            self._requested.set()

    def request(self) -> None:
        """Take a new reference from the coming frames; pictures go on against the old one until it is there."""
        self._requested.set()

    @property
    def is_waiting(self) -> bool:
        """Whether there are no pictures yet because there is no reference yet."""
        return self._calibration.needs_reference

    def take(self, frame: Frame) -> Event | None:
        """Use the frame if a reference is being taken. Returns the event to tell when it is complete or impossible."""
        if not self._requested.is_set() or not self._collector.add(frame):
            return None
        frames = self._collector.frames
        self._collector.clear()
        try:
            self._calibration.set_reference(frames)
        except ConfigError as error:
            return Event("reference", f"no reference: {error}", time.monotonic_ns(), Severity.ERROR)
        self._requested.clear()
        text = f"reference taken: median of {len(frames)} frames up to frame {frame.sequence}"
        left_out = self._calibration.left_out
        if left_out.mean() <= FEW:
            return Event("reference", text, time.monotonic_ns())
        # First what matters: a window's line may be too short for the rest.
        text = (
            f"{int(left_out.sum())} of {len(left_out)} measurements are left out, being clipped, missing or near zero: "
            f"lower the current or the gain, connect all electrodes, look at `eit-rt selftest` ({text})"
        )
        return Event("reference", text, time.monotonic_ns(), Severity.WARNING)
