"""One run of the emulated Sciospec board: potentials of the tank become messages, some of them with dirt.

Imports sciospec_commands, chance, scenario, source, pattern. The rule it keeps: a frame, its noise and its dirt follow
from the seed and the frame's number.
"""

import copy
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eit_rt.pattern import Pattern
from eit_rt.simulation.chance import Purpose, numbers
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.sciospec_commands import BoardSetup
from eit_rt.simulation.source import FrameSource

GROUP = 16
CORNER_HZ = 1e6
"""The front end is a low pass of first order with this corner: at 10 kHz the phase is -0.57 degree."""
COMMON_MODE = 6.0
"""Noise that all channels of a message share, over their own. Source: the maker's recorded run (0.18 and 0.03 mV)."""
UNCONNECTED_V = np.complex64(-2.54e-6 - 1.68e-6j)
"""What a channel without electrode says. Source: the same run."""
DIRT = (
    "hold-up in a frame",
    "hold-up of a frame",
    "lost message",
    "cut message",
    "stray acknowledgement",
)
"""What goes wrong, all alike often. The last one costs nothing, the others a frame."""
LATEST_S = 2.0


@dataclass(frozen=True, slots=True)
class MeasuringOptions:
    """What the board is, whatever it is told."""

    scenario: Scenario
    channels: int
    row_base: int
    frequency_outermost: bool
    dirt: float
    measuring: Callable[[Pattern, float], FrameSource]


@dataclass(frozen=True, slots=True)
class Line:
    """Where messages go."""

    say: Callable[[bytes], bool]
    dirt_made: Counter[str]


class Measuring:
    """From start to stop. A step is one excitation at one frequency: the messages of all channel groups."""

    def __init__(
        self,
        options: MeasuringOptions,
        setup: BoardSetup,
        fields: dict[int, bool],
        now_s: float,
        clock_ms: float,
    ) -> None:
        """now_s, clock_ms: of the host's and the board's clock at the start."""
        self._options, self._setup, self._fields = options, setup, fields
        self._clock_ms = clock_ms
        self._pace_hz = min(setup.rate_hz, setup.most_rate_hz)
        """On the board's clock. A scenario with a rate of its own plays this in time lapse."""
        self._lapse = (options.scenario.rate_hz or self._pace_hz) / self._pace_hz
        self._began_s = now_s
        self._n_frequencies = setup.n_frequencies
        self._steps = len(setup.pairs) * self._n_frequencies
        self._electrodes = options.scenario.layout.n_electrodes
        self._source = self._measured()
        self._noise_v = _noise_v(options.scenario, self._source)
        self._step = 0
        self.frame = 0
        self.is_over = False
        self.frames_sent = self.frames_dropped = 0
        self._values = self.potentials(0)
        self._dirt = _Dirt(options, 0, self._steps)
        self._is_whole = True
        self.due_s = now_s
        self._set_due(now_s)

    def setup_copy(self) -> BoardSetup:
        """For the board to go on changing while this run keeps what it began with."""
        return copy.deepcopy(self._setup)

    def potentials(self, number: int) -> NDArray[np.complex64]:
        """(n_excitations, n_frequencies, n_channels), V, as they are sent."""
        shape = (len(self._setup.pairs), self._electrodes)
        out = np.full((shape[0], self._n_frequencies, self._options.channels), UNCONNECTED_V)
        for row, hz in enumerate(self._setup.frequencies_hz):
            turn = number * self._n_frequencies + row
            chance = numbers(self._options.scenario.seed, Purpose.QUADRATURE, turn)
            along = self._source.reading(turn).values.reshape(shape)
            across = self._noise_v * chance.standard_normal(shape)
            shared = chance.standard_normal((shape[0], 2)) @ [[1], [1j]]
            volts = (along + 1j * across) / (1 + 1j * hz / CORNER_HZ)
            volts = volts + COMMON_MODE * self._noise_v * shared
            scale = self._setup.amplitude_a / self._source.amplitude_a
            out[:, row, : self._electrodes] = _clipped(volts * scale, self._setup.clip_v)
        return out

    def step(self, now_s: float, line: Line) -> None:
        """Send the messages of one step; the caller has looked at `due_s`."""
        excitation, row = self._place()
        allowed = self._dirt.before(self._step, line)
        for group in range(self._options.channels // GROUP if allowed else 0):
            data = self._dirt.spoiled(
                self._step, group, self._message(excitation, row, group), line
            )
            if data:
                self._is_whole &= line.say(data)
        self._step += 1
        if self._step == self._steps:
            self._end_frame()
        self._set_due(now_s)

    def _measured(self) -> FrameSource:
        n = self._electrodes
        currents = np.zeros((len(self._setup.pairs), n))
        for k, (into, out) in enumerate(self._setup.pairs):
            # A channel without an electrode: its end of the current is nowhere. Both must be there to drive anything.
            if into <= n and out <= n:
                currents[k, into - 1], currents[k, out - 1] = 1.0, -1.0
        stimulation = np.repeat(np.arange(len(currents)), n)
        pattern = Pattern(
            "potentials", currents, stimulation, np.tile(np.eye(n), (len(currents), 1))
        )
        return self._options.measuring(pattern, self._pace_hz * self._n_frequencies)

    def _place(self) -> tuple[int, int]:
        """Excitation and row of this step."""
        if self._options.frequency_outermost:
            row, excitation = divmod(self._step, len(self._setup.pairs))
            return excitation, row
        return divmod(self._step, self._n_frequencies)

    def _message(self, excitation: int, row: int, group: int) -> bytes:
        head = bytes([group + 1])
        if self._fields[1]:
            head += bytes(self._setup.pairs[excitation])
        if self._fields[2]:
            head += struct.pack(">H", row + self._options.row_base)
        if self._fields[3]:
            head += struct.pack(">I", self._stamp_ms())
        values = self._values[excitation, row, group * GROUP : (group + 1) * GROUP]
        content = head + values.view(np.float32).astype(">f4").tobytes()
        return bytes([0xB4, len(content)]) + content + b"\xb4"

    def _stamp_ms(self) -> int:
        frames = self.frame + self._step / self._steps
        return int(self._clock_ms + 1000 * frames / self._pace_hz) % (1 << 32)

    def _end_frame(self) -> None:
        is_sent = self._is_whole and not self._dirt.costs_frame
        self.frames_sent += is_sent
        self.frames_dropped += not is_sent
        self._step, self._is_whole = 0, True
        self.frame += 1
        if self._setup.burst and self.frame >= self._setup.burst:
            self.is_over = True
            return
        self._values = self.potentials(self.frame)
        self._dirt = _Dirt(self._options, self.frame, self._steps)

    def _set_due(self, now_s: float) -> None:
        frames = self.frame + (self._step + 1) / self._steps
        self.due_s = self._began_s + frames / (self._pace_hz * self._lapse)
        if now_s - self.due_s > LATEST_S:
            # This program, not the board, was too slow: the rest comes as much later.
            self._began_s += now_s - self.due_s
            self.due_s = now_s


class _Dirt:
    """What goes wrong with one frame."""

    def __init__(self, options: MeasuringOptions, frame: int, steps: int) -> None:
        chance = numbers(options.scenario.seed, Purpose.DIRT, frame)
        has_any = chance.random() < options.dirt
        self._kind = DIRT[int(chance.integers(len(DIRT)))] if has_any else ""
        self._at = int(chance.integers(1, steps)) if steps > 1 else 0
        if self._kind == "hold-up of a frame":
            self._at = 0
        self._cut = int(chance.integers(20, 130))

    @property
    def costs_frame(self) -> bool:
        return self._kind not in ("", "stray acknowledgement")

    def before(self, step: int, line: Line) -> bool:
        """False: the board holds this step's messages up."""
        is_held = self._kind.startswith("hold-up") and step >= self._at
        if step == self._at and self._kind:
            codes = {DIRT[0]: 0x92, DIRT[1]: 0x91, DIRT[4]: 0x83}
            if self._kind in codes:
                line.say(bytes([0x18, 1, codes[self._kind], 0x18]))
            line.dirt_made[self._kind] += 1
        return not is_held

    def spoiled(self, step: int, group: int, data: bytes, line: Line) -> bytes:
        """What is sent of a message."""
        if step != self._at or group:
            return data
        if self._kind == "lost message":
            return b""
        return data[: self._cut] if self._kind == "cut message" else data


def _noise_v(scenario: Scenario, source: FrameSource) -> float:
    """Standard deviation of a channel's own noise, by the scenario's signal to noise ratio."""
    if scenario.noise.snr_db is None:
        return 0.0
    rms = float(np.sqrt(np.mean(np.square(source.reading(0).values, dtype=np.float64))))
    return rms * 10 ** (-scenario.noise.snr_db / 20)


def _clipped(volts: NDArray[np.complex128], clip_v: float) -> NDArray[np.complex64]:
    """Fundamental of a sine of amplitude |volts| that is cut off at clip_v: towards 4/pi clip_v."""
    size = np.abs(volts)
    ratio = clip_v / np.maximum(size, clip_v)
    part = 2 / np.pi * (np.arcsin(ratio) + ratio * np.sqrt(1 - ratio**2))
    return (volts * part).astype(np.complex64)
