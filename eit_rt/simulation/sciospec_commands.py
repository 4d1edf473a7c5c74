"""Commands of the emulated Sciospec board: bytes and their times in, checked commands out; and the set-up they make.

Imports nothing of the project: what the driver believes of the format is not asked here. Source: sciopy, eit_app, read.
"""

import math
import struct
from dataclasses import dataclass, field

SYNTAX, TIME_OUT, NOT_EXECUTED, NOT_RECOGNISED, OK = 0x01, 0x02, 0x81, 0x82, 0x83
LONGEST_GAP_S = 0.010
"""Within a command; after that what came of it is forgotten."""
LEAST_A, MOST_A = 100e-9, 10e-3
LEAST_HZ, MOST_HZ = 100.0, 1e6
MOST_RATE_HZ = 100.0
MOST_FREQUENCIES = 128
ADC_RANGES_V = {1: 1.0, 2: 5.0, 3: 10.0}
GAINS = {0: 1.0, 1: 10.0, 2: 100.0, 3: 1000.0}


class CommandBytes:
    """Finds commands: tag, length, content, tag."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._heard_s = 0.0

    def feed(self, data: bytes, now_s: float) -> list[bytes | int]:
        """Whole commands, and codes of what was none."""
        found: list[bytes | int] = list(self.look(now_s))
        self._bytes += data
        self._heard_s = now_s
        while len(self._bytes) >= 2 and len(self._bytes) >= self._bytes[1] + 3:
            size = self._bytes[1] + 3
            command = bytes(self._bytes[:size])
            if command[0] != command[-1]:
                self._bytes.clear()
                return [*found, SYNTAX]
            del self._bytes[:size]
            found.append(command)
        return found

    def look(self, now_s: float) -> list[int]:
        """[TIME_OUT] if the rest of a command has not come in time."""
        if now_s <= self.until_s():
            return []
        self._bytes.clear()
        return [TIME_OUT]

    def until_s(self) -> float:
        """When what has come of a command is given up; inf if nothing has."""
        return self._heard_s + LONGEST_GAP_S if self._bytes else math.inf


@dataclass(slots=True)
class BoardSetup:
    """What the host has told the board. `execute` checks and changes it."""

    channels: int
    burst: int = 0
    amplitude_a: float = 1e-3
    adc_range: int = 3
    gain: int = 0
    rate_hz: float = 10.0
    least_hz: float = 10_000.0
    most_hz: float = 10_000.0
    n_frequencies: int = 1
    is_log: bool = False
    pairs: list[tuple[int, int]] = field(default_factory=list)
    """Channels from 1."""
    told: dict[int, bytes] = field(default_factory=dict)
    """Option -> its last value, for reading back."""

    @property
    def frequencies_hz(self) -> list[float]:
        n, least, most = self.n_frequencies, self.least_hz, self.most_hz
        parts = [k / (n - 1) if n > 1 else 0.0 for k in range(n)]
        if self.is_log:
            return [least * (most / least) ** part for part in parts]
        return [least + (most - least) * part for part in parts]

    @property
    def most_rate_hz(self) -> float:
        """What the electronics reach. Source: eit_app."""
        each = 651e-6 + 42e-6 * (self.n_frequencies - 1)
        each += sum(max(208e-6, 1 / hz) for hz in self.frequencies_hz)
        return 1 / (max(len(self.pairs), 1) * each)

    @property
    def clip_v(self) -> float:
        return ADC_RANGES_V[self.adc_range] / GAINS[self.gain]

    def execute(self, option: int, value: bytes) -> int:
        """The code to acknowledge with."""
        sizes = {2: (2,), 3: (4,), 4: (11,), 5: (4, 8), 6: (2, 4), 8: (2,), 9: (2,), 12: (1,)}
        sizes[13] = (1,)
        if option not in sizes:
            return NOT_RECOGNISED
        if len(value) not in sizes[option]:
            return SYNTAX
        steps = {
            2: self._set_burst,
            3: self._set_rate,
            4: self._set_frequencies,
            5: self._set_amplitude,
            6: self._add_pair,
            8: self._set_mode,
            9: self._set_gain,
            12: self._set_switch,
            13: self._set_range,
        }
        if not steps[option](value):
            return NOT_EXECUTED
        self.told[option] = value
        return OK

    def _set_burst(self, value: bytes) -> bool:
        self.burst = int.from_bytes(value, "big")
        return True

    def _set_rate(self, value: bytes) -> bool:
        (rate_hz,) = struct.unpack(">f", value)
        if not 0 < rate_hz <= MOST_RATE_HZ:
            return False
        self.rate_hz = rate_hz
        return True

    def _set_frequencies(self, value: bytes) -> bool:
        least, most, count, kind = struct.unpack(">ffHB", value)
        if not (LEAST_HZ <= least <= most <= MOST_HZ and 1 <= count <= MOST_FREQUENCIES):
            return False
        if kind not in (0, 1):
            return False
        self.least_hz, self.most_hz, self.n_frequencies, self.is_log = least, most, count, kind == 1
        return True

    def _set_amplitude(self, value: bytes) -> bool:
        (ampere,) = struct.unpack(">f" if len(value) == 4 else ">d", value)
        if not LEAST_A * (1 - 1e-6) <= ampere <= MOST_A * (1 + 1e-6):
            return False
        self.amplitude_a = ampere
        return True

    def _add_pair(self, value: bytes) -> bool:
        a, b = struct.unpack(">BB" if len(value) == 2 else ">HH", value)
        if a == b or not (1 <= a <= self.channels and 1 <= b <= self.channels):
            return False
        self.pairs.append((a, b))
        return True

    def _set_mode(self, value: bytes) -> bool:
        # The emulated board measures against ground only: modes 2 to 4 are differences, formed by the board.
        return value[0] == 1 and value[1] in (1, 2)

    def _set_gain(self, value: bytes) -> bool:
        if value[0] != 1 or value[1] not in GAINS:
            return False
        self.gain = value[1]
        return True

    def _set_switch(self, value: bytes) -> bool:
        return value[0] in (1, 2)

    def _set_range(self, value: bytes) -> bool:
        if value[0] not in ADC_RANGES_V:
            return False
        self.adc_range = value[0]
        return True
