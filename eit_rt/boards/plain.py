"""PlainBoard: a board that just talks, without session, checksum or frame numbers; and one run of it.

Imports the board contract, found, plausibility, links, frames, errors. A driver gives a decoder and the few words its
board understands; counting, silence, doubt and the end of a run are here. The rule it keeps: every fault and lost frame
is counted exactly once, and noise is never an exception.
"""

from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np

from eit_rt.boards.board import Board, State
from eit_rt.boards.clock import Clock
from eit_rt.boards.digest import Digest
from eit_rt.boards.found import Fault, Found, FrameDecoder, Lost, Measured, Remark
from eit_rt.boards.plausibility import Plausibility
from eit_rt.boards.stall import StallWatch
from eit_rt.errors import BoardError, LinkError, LinkLost
from eit_rt.frames import BoardCounters, Event, Frame, Severity
from eit_rt.links import Link

READ_S = 0.05
ASK_AGAIN_NS = 1_000_000_000
"""How often a silent board is asked to begin again."""
IMPLAUSIBLE = "implausible value"


class PlainBoard(Board):
    """Owns the link. A driver writes `_identify`, `_configure`, `_decoder`, and the hooks that its board needs."""

    def __init__(self, link: Link, clock: Clock | None = None) -> None:
        """clock: None is the system's."""
        super().__init__()
        self._link, self._clock = link, clock or Clock()
        self._number = 0
        self._run: PlainRun | None = None

    # -- what a driver writes ----------------------------------------------------------------------------------

    @abstractmethod
    def _decoder(self) -> FrameDecoder:
        """A new decoder of what `_configure` agreed on; it lives as long as the run, over power cycles of the board."""

    def _begin(self) -> None:
        """Say what makes the board send frames; also called, once a second, while it is silent in a run.

        Raises BoardError if it does not, LinkLost."""

    def _end(self) -> None:
        """Say what makes the board stop, if there is such a word."""

    def _prompt(self, now_ns: int) -> None:
        """Called before each read, twenty times a second at least: a board that is polled is asked here."""

    def _plausibility(self) -> Plausibility | None:
        """What doubts single values; None where the format has a checksum."""
        return Plausibility(self.stream.pattern.n_meas)

    # -- the contract ------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._number += 1
        self._run = None
        self._link.discard_input()
        self._begin()

    def _frames(self) -> Iterator[Frame | Event]:
        if self._run is None:
            number = self._number
            self._run = PlainRun(self, self._decoder(), lambda: self._is_on(number))
        return self._run.items()

    def _stop(self) -> None:
        with suppress(LinkError, BoardError):
            self._end()

    def _close(self) -> None:
        self._link.close()

    def _is_on(self, number: int) -> bool:
        return self.state is State.RUNNING and self._number == number


class PlainRun:
    """From start to stop of a PlainBoard. One thread iterates over `items`."""

    def __init__(self, board: PlainBoard, decoder: FrameDecoder, is_on: Callable[[], bool]) -> None:
        self._board, self._decoder, self._is_on = board, decoder, is_on
        self._link, self._clock = board._link, board._clock
        self._plausibility = board._plausibility()
        self._began_ns = self._clock.now_ns()
        self._stall = StallWatch(board.stream.rate_hz, self._began_ns)
        self._faults = Digest("fault", "damaged data from the board")
        self._lost = Digest("lost", "frames are missing")
        self._waiting: deque[tuple[int, Found]] = deque()
        self._ask_ns = 0
        self._told = ""
        self._next, self._offset = 0, 0
        self._newest_ns = -1

    @property
    def _counters(self) -> BoardCounters:
        return self._board.counters

    def items(self) -> Iterator[Frame | Event]:
        """Frames and events until the run is over; an iteration that was left goes on where it was. Raises LinkLost."""
        try:
            while self._is_on():
                while self._waiting and self._is_on():
                    arrived_ns, found = self._waiting.popleft()
                    yield from self._understand(found, arrived_ns)
                now_ns = self._clock.now_ns()
                yield from self._look_around(now_ns)
                self._board._prompt(now_ns)
                data = self._link.read(READ_S)
                self._counters.bytes_in += len(data)
                arrived_ns = self._clock.now_ns()
                self._waiting.extend((arrived_ns, found) for found in self._decoder.feed(data))
        except LinkLost:
            if self._is_on():
                yield from self._untold()
                raise
        yield from self._untold()

    def _understand(self, found: Found, now_ns: int) -> Iterator[Frame | Event]:
        match found:
            case Measured():
                if event := self._stall.frame_came(now_ns):
                    yield event
                yield self._frame(self._believable(found), now_ns)
            case Fault():
                self._counters.add_fault(found.kind)
                self._faults.add(found.kind)
                self._miss("damaged on the way", found.frames)
            case Lost():
                self._miss(found.reason, found.frames)
            case Remark():
                yield Event("board", found.text, now_ns, found.severity)

    def _frame(self, measured: Measured, now_ns: int) -> Frame:
        if measured.sequence is not None:
            self._follow(measured.sequence)
        t_ns = measured.t_board_ns
        if t_ns is None:
            # Two frames may come with one read; time goes on all the same.
            t_ns = max(now_ns - self._began_ns, self._newest_ns + 1)
        self._newest_ns = t_ns
        self._counters.received += 1
        self._next += 1
        return Frame(measured.values, self._next - 1, t_ns, now_ns, 0, measured.status)

    def _follow(self, sequence: int) -> None:
        """Count what the board's own numbers say is missing."""
        if self._newest_ns < 0:
            self._next = max(self._next, sequence)  # numbers may begin anywhere
        number = sequence + self._offset
        if number < self._next:
            # It counts anew: it was switched off and on. The run's numbers go on.
            self._offset = self._next - sequence
        else:
            self._miss("not received", number - self._next)

    def _believable(self, measured: Measured) -> Measured:
        if self._plausibility is None:
            return measured
        doubted = self._plausibility.doubtful(measured.values)
        if not doubted.any():
            return measured
        count = int(np.count_nonzero(doubted))
        self._counters.add_fault(IMPLAUSIBLE, count)
        self._faults.add(IMPLAUSIBLE, count)
        values = measured.values.copy()
        values[doubted] = np.nan
        return replace(measured, values=values)

    def _miss(self, reason: str, frames: int) -> None:
        if frames > 0:
            self._counters.lost += frames
            self._lost.add(reason, frames)
            self._next += frames

    def _look_around(self, now_ns: int) -> Iterator[Event]:
        for event in (self._faults.due(now_ns), self._lost.due(now_ns), self._stall.look(now_ns)):
            if event:
                yield event
        if self._stall.is_stalled and now_ns >= self._ask_ns:
            self._ask_ns = now_ns + ASK_AGAIN_NS
            try:
                self._board._begin()
            except BoardError as error:
                if self._is_on() and str(error) != self._told:
                    self._told = str(error)
                    text = f"the board does not begin again: {error}"
                    yield Event("board", text, now_ns, Severity.ERROR)

    def _untold(self) -> Iterator[Event]:
        now_ns = self._clock.now_ns()
        for event in (self._faults.rest(now_ns), self._lost.rest(now_ns)):
            if event:
                yield event
