"""Stall watch: notices that a running board has fallen silent, and that it speaks again. Imports frames only.

Reads no clock: the caller says what time it is.
"""

from eit_rt.frames import Event, Severity

LEAST_SILENCE_S = 1.0
FRAMES_OF_SILENCE = 5
"""A slow board (one frame in two seconds) is not stalled after one second."""


class StallWatch:
    """Silence longer than max(1 s, 5 frame times) is a stall; told once, and once more when it ends."""

    def __init__(self, rate_hz: float, now_ns: int) -> None:
        """rate_hz: expected frames per second, 0 if unknown. now_ns: when frames were first due."""
        silence_s = max(LEAST_SILENCE_S, FRAMES_OF_SILENCE / rate_hz if rate_hz > 0 else 0.0)
        self.limit_ns = int(silence_s * 1e9)
        self.begin(now_ns)

    def begin(self, now_ns: int) -> None:
        """The board was started: frames are due from now on."""
        self.is_stalled = False
        self._last_ns = now_ns

    def frame_came(self, now_ns: int) -> Event | None:
        """To be told of each frame; an event if that ends a stall."""
        silence_s, self._last_ns = (now_ns - self._last_ns) / 1e9, now_ns
        if not self.is_stalled:
            return None
        self.is_stalled = False
        return Event("resumed", f"frames came again after {silence_s:.1f} s", now_ns)

    def look(self, now_ns: int) -> Event | None:
        """To be asked every now and then; an event when a stall begins."""
        silence_ns = now_ns - self._last_ns
        if self.is_stalled or silence_ns < self.limit_ns:
            return None
        self.is_stalled = True
        return Event(
            "stall",
            f"no frame for {silence_ns / 1e9:.1f} s, although the port is open",
            now_ns,
            Severity.WARNING,
        )
