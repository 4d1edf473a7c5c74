"""OpenEIT emulator: byte for byte what the firmware of OpenEIT / Spectra / EIT32 boards prints, dirt included.

Imports emulator, chance, pattern, errors. Source: OpenEIT/EIT_Firmware (OpenEIT.c, lookup.h, modes.h, uart.c), read.
The tank is a dish 1 cm deep unless the scenario says otherwise, so that values are some ten to a hundred ohm.
"""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.pattern import Pattern
from eit_rt.simulation.chance import Purpose, numbers
from eit_rt.simulation.emulator import BITS_PER_BYTE, Emulator
from eit_rt.simulation.scenario import Scenario

MUX_ELECTRODES = 32
DEPTH_M = 0.01
ADC = {"bits": 24, "full_scale_v": 20.0}
"""The converter's own steps are far below those that the firmware prints."""
STEPS_PER_OHM = 16
DEFAULT_DIRT = 0.01
LATEST_S = 2.0
MODES = {b"c": 8, b"d": 16, b"e": 32}
GREETING = b"OpenEIT\n"
MODE_LINES = {
    b"c": b"mode 3: 8 electrode imaging\n",
    b"d": b"mode 4: 16 electrode imaging\n",
    b"e": b"mode 3: 32 electrode imaging\n",  # the firmware's own number
}
FAILED = b"FAILED Impedance Measurement"
DIRT = ("menu in a line", "failed measurement", "half a line", "no measures")
"""What goes wrong, all alike often. The last one costs no frame."""


class OpenEitEmulator(Emulator):
    """Streams as soon as power is on; knows a letter and a line feed, looked at between frames only."""

    baud = 115200

    def __init__(
        self, scenario: Scenario, seed: int | None = None, dirt: float = DEFAULT_DIRT
    ) -> None:
        """dirt: how often a frame comes with something wrong, 0..1.

        Raises ConfigError if the tank's electrodes do not fit the board's 32 channels.
        """
        n = scenario.layout.n_electrodes
        if MUX_ELECTRODES % n:
            raise ConfigError(
                f"the scenario has {n} electrodes; on this board's {MUX_ELECTRODES} channels go 8, 16 or 32"
            )
        if not 0 <= dirt <= 1:
            raise ConfigError(f"dirt is {dirt:g}; expected 0 to 1, the share of frames with dirt")
        changes: dict[str, Any] = {"adc": ADC, "pattern": "opposite"}
        if "depth_m" not in scenario.model_fields_set:
            changes["depth_m"] = DEPTH_M
        super().__init__(scenario.changed(**changes), seed)
        self._dirt = dirt
        self.dirt_made: Counter[str] = Counter()
        self._modes = {letter: _Mode(self, electrodes) for letter, electrodes in MODES.items()}
        self._letter = b"d"
        self._ring = b""
        self._frame = 0
        self._due_at_s = 0.0

    @property
    def mode(self) -> "_Mode":
        """What is measured now."""
        return self._modes[self._letter]

    @property
    def frames_made(self) -> int:
        """Frames measured since power came on, sent or not."""
        return self._frame

    def _power_up(self, now_s: float) -> None:
        self._letter, self._ring = b"d", b""
        self._due_at_s = now_s + self._period_s()
        self._say(GREETING)

    def _hear(self, data: bytes, now_s: float) -> None:
        self._ring = (self._ring + data)[-256:]

    def _due_s(self) -> float:
        return self._due_at_s

    def _work(self, now_s: float) -> None:
        if now_s < self._due_at_s:
            return
        self._send(self._frame)
        self._frame += 1
        self._obey()
        late = now_s - self._due_at_s > LATEST_S
        self._due_at_s = (now_s if late else self._due_at_s) + self._period_s()

    def _obey(self) -> None:
        """Between frames: the first two bytes of the ring, which is then cleared whatever else is in it."""
        heard, self._ring = self._ring, b""
        letter = heard[:1]
        if heard[1:2] == b"\n" and letter in MODES and letter != self._letter:
            self._letter = letter
            self._say(MODE_LINES[letter])

    def _period_s(self) -> float:
        return 1.0 / self.mode.rate_hz

    def _send(self, number: int) -> None:
        text = line_of(self.mode.steps(number))
        chance = numbers(self.scenario.seed, Purpose.DIRT, number)
        kind = DIRT[int(chance.integers(len(DIRT)))] if chance.random() < self._dirt else ""
        if kind:
            text = _spoiled(text, kind, int(chance.integers(20, len(text) - 20)), self._letter)
        if self._say(text):
            self.frames_sent += 1
            if kind:
                self.dirt_made[kind] += 1
        else:
            self.frames_dropped += 1


class _Mode:
    """One imaging mode: which measurements of the tank are which values of a line."""

    def __init__(self, board: OpenEitEmulator, electrodes: int) -> None:
        n = board.scenario.layout.n_electrodes
        table = Pattern.by_name("opposite", electrodes).table
        assert table is not None
        self._n_meas = len(table)
        line_bytes = len(line_of(np.zeros(self._n_meas, dtype=np.int64)))
        self.rate_hz = board.scenario.rate_hz or board.baud / BITS_PER_BYTE / line_bytes
        """The serial line sets it."""
        self._source = None
        if n >= electrodes:
            pattern = Pattern.pairwise(table.astype(np.int64) * (n // electrodes), n)
            self._source = board._measuring(pattern, self.rate_hz)

    def steps(self, frame: int) -> NDArray[np.int64]:
        """(n_meas,) magnitudes of frame number `frame` in 1/16 ohm, as the board counts.

        0, an open circuit, with more channels than electrodes: every pair of neighbours has one that hangs in the air.
        """
        if self._source is None:
            return np.zeros(self._n_meas, dtype=np.int64)
        ohm = np.abs(self._source.reading(frame).values) / self._source.amplitude_a
        return np.asarray(np.rint(STEPS_PER_OHM * ohm), dtype=np.int64)


def line_of(steps: NDArray[np.int64]) -> bytes:
    """One frame as the firmware prints it: `magnitudes: ` and `%8d.%04d,` for each value."""
    whole, part = np.divmod(steps, STEPS_PER_OHM)
    decimals = part * 10_000 // STEPS_PER_OHM
    values = "".join(f"{w:8d}.{d:04d}," for w, d in zip(whole, decimals, strict=True))
    return f"magnitudes: {values}\r\n".encode()


def _spoiled(text: bytes, kind: str, place: int, letter: bytes) -> bytes:
    if kind == "menu in a line":
        return text[:place] + MODE_LINES[letter] + text[place:]
    if kind == "failed measurement":
        return text[:place] + FAILED + text[place:]
    if kind == "half a line":
        return text[:place] + b"\r\n"
    return b"number of measures is 0\n" + text
