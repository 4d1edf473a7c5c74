"""Sciospec emulator: byte for byte what an EIT16, EIT32, EIT64 or EIT128 sends on its serial port, dirt included.

Imports emulator, sciospec_commands, sciospec_run, chance, errors. Source: sciopy, eit_app and a recorded run of the
maker's example. Not known, and chosen here: how long it boots, what a read-back looks like, and that it acknowledges a
command during a run after the message that it is sending.
"""

from collections import Counter
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.simulation.emulator import Emulator
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.sciospec_commands import (
    NOT_EXECUTED,
    NOT_RECOGNISED,
    OK,
    SYNTAX,
    BoardSetup,
    CommandBytes,
)
from eit_rt.simulation.sciospec_run import Line, Measuring, MeasuringOptions

CHANNELS = (16, 32, 64, 128)
ADC = {"bits": 32, "full_scale_v": 10.0}
"""Finer than the single-precision numbers that are sent; clipping is the board's own, by its range and gain."""
SERIAL = bytes.fromhex("01001900010E17")
FIRMWARE = bytes.fromhex("000902CD00060011001A000C")
DEFAULT_DIRT = 0.002
DEFAULT_BOOT_S = 0.5
CLOCK_MS = 12_345
SOFT_RESET = bytes.fromhex("A100A1")
START = bytes.fromhex("B40101B4")
WAKE_UP, READY, HOLD_UP = 0x04, 0x84, 0x92


class SciospecEmulator(Emulator):
    """Waits for commands; a start makes it send. The tank begins anew with each start."""

    baud = 0

    def __init__(
        self,
        scenario: Scenario,
        seed: int | None = None,
        dirt: float = DEFAULT_DIRT,
        channels: int | None = None,
        row_base: int = 1,
        frequency_outermost: bool = False,
        boot_s: float = DEFAULT_BOOT_S,
        clock_ms: int = CLOCK_MS,
    ) -> None:
        """dirt: how often something goes wrong with a frame, 0..1.

        channels: of the board, whose groups are all sent; None: as few as the electrodes need. row_base: how frequency
        rows are counted. boot_s: shorter than the real 5 to 10 s. clock_ms: of the board's clock at boot.
        Raises ConfigError for what no board of the family is.
        """
        n = scenario.layout.n_electrodes
        fitting = [count for count in CHANNELS if count >= n]
        channels = channels or next(iter(fitting), 0)
        if channels not in fitting:
            raise ConfigError(
                f"{channels or 'no'} channels for {n} electrodes; a Sciospec board has 16, 32, 64 or 128"
            )
        if not 0 <= dirt <= 1:
            raise ConfigError(f"dirt is {dirt:g}; expected 0 to 1, the share of frames with dirt")
        if row_base not in (0, 1):
            raise ConfigError(f"row_base is {row_base}; expected 0 or 1")
        changes: dict[str, Any] = {"adc": ADC}
        super().__init__(scenario.changed(**changes), seed)
        self._options = MeasuringOptions(
            self.scenario, channels, row_base, frequency_outermost, dirt, self._measuring
        )
        self._boot_s, self._clock_ms = boot_s, clock_ms
        self.dirt_made: Counter[str] = Counter()
        self._has_booted = False
        self._ready_s = inf
        self._power_s = 0.0
        self._commands = CommandBytes()
        self._setup = BoardSetup(channels)
        self._fields = {1: True, 2: True, 3: True}
        self._run: Measuring | None = None
        self._must_stop = False
        self._late_answers: list[bytes] = []
        self._must_tell_hold_up = False

    @property
    def channels(self) -> int:
        return self._options.channels

    def potentials(self, number: int) -> NDArray[np.complex64]:
        """(n_excitations, n_frequencies, n_channels), V: frame `number` of the newest run, as it is sent.

        The channels without electrode are in it.
        """
        assert self._run is not None
        return self._run.potentials(number)

    @property
    def frames_made(self) -> int:
        """Frames begun in the run that was started last."""
        return 0 if self._run is None else self._run.frame + 1

    # -- what the base asks for --------------------------------------------------------------------------------

    def _power_up(self, now_s: float) -> None:
        self._power_s = now_s
        self._commands = CommandBytes()
        self._setup = BoardSetup(self.channels)
        self._fields = {1: True, 2: True, 3: True}
        self._late_answers, self._must_stop = [], False
        if self._run is not None:
            self._run.is_over = True
        if self._has_booted:
            self._acknowledge(WAKE_UP)
            self._ready_s = now_s + self._boot_s
        else:
            # The port of a board that was just plugged in opens late: nobody hears its first words.
            self._has_booted, self._ready_s = True, -inf

    def _hear(self, data: bytes, now_s: float) -> None:
        if now_s < self._ready_s or self._ready_s == inf:
            return  # it boots
        for item in self._commands.feed(data, now_s):
            self._answer(item, now_s)

    def _due_s(self) -> float:
        due_s = [self._commands.until_s() + 1e-6]
        if self._ready_s > 0:
            due_s.append(self._ready_s)
        if self._run is not None and not self._run.is_over:
            due_s.append(self._run.due_s)
        return min(due_s)

    def _work(self, now_s: float) -> None:
        if 0 < self._ready_s <= now_s:
            self._ready_s = -inf
            self._acknowledge(READY)
        for code in self._commands.look(now_s):
            self._acknowledge(code)
        run = self._run
        if run is None or run.is_over or now_s < run.due_s:
            return
        if self._must_tell_hold_up and self._say(_ack(HOLD_UP)):
            self._must_tell_hold_up = False
        sent, dropped = run.frames_sent, run.frames_dropped
        run.step(now_s, Line(self._say_measurement, self.dirt_made))
        self.frames_sent += run.frames_sent - sent
        self.frames_dropped += run.frames_dropped - dropped
        if self._must_stop:
            run.is_over = True
            self._must_stop = False
        answers, self._late_answers = self._late_answers, []
        for answer in answers:
            self.outbox.offer_answer(answer)

    # -- commands ----------------------------------------------------------------------------------------------

    def _answer(self, item: bytes | int, now_s: float) -> None:
        reply, code = (b"", item) if isinstance(item, int) else self._execute(item, now_s)
        answer = reply + _ack(code)
        if self._is_running and item != START:
            self._late_answers.append(answer)
        else:
            self.outbox.offer_answer(answer)
        if item == SOFT_RESET:
            self._power_up(now_s)

    @property
    def _is_running(self) -> bool:
        return self._run is not None and not self._run.is_over

    def _execute(self, command: bytes, now_s: float) -> tuple[bytes, int]:
        tag, content = command[0], command[2:-1]
        simple = {0xD1: SERIAL, 0xD2: FIRMWARE}
        if tag in simple:
            return (b"", SYNTAX) if content else (_message(tag, simple[tag]), OK)
        if tag in (0x90, 0xA1):
            return b"", SYNTAX if content else OK
        if tag == 0xB4:
            return b"", self._start_or_stop(content, now_s)
        if tag in (0xB0, 0xB1, 0xB2, 0xB3) and not content:
            return b"", SYNTAX
        if tag == 0xB0:
            return b"", self._set_up(content)
        if tag == 0xB1:
            return self._read_setup(content)
        if tag == 0xB2:
            return b"", self._set_field(content)
        if tag == 0xB3:
            return self._read_field(content)
        return b"", NOT_RECOGNISED

    def _start_or_stop(self, content: bytes, now_s: float) -> int:
        if content not in (b"\x00", b"\x01"):
            return SYNTAX
        if content == b"\x00":
            self._must_stop = self._is_running
            return OK
        if self._is_running or not self._setup.pairs:
            return NOT_EXECUTED
        clock_ms = self._clock_ms + (now_s - self._power_s) * 1000
        self._run = Measuring(self._options, self._setup, dict(self._fields), now_s, clock_ms)
        self._setup = self._run.setup_copy()
        return OK

    def _set_up(self, content: bytes) -> int:
        if self._is_running:
            return NOT_EXECUTED
        if content[0] != 1:
            return self._setup.execute(content[0], content[1:])
        if content != b"\x01":
            return SYNTAX
        self._setup = BoardSetup(self.channels)
        return OK

    def _read_setup(self, content: bytes) -> tuple[bytes, int]:
        told = self._setup.told.get(content[0])
        if len(content) != 1:
            return b"", SYNTAX
        if told is None:
            return b"", NOT_EXECUTED
        return _message(0xB1, content + told), OK

    def _set_field(self, content: bytes) -> int:
        if len(content) != 2 or content[0] not in self._fields or content[1] not in (0, 1):
            return SYNTAX
        if self._is_running:
            return NOT_EXECUTED
        self._fields[content[0]] = content[1] == 1
        return OK

    def _read_field(self, content: bytes) -> tuple[bytes, int]:
        if len(content) != 1 or content[0] not in self._fields:
            return b"", SYNTAX
        return _message(0xB3, content + bytes([self._fields[content[0]]])), OK

    # -- sending -----------------------------------------------------------------------------------------------

    def _acknowledge(self, code: int) -> None:
        self.outbox.offer_answer(_ack(code))

    def _say_measurement(self, data: bytes) -> bool:
        """False: no room, which the board tells as a hold-up once there is."""
        is_said = self._say(data)
        self._must_tell_hold_up |= not is_said
        return is_said


def _message(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content), *content, tag])


def _ack(code: int) -> bytes:
    return _message(0x18, bytes([code]))
