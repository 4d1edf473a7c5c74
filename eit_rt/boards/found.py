"""What a driver's decoder finds in the bytes of a plain board: frames, faults, losses, remarks. Imports frames only.

A plain board has no session and often no frame numbers; whatever it does say of itself is in these types.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eit_rt.frames import Severity


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """One full set of values that arrived."""

    values: NDArray[np.float32] | NDArray[np.complex64]
    """(n_meas,) in the order of the stream's pattern; NaN = missing (open, saturated)."""
    sequence: int | None = None
    """The board's own frame counter, unwrapped (`Unwrapped`); None: it has none, and frames are counted as they come.

    It may begin anywhere. One that goes back is a board that was switched off and on, and counts nothing as lost."""
    t_board_ns: int | None = None
    """The board's clock, unwrapped; None: it has none, and the host's is used, from the start of the run."""
    status: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """Something damaged that was thrown away."""

    kind: str
    """A word or two that stay the same for the same kind of damage: "short line"."""
    frames: int = 0
    """How many frames went with it, if that is known; 0 for a board with frame numbers: the gap tells."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Frames that the board says it did not send."""

    reason: str
    frames: int


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the board said and a person may want to know."""

    text: str
    severity: Severity = Severity.INFO


Found = Measured | Fault | Lost | Remark


class FrameDecoder(Protocol):
    """Bytes in, findings out. Without I/O, threads or clock; never raises, whatever the bytes are."""

    def feed(self, data: bytes) -> Sequence[Found]:
        """What these bytes complete, in order. Bytes may be cut anywhere. Memory is bounded."""
