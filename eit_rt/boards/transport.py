"""Transport: the levers of whatever plays what was recorded: speed, pause, step, seek. Imports schedule, clock, errors.

The rule it keeps: every lever may be pulled from any thread, before the start as well, and returns at once. Playing
itself is its heir's, who holds `_changed` while looking at these.
"""

import threading
from abc import ABC, abstractmethod
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from eit_rt.boards.clock import Clock
from eit_rt.boards.schedule import Schedule
from eit_rt.errors import ConfigError

LONGEST_WAIT_S = 0.1


class Recorded(Protocol):
    """What is played, by number and time."""

    @property
    def times_s(self) -> NDArray[np.float64]:
        """(n,) seconds after the first."""
        ...

    def __len__(self) -> int: ...

    def index_at(self, t_s: float) -> int:
        """Number of the newest one at `t_s` seconds after the first; within the ends."""
        ...


class Transport(ABC):
    """An heir gives `recording`, and writes `_next_recorded_ns`, `_jump` and perhaps `_resumes`."""

    recording: Recorded
    _of: ClassVar[tuple[str, str]] = ("recording", "frames")
    """Words for messages: what is played, and what it holds."""

    def __init__(self, speed: float, clock: Clock | None) -> None:
        """clock: None is the system's. Raises ConfigError for an impossible speed."""
        self._clock = clock or Clock()
        self._changed = threading.Condition()
        self._schedule = Schedule(speed)
        self._position = self._steps = 0

    @property
    def speed(self) -> float:
        return self._schedule.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        with self._changed:
            self._schedule.set_speed(speed, self._next_recorded_ns(), self._clock.now_ns())
            self._changed.notify_all()

    @property
    def position(self) -> int:
        """Number of what comes next; at the end, how many there are."""
        return self._position

    @property
    def is_paused(self) -> bool:
        return self._schedule.is_paused

    def pause(self) -> None:
        with self._changed:
            self._schedule.is_paused = True

    def resume(self) -> None:
        """Go on; from the end, begin again."""
        with self._changed:
            self._resumes()
            self._schedule.is_paused = False
            self._schedule.forget()
            self._steps = 0
            self._changed.notify_all()

    def step(self, frames: int = 1) -> None:
        """While paused: play so many, then stay paused."""
        with self._changed:
            self._steps += frames
            self._changed.notify_all()

    def seek_frame(self, index: int) -> None:
        """Go on here, counted from 0. Raises ConfigError if there is no such one."""
        if not 0 <= index < len(self.recording):
            whole, parts = self._of
            raise ConfigError(
                f"there is no frame {index}; the {whole} has {parts} 0 to {len(self.recording) - 1}"
            )
        with self._changed:
            self._position = index
            self._steps = 0  # those asked for at the place left behind
            self._jump()
            self._schedule.forget()
            self._changed.notify_all()

    def seek_time(self, t_s: float) -> None:
        """Go on at the newest one at t_s seconds after the first. Raises ConfigError for a time beyond the ends."""
        last = f"{self.recording.times_s[-1]:.6g}"
        # The end may be said as it is printed, rounded up.
        if not 0 <= t_s <= max(self.recording.times_s[-1], float(last)):
            raise ConfigError(f"time {t_s:g} s is not in the {self._of[0]}; expected 0 to {last}")
        self.seek_frame(self.recording.index_at(t_s))

    # -- what an heir writes; it is called with `_changed` held ------------------------------------------------

    @abstractmethod
    def _next_recorded_ns(self) -> int:
        """The recorded moment that is played next."""

    def _jump(self) -> None:  # noqa: B027 - most have nothing to do here
        """The position has been changed under the thread that plays."""

    def _resumes(self) -> None:  # noqa: B027
        """Playing goes on."""
