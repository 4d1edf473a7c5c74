"""ReconnectingBoard: any board, kept alive over the loss of its port. Imports the board contract, frames, errors.

The rule it keeps: the frames so far are never lost, a gap is an event, and only the same device is taken back. A thread
of its own opens the port again, because that may take seconds while `stop` must be obeyed in 0.2 s.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from eit_rt.boards.board import Board, State
from eit_rt.boards.registry import open_board
from eit_rt.errors import BoardError, EitError, LinkError, LinkLost, MismatchError, known
from eit_rt.frames import BoardIdentity, Event, Frame, Severity, Stream
from eit_rt.links import PortMemory
from eit_rt.pattern import Pattern

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
LOOK_S = 0.05

Opener = Callable[[], Board]
Prepare = Callable[[Board], int]


class ReconnectingBoard(Board):
    """Opens a board, and opens it again when its port goes away while it runs.

    Counters add up over reconnections; frame numbers go on rising (what was missed meanwhile is told by the event
    `link-restored`, not counted as lost: nobody knows its number). Before `start`, a lost port is the caller's affair.
    """

    def __init__(
        self,
        open_board: Opener,
        *,
        first_pause_s: float = FIRST_PAUSE_S,
        longest_pause_s: float = LONGEST_PAUSE_S,
        give_up_s: float | None = None,
        waits_for: Callable[[], str] = lambda: "",
    ) -> None:
        """Opens the board at once and raises what that raises. Pauses between attempts double from first to longest.

        give_up_s: raise LinkLost after so long without the board; None = try until `stop`. waits_for: what a person has
        to plug in again, for the event; "" if only the port is known.
        """
        super().__init__()
        self._open = open_board
        self._first_pause_s, self._longest_pause_s = first_pause_s, longest_pause_s
        self._give_up_s = give_up_s
        self._waits_for = waits_for
        self._asked: tuple[Pattern | None, float | None] = (None, None)
        self._stopped = threading.Event()
        self._attempt: _Attempt | None = None
        self._newest, self._offset = -1, 0
        self._board = open_board()

    # -- the contract ------------------------------------------------------------------------------------------

    def _identify(self) -> BoardIdentity:
        return self._board.identify()

    def _configure(self, pattern: Pattern | None, rate_hz: float | None) -> Stream:
        if self._board.state is State.CLOSED:
            self._board = self._reopened()
        self._asked = (pattern, rate_hz)
        return self._board.configure(pattern, rate_hz)

    def _start(self) -> None:
        if self._board.state is State.CLOSED:  # its loss ended the last run
            self._board = self._reopened(self._configure_again)
        self._stopped = threading.Event()
        self._newest, self._offset = -1, 0
        self._board.start()
        # One set of counters for every board in a row: the counts of a run add up by themselves.
        self._board.counters = self.counters

    def _stop(self) -> None:
        self._stopped.set()
        self._board.stop()

    def _close(self) -> None:
        attempt = self._attempt
        if attempt is not None:
            attempt.abandon()
        self._board.close()

    def _frames(self) -> Iterator[Frame | Event]:
        stopped = self._stopped  # of this run: another run has another one
        while not stopped.is_set():
            try:
                for item in self._board.frames():
                    yield self._renumbered(item) if isinstance(item, Frame) else item
                return
            except BoardError:
                if stopped.is_set():  # after we looked, before the board was asked for frames
                    return
                raise
            except LinkLost as error:
                if stopped.is_set():
                    return
                lost_ns = time.monotonic_ns()
                text = self._told_of(error)
            yield Event("link-lost", text, lost_ns, Severity.ERROR)
            yield from self._reconnect(lost_ns, stopped)

    def _told_of(self, error: LinkLost) -> str:
        what = self._waits_for()
        if not what:
            return f"{error}. The frames so far are kept; trying to open it again"
        # What a person has to do comes first: a narrow window shows no more.
        return f"waiting for {what}. The frames so far are kept; {error}"

    # -- coming back -------------------------------------------------------------------------------------------

    def _reconnect(self, lost_ns: int, stopped: threading.Event) -> Iterator[Event]:
        """Try until the board is back (then it runs), or until `stop`. Raises LinkLost after give_up_s."""
        self._board.close()
        pause_s, told = self._first_pause_s, ""
        while not stopped.wait(pause_s):
            attempt = self._attempt = _Attempt(self._open, self._prepare)
            if not attempt.finish(stopped):
                return
            if attempt.board is not None:
                self._welcome(attempt.board, stopped)
                if not stopped.is_set():
                    yield _restored(self._device, attempt.started_ns, lost_ns)
                return
            refusal = _refusal(attempt.error)
            if refusal is not None and refusal.text != told:
                told = refusal.text
                yield refusal
            self._refuse_to_wait_longer(lost_ns, attempt.error)
            pause_s = min(2 * pause_s, self._longest_pause_s)

    def _reopened(self, then: Callable[[Board], None] = lambda board: None) -> Board:
        """The same device, opened again, after `then`. Raises what opening and `then` raise."""
        board = self._open()
        try:
            self._refuse_stranger(board)
            then(board)
        except BaseException:
            board.close()
            raise
        return board

    @property
    def _device(self) -> BoardIdentity:
        """Who was configured. To ask would be a mistake once `close` was called from another thread."""
        assert self._identity is not None
        return self._identity

    def _prepare(self, board: Board) -> int:
        """Bring a board that was just opened to where the lost one was; the moment (ns) from which frames may come.

        Raises EitError if it is another one.
        """
        self._refuse_stranger(board)
        self._configure_again(board)
        started_ns = time.monotonic_ns()
        board.start()
        return started_ns

    def _refuse_stranger(self, board: Board) -> None:
        identity, wanted = board.identify(), self._device
        if not identity.is_same_device(wanted):
            raise MismatchError(
                f"another device answers: {_name(identity)}; waiting for {_name(wanted)}. "
                "Connect that one again, or stop and start anew with this one"
            )

    def _configure_again(self, board: Board) -> None:
        stream = board.configure(self.stream.pattern if self._asked[0] else None, self._asked[1])
        if stream.pattern != self.stream.pattern or stream.value_kind != self.stream.value_kind:
            raise MismatchError(
                f"the board came back with pattern {stream.pattern.describe()} ({stream.value_kind}); "
                f"this run has {self.stream.pattern.describe()} ({self.stream.value_kind})"
            )

    def _welcome(self, board: Board, stopped: threading.Event) -> None:
        self._board, self._attempt = board, None
        board.counters = self.counters
        self._offset = self._newest + 1
        if stopped.is_set():
            board.stop()  # `stop` came while the board changed hands, and stopped the old one

    def _refuse_to_wait_longer(self, lost_ns: int, error: EitError | None) -> None:
        waited_s = (time.monotonic_ns() - lost_ns) / 1e9
        if self._give_up_s is not None and waited_s >= self._give_up_s:
            raise LinkLost(
                f"{_name(self._device)} did not come back in {waited_s:.0f} s; the last attempt said: {error}"
            ) from error

    def _renumbered(self, frame: Frame) -> Frame:
        self._newest = frame.sequence + self._offset
        return replace(frame, sequence=self._newest) if self._offset else frame


def open_reconnecting(driver: str, url: str, **options: object) -> ReconnectingBoard:
    """`open_board` with reconnection: by USB serial number where the port has one, else by path or address.

    Raises what `open_board` raises.
    """
    port = PortMemory(url)

    def waits_for() -> str:
        device = port.hardware
        if device is None or not device.serial_number:
            return ""
        return (
            f"the USB device with serial number {device.serial_number}, wherever it is plugged in"
        )

    return ReconnectingBoard(
        lambda: open_board(driver, port.where(), **options), waits_for=waits_for
    )


class _Attempt:
    """One attempt to open a board, in a thread of its own."""

    def __init__(self, open_board: Opener, prepare: Prepare) -> None:
        self.board: Board | None = None
        self.error: EitError | None = None
        self.started_ns = 0
        self._candidate: Board | None = None
        self._abandoned = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(
            target=self._try, args=(open_board, prepare), name="eit-rt reconnecting", daemon=True
        )
        self._thread.start()

    def finish(self, stopped: threading.Event) -> bool:
        """Wait for the end of the attempt. False if `stopped` came first; then nothing is left open."""
        while self._thread.is_alive() and not stopped.is_set():
            self._thread.join(LOOK_S)
        if stopped.is_set():
            self.abandon()
            return False
        return True

    def abandon(self) -> None:
        """Nobody wants the board any more: close it, now or as soon as it is open."""
        with self._lock:
            self._abandoned = True
            candidate = self._candidate
        if candidate is not None:
            candidate.close()

    def _try(self, open_board: Opener, prepare: Prepare) -> None:
        candidate: Board | None = None
        try:
            candidate = open_board()
            with self._lock:
                self._candidate = candidate
                is_unwanted = self._abandoned
            if is_unwanted:
                raise BoardError("nobody waits for this board any more")
            self.started_ns = prepare(candidate)
            self.board = candidate
        except Exception as error:  # noqa: BLE001 - a thread's top: nothing stays open, and it is told
            self.error = known(error)
            if candidate is not None:
                candidate.close()


def _refusal(error: EitError | None) -> Event | None:
    """What a person should know of while the board is waited for; None for what waiting may mend."""
    now_ns = time.monotonic_ns()
    if isinstance(error, MismatchError):
        return Event("board-refused", str(error), now_ns, Severity.ERROR)
    if error is None or isinstance(error, (BoardError, LinkError)):
        return None
    text = f"the board cannot be opened again, it is tried on: {error}"
    return Event("board", text, now_ns, Severity.ERROR)


def _restored(identity: BoardIdentity, now_ns: int, lost_ns: int) -> Event:
    text = f"{_name(identity)} is back after {(now_ns - lost_ns) / 1e9:.1f} s"
    return Event("link-restored", text, now_ns)


def _name(identity: BoardIdentity) -> str:
    return f"{identity.model} {identity.serial}".strip()
