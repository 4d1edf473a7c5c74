"""The types that flow: Frame -> Difference -> Image -> Snapshot, and the events between them.

Imports pattern, layout and errors. Frozen; arrays are read-only once published. Times are integer nanoseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError, MismatchError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern

MISSING = float("nan")


class ValueKind(StrEnum):
    """What one value of a frame is."""

    MAGNITUDE = "magnitude"
    """Unsigned: the sign of the voltage is lost. Normalised differences are safe, plain ones are not."""
    REAL = "real"
    COMPLEX = "complex"


class DifferenceKind(StrEnum):
    """How a difference is made from a frame v and a reference v_ref."""

    NORMALISED = "normalised"
    """v / v_ref - 1: indifferent to gain and polarity."""
    PLAIN = "plain"
    """gain * (v - v_ref), in the unit and amplitude that the model was made for."""


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class BoardIdentity:
    """Who a board is. Two boards are the same device when driver, model and serial agree."""

    driver: str
    model: str
    serial: str = ""
    firmware: str = ""
    max_electrodes: int = 0
    capabilities: tuple[str, ...] = ()

    def is_same_device(self, other: "BoardIdentity") -> bool:
        return (self.driver, self.model, self.serial) == (other.driver, other.model, other.serial)

    def to_dict(self) -> dict[str, Any]:
        return {
            "driver": self.driver,
            "model": self.model,
            "serial": self.serial,
            "firmware": self.firmware,
            "max_electrodes": self.max_electrodes,
            "capabilities": list(self.capabilities),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "BoardIdentity":
        try:
            return cls(**{**plain, "capabilities": tuple(plain.get("capabilities", ()))})
        except TypeError as error:
            raise ConfigError(f"not a board identity: {error}") from error


@dataclass(frozen=True, slots=True)
class Stream:
    """What a configured board sends: fixed from `start` to `stop`."""

    pattern: Pattern
    rate_hz: float
    """Frames per second; 0 if the source has no rate of its own."""
    value_kind: ValueKind = ValueKind.REAL
    layout: Layout | None = None
    """Where the electrodes are, if the source knows (a recording, a simulated tank); else the user or profile says."""
    saturation: float | None = None
    """Absolute value at and above which a measurement is clipped, in the unit of the frames."""
    unit: str = ""
    """Unit of the values, "V" for volt; empty for the board's own, proportional to volt."""

    def __post_init__(self) -> None:
        """Raises MismatchError if pattern and layout have different numbers of electrodes."""
        if self.layout is not None and self.layout.n_electrodes != self.pattern.n_electrodes:
            raise MismatchError(
                f"the layout has {self.layout.n_electrodes} electrodes, the pattern {self.pattern.n_electrodes} "
                f"({self.pattern.describe()}); give the layout of this tank"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One full set of measurements, in pattern order."""

    values: NDArray[np.float32] | NDArray[np.complex64]
    """(n_meas,), volt or the board's own unit; NaN = missing."""
    sequence: int
    """The board's frame counter since start, unwrapped; a step above 1 means that frames were lost."""
    t_board_ns: int
    """Start of the frame on the board's clock, nanoseconds since the board's boot (or the recording's start)."""
    t_host_ns: int
    """`time.monotonic_ns()` when the last byte of the frame was read."""
    dropped_total: int = 0
    """Frames that the board says it had to drop so far."""
    status: int = 0
    """Status bits as the board sent them; 0 = good."""

    def __post_init__(self) -> None:
        self.values.flags.writeable = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened between frames: a fault, a loss, a gap, a note of the user."""

    kind: str
    """A word: fault, lost, gap, stall, resumed, reboot, restarted, link-lost, link-restored, board-refused, board, end,
    note."""
    text: str
    """One sentence for people."""
    t_host_ns: int
    severity: Severity = Severity.INFO
    count: int = 1
    """How many of the kind this event stands for (frames lost, faults seen)."""


@dataclass(slots=True)
class BoardCounters:
    """What a driver has seen since `start`; only the reader thread writes."""

    received: int = 0
    """Complete, checked frames."""
    bad: int = 0
    """Faults: damaged packets, malformed lines, frames that could not be completed."""
    lost: int = 0
    """Frames missing by the board's own sequence numbers."""
    faults: dict[str, int] = field(default_factory=dict)
    """`bad` by kind."""
    bytes_in: int = 0
    """Bytes read; 0 for sources that are no bytes."""

    def add_fault(self, kind: str, count: int = 1) -> None:
        self.bad += count
        self.faults[kind] = self.faults.get(kind, 0) + count


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """A calibrated frame against its reference, ready for a model."""

    dv: NDArray[np.float32]
    """(n_meas,), v/v_ref - 1 (normalised) or v - v_ref (plain); NaN where not valid."""
    valid: NDArray[np.float32]
    """(n_meas,), 1 where usable, 0 where missing, masked or out of range."""

    @property
    def valid_fraction(self) -> float:
        return float(self.valid.mean())


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """One reconstruction: a picture or a vector of impedances."""

    values: NDArray[np.float32]
    """(H, W), row 0 = top, NaN outside the domain; or (n,) impedances; unit and extent as the model's metadata say."""
    frame: Frame
    difference: Difference
    t_ready_ns: int
    """`time.monotonic_ns()` when the picture was ready."""

    @property
    def latency_ms(self) -> float:
        """Last byte of the frame read -> picture ready, millisecond."""
        return (self.t_ready_ns - self.frame.t_host_ns) / 1e6


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What a viewer gets: the newest image and how every stage is doing."""

    image: Image
    counters: Mapping[str, int]
    """received, bad, lost, dropped, recorded, imaged."""
    rate_hz: float
    """Frames per second received over the last second or so."""
    message: str = ""
    """The newest event, for the status line."""


def frozen(array: ArrayLike, dtype: Any = np.float32) -> NDArray[Any]:
    """A read-only copy."""
    copy = np.array(array, dtype=dtype)
    copy.flags.writeable = False
    return copy
