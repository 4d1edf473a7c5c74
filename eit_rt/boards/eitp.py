"""EITP driver: boards that speak this project's protocol, over any link. firmware_protocol/SPEC.md.

Imports silence, links, protocol, frames, errors. The rule it keeps: noise is counted and told, never an exception; a
board that rebooted or fell silent is brought back without losing the run; only the loss of the port ends the frames
(LinkLost).
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress

from eit_rt.boards.board import Board, State
from eit_rt.boards.clock import Clock
from eit_rt.boards.eitp_line import Line, Refused
from eit_rt.boards.eitp_run import EitpRun
from eit_rt.boards.eitp_setup import Setup
from eit_rt.boards.silence import advice
from eit_rt.errors import BoardError, LinkError, MismatchError
from eit_rt.frames import BoardIdentity, Event, Frame, Stream
from eit_rt.links import DEFAULT_BAUD, Link, open_link
from eit_rt.pattern import Pattern
from eit_rt.protocol import (
    IDENTIFY_TIMEOUT_MS,
    IDENTIFY_TRIES,
    MAJOR,
    SCHEMA_HASH,
    Capability,
    FaultKind,
    FrameAssembler,
    IdentifyAnswer,
    IdentifyRequest,
    StartAnswer,
    StartRequest,
    Status,
    StopAnswer,
    StopRequest,
)


def open_eitp(
    url: str,
    *,
    baud: int = DEFAULT_BAUD,
    dtr: bool | None = None,
    amplitude_ma: float | None = None,
    frequency_hz: float | None = None,
) -> "EitpBoard":
    """The board at a port. baud and dtr: see `open_link`. amplitude_ma (peak), frequency_hz: None = the board's own.

    Raises LinkError if the port cannot be opened, BoardError if nothing there speaks EITP 1.
    """
    board = EitpBoard(open_link(url, baud, dtr=dtr), amplitude_ma, frequency_hz)
    try:
        board.identify()
    except BaseException:
        board.close()
        raise
    return board


class EitpBoard(Board):
    """A board that speaks EITP 1. Owns the link."""

    def __init__(
        self,
        link: Link,
        amplitude_ma: float | None = None,
        frequency_hz: float | None = None,
        *,
        clock: Clock | None = None,
    ) -> None:
        """clock: None is the system's."""
        super().__init__()
        self._line = Line(link, clock or Clock())
        self._amplitude_ma, self._frequency_hz = amplitude_ma, frequency_hz
        self._answer: IdentifyAnswer | None = None
        self._setup: Setup | None = None
        self._assembler: FrameAssembler | None = None
        self._idle_timeout_s = 0.0
        self._run = 0
        self._items: EitpRun | None = None
        self._notes: list[str] = []

    # -- the contract ------------------------------------------------------------------------------------------

    def _identify(self) -> BoardIdentity:
        self._line.greet()
        try:
            answer = self._line.ask(
                IdentifyRequest(), IdentifyAnswer, IDENTIFY_TIMEOUT_MS / 1000, IDENTIFY_TRIES
            )
        except BoardError as error:
            raise BoardError(self._nobody()) from error
        if answer.protocol_major != MAJOR:
            raise BoardError(
                f"the board speaks EITP {answer.protocol_major}, this program EITP {MAJOR}; update the older one"
            )
        self._line.discard()
        self._answer = answer
        if answer.schema_hash not in (0, SCHEMA_HASH):
            self._notes.append(
                f"the firmware ({answer.firmware}) was built from another protocol.yaml "
                f"({answer.schema_hash:08x}, here {SCHEMA_HASH:08x}); both speak EITP {MAJOR}"
            )
        return _identity(answer)

    def _configure(self, pattern: Pattern | None, rate_hz: float | None) -> Stream:
        assert self._answer is not None
        setup = Setup(self._answer, pattern, rate_hz, self._amplitude_ma, self._frequency_hz)
        self._end_stream()
        stream = self._agree(setup)
        self._setup = setup
        return stream

    def _start(self) -> None:
        assert self._setup is not None
        self._run += 1
        self._items = None
        self._end_stream()
        try:
            self._begin_session()
        except Refused as error:
            if error.refusal.status != Status.BAD_STATE:
                raise
            # It rebooted after `configure`, and its READY lay among what `_end_stream` forgot.
            self._agree_again(self._setup)
            self._begin_session()

    def _stop(self) -> None:
        with suppress(LinkError):
            self._line.send(StopRequest())

    def _close(self) -> None:
        self._line.link.close()

    def _frames(self) -> Iterator[Frame | Event]:
        if self._items is None:
            self._items = self._new_run()
        return self._items.items()

    def _new_run(self) -> EitpRun:
        assert self._assembler is not None
        number = self._run
        notes, self._notes = self._notes, []
        return EitpRun(
            self._line,
            self._assembler,
            self.counters,
            self.stream.rate_hz,
            self._idle_timeout_s,
            is_on=lambda: self._is_on(number),
            restart=lambda: self._restart(number),
            notes=notes,
        )

    # -- talking to the board ----------------------------------------------------------------------------------

    def _is_on(self, run: int) -> bool:
        return self.state is State.RUNNING and self._run == run

    def _restart(self, run: int) -> tuple[FrameAssembler, int]:
        """Configure and start a board that has lost its configuration or stopped. Raises BoardError, LinkLost.

        Returns what puts its frames together, and the moment (ns) from which they may come.
        """
        assert self._setup is not None

        def is_wanted() -> bool:
            return self._is_on(run)

        self._end_stream(is_wanted)
        self._refuse_stranger(is_wanted)
        self._agree_again(self._setup, is_wanted)
        started_ns = self._line.clock.now_ns()
        return self._begin_session(is_wanted), started_ns

    def _end_stream(self, is_wanted: Callable[[], bool] = lambda: True) -> None:
        self._line.ask(StopRequest(), StopAnswer, is_wanted=is_wanted)
        self._line.discard()

    def _refuse_stranger(self, is_wanted: Callable[[], bool]) -> None:
        """Behind a bridge or hub another board may have taken the place of ours while the port stayed open."""
        answer = self._line.ask(IdentifyRequest(), IdentifyAnswer, is_wanted=is_wanted)
        if not _identity(answer).is_same_device(self.identify()):
            raise BoardError(
                f"another device answers, {answer.hardware} {answer.serial}; waiting for "
                f"{self.identify().model} {self.identify().serial}"
            )

    def _agree(self, setup: Setup, is_wanted: Callable[[], bool] = lambda: True) -> Stream:
        answer, stream = setup.agree(self._line, is_wanted)
        self._assembler = FrameAssembler.of(answer)
        self._idle_timeout_s = answer.idle_timeout_ms / 1000
        return stream

    def _agree_again(self, setup: Setup, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """After a reboot: the run's frames must stay of one kind. Raises MismatchError if the board's have changed."""
        stream = self._agree(setup, is_wanted)
        if stream.pattern != self.stream.pattern or stream.value_kind != self.stream.value_kind:
            raise MismatchError(
                f"the board came back with pattern {stream.pattern.describe()} ({stream.value_kind}); "
                f"this run has {self.stream.pattern.describe()} ({self.stream.value_kind}); "
                "start a new run for the new pattern"
            )

    def _begin_session(self, is_wanted: Callable[[], bool] = lambda: True) -> FrameAssembler:
        assert self._assembler is not None
        self._assembler.restart()
        # A session of our own: a START that is sent twice is one START, another host's is not ours.
        request = StartRequest(secrets.randbits(32))
        self._line.ask(request, StartAnswer, is_wanted=is_wanted)
        return self._assembler

    def _nobody(self) -> str:
        url, decoder = self._line.link.url, self._line.decoder
        if decoder.faults[FaultKind.BAD_VERSION] > decoder.packets:
            return f"{url}: the board speaks another version of EITP than {MAJOR}; update the older side"
        if decoder.bytes_in:
            return (
                f"{url} sends {decoder.bytes_in} bytes, but no answer in EITP; is the baud rate right, "
                f"and is this the right port and driver?{advice(url)}"
            )
        return (
            f"nothing answers at {url}; is the board powered and connected there (`eit-rt ports`), "
            f"does it speak EITP, and does no other program use the port?{advice(url)}"
        )


def _identity(answer: IdentifyAnswer) -> BoardIdentity:
    return BoardIdentity(
        driver="eitp",
        model=answer.hardware,
        serial=answer.serial,
        firmware=answer.firmware,
        max_electrodes=answer.max_electrodes,
        capabilities=tuple(
            flag.name.lower()
            for flag in Capability
            if flag in Capability(answer.capabilities) and flag.name
        ),
    )
