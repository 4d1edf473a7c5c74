"""Time of a Sciospec board: 32-bit milliseconds made endless; frames counted and messages told apart by them.

Imports numpy only. The board has no frame numbers: its clock is all that tells of frames that never came.
"""

from collections import deque
from statistics import median

import numpy as np
from numpy.typing import NDArray

MODULUS_MS = 1 << 32
"""The clock wraps after 49.7 days."""
LEAST_LEAP_MS = 1000
FRAMES_OF_LEAP = 3
JITTER_MS = 2
STEPS = 8
LEARNING = 0.1
"""Weight of the newest step in the usual one."""
NEAR = 0.3
"""A step that deviates less from the usual one, relative to it, holds one frame and refines it."""
ALIKE = 1.2
"""The last STEPS steps are the board's pace, whatever was asked for, if the longest is no longer than so many times the
shortest; lost frames make steps that differ."""
SLOW = 0.2
"""Relative deviation from the rate asked for that is told."""


class Stamps:
    """Time stamps of messages. A leap is believed when the next stamp goes on from there, and damage before."""

    def __init__(self, rate_hz: float) -> None:
        self._leap_ms = max(LEAST_LEAP_MS, round(FRAMES_OF_LEAP * 1000 / rate_hz))
        self._newest: int | None = None
        self._leaping: int | None = None
        self.is_free = True
        """The next stamp may be any."""

    def __call__(self, stamp: int) -> int | None:
        """Endless milliseconds; None: not to be believed. A clock that goes back is a board that was switched on."""
        if self._newest is None:
            self._newest, self.is_free = stamp, False
            return stamp
        step = _signed(stamp - self._newest)
        if abs(step) > self._leap_ms:
            if not (self.is_free or self._goes_on(stamp)):
                self._leaping = stamp
                return None
            self._newest = self._newest + step if step > 0 else stamp
        else:
            self._newest += step
        self._leaping, self.is_free = None, False
        return self._newest

    def _goes_on(self, stamp: int) -> bool:
        return self._leaping is not None and 0 <= _signed(stamp - self._leaping) <= self._leap_ms


class FrameNumbers:
    """Counts frames by the clock. The rate asked for may not be quite the board's: the usual step is learned."""

    def __init__(self, rate_hz: float) -> None:
        self._asked_ms = self.usual_ms = 1000 / rate_hz
        """From one frame to the next."""
        self._steps: deque[int] = deque(maxlen=STEPS)
        self._newest_ms: int | None = None
        self._number = -1
        self._is_told = False

    def begin_again(self) -> None:
        """The board was started anew: what it did not measure meanwhile is not missing."""
        self._newest_ms = None

    def __call__(self, first_ms: int) -> tuple[int, str]:
        """(number of the frame that began then, what a person may want to know or "")."""
        step_ms = 0 if self._newest_ms is None else first_ms - self._newest_ms
        if step_ms > 0:
            self._learn(step_ms)
        self._number += max(1, round(step_ms / self.usual_ms))
        self._newest_ms = first_ms
        return self._number, self._told()

    def _learn(self, step_ms: int) -> None:
        self._steps.append(step_ms)
        if abs(step_ms - self.usual_ms) <= NEAR * self.usual_ms:
            self.usual_ms += LEARNING * (step_ms - self.usual_ms)
        elif len(self._steps) == STEPS and max(self._steps) <= ALIKE * min(self._steps):
            self.usual_ms = median(self._steps)

    def _told(self) -> str:
        if self._is_told or abs(self.usual_ms / self._asked_ms - 1) <= SLOW:
            return ""
        self._is_told = True
        pace_hz, asked_hz = 1000 / self.usual_ms, 1000 / self._asked_ms
        return f"the board sends {pace_hz:.3g} frames/s, not the {asked_hz:.3g} asked for"


class CellTimes:
    """How long after its frame's first message each message usually comes.

    The same cell of the next frame comes a whole frame later: so it is told from this one's, whatever the order is.
    """

    def __init__(self) -> None:
        self._usual: NDArray[np.float64] | None = None

    @property
    def is_known(self) -> bool:
        return self._usual is not None

    def fits(self, cell: tuple[int, int], after_ms: int, frame_ms: float) -> bool:
        """False if a message so long after the first one of its frame is one of another frame."""
        if self._usual is None:
            return -JITTER_MS <= after_ms <= frame_ms + JITTER_MS
        return bool(abs(after_ms - self._usual[cell]) <= 0.5 * frame_ms)

    def learn(self, after_ms: NDArray[np.float64]) -> None:
        """after_ms: of every cell of a frame in which nothing was lost."""
        if self._usual is None:
            self._usual = after_ms.copy()
        self._usual += LEARNING * (after_ms - self._usual)

    def forget(self) -> None:
        self._usual = None


def _signed(step_ms: int) -> int:
    """The shorter way round the clock."""
    return (step_ms + MODULUS_MS // 2) % MODULUS_MS - MODULUS_MS // 2
