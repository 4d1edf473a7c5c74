"""DATA packets <-> whole frames: parts in order, gaps counted, the 32-bit frame counter unwrapped. SPEC.md, "Frames".

Imports framing, values, errors and the generated messages. The rule it keeps: a frame is delivered whole or not at all.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from eit_rt.errors import ConfigError
from eit_rt.protocol.framing import Fault, Packet
from eit_rt.protocol.generated import (
    DATA_MESSAGE,
    MAX_MEASUREMENTS,
    MAX_PAYLOAD,
    ConfigureAnswer,
    DataMessage,
    DType,
    FaultKind,
)
from eit_rt.protocol.values import VALUE_BYTES, Values, values_from_bytes, values_to_bytes

__all__ = ["FrameAssembler", "RawFrame", "split_frame"]

_COUNTER = 1 << 32
_VALUE_BYTES = {int(dtype): size for dtype, size in VALUE_BYTES.items()}


class RawFrame(NamedTuple):
    """One full set of measurements as the board sent it."""

    values: Values
    """(n_meas,) float32 or complex64, read-only, in the board's unit after scaling; NaN = missing."""
    frame: int
    """The board's frame counter since START, unwrapped to 64 bits."""
    t_us: int
    """Start of acquisition on the board's clock, microseconds since its boot."""
    dropped_total: int
    """Frames the board had to drop since START (wraps at 2^32)."""
    status: int
    """FrameStatus bits of all parts; 0 = good."""
    lost_before: int
    """Frames missing between this one and the one before it: dropped by the board or damaged on the way."""


class FrameAssembler:
    """Whole frames from DATA packets of one configuration, in their order.

    Bounded memory: at most one unfinished frame. After a START or READY call `restart`: only then may the frame counter
    begin anew. Without it a number at or before the last one is a fault (OUT_OF_ORDER), never a new epoch: a rebooted
    board has no configuration and sends no DATA until it is told to, so such a packet can only be a repetition.
    """

    def __init__(
        self, n_meas: int, config_id: int, scale: float = 1.0, first_frame: int | None = 0
    ) -> None:
        """scale: unit per count of integer values. first_frame: the number expected first (missing ones before it count
        as lost), or None to take the first that comes, when joining a stream that already runs.

        Raises ConfigError if n_meas is not 1..MAX_MEASUREMENTS.
        """
        if not 0 < n_meas <= MAX_MEASUREMENTS:
            raise ConfigError(f"{n_meas} values in a frame; EITP carries 1..{MAX_MEASUREMENTS}")
        self.n_meas = n_meas
        self.config_id = config_id
        self.scale = scale
        self.frames = 0
        self.lost = 0
        self.faults: dict[FaultKind, int] = {}
        self.restart(first_frame)

    @classmethod
    def of(cls, answer: ConfigureAnswer, first_frame: int | None = 0) -> Self:
        """For the configuration that the board has just announced."""
        return cls(answer.n_meas, answer.config_id, answer.scale, first_frame)

    def restart(self, first_frame: int | None = 0) -> None:
        """The stream begins anew: forget an unfinished frame and the counter's position. Totals stay."""
        self._expected = first_frame
        self._parts: list[Values] = []
        self._filled = 0
        self._open: tuple[int, int, int] | None = None  # number on the wire, t_us, dtype
        self._broken: int | None = None  # its fault is told; its other parts are ignored
        self._status = 0

    def push(self, packet: Packet) -> list[RawFrame | Fault]:
        """Take one DATA packet. Usually gives [] or one frame; a damaged frame before it gives a fault first."""
        payload = packet.payload
        if len(payload) < DATA_MESSAGE.size:
            return [self._fault(FaultKind.SHORT_PAYLOAD, f"DATA of {len(payload)} bytes")]
        head = DATA_MESSAGE.unpack_from(payload)
        number, t_us, dropped, config_id, first, n_values, dtype, status = head
        if config_id != self.config_id:
            text = f"configuration {config_id}, expected {self.config_id}"
            return [self._fault(FaultKind.STALE_CONFIG, text)]
        end = DATA_MESSAGE.size + n_values * _VALUE_BYTES.get(dtype, 0)
        if not (DATA_MESSAGE.size < end <= len(payload) and first + n_values <= self.n_meas):
            text = f"frame {number}: {n_values} values from {first}, {self.n_meas} expected, dtype {dtype}"
            return [self._fault(FaultKind.BAD_DATA, text)]
        if number == self._broken:
            return []
        if self._is_behind(number):
            text = f"frame {number} after {(self._expected or 0) - 1}"
            return [self._fault(FaultKind.OUT_OF_ORDER, text)]
        found = self._turn_to((number, t_us, dtype), first)
        if self._open is None:
            return found
        self._parts.append(values_from_bytes(payload[:end], dtype, self.scale, DATA_MESSAGE.size))
        self._filled += n_values
        self._status |= status
        if self._filled == self.n_meas:
            found.append(self._finish(number, t_us, dropped))
        return found

    def _is_behind(self, number: int) -> bool:
        """At or before the last frame, seen on the 32-bit circle."""
        if self._expected is None:
            return False
        return (number - self._expected) % _COUNTER >= _COUNTER // 2

    def _turn_to(self, part: tuple[int, int, int], first: int) -> list[RawFrame | Fault]:
        """Make `part` (number, t_us, dtype) the open frame if its next value is `first`; else none is open then."""
        found: list[RawFrame | Fault] = []
        if self._open is not None and self._open[0] != part[0]:
            found.append(self._abandon(self._open[0], first=None))
        if (self._open or part) != part or first != self._filled:
            return [*found, self._abandon(part[0], first)]
        self._open = part
        return found

    def _finish(self, number: int, t_us: int, dropped: int) -> RawFrame:
        lost = 0 if self._expected is None else (number - self._expected) % _COUNTER
        frame = number if self._expected is None else self._expected + lost
        values = self._parts[0] if len(self._parts) == 1 else _joined(self._parts)
        raw = RawFrame(values, frame, t_us, dropped, self._status, lost)
        self.frames += 1
        self.lost += lost
        self.restart(frame + 1)
        return raw

    def _abandon(self, number: int, first: int | None) -> Fault:
        """Give up a frame; its other parts will be ignored. first: where the part began that does not fit."""
        text = f"frame {number}: {self._filled} of {self.n_meas} values"
        if first is not None:
            text += f", then a part from value {first}"
        self.restart(self._expected)
        self._broken = number
        return self._fault(FaultKind.INCOMPLETE_FRAME, text)

    def _fault(self, kind: FaultKind, detail: str) -> Fault:
        self.faults[kind] = self.faults.get(kind, 0) + 1
        return Fault(kind, detail)


def _joined(parts: list[Values]) -> Values:
    values: Values = np.concatenate(parts)  # type: ignore[assignment]  # all parts have one dtype
    values.flags.writeable = False
    return values


def split_frame(
    values: ArrayLike,
    frame: int,
    t_us: int,
    config_id: int,
    dtype: DType = DType.F32,
    scale: float = 1.0,
    dropped_total: int = 0,
    status: int = 0,
    max_payload: int = MAX_PAYLOAD,
) -> list[DataMessage]:
    """A frame as the DATA messages that carry it: as few as fit max_payload, in rising order.

    values: (n_meas,). Raises ConfigError if max_payload holds no value, or as `values_to_bytes`.
    """
    raw = values_to_bytes(values, dtype, scale)
    size = VALUE_BYTES[dtype]
    per_part = (min(max_payload, MAX_PAYLOAD) - DATA_MESSAGE.size) // size
    if per_part < 1:
        raise ConfigError(f"a payload of {max_payload} bytes holds no value of {dtype.name}")
    return [
        DataMessage(
            frame % _COUNTER,
            t_us,
            dropped_total % _COUNTER,
            config_id,
            start // size,
            len(part) // size,
            dtype,
            status,
            part,
        )
        for start in range(0, len(raw), per_part * size)
        for part in (raw[start : start + per_part * size],)
    ]
