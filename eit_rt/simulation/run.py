"""Run: one stream of frames, from START to STOP: what is due when, what was dropped, and the packets of each frame.

Imports protocol, setup, outbox. The rule it keeps: the schedule is absolute: frame k begins at start + k / rate,
however late the frames before it were; a frame that finds no room is dropped whole and counted.
"""

from math import inf

from eit_rt.protocol import encode_message, split_frame, wire_size
from eit_rt.protocol.generated import DATA_MESSAGE
from eit_rt.protocol.values import VALUE_BYTES
from eit_rt.simulation.outbox import Outbox
from eit_rt.simulation.setup import Setup

MICRO = 1e6
LATEST_S = 2.0
"""Frames more overdue than this are not made up for: this program, not the line, was too slow."""


class Run:
    """A stream that was started."""

    def __init__(
        self, setup: Setup, session: int, started_s: float, boot_s: float, max_payload: int
    ) -> None:
        """started_s, boot_s: on the caller's clock; time stamps count from boot_s."""
        self.setup = setup
        self.session = session
        self._started_s = started_s
        self._boot_s = boot_s
        self._max_payload = max_payload
        self._period_s = 1.0 / setup.source.rate_hz
        self.frames = 0
        """Frames acquired, sent or not."""
        self.dropped = 0

    @property
    def is_over(self) -> bool:
        """True when the source has no further frame."""
        end = self.setup.source.n_frames
        return end is not None and self.frames >= end

    def due_s(self) -> float:
        """When the next frame is complete; inf after the last one."""
        return inf if self.is_over else self._started_s + (self.frames + 1) * self._period_s

    def advance(self, now_s: float, outbox: Outbox, seq: int) -> int:
        """Send the next frame if it is due. Returns how many packets were sent (0: not due, or dropped)."""
        overdue_s = now_s - self.due_s()
        if overdue_s < 0:
            return 0
        if overdue_s > LATEST_S:
            self._drop(int((overdue_s - LATEST_S) / self._period_s))
        if outbox.frame_room < frame_wire_bytes(self.setup, self._max_payload):
            self._drop(1)
            return 0
        packets = self._packets(seq)
        outbox.offer_frame(packets)
        self.frames += 1
        return len(packets)

    def _drop(self, count: int) -> None:
        self.frames += count
        self.dropped += count

    def _packets(self, seq: int) -> list[bytes]:
        reading = self.setup.source.reading(self.frames)
        began_s = self._started_s + self.frames * self._period_s
        messages = split_frame(
            reading.values,
            frame=self.frames,
            t_us=round((began_s - self._boot_s) * MICRO),
            config_id=self.setup.config_id,
            dtype=self.setup.dtype,
            scale=self.setup.scale,
            dropped_total=self.dropped,
            status=reading.status,
            max_payload=self._max_payload,
        )
        return [encode_message(message, seq + k) for k, message in enumerate(messages)]


def frame_wire_bytes(setup: Setup, max_payload: int) -> int:
    """Most bytes of a whole frame on the wire."""
    n_meas, value = setup.source.pattern.n_meas, VALUE_BYTES[setup.dtype]
    per_part = (max_payload - DATA_MESSAGE.size) // value
    n_full, rest = divmod(n_meas, per_part)
    full = n_full * wire_size(DATA_MESSAGE.size + per_part * value)
    return full + (wire_size(DATA_MESSAGE.size + rest * value) if rest else 0)
