"""ReplayBoard: a recording that enters the program like a board. Imports recording (the only board that does).

The rule it keeps: what was recorded comes out unchanged and in place, events and gaps included; only the moment is new.
`t_board_ns` is as recorded, `t_host_ns` is the moment of delivery.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from eit_rt.boards.board import Board, State
from eit_rt.boards.clock import Clock
from eit_rt.boards.transport import LONGEST_WAIT_S, Transport
from eit_rt.errors import BoardError, ConfigError, MismatchError, RecordingError
from eit_rt.frames import BoardIdentity, Event, Frame, Stream
from eit_rt.pattern import Pattern

if TYPE_CHECKING:
    from eit_rt.recording import Recording

RATE_TOLERANCE = 0.01


def open_replay(url: str, *, speed: float = 1.0, loop: bool = False) -> "ReplayBoard":
    """The recording at path `url` as a board. Raises RecordingError (unreadable) or ConfigError (bad speed, empty)."""
    from eit_rt.recording import Recording

    return ReplayBoard(Recording.open(url), speed=speed, loop=loop)


class ReplayBoard(Board, Transport):
    """Plays a recording: 0.1 to 100 times as fast as it was, or (speed inf) as fast as the reader asks. Owns it.

    Speed, pause, step and seek may be called from any thread, also before `start`. `start` plays from where the board
    stands: the beginning, or where `seek_frame`, `seek_time` or `stop` left it. At infinite speed the reader sets the
    pace: nothing is dropped here.
    """

    def __init__(
        self,
        recording: "Recording",
        speed: float = 1.0,
        *,
        loop: bool = False,
        hold_at_end: bool = False,
        clock: Clock | None = None,
    ) -> None:
        """loop: begin again at the end; frame numbers go on rising. clock: None is the system's.

        Raises ConfigError for an impossible speed.
        """
        Board.__init__(self)
        Transport.__init__(self, speed, clock)
        if not len(recording):
            raise ConfigError("the recording holds no frames, so there is nothing to play")
        self.recording: Recording = recording
        self.hold_at_end = hold_at_end
        """Without a loop: pause behind the last frame instead of ending; a seek goes there, `resume` begins again."""
        self._loop = loop
        self._next_ns = 0
        self._jumped = False
        self._run = 0
        self._previous: int | None = None  # recorded number of the frame before, in this pass
        self._newest = self._offset = 0
        self._is_next_round = False

    # -- the levers --------------------------------------------------------------------------------------------

    def _next_recorded_ns(self) -> int:
        return self._next_ns

    def _jump(self) -> None:
        self._jumped = True

    # -- the contract ------------------------------------------------------------------------------------------

    def _identify(self) -> BoardIdentity:
        return self.recording.about.identity

    def _configure(self, pattern: Pattern | None, rate_hz: float | None) -> Stream:
        stream = self.recording.about.stream
        if pattern is not None and pattern != stream.pattern:
            raise MismatchError(
                f"the recording was made with pattern {stream.pattern.describe()}, asked for is {pattern.describe()}; "
                "use what fits the recording's pattern"
            )
        if rate_hz is not None and not math.isclose(
            rate_hz, stream.rate_hz, rel_tol=RATE_TOLERANCE
        ):
            raise BoardError(
                f"the recording has {stream.rate_hz:g} frames per second, not {rate_hz:g}; choose a speed instead"
            )
        return stream

    def _start(self) -> None:
        with self._changed:
            self._run += 1
            if self._position == len(self.recording):
                self._position = 0
            self._offset, self._is_next_round = 0, False
            self._schedule.forget()

    def _stop(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _close(self) -> None:
        self.recording.close()

    def _frames(self) -> Iterator[Frame | Event]:
        run = self._run
        while self._is_on(run):
            for item in self._recorded(run):
                if not self._wait_until_due(item, run):
                    break
                yield self._delivered(item)
            else:
                if not self._is_on(run) or self._jumped or self._begins_again():
                    continue
                holds = self.hold_at_end
                if not (holds and self.is_paused):  # stepping there is not playing to the end
                    yield Event("end", "end of the recording", self._clock.now_ns())
                if not holds:
                    return
                self._hold(run)

    # -- parts -------------------------------------------------------------------------------------------------

    def _is_on(self, run: int) -> bool:
        return self.state is State.RUNNING and self._run == run

    def _recorded(self, run: int) -> Iterator[Frame | Event]:
        try:
            yield from self.recording.items(self._begin_pass())
        except RecordingError:
            if self._is_on(run):  # else it was closed while it was read, which is an end
                raise

    def _begin_pass(self) -> int:
        with self._changed:
            self._jumped = False
            self._previous = None
            return self._position

    def _begins_again(self) -> bool:
        """Whether it loops; if so, to the beginning."""
        with self._changed:
            if self._loop and not self._jumped:
                self._position, self._is_next_round = 0, True
                # The first frame follows the last as one frame follows another.
                self._schedule.forget(self._period_ns())
            return self._loop

    def _period_ns(self) -> int:
        """From frame to frame: announced, else as recorded, else a second."""
        rate_hz, steps = self.recording.about.rate_hz, len(self.recording) - 1
        if rate_hz > 0:
            return round(1e9 / rate_hz)
        return round(self.recording.duration_s * 1e9 / steps) if steps else 1_000_000_000

    def _hold(self, run: int) -> None:
        """Paused behind the last frame, until the board is stopped, told to go elsewhere, or resumed."""
        with self._changed:
            was_paused = self.is_paused
            if not self._jumped:
                self._schedule.is_paused = True
            while self._is_on(run) and self.is_paused and not self._jumped:
                self._clock.wait(self._changed, LONGEST_WAIT_S)
            if not self._jumped:
                self._position = 0
            if not self._is_on(run):
                self._schedule.is_paused = was_paused

    def _wait_until_due(self, item: Frame | Event, run: int) -> bool:
        """False if the board was stopped or told to go elsewhere meanwhile."""
        with self._changed:
            self._next_ns = item.t_host_ns
            while self._is_on(run) and not self._jumped:
                now = self._clock.now_ns()
                if not self.is_paused:
                    left_s = (self._schedule.due_ns(item.t_host_ns, now) - now) / 1e9
                    if left_s <= 0:
                        return True
                    self._clock.wait(self._changed, min(left_s, LONGEST_WAIT_S))
                elif self._steps > 0:
                    self._steps -= isinstance(item, Frame)
                    return True
                else:
                    self._clock.wait(self._changed, LONGEST_WAIT_S)
            return False

    def _delivered(self, item: Frame | Event) -> Frame | Event:
        now = self._clock.now_ns()
        if isinstance(item, Event):
            return replace(item, t_host_ns=now)
        with self._changed:
            if not self._jumped:
                self._position += 1
        sequence = self._numbered(item.sequence)
        self.counters.received += 1
        return Frame(item.values, sequence, item.t_board_ns, now, item.dropped_total, item.status)

    def _numbered(self, sequence: int) -> int:
        """Recorded number -> number that also rises from round to round of a loop; counts the gaps."""
        if self._is_next_round:
            self._offset, self._is_next_round = self._newest + 1 - sequence, False
        if self._previous is not None:
            self.counters.lost += max(0, sequence - self._previous - 1)
        self._previous = sequence
        self._newest = sequence + self._offset
        return self._newest
