"""EVAL-CN0565-ARDZ emulator: byte for byte what the `eit` firmware of no-OS says when it is asked, dirt included.

Imports emulator, chance, its words and its tank, pattern, scenario, errors. Source: no-OS projects/cn0565
(src/examples/eit/app.c) and drivers/afe/ad5940 (bia_measurement.c), read, not run. Assumed, as nobody has published
it: the time for a measurement, the scale of the values, and the phase of the amplifiers.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

import numpy as np

from eit_rt.errors import ConfigError, MismatchError
from eit_rt.pattern import Pattern
from eit_rt.simulation import cn0565_words as words
from eit_rt.simulation.chance import Purpose, numbers
from eit_rt.simulation.cn0565_tank import CONTACTS, Switched, rows_of
from eit_rt.simulation.cn0565_words import Asked, read_command
from eit_rt.simulation.emulator import CHUNK_S, Emulator
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.source import FrameSource

COMMAND_BYTES = 32
MOST_POSITIONS = 256
"""Places of the firmware's list of switch positions; more overwrite what lies behind."""
POINT_S = 0.023
"""Assumed time for a voltage: 20.5 ms for 8192 values at 400 kHz, the rest for switches, bus and printing."""
CURRENT_S = 0.0205
BOOT_S = 0.1
ADC_BITS = 18
FULL_SCALE_V = 0.04
"""Of the DFT, unless the scenario gives its converter one: the largest voltage of an opposite drive stays below."""
DEFAULT_DIRT = 0.005
DIRT = ("noise line", "cut answer", "no answer", "refused", "reboot")
"""What goes wrong, all alike often. "refused" is an answer that does not come, and a refusal of the next C."""
SMALLEST_ANSWER = 8
KEPT = 8
"""Ways of measuring the tank that are kept: a host may ask for any."""
FLOATING = (b"0,ffffffff", b"1,0", b"ffffffff,1", b"0,0")
"""What a board measures that was never configured: its inputs hang in the air."""


@dataclass(slots=True)
class Run:
    """One answer on its way."""

    pieces: list[bytes]
    begins_s: float
    point_s: float
    ends_in: bytes = b"\n"
    reboots_at: int | None = None
    """After so many measurements."""
    is_frame: bool = True
    sent: int = field(default=0)

    def due_s(self) -> float:
        """When the next portion is to be printed: measurement by measurement, unless they come faster than portions."""
        portion = max(1, round(CHUNK_S / self.point_s)) if self.point_s > 0 else len(self.pieces)
        return self.begins_s + min(self.sent + portion, len(self.pieces)) * self.point_s

    def take(self, now_s: float) -> tuple[bytes, bool]:
        """What has been measured by now, and whether that was all."""
        passed = (now_s - self.begins_s) / self.point_s + 1e-9 if self.point_s > 0 else inf
        until = int(min(passed, self.reboots_at or len(self.pieces), len(self.pieces)))
        until = max(until, self.sent)
        text = b"".join(self.pieces[self.sent : until])
        self.sent = until
        is_whole = until == len(self.pieces)
        return text + (self.ends_in if is_whole else b""), is_whole


class Cn0565Emulator(Emulator):
    """Says nothing unasked, but Hello! when power comes on."""

    baud = 230400

    def __init__(
        self, scenario: Scenario, seed: int | None = None, dirt: float = DEFAULT_DIRT
    ) -> None:
        """dirt: how often a frame comes with something wrong, 0..1.

        Raises ConfigError if the tank has neither 8 nor 16 electrodes.
        """
        n = scenario.layout.n_electrodes
        if n not in (8, CONTACTS):
            raise ConfigError(
                f"the scenario has {n} electrodes; to this board's {CONTACTS} contacts go 8 or 16"
            )
        if not 0 <= dirt <= 1:
            raise ConfigError(f"dirt is {dirt:g}; expected 0 to 1, the share of frames with dirt")
        own = (
            {}
            if "full_scale_v" in scenario.adc.model_fields_set
            else {"full_scale_v": FULL_SCALE_V}
        )
        adc = scenario.adc.model_dump() | own | {"bits": ADC_BITS}
        super().__init__(scenario.changed(adc=adc), seed)
        self._counts_per_volt = (1 << (ADC_BITS - 1)) / self.scenario.adc.full_scale_v
        self._dirt = dirt
        self.dirt_made: Counter[str] = Counter()
        self.frames_made = 0
        """Frames asked for since power came on first, sent or not."""
        self._switched: dict[tuple[object, ...], Switched] = {}
        self._forget()

    def _forget(self) -> None:
        """What memory holds when the firmware begins."""
        self._command = bytearray()
        self._is_hung = False
        self._boots_s = inf
        self._run: Run | None = None
        self._asked: Asked | None = None
        self._frequency_khz = 10
        self._is_calibrated = False
        self._has_current = False
        self._last = b"C"
        self._refuses = False

    # -- what a test may want to know --------------------------------------------------------------------------

    @property
    def is_hung(self) -> bool:
        """A command was too long for its memory; only a power cycle helps."""
        return self._is_hung

    @property
    def asked(self) -> Asked | None:
        """The configuration that holds; None since power came on."""
        return self._asked

    def dirt_of(self, frame: int) -> str:
        """What goes wrong with a frame: a name of DIRT, or ""."""
        chance = numbers(self.scenario.seed, Purpose.DIRT, frame)
        kind = DIRT[int(chance.integers(len(DIRT)))]
        return kind if chance.random() < self._dirt else ""

    def measured(self, asked: Asked) -> Switched:
        """What a C command measures. Raises MismatchError if a recording cannot be played back so."""
        n, drive, sense, _ = asked.numbers
        rate_hz = self.scenario.rate_hz
        point_s = _point_s(asked.is_impedance)

        def make() -> Switched:
            rows = rows_of(n, drive, sense)
            hz = rate_hz or 1.0 / (max(len(rows), 1) * point_s)
            return self._through(rows, n, hz)

        return self._kept((n, drive, sense, asked.is_impedance), make)

    # -- power and time ----------------------------------------------------------------------------------------

    def _power_up(self, now_s: float) -> None:
        self._forget()
        self._boots_s = now_s + BOOT_S

    def _due_s(self) -> float:
        return min(self._boots_s, self._run.due_s() if self._run else inf)

    def _work(self, now_s: float) -> None:
        if now_s >= self._boots_s:
            self._boots_s = inf
            self._say(words.GREETING)
        run = self._run
        if run is None or now_s < run.due_s():
            return
        text, is_whole = run.take(now_s)
        self._say(text)
        if is_whole:
            self.frames_sent += run.is_frame
            self._run = None
        elif run.reboots_at is not None and run.sent >= run.reboots_at:
            self._power_up(now_s)

    # -- hearing -----------------------------------------------------------------------------------------------

    def _hear(self, data: bytes, now_s: float) -> None:
        for byte in data:
            if self._is_hung or self._boots_s < inf:
                return
            if len(self._command) == COMMAND_BYTES:
                # The firmware does not look: it writes on over its stack, and is gone.
                self._is_hung, self._run = True, None
                return
            self._command.append(byte)
            if byte == ord("\n"):
                line, self._command = bytes(self._command), bytearray()
                self._obey(line, now_s)

    def _obey(self, line: bytes, now_s: float) -> None:
        letter = line[:1]
        if letter in (b"O", b"R"):
            self._run = None
            self._say(words.STOPPED if letter == b"O" else words.RESET)
        elif self._run is not None:
            return  # busy: nothing else is heard
        elif letter == b"B":
            self._say(words.IDENTITY)
        elif letter == b"C":
            self._configure(line)
        elif letter == b"Q":
            self._query(line, now_s)
        elif letter == b"V":
            self._measure(now_s)

    def _configure(self, line: bytes) -> None:
        asked = read_command(line)
        if asked is None or self._refuses or not self._can(asked):
            self.dirt_made["refused"] += self._refuses
            self._refuses = False
            self._say(b"!CMD C ERROR\n")
            return
        self._say(b"!CMD C OK\n")
        if len(rows_of(*asked.numbers[:3])) > MOST_POSITIONS:
            self._is_hung = True
            return
        self._asked, self._last = asked, b"C"
        self._set_up(asked)
        self._say(b"!C OK\n")

    def _can(self, asked: Asked) -> bool:
        """A recording has its own pattern only; no real board refuses for this reason."""
        try:
            return asked.numbers[0] > CONTACTS or self.measured(asked).n >= 0
        except MismatchError:
            return False

    def _set_up(self, asked: Asked) -> None:
        """`AppBiaInit`: calibrates, and builds what is measured, only if the frequency is new."""
        if asked.frequency_khz == self._frequency_khz and self._is_calibrated:
            return
        self._frequency_khz, self._is_calibrated = asked.frequency_khz, True
        self._has_current = asked.is_impedance
        chance = numbers(self.scenario.seed, Purpose.DIRT, 1 << 40)
        ohm, part = 9990 + 20 * chance.random(), -0.1 * asked.frequency_khz
        self._say(f"RtiaReal:{ohm:.2f},Imag:{part:f}\n".encode())

    def _query(self, line: bytes, now_s: float) -> None:
        asked = read_command(line)
        if asked is None:
            self._say(b"!CMD Q ERROR\n")
            return
        self._say(b"!CMD Q OK\n")
        self._set_up(asked)
        self._last = b"Q"
        self._say(b"!Q ")
        key = "Q", *asked.numbers
        try:
            one = self._kept(key, lambda: self._through([asked.numbers], CONTACTS, 1.0))
            pieces = one.printed(self.frames_made, asked, has_current=self._has_current)
        except MismatchError:  # a recording has its own measurements only
            pieces = [b"0,0"]
        self._run = Run(pieces, now_s, _point_s(asked.is_impedance), is_frame=False)

    # -- a frame -----------------------------------------------------------------------------------------------

    def _measure(self, now_s: float) -> None:
        if self._last != b"C":
            self._say(words.NOT_CONFIGURED)
            return
        number, self.frames_made = self.frames_made, self.frames_made + 1
        kind = self.dirt_of(number)
        if kind in ("no answer", "refused"):
            self._refuses = kind == "refused"
            self.dirt_made["no answer"] += 1
            self.frames_dropped += 1
            return
        chance = numbers(self.scenario.seed, Purpose.DIRT, (1 << 32) + number)
        if kind == "noise line":
            junk = chance.integers(0x80, 0x100, int(chance.integers(3, 20)), dtype=np.uint8)
            self._say(junk.tobytes() + b"\n")
        self._say(b"!CMD V OK\n")
        if self._asked is None:
            self._set_up(Asked(self._frequency_khz, (CONTACTS, 1, 1, 0), False, False))
        self._say(b"!V ")
        pieces, point_s = self._pieces(number)
        run = self._run = Run(pieces, now_s, point_s)
        place = int(chance.integers(len(pieces) // 4, len(pieces) // 2 + 1))
        if kind == "cut answer" and len(pieces) >= SMALLEST_ANSWER:
            del run.pieces[place : place + max(1, len(pieces) // 8)]
            run.pieces[place] = run.pieces[place][1:]
        elif kind == "reboot":
            run.reboots_at = max(1, place)
        if kind:
            self.dirt_made[kind] += 1

    def _pieces(self, number: int) -> tuple[list[bytes], float]:
        """One string for each measurement, commas behind all but the last, and the time that each takes."""
        asked = self._asked
        if asked is None:
            n = len(rows_of(CONTACTS, 1, 1))
            values, point_s = [FLOATING[k % len(FLOATING)] for k in range(n)], POINT_S
        else:
            values = self.measured(asked).printed(number, asked, has_current=self._has_current)
            point_s = _point_s(asked.is_impedance)
        if self.scenario.rate_hz is not None:
            point_s = 1.0 / (self.scenario.rate_hz * max(len(values), 1))
        return [value + b"," for value in values[:-1]] + values[-1:], point_s

    def _through(self, rows: list[tuple[int, int, int, int]], n: int, rate_hz: float) -> Switched:
        def measuring(pattern: Pattern) -> FrameSource:
            return self._measuring(pattern, rate_hz)

        tank = self.scenario.layout.n_electrodes
        return Switched(rows, n, tank, measuring, self._counts_per_volt)

    def _kept(self, key: tuple[object, ...], make: Callable[[], Switched]) -> Switched:
        if key not in self._switched:
            if len(self._switched) >= KEPT:
                self._switched.pop(next(iter(self._switched)))
            self._switched[key] = make()
        return self._switched[key]


def _point_s(is_impedance: bool) -> float:
    return POINT_S + (CURRENT_S if is_impedance else 0.0)
