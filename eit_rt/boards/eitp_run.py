"""One run of an EITP board: what arrives becomes frames and events; silence and reboots are noticed and mended.

Imports protocol, frames, errors and its neighbours. The rule it keeps: t_host_ns is the moment right after the read
that completed the frame, and every fault and missing frame is counted exactly once.
"""

from collections import deque
from collections.abc import Callable, Iterator

from eit_rt.boards.digest import Digest
from eit_rt.boards.eitp_events import board_event, log_event, reboot_event
from eit_rt.boards.eitp_line import Line
from eit_rt.boards.stall import StallWatch
from eit_rt.errors import BoardError, LinkLost
from eit_rt.frames import BoardCounters, Event, Frame, Severity
from eit_rt.protocol import (
    PINGS_PER_IDLE_TIMEOUT,
    BoardState,
    EventCode,
    EventMessage,
    Fault,
    FaultKind,
    FrameAssembler,
    LogMessage,
    MessageType,
    Packet,
    PacketFlag,
    PingRequest,
    RawFrame,
    ReadyMessage,
    StatusAnswer,
    StatusRequest,
    parse,
)

READ_S = 0.05
ASK_AGAIN_NS = 1_000_000_000
"""How often a silent board is asked for its state, and a stopped one is started again."""

LATEST_NS = 2**63 - 1
"""Nanoseconds are 64 bits with a sign everywhere behind here; a board's microseconds can say more (292 years)."""


class EitpRun:
    """From START to STOP. One thread iterates over `items`."""

    def __init__(
        self,
        line: Line,
        assembler: FrameAssembler,
        counters: BoardCounters,
        rate_hz: float,
        idle_timeout_s: float,
        is_on: Callable[[], bool],
        restart: Callable[[], tuple[FrameAssembler, int]],
        notes: list[str],
    ) -> None:
        """is_on: False ends the run. restart: configures and starts the board anew, raises BoardError if it cannot.
        notes: told first, as events."""
        self._line, self._clock = line, line.clock
        self._assembler = assembler
        self._counters = counters
        self._is_on, self._restart = is_on, restart
        self._notes = notes
        self._waiting: deque[tuple[int, Packet | Fault]] = deque()
        now = self._clock.now_ns()
        self._ping_every_ns = int(idle_timeout_s * 1e9 / PINGS_PER_IDLE_TIMEOUT)
        self._ping_ns = now + self._ping_every_ns
        self._stall = StallWatch(rate_hz, now)
        self._faults = Digest("fault", "damaged bytes on the line")
        self._lost = Digest("lost", "frames are missing")
        self._must_restart = False
        self._ask_ns = 0
        self._told = ""
        self._dropped_total = 0
        self._newest, self._offset = -1, 0
        self._bytes_before = line.decoder.bytes_in

    def items(self) -> Iterator[Frame | Event]:
        """Frames and events until the run is over. An iteration that was left goes on where it was, at the next call.

        Raises LinkLost, MismatchError.
        """
        while self._notes:
            yield Event("board", self._notes.pop(0), self._clock.now_ns())
        try:
            while self._is_on():
                while self._waiting and self._is_on():
                    arrived_ns, item = self._waiting.popleft()
                    yield from self._understand(item, arrived_ns)
                yield from self._look_around(self._clock.now_ns())
                arrived_ns, found = self._line.receive(READ_S)
                self._counters.bytes_in = self._line.decoder.bytes_in - self._bytes_before
                self._waiting.extend((arrived_ns, item) for item in found)
        except LinkLost:
            if self._is_on():
                yield from self._untold()
                raise
        yield from self._untold()

    # -- what arrives ------------------------------------------------------------------------------------------

    def _understand(self, item: Packet | Fault, now_ns: int) -> Iterator[Frame | Event]:
        if isinstance(item, Fault):
            self._count(item)
        elif item.type == MessageType.DATA:
            for found in self._assembler.push(item):
                if isinstance(found, RawFrame):
                    yield from self._frame(found, now_ns)
                else:
                    self._count(found)
        else:
            yield from self._message(item, now_ns)

    def _frame(self, raw: RawFrame, now_ns: int) -> Iterator[Frame | Event]:
        if raw.lost_before:
            self._counters.lost += raw.lost_before
            dropped = min(raw.lost_before, (raw.dropped_total - self._dropped_total) % (1 << 32))
            self._lost.add("dropped by the board", dropped)
            self._lost.add("damaged on the way", raw.lost_before - dropped)
            if event := self._lost.due(now_ns):
                yield event
        self._dropped_total = raw.dropped_total
        if event := self._stall.frame_came(now_ns):
            yield event
        self._counters.received += 1
        self._newest = raw.frame + self._offset
        t_board_ns = min(raw.t_us * 1000, LATEST_NS)
        yield Frame(raw.values, self._newest, t_board_ns, now_ns, raw.dropped_total, raw.status)

    def _message(self, packet: Packet, now_ns: int) -> Iterator[Event]:
        message = parse(packet)
        if isinstance(message, Fault):
            # Types that a later minor version has added are ignored, unless they say that they must not be.
            if message.kind is not FaultKind.UNKNOWN_TYPE or packet.flags & PacketFlag.CRITICAL:
                self._count(message)
        elif isinstance(message, EventMessage):
            yield board_event(message, now_ns)
            self._must_restart |= message.code == EventCode.IDLE_STOP
        elif isinstance(message, LogMessage):
            yield log_event(message, now_ns)
        elif isinstance(message, ReadyMessage):
            yield reboot_event(message, now_ns)
            self._must_restart = True
        elif isinstance(message, StatusAnswer):
            yield from self._state(message, now_ns)

    def _state(self, status: StatusAnswer, now_ns: int) -> Iterator[Event]:
        """The answer of a board that was asked because it fell silent."""
        if status.state == BoardState.FAILED:
            yield from self._tell("the board says that its hardware failed", now_ns)
        elif status.state != BoardState.RUNNING and not self._must_restart:
            self._must_restart = True
            is_new = status.state == BoardState.IDLE
            text = "it has no configuration: it rebooted" if is_new else "it has stopped by itself"
            kind = "reboot" if is_new else "board"
            yield Event(kind, f"the board is there, but {text}", now_ns, Severity.WARNING)

    def _count(self, fault: Fault) -> None:
        self._counters.add_fault(fault.word)
        self._faults.add(fault.word)

    # -- what time brings --------------------------------------------------------------------------------------

    def _look_around(self, now_ns: int) -> Iterator[Event]:
        for event in (
            self._faults.due(now_ns),
            self._lost.due(now_ns),
            self._stall.look(now_ns),
        ):
            if event:
                yield event
        if self._ping_every_ns and now_ns >= self._ping_ns:
            self._ping_ns = now_ns + self._ping_every_ns
            self._line.send(PingRequest())
        if now_ns < self._ask_ns:
            return
        if self._must_restart:
            self._ask_ns = now_ns + ASK_AGAIN_NS
            yield from self._bring_back()
        elif self._stall.is_stalled:
            self._ask_ns = now_ns + ASK_AGAIN_NS
            self._line.send(StatusRequest())

    def _bring_back(self) -> Iterator[Event]:
        try:
            self._assembler, started_ns = self._restart()
        except BoardError as error:
            if self._is_on():
                yield from self._tell(
                    f"cannot start the board again: {error}", self._clock.now_ns()
                )
            return
        self._must_restart, self._told = False, ""
        self._offset, self._dropped_total = self._newest + 1, 0
        self._stall.begin(started_ns)
        yield Event("restarted", "the board was configured and started again", started_ns)

    def _tell(self, text: str, now_ns: int) -> Iterator[Event]:
        """An error that may repeat each second is told once."""
        if text != self._told:
            self._told = text
            yield Event("board", text, now_ns, Severity.ERROR)

    def _untold(self) -> Iterator[Event]:
        now_ns = self._clock.now_ns()
        for event in (self._faults.rest(now_ns), self._lost.rest(now_ns)):
            if event:
                yield event
