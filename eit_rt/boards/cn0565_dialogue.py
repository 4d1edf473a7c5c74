"""Who speaks next: the host's side of a talk with an EVAL-CN0565-ARDZ, as a decoder that also knows what to send.

Imports cn0565_text, found, lines. The rule it keeps: one question at a time, and no answer is taken for another's:
whenever one was lost or made no sense the board is stopped, and what comes before the word that it has stopped is old.
Reads no clock and no link: bytes and time are handed in.
"""

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from eit_rt.boards import cn0565_text as text
from eit_rt.boards.cn0565_text import Kind
from eit_rt.boards.found import Fault, Found, Lost, Measured, Remark
from eit_rt.boards.lines import Lines
from eit_rt.frames import Severity

SECOND_NS = 1_000_000_000
ORDER_NS = SECOND_NS
"""A command is answered within so long; a change of frequency makes the board calibrate itself first, about 0.1 s."""
FIRST_SILENCE_NS = 5 * SECOND_NS
"""Longest silence within an answer while the board's pace is not known: some boards print 1024 bytes at a time."""
LEAST_SILENCE_NS = SECOND_NS
GAPS_OF_SILENCE = 4
"""Later: so many times the longest silence within a good answer."""
FIRST_PATIENCE, PATIENCE = 10, 3
"""An answer may take so many times what was assumed of it; later, what the slowest good one took."""
REFUSED_PAUSE_NS = SECOND_NS
TRIES_UNTOLD = 3
"""Orders without an answer before a person is told."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What the board is to do."""

    other_command: bytes
    """Configures another frequency: only a change of frequency makes the firmware rebuild what it measures, voltage
    alone or current too."""
    command: bytes
    n_meas: int
    kind: Kind
    frame_s: float
    """Time that an answer is assumed to take."""
    swapped: bool = False
    """The polarity is the other way round."""
    period_ns: int = 0
    """Frames are asked for no more often."""


class Step(Enum):
    STOP = auto()
    STOPPING = auto()
    OTHER = auto()
    TUNING = auto()
    CONFIGURE = auto()
    CONFIGURING = auto()
    READY = auto()
    ANSWER = auto()
    REFUSED = auto()


ORDERS = {
    Step.STOP: Step.STOPPING,
    Step.OTHER: Step.TUNING,
    Step.CONFIGURE: Step.CONFIGURING,
}
"""A step that sends an order: the one that waits for its answer."""


class Dialogue:
    """`due` says what to send, `feed` what the answers mean. Keeps `FrameDecoder`."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        # Old bytes are heard while the board is being stopped; they mean nothing then.
        longest = len(text.ANSWER) + setup.n_meas * setup.kind.longest
        self._lines = Lines(longest + 64, joins_midway=False)
        self._step = Step.STOP
        self._untold: list[Found] = []
        self._since_ns = self._heard_ns = self._asked_ns = 0
        self._n_heard = 0
        """Bytes since the last order or question."""
        self._is_fresh = False
        self._gap_ns = self._longest_gap_ns = self._slowest_ns = 0
        self._unanswered = 0
        self.is_refused = False
        """The board has refused the configuration since the last time that it took it."""

    @property
    def is_ready(self) -> bool:
        """The board is configured, and nothing is asked."""
        return self._step is Step.READY

    # -- speaking ----------------------------------------------------------------------------------------------

    def due(self, now_ns: int) -> bytes:
        """Bytes to send now; b"": wait. Call it at least ten times a second."""
        self._notice(now_ns)
        if self._step is Step.REFUSED and now_ns - self._since_ns >= REFUSED_PAUSE_NS:
            self._step = Step.STOP
        if self._step in ORDERS.values() and now_ns - self._since_ns >= ORDER_NS:
            self._order_unanswered()
        if self._step is Step.ANSWER and self._is_late(now_ns):
            self._give_up()
        if self._step in ORDERS:
            return self._order(now_ns)
        if self._step is Step.READY and now_ns - self._asked_ns >= self._setup.period_ns:
            self._step, self._asked_ns = Step.ANSWER, now_ns
            self._begin_wait(now_ns)
            return text.ASK
        return b""

    def _order(self, now_ns: int) -> bytes:
        # The line end first: what is left of a damaged command must not stand before this one.
        words = {
            Step.STOP: b"\n" + text.STOP,
            Step.OTHER: self._setup.other_command,
            Step.CONFIGURE: self._setup.command,
        }[self._step]
        self._step = ORDERS[self._step]
        self._begin_wait(now_ns)
        return words

    def _begin_wait(self, now_ns: int) -> None:
        self._since_ns = self._heard_ns = now_ns
        self._n_heard, self._gap_ns, self._is_fresh = 0, 0, False

    def _notice(self, now_ns: int) -> None:
        """When bytes came last, and how long it was silent before."""
        if self._is_fresh:
            self._gap_ns = max(self._gap_ns, now_ns - self._heard_ns)
            self._heard_ns, self._is_fresh = now_ns, False

    def _is_late(self, now_ns: int) -> bool:
        if self._slowest_ns:
            silence_ns = max(LEAST_SILENCE_NS, GAPS_OF_SILENCE * self._longest_gap_ns)
            patience_ns = SECOND_NS + PATIENCE * self._slowest_ns
        else:
            silence_ns = FIRST_SILENCE_NS
            patience_ns = FIRST_SILENCE_NS + round(FIRST_PATIENCE * self._setup.frame_s * 1e9)
        return now_ns - self._heard_ns >= silence_ns or now_ns - self._since_ns >= patience_ns

    def _give_up(self) -> None:
        """The question is over; whatever still comes of its answer is old."""
        has_begun = self._n_heard > len(text.ASK_HEARD) + len(text.ANSWER)
        self._untold.append(Fault("cut answer", 1) if has_begun else Lost("no answer", 1))
        self._step = Step.STOP

    def _order_unanswered(self) -> None:
        self._step = Step.STOP
        self._unanswered += 1
        if self._unanswered == TRIES_UNTOLD:
            told = "the board does not answer; it is asked on (is it powered, is the line good?)"
            self._untold.append(Remark(told, Severity.WARNING))

    # -- listening ---------------------------------------------------------------------------------------------

    def feed(self, data: bytes) -> list[Found]:
        """What these bytes complete, and what `due` has noticed."""
        self._n_heard += len(data)
        self._is_fresh = self._is_fresh or bool(data)
        for line in self._lines.feed(data):
            self._untold += self._understand(line)
        for _ in range(self._lines.overlong):
            self._untold += self._spoiled("overlong line")
        self._lines.overlong = 0
        found, self._untold = self._untold, []
        return found

    def _understand(self, line: bytes) -> list[Found]:
        if self._step in (Step.STOP, Step.STOPPING):
            # Whatever is said before the board has stopped is old.
            if self._step is Step.STOPPING and line.strip() == text.STOPPED:
                self._step = Step.OTHER
            return []
        if text.GREETING in line:
            return self._rebooted(line)
        if self._step is Step.ANSWER:
            return self._question_answered(line)
        if line.strip() == text.CONFIGURED and self._step in (Step.TUNING, Step.CONFIGURING):
            return self._order_obeyed()
        if line == text.REFUSED and self._step in (Step.TUNING, Step.CONFIGURING):
            self._step, self.is_refused = Step.REFUSED, True
            return [Fault("configuration refused")]
        return self._unknown(line)

    def _order_obeyed(self) -> list[Found]:
        if self._step is Step.TUNING:
            self._step = Step.CONFIGURE
            return []
        self._step, self.is_refused = Step.READY, False
        is_back, self._unanswered = self._unanswered >= TRIES_UNTOLD, 0
        return [Remark("the board answers again")] if is_back else []

    def _question_answered(self, line: bytes) -> list[Found]:
        before, is_answer, body = line.rpartition(text.ANSWER)
        if is_answer:
            prefix = [] if before in (b"", text.ASK_HEARD) else [Fault("unknown line")]
            return [*prefix, *self._frame(body)]
        if line == text.NOT_CONFIGURED:
            self._step = Step.STOP
            return [Lost("the board was not configured", 1), _forgot()]
        if line.count(b",") >= self._setup.n_meas * self._setup.kind.numbers // 2:
            return self._spoiled("garbled answer")
        return self._unknown(line)

    def _frame(self, body: bytes) -> list[Found]:
        answer = text.read_answer(body, self._setup.n_meas, self._setup.kind)
        if answer is None:
            return self._spoiled("wrong number of values")
        if answer.is_noise:
            return self._spoiled("garbled answer")
        self._step = Step.READY
        self._learn_pace()
        values = answer.values
        if not self._setup.kind.is_magnitude and not self._setup.swapped:
            # The firmware drives from k to k + drive, a Pattern into k + drive.
            values = np.negative(values)
        return [*[Fault("damaged value")] * answer.n_damaged, Measured(values)]

    def _learn_pace(self) -> None:
        self._longest_gap_ns = max(self._longest_gap_ns, self._gap_ns)
        self._slowest_ns = max(self._slowest_ns, self._heard_ns - self._since_ns, 1)

    def _spoiled(self, kind: str) -> list[Found]:
        """Damage that may have cost the answer that is waited for."""
        if self._step in (Step.STOP, Step.STOPPING):
            return []
        is_asked, self._step = self._step is Step.ANSWER, Step.STOP
        return [Fault(kind, 1 if is_asked else 0)]

    def _rebooted(self, line: bytes) -> list[Found]:
        is_asked = self._step is Step.ANSWER
        is_cut = is_asked and line != text.GREETING
        self._step = Step.STOP
        cost: list[Found] = [Fault("cut answer", 1)] if is_cut else [Lost("the board rebooted", 1)]
        return [*(cost if is_asked else []), _forgot()]

    def _unknown(self, line: bytes) -> list[Found]:
        known = (*text.CHATTER, text.ASK_HEARD, text.STOPPED, text.CONFIGURED)
        return [] if not line or line.startswith(known) else [Fault("unknown line")]


def _forgot() -> Remark:
    return Remark(
        "the board has started anew and forgotten its configuration; it is configured again",
        Severity.WARNING,
    )
