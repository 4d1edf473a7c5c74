"""What the viewer asks of the thing that plays a recording. ReplayBoard is one.

Imports frames only, no Qt. The rule it keeps: everything returns at once and may be called from the Qt thread.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eit_rt.frames import Event, Frame


class Recorded(Protocol):
    """The recording that is played; frames are numbered 0..len-1."""

    def __len__(self) -> int: ...

    @property
    def times_s(self) -> NDArray[np.float64]:
        """(len,) seconds since the first frame, rising."""
        ...

    @property
    def events(self) -> Sequence[Event]:
        """All events; `t_host_ns` on the clock of the frames' `t_host_ns`."""
        ...

    def frame(self, number: int) -> Frame: ...

    def index_at(self, t_s: float) -> int:
        """Number of the newest frame at `t_s` seconds after the first one; within the ends."""
        ...


class Player(Protocol):
    """Plays a recording at a speed, from any place, or not at all for a while."""

    speed: float
    """0.1 to 100, or inf: as fast as possible."""

    @property
    def recording(self) -> Recorded: ...

    @property
    def position(self) -> int:
        """Number of the frame that comes next; at the end, the number of frames."""
        ...

    @property
    def is_paused(self) -> bool: ...

    def pause(self) -> None: ...

    def resume(self) -> None:
        """Go on; from the end, begin again."""
        ...

    def step(self, frames: int = 1) -> None:
        """While paused: play so many frames, then stay paused."""
        ...

    def seek_frame(self, index: int) -> None:
        """Go on at this frame. While paused, nothing is played there before a step."""
        ...
