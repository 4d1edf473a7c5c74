"""Outbox: the board's transmit memory. Frames are dropped whole when they do not fit; answers have room of their own.

Imports nothing. Bounds: `frame_bytes` for frames, `ANSWER_BYTES` for answers, events and logs. Full of frames: the new
frame is refused and the board counts it. Full of answers: the board reads no more commands (`has_answer_room`).
"""

from collections import deque

ANSWER_BYTES = 16384
LONGEST_ANSWER = 9000
"""An answer to the longest packet (a PING echoes up to 8192 bytes) after framing."""


class Outbox:
    """Packets on their way out, in order."""

    def __init__(self, frame_bytes: int) -> None:
        self._frame_bytes = frame_bytes
        self._packets: deque[tuple[bytes, bool]] = deque()
        self._sent_of_first = 0
        self._room = {True: frame_bytes, False: ANSWER_BYTES}
        self.high_water = 0
        """Most bytes that ever waited."""

    def __len__(self) -> int:
        """Bytes that wait."""
        return self._frame_bytes - self._room[True] + ANSWER_BYTES - self._room[False]

    @property
    def has_answer_room(self) -> bool:
        """True if the answer to one more command fits for sure."""
        return self._room[False] >= LONGEST_ANSWER

    @property
    def frame_room(self) -> int:
        """Bytes of frames that still fit."""
        return self._room[True]

    def resize(self, frame_bytes: int) -> None:
        """Another size of the memory for frames; what waits stays."""
        self._room[True] += frame_bytes - self._frame_bytes
        self._frame_bytes = frame_bytes

    def offer_frame(self, packets: list[bytes]) -> bool:
        """Take all packets of a frame, or none: False if they do not fit."""
        return self._add(b"".join(packets), is_frame=True)

    def offer_answer(self, packet: bytes) -> bool:
        """Take an answer, event or log line; False if even the reserved room is full."""
        return self._add(packet, is_frame=False)

    def take(self, limit: int) -> bytes:
        """Up to `limit` bytes, in order; they are gone from here."""
        taken = bytearray()
        while self._packets and len(taken) < limit:
            packet, is_frame = self._packets[0]
            part = packet[self._sent_of_first : self._sent_of_first + limit - len(taken)]
            taken += part
            self._room[is_frame] += len(part)
            self._sent_of_first += len(part)
            if self._sent_of_first == len(packet):
                self._packets.popleft()
                self._sent_of_first = 0
        return bytes(taken)

    def forget_frames(self) -> None:
        """Throw away the frames of which no byte has left yet: after a STOP nobody wants them."""
        begun = self._packets.popleft() if self._sent_of_first else None
        kept = [entry for entry in self._packets if not entry[1]]
        self._room[True] += sum(len(packet) for packet, is_frame in self._packets if is_frame)
        self._packets = deque(([begun] if begun else []) + kept)

    def clear(self) -> None:
        """Lose everything, as a reboot does."""
        self._packets.clear()
        self._sent_of_first = 0
        self._room = {True: self._frame_bytes, False: ANSWER_BYTES}

    def _add(self, packet: bytes, *, is_frame: bool) -> bool:
        if len(packet) > self._room[is_frame]:
            return False
        self._packets.append((packet, is_frame))
        self._room[is_frame] -= len(packet)
        self.high_water = max(self.high_water, len(self))
        return True
