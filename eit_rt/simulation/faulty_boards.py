"""Boards without a checksum, each with the frames in which bytes are damaged and with its driver's own judgement.

Imports boards, the emulators, byte_faults. The rule it keeps: a rod turns in the tank, with noise 60 dB below the
signal; the frames are made once and come again and again.
"""

import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.boards.cn0565 import POINT_S
from eit_rt.boards.cn0565_text import Kind, read_answer
from eit_rt.boards.found import Fault, Measured
from eit_rt.boards.openeit_lines import RESOLUTION_OHM, OpenEitDecoder
from eit_rt.boards.partners import PartnerPlausibility
from eit_rt.boards.plain import IMPLAUSIBLE
from eit_rt.boards.plausibility import Plausibility
from eit_rt.boards.sciospec_frames import VALUE_BYTES, SciospecDecoder
from eit_rt.boards.sciospec_setup import START, Settings, Setup
from eit_rt.pattern import Pattern
from eit_rt.simulation.byte_faults import Heard, Sent
from eit_rt.simulation.cn0565 import Cn0565Emulator
from eit_rt.simulation.cn0565_words import Asked
from eit_rt.simulation.openeit import OpenEitEmulator
from eit_rt.simulation.openeit_modes import line_of
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.sciospec import SciospecEmulator

SNR_DB = 60.0
OPENEIT_LABEL, LINE_END = b"magnitudes: ", b"\r\n"
SCIOSPEC_MESSAGE_BYTES = 140
SCIOSPEC_STAMP_AT = 7
SCIOSPEC_VALUES_AT = 11
"""Places in a message: time and, up to its last byte, values."""
SCIOSPEC_HZ = 20.0

Values = NDArray[Any]


def rod(**changes: Any) -> Scenario:
    """The rod with this noise."""
    return Scenario.load("rod").changed(noise={"snr_db": SNR_DB}, **changes)


# -- OpenEIT ---------------------------------------------------------------------------------------------------


class OpenEitLines:
    """Lines of 16 electrodes at the pace of the serial line."""

    settled, every = 12, 3
    period = 400

    def __init__(self) -> None:
        mode = OpenEitEmulator(rod(), dirt=0.0).mode
        still = np.stack([mode.steps(k) for k in range(4)]) * RESOLUTION_OHM
        change = float(np.median(np.abs(np.diff(still, axis=0))))
        self.noise = change or RESOLUTION_OHM / 2
        self._lines = [line_of(mode.steps(k)) for k in range(self.period)]
        read = OpenEitDecoder(is_strict=True)
        self._true = [_only(read.feed(line)) for line in (b"\n", *self._lines)][1:]

    def data(self, number: int) -> bytes:
        return self._lines[number % self.period]

    def true(self, number: int) -> Values:
        return self._true[number % self.period]

    def place(self, sound: bytes, chance: np.random.Generator) -> int:
        return int(chance.integers(len(OPENEIT_LABEL), len(sound) - len(LINE_END)))

    def listener(self) -> Callable[[bytes], Heard | None]:
        decoder, doubt = OpenEitDecoder(), Plausibility(len(self._true[0]), RESOLUTION_OHM)
        decoder.feed(b"\n")

        def hear(data: bytes) -> Heard | None:
            values = _only(decoder.feed(data))
            return None if not len(values) else Heard(_believed(values, doubt), False)

        return hear

    def change(self, sound: bytes, damaged: bytes) -> None:
        """A line of text has a form that shows most damage, however small."""


# -- CN0565 ----------------------------------------------------------------------------------------------------


class Cn0565Answers:
    """Answers of 16 electrodes, adjacent, asked for at once one after the other: two frames in a turn of the rod."""

    settled, every = 12, 3
    period = 600

    def __init__(self, kind: Kind, *, swapped: bool = False) -> None:
        """swapped: with the other polarity, whose numbers have other signs and so other lengths."""
        self._kind, self._pattern = kind, Pattern.by_name("adjacent", 16)
        n = self._pattern.n_meas
        asked = Asked(10, (16, 1, 1, 0), kind.is_impedance, kind.is_magnitude)
        tank = Cn0565Emulator(rod(rate_hz=1 / (n * POINT_S)), dirt=0.0).measured(asked)
        texts = (
            b",".join(tank.printed(k, asked, has_current=kind.is_impedance))
            for k in range(self.period)
        )
        self._texts = [_turned(text) if swapped else text for text in texts]
        answers = [read_answer(text, n, kind) for text in self._texts]
        self._true = [answer.values for answer in answers if answer is not None]
        level = float(np.sqrt(np.mean(np.abs(self._true[0]) ** 2)))
        self.noise = level * 10 ** (-SNR_DB / 20)

    def data(self, number: int) -> bytes:
        return self._texts[number % self.period]

    def true(self, number: int) -> Values:
        return self._true[number % self.period]

    def place(self, sound: bytes, chance: np.random.Generator) -> int:
        return int(chance.integers(len(sound)))

    def listener(self) -> Callable[[bytes], Heard | None]:
        kind, n = self._kind, self._pattern.n_meas
        resolution = 0.0 if kind.is_impedance else 1.0
        doubt = PartnerPlausibility(self._pattern, resolution, signed=not kind.is_magnitude)

        def hear(data: bytes) -> Heard | None:
            answer = None if b"\n" in data else read_answer(data, n, kind)
            if answer is None or answer.is_noise:
                return None
            return Heard(_believed(answer.values, doubt), answer.n_damaged > 0)

        return hear

    def change(self, sound: bytes, damaged: bytes) -> None:
        """A number has a form that shows most damage, however small."""


def _turned(answer: bytes) -> bytes:
    """The same numbers with the other sign."""
    return b",".join(b"%x" % (-int(number, 16) & 0xFFFFFFFF) for number in answer.split(b","))


# -- Sciospec --------------------------------------------------------------------------------------------------


class SciospecMessages:
    """Messages of 16 channels. An empty tank for a second, then the rod goes round in 200 frames, and round again."""

    settled, every = 60, 4
    empty, period = 20, 200

    def __init__(self) -> None:
        self._setup = Setup.of(Settings(), None, SCIOSPEC_HZ)
        sent = streamed(rod(), self._setup, self.empty + self.period)
        self._sent = [data for data, _ in sent]
        read = SciospecDecoder(self._setup)
        frames = range(len(self._sent))
        self._true = [_only([*read.feed(self.data(number)), *read.feed(b"")]) for number in frames]
        still = np.array(self._true[: self.empty - 1])
        variance = np.abs(still - still.mean(axis=0)) ** 2
        # Of a difference's real part.
        self.noise = float(np.sqrt(variance.sum(axis=0).mean() / (len(still) - 1) / 2))

    def _turn(self, number: int) -> int:
        beyond = (number - self.empty) % self.period
        return number if number < self.empty else self.empty + beyond

    def data(self, number: int) -> bytes:
        """With a clock that goes on."""
        data = bytearray(self._sent[self._turn(number)])
        n_messages = len(data) // SCIOSPEC_MESSAGE_BYTES
        for k in range(n_messages):
            stamp = 5000 + int(1000 / SCIOSPEC_HZ * (number + k / n_messages))
            struct.pack_into(">I", data, SCIOSPEC_MESSAGE_BYTES * k + SCIOSPEC_STAMP_AT, stamp)
        return bytes(data)

    def true(self, number: int) -> Values:
        return self._true[self._turn(number)]

    def place(self, sound: bytes, chance: np.random.Generator) -> int:
        message = SCIOSPEC_MESSAGE_BYTES * int(chance.integers(len(self._setup.excitations)))
        return message + SCIOSPEC_VALUES_AT + int(chance.integers(VALUE_BYTES))

    def listener(self) -> Callable[[bytes], Heard | None]:
        decoder, doubt = SciospecDecoder(self._setup), PartnerPlausibility(self._setup.pattern)

        def hear(data: bytes) -> Heard | None:
            found = [*decoder.feed(data), *decoder.feed(b"")]
            if not len(values := _only(found)):
                return None
            # Leaps are doubted by the decoder, too.
            faults = {one.kind for one in found if isinstance(one, Fault)}
            is_marked = bool(faults - {IMPLAUSIBLE})
            return Heard(_believed(values, doubt), is_marked)

        return hear

    def change(self, sound: bytes, damaged: bytes) -> float | None:
        """V, of the potential that the byte belongs to; 0 if that is part of no difference, infinite for no number."""
        if len(sound) != len(damaged):
            return None
        place = next(k for k, (a, b) in enumerate(zip(sound, damaged, strict=True)) if a != b)
        message, offset = divmod(place, SCIOSPEC_MESSAGE_BYTES)
        number = (offset - SCIOSPEC_VALUES_AT) // 4
        if not self._setup.used[message, number // 2]:
            return 0.0
        at = SCIOSPEC_MESSAGE_BYTES * message + SCIOSPEC_VALUES_AT + 4 * number
        (before,), (after,) = (struct.unpack_from(">f", data, at) for data in (sound, damaged))
        return float(np.nan_to_num(abs(after - before), nan=np.inf, posinf=np.inf))


def streamed(
    scenario: Scenario, setup: Setup, n_frames: int, **options: Any
) -> Iterator[tuple[bytes, NDArray[np.complex64]]]:
    """(bytes, potentials) of each frame that a Sciospec board sends once the set-up is told.

    options: of the emulator. Without port, thread or clock.
    """
    board = SciospecEmulator(scenario, **({"dirt": 0.0} | options))
    board.boot(0.0)
    for command in (*(one.bytes for one in setup.commands()), START):
        board.feed(command, 0.01)
        board.tick(0.01)
        board.outbox.take(1 << 20)
    for number in range(n_frames):
        data = b""
        while board.frames_made == number + 1:
            board.tick(board.next_due(0.0) + 1e-9)
            data += board.outbox.take(1 << 20)
        yield data, board.potentials(number)


# -- all of them -----------------------------------------------------------------------------------------------


CASES: dict[str, Callable[[], Sent]] = {
    "openeit": OpenEitLines,
    "cn0565 raw": lambda: Cn0565Answers(Kind.RAW),
    "cn0565 raw, other polarity": lambda: Cn0565Answers(Kind.RAW, swapped=True),
    "cn0565 Z": lambda: Cn0565Answers(Kind.IMPEDANCE),
    "cn0565 M": lambda: Cn0565Answers(Kind.MAGNITUDE),
    "cn0565 ZM": lambda: Cn0565Answers(Kind.IMPEDANCE_MAGNITUDE),
    "sciospec": SciospecMessages,
}
"""Boards by driver, and what they are asked for."""


def _only(found: list[Any]) -> Values:
    """The values of the first frame; none if there is no frame."""
    return next((one.values for one in found if isinstance(one, Measured)), np.empty(0))


def _believed(values: Values, doubt: Plausibility) -> Values:
    believed = values.copy()
    believed[doubt.doubtful(values)] = np.nan
    return believed
