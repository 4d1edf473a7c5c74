"""OpenEIT emulator: byte for byte what the firmware of OpenEIT / Spectra / EIT32 boards prints, dirt included.

Imports emulator, openeit_modes, chance, errors. Source: OpenEIT/EIT_Firmware (OpenEIT.c, lookup.h, modes.h, uart.c).
The tank is a dish 1 cm deep unless the scenario says otherwise, so that values are some ten to a hundred ohm. Bipolar
modes (letters f and g) are not there.
"""

from collections import Counter
from math import inf
from typing import Any

from eit_rt.errors import ConfigError
from eit_rt.simulation.chance import Purpose, numbers
from eit_rt.simulation.emulator import Emulator
from eit_rt.simulation.openeit_modes import Imaging, Mode, Spectroscopy, TimeSeries
from eit_rt.simulation.scenario import Scenario

MUX_ELECTRODES = 32
DEPTH_M = 0.01
ADC = {"bits": 24, "full_scale_v": 20.0}
"""The converter's own steps are far below those that the firmware prints."""
DEFAULT_DIRT = 0.01
LATEST_S = 2.0
SETTLE_S = 0.6
"""The firmware counts to two million while its bias settles: at power-up and whenever the mode changes."""
COMMAND_BYTES = 2
GREETING = b"OpenEIT\n"
FIRST_LETTER = b"d"
FAILED = (b"FAILED Impedance Measurement", b"Impedance Measurement FAILED")
DIRT = ("menu in a line", "failed measurement", "half a line", "no measures", "foreign bytes")
"""What goes wrong, all alike often. "no measures" costs no frame."""


class OpenEitEmulator(Emulator):
    """Streams as soon as power is on; knows a letter and a line feed, looked at between frames only.

    Its receive buffer has two bytes, which stay there: half a command is lost, unless the other half of the last one is
    still there; a third byte within one frame hangs the board until power comes back.
    """

    baud = 115200

    def __init__(
        self, scenario: Scenario, seed: int | None = None, dirt: float = DEFAULT_DIRT
    ) -> None:
        """dirt: how often a frame comes with something wrong, 0..1.

        Raises ConfigError if the tank's electrodes do not fit the board's 32 channels.
        """
        n = scenario.layout.n_electrodes
        if n not in (8, 16, 32):
            raise ConfigError(
                f"the scenario has {n} electrodes; on this board's {MUX_ELECTRODES} channels go 8, 16 or 32"
            )
        if not 0 <= dirt <= 1:
            raise ConfigError(f"dirt is {dirt:g}; expected 0 to 1, the share of frames with dirt")
        changes: dict[str, Any] = {"adc": ADC, "pattern": "opposite"}
        if "depth_m" not in scenario.model_fields_set:
            changes["depth_m"] = DEPTH_M
        super().__init__(scenario.changed(**changes), seed)
        self._settle_s = SETTLE_S if scenario.rate_hz is None else 0.0
        self._dirt = dirt
        self.dirt_made: Counter[str] = Counter()
        imaging = {
            letter: Imaging(self.scenario, self._measuring, electrodes, self.baud)
            for letter, electrodes in ((b"c", 8), (b"d", 16), (b"e", 32))
        }
        probe = imaging[FIRST_LETTER]
        self._modes: dict[bytes, Mode] = {
            **imaging,
            b"a": TimeSeries(self.scenario, probe),
            b"b": Spectroscopy(self.scenario, probe),
        }
        self._letter = FIRST_LETTER
        self._frame = 0
        self._receive = bytearray(COMMAND_BYTES)
        self._n_received = 0
        self._is_hung = False
        self._due_at_s = 0.0

    @property
    def mode(self) -> Mode:
        """What is measured now."""
        return self._modes[self._letter]

    @property
    def is_hung(self) -> bool:
        """More than two bytes came within one frame."""
        return self._is_hung

    @property
    def frames_made(self) -> int:
        """Frames measured since power came on for the first time, sent or not."""
        return self._frame

    def dirt_of(self, frame: int) -> str:
        """What goes wrong with this frame of an imaging mode; empty: nothing."""
        chance = numbers(self.scenario.seed, Purpose.DIRT, frame)
        kind = DIRT[int(chance.integers(len(DIRT)))]
        return kind if chance.random() < self._dirt else ""

    def _power_up(self, now_s: float) -> None:
        self._letter = FIRST_LETTER
        self._receive, self._n_received = bytearray(COMMAND_BYTES), 0
        self._is_hung = False
        self._say(GREETING)
        self._due_at_s = now_s + self._settle_s + 1.0 / self.mode.rate_hz

    def _hear(self, data: bytes, now_s: float) -> None:
        for byte in data:
            if self._n_received == COMMAND_BYTES:
                # uart.c: an interrupt that finds no room waits for ever.
                self._is_hung = True
                self.outbox.clear()
                return
            self._receive[self._n_received] = byte
            self._n_received += 1

    def _due_s(self) -> float:
        return inf if self._is_hung else self._due_at_s

    def _work(self, now_s: float) -> None:
        if self._is_hung or now_s < self._due_at_s:
            return
        self._send(self._frame)
        self._frame += 1
        late = now_s - self._due_at_s > LATEST_S
        began_s = now_s if late else self._due_at_s
        self._due_at_s = began_s + self._obey() + 1.0 / self.mode.rate_hz

    def _obey(self) -> float:
        """Between frames: what the receive buffer holds. How long the change takes, s."""
        letter, is_ended = bytes(self._receive[:1]), self._receive[1:] == b"\n"
        self._n_received = 0
        if not is_ended or letter not in self._modes or letter == self._letter:
            return 0.0
        self._letter = letter
        self._say(self.mode.welcome)
        return self._settle_s

    def _send(self, number: int) -> None:
        text = self.mode.text(number)
        kind = self.dirt_of(number) if isinstance(self.mode, Imaging) else ""
        if kind:
            text = self._spoiled(text, kind, number)
        if self._say(text):
            self.frames_sent += 1
            if kind:
                self.dirt_made[kind] += 1
        else:
            self.frames_dropped += 1

    def _spoiled(self, text: bytes, kind: str, number: int) -> bytes:
        chance = numbers(self.scenario.seed, Purpose.DIRT, number)
        place = int(chance.integers(20, len(text) - 20))
        before, after = text[:place], text[place:]
        if kind == "menu in a line":
            return before + self.mode.welcome + after
        if kind == "failed measurement":
            return before + FAILED[number % len(FAILED)] + after
        if kind == "half a line":
            return before + b"\r\n"
        if kind == "foreign bytes":
            return before + bytes(0x80 | int(b) for b in chance.integers(128, size=3)) + after
        return b"number of measures is 0\n" + text
