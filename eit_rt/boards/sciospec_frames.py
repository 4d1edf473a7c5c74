"""Frames of a Sciospec board: messages of 16 potentials each, put together by what they say they are.

Imports found and the other sciospec files. The rule it keeps: a frame is whole when every cell of it was filled within
one frame time, and only then it is given on; everything that speaks against it, a cell that comes twice, a message that
says impossible things, a hold-up, costs the frame and is counted.
"""

import math
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eit_rt.boards.found import Fault, Found, Lost, Measured, Remark
from eit_rt.boards.plain import IMPLAUSIBLE
from eit_rt.boards.sciospec_doubt import PotentialDoubt
from eit_rt.boards.sciospec_messages import HOLD_UPS, MEASUREMENT, Code, Message, Messages
from eit_rt.boards.sciospec_setup import GROUP, Setup
from eit_rt.boards.sciospec_time import CellTimes, FrameNumbers, Stamps
from eit_rt.frames import Severity

HOLD_UP = "data hold-up"
INCOMPLETE = "incomplete frame"
VALUE_BYTES = 8 * GROUP
CLIPPED_SINE = 4 / math.pi
"""A sine that is clipped ever harder becomes a square wave, whose fundamental is so many times the clipping level: more
cannot come out of the converter. In the maker's recorded run driven electrodes stand at 1.269 times the range."""
TOLERANCE = 1.01
TELL_AGAIN = 100
"""Incomplete frames from one remark to the next."""
CONTRADICTIONS = 3
"""So many rows that a board which counts from the base found out could not send: it counts from the other."""
FORGET = 10
"""After so many incomplete frames in a row it is learned anew when messages come."""
_FIELDS = struct.Struct(">BBBHI")

Complexes = NDArray[np.complex128]


@dataclass(frozen=True, slots=True, eq=False)
class Potentials:
    """One measurement message."""

    group: int
    """Channel group, from 0."""
    pair: tuple[int, int]
    row: int | None
    """Frequency row as the board counts; None: not sent."""
    stamp_ms: int | None
    """Board clock, 32 bit; None: not sent."""
    values: Complexes
    """(16,) V."""


def read_potentials(content: bytes, n_frequencies: int) -> Potentials | None:
    """None if the length leaves open what the fields are.

    Without the frequency row (135 bytes) only with a single frequency; without time (133). Without the excitation pair
    no frame can be put together.
    """
    head = content[:-VALUE_BYTES]
    if len(head) == 9:
        group, a, b, row, stamp = _FIELDS.unpack(head)
        fields = (row, stamp)
    elif len(head) == 7 and n_frequencies == 1:
        group, a, b = head[:3]
        fields = (None, int.from_bytes(head[3:], "big"))
    elif len(head) == 5:
        group, a, b = head[:3]
        fields = (int.from_bytes(head[3:], "big"), None)
    else:
        return None
    with np.errstate(invalid="ignore"):  # damaged bytes may be a signalling NaN
        parts = np.frombuffer(content[-VALUE_BYTES:], dtype=">f4").astype(np.float64)
    return Potentials(group - 1, (a, b), *fields, parts.view(np.complex128))


class FrequencyRows:
    """Rows counted from 0 or from 1: nobody knows until row 0 or the last one of those from 1 comes."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.base: int | None = None
        self._against = 0

    def __call__(self, row: int) -> int | None:
        """Row from 0; None if the board cannot have said that, or the base is not known yet."""
        if self._count == 1:
            return 0 if row in (0, 1) else None
        if not 0 <= row <= self._count:
            return None
        telling = {0: 0, self._count: 1}.get(row)
        if self.base is None:
            self.base = telling
        elif telling is not None and telling != self.base:
            self._against += 1
            if self._against < CONTRADICTIONS:
                return None
            self.base = telling
        if telling is not None:
            self._against = 0
        return None if self.base is None else row - self.base


class OpenFrame:
    """The frame that is being filled."""

    def __init__(self, setup: Setup) -> None:
        self._groups = {group: k for k, group in enumerate(setup.groups)}
        self._pairs = setup.excitations
        self.values: Complexes = np.zeros(setup.used.shape, dtype=np.complex128)
        """(n_excitations, n_channels), V; NaN = clipped or damaged."""
        self._filled = np.zeros((len(self._pairs), len(setup.groups)), dtype=np.bool_)
        self.is_spoiled = False
        self.is_clean = True
        """Nothing was damaged while it was filled."""
        self.first_ms: int | None = None
        self.after_ms = np.zeros(self._filled.shape)
        """When each cell came, after the first one."""

    @property
    def is_empty(self) -> bool:
        return not self.is_spoiled and not self._filled.any()

    def cell(self, excitation: int, group: int) -> tuple[int, int]:
        return excitation, self._groups[group]

    @property
    def is_whole(self) -> bool:
        return bool(self._filled.all()) and not self.is_spoiled

    def begins_anew(self, excitation: int, group: int) -> bool:
        """True if this cell belongs to the next frame: one of the first excitation, when others have come since."""
        first = self._filled[0]
        return excitation == 0 and bool(self._filled[1:].any() or first[self._groups[group]])

    def put(self, cell: tuple[int, int], group: int, values: Complexes, after_ms: int) -> None:
        """A cell that is filled already spoils the frame: nobody knows which of the two belongs to it."""
        self.is_spoiled |= bool(self._filled[cell])
        self._filled[cell] = True
        self.after_ms[cell] = after_ms
        self.values[cell[0], group * GROUP : (group + 1) * GROUP] = values

    def missing(self) -> str:
        """What is not there, for people."""
        cells = np.argwhere(~self._filled)
        if not len(cells):
            return "nothing, but its parts do not belong together"
        excitation, place = (int(k) for k in cells[0])
        a, b = self._pairs[excitation]
        group = list(self._groups)[place] + 1
        return f"{len(cells)} of {self._filled.size} messages, first that of pair {a}-{b}, channel group {group}"


class SciospecDecoder:
    """Bytes in, frames out. Keeps `FrameDecoder`; holds two frames at most, and the messages of one."""

    def __init__(
        self,
        setup: Setup,
        messages: Messages | None = None,
        early: list[Message | Fault] | None = None,
    ) -> None:
        """messages: those that the board's start was found with. early: what came with it, and is to be understood."""
        self._setup = setup
        self._messages = messages or Messages()
        self._early = early or []
        self._excitation = {pair: k for k, pair in enumerate(setup.excitations)}
        self._rows = FrequencyRows(setup.settings.frequencies.count)
        self._undecided: list[Potentials] = []
        self._stamps = Stamps(setup.rate_hz)
        self._numbers = FrameNumbers(setup.rate_hz)
        self._times = CellTimes()
        self._doubt = PotentialDoubt(setup.used)
        self._open = OpenFrame(setup)
        self._has_times = True
        self._n_incomplete = self._n_in_a_row = 0

    def feed(self, data: bytes) -> list[Found]:
        found: list[Found] = []
        items, self._early = self._early, []
        for item in [*items, *self._messages.feed(data)]:
            new = [item] if isinstance(item, Fault) else self._understand(item)
            self._open.is_clean &= not any(
                isinstance(one, Fault) and one.kind != INCOMPLETE for one in new
            )
            found += new
        return found

    def begin_again(self, early: list[Message | Fault]) -> None:
        """The board was set up and started anew. early: what came meanwhile."""
        self._early += early
        self._open = OpenFrame(self._setup)
        self._stamps.is_free = True
        self._numbers.begin_again()

    # -- one message -------------------------------------------------------------------------------------------

    def _understand(self, message: Message) -> list[Found]:
        if message.tag != MEASUREMENT:
            return self._heard(message.code)
        frequencies = self._setup.settings.frequencies.count
        potentials = read_potentials(message.content, frequencies)
        if potentials is None:
            return [Fault("fields are missing")]
        if potentials.row is not None and self._rows.base is None and frequencies > 1:
            return self._find_base(potentials, potentials.row)
        return self._place(potentials)

    def _heard(self, code: Code | None) -> list[Found]:
        if code in HOLD_UPS:
            self._open.is_spoiled |= not self._open.is_empty
            held: list[Found] = [Fault(HOLD_UP)]
            # With time stamps the next frame tells how much is missing.
            return held if self._has_times else [*held, Lost("held up by the board", 1)]
        if code in (Code.WAKE_UP, Code.READY):
            self._open.is_spoiled |= not self._open.is_empty
            text = "the board has started anew" if code is Code.WAKE_UP else "the board is ready"
            return [Remark(text, Severity.WARNING)]
        if code in (Code.OK, Code.CLIENT):
            return []
        return [Fault("unexpected acknowledgement")]

    def _find_base(self, potentials: Potentials, row: int) -> list[Found]:
        """Keep messages until it is known from where rows are counted; then they are put in their places."""
        if potentials.group in self._setup.groups and potentials.pair in self._excitation:
            self._undecided.append(potentials)
        self._rows(row)
        cells = self._setup.used.size // GROUP * self._setup.settings.frequencies.count
        if self._rows.base is None and len(self._undecided) <= cells:
            return []
        if self._rows.base is None:
            self._undecided = []
            return [Fault("frequency rows make no sense")]
        kept, self._undecided = self._undecided, []
        return [found for one in kept for found in self._place(one)]

    def _place(self, potentials: Potentials) -> list[Found]:
        excitation = self._excitation.get(potentials.pair)
        row = 0 if potentials.row is None else self._rows(potentials.row)
        if excitation is None or row is None or not 0 <= potentials.group < 16:
            return [Fault("index out of range")]
        t_ms = None
        if potentials.stamp_ms is not None:
            t_ms = self._stamps(potentials.stamp_ms)
            if t_ms is None:
                return [Fault("time stamp leaps")]
        if row != self._setup.settings.row or potentials.group not in self._setup.groups:
            return []
        values, n_impossible = self._possible(potentials.values)
        if n_impossible > 1:
            return [Fault("impossible values")]
        found: list[Found] = [Fault("impossible value")] * n_impossible
        if self._open.begins_anew(excitation, potentials.group):
            found += self._close()
        return found + self._fill(excitation, potentials.group, values, t_ms)

    def _possible(self, values: Complexes) -> tuple[Complexes, int]:
        """Values with NaN for clipped and impossible ones, and how many of these there are."""
        clip_v = self._setup.settings.clip_v
        with np.errstate(invalid="ignore"):
            size = np.abs(values)
            is_possible = size <= CLIPPED_SINE * TOLERANCE * clip_v
        good = np.where(size < clip_v, values, complex(np.nan, np.nan))
        return good, int(np.count_nonzero(~is_possible))

    # -- the frame ---------------------------------------------------------------------------------------------

    def _fill(
        self, excitation: int, group: int, values: Complexes, t_ms: int | None
    ) -> list[Found]:
        frame = self._open
        self._has_times = t_ms is not None
        cell, after_ms = frame.cell(excitation, group), 0
        if t_ms is not None:
            if frame.first_ms is None:
                frame.first_ms = t_ms
            after_ms = t_ms - frame.first_ms
            frame.is_spoiled |= not self._times.fits(cell, after_ms, self._numbers.usual_ms)
        frame.put(cell, group, values, after_ms)
        # As long as it is not known when messages come, two that are missing might have been made up for by the next.
        is_sure = self._times.is_known or frame.is_clean or not self._has_times
        return self._finish(frame) if frame.is_whole and is_sure else []

    def _close(self) -> list[Found]:
        """The next frame begins, and this one is not whole."""
        frame, self._open = self._open, OpenFrame(self._setup)
        self._n_incomplete += 1
        self._n_in_a_row += 1
        if self._n_in_a_row == FORGET:
            self._times.forget()
        found: list[Found] = [Fault(INCOMPLETE, frames=0 if self._has_times else 1)]
        if self._n_incomplete % TELL_AGAIN == 1:
            text = f"frame {self._n_incomplete} that is not whole; missing: {frame.missing()}"
            found.append(Remark(text, Severity.WARNING))
        return found

    def _finish(self, frame: OpenFrame) -> list[Found]:
        self._open = OpenFrame(self._setup)
        self._n_in_a_row = 0
        if frame.is_clean:
            self._times.learn(frame.after_ms)
        doubted = self._doubt(frame.values)
        frame.values[doubted] = complex(np.nan, np.nan)
        found: list[Found] = [Fault(IMPLAUSIBLE)] * int(np.count_nonzero(doubted))
        excitation, plus, minus = self._setup.differences
        values = frame.values[excitation, plus] - frame.values[excitation, minus]
        number = t_ns = None
        if frame.first_ms is not None:
            number, remark = self._numbers(frame.first_ms)
            t_ns = frame.first_ms * 1_000_000
            found += [Remark(remark, Severity.WARNING)] if remark else []
        return [*found, Measured(values.astype(np.complex64), number, t_ns)]
