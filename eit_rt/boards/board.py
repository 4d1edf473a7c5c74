"""The contract that every board driver keeps; `tests/boards/contract.py` checks it.

Imports frames, pattern, errors. A driver implements the underscored methods; the base class owns the order of calls.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from enum import Enum
from typing import Self

from eit_rt.errors import BoardError
from eit_rt.frames import BoardCounters, BoardIdentity, Event, Frame, Stream
from eit_rt.pattern import Pattern


class State(Enum):
    OPEN = "open"
    CONFIGURED = "configured"
    RUNNING = "running"
    CLOSED = "closed"


class Board(ABC):
    """Something that sends frames: identify -> configure -> start -> frames -> stop -> close.

    Every call may be repeated: a second start, stop or close does nothing. `stop` may be called from another thread
    than the one that iterates over `frames`; the iteration then ends within 0.2 s. A board is a context manager.
    """

    def __init__(self) -> None:
        self.state = State.OPEN
        self.counters = BoardCounters()
        self._identity: BoardIdentity | None = None
        self._stream: Stream | None = None

    # -- what callers use --------------------------------------------------------------------------------------

    def identify(self) -> BoardIdentity:
        """Who the board is; asked once. Raises BoardError if nothing sensible answers, LinkLost if the port goes."""
        self._refuse_if_closed()
        if self._identity is None:
            self._identity = self._identify()
        return self._identity

    def configure(self, pattern: Pattern | None = None, rate_hz: float | None = None) -> Stream:
        """Agree on what will be sent; None leaves the board's own pattern or rate as it is.

        Returns what the board really does. Raises BoardError if it cannot, MismatchError for a pattern that it
        does not have.
        """
        self.identify()
        if self.state is State.RUNNING:
            raise BoardError("the board is running; stop it before you configure it")
        self._stream = self._configure(pattern, rate_hz)
        self.state = State.CONFIGURED
        return self._stream

    @property
    def stream(self) -> Stream:
        """What `configure` agreed on. Raises BoardError before that."""
        if self._stream is None:
            raise BoardError("the board is not configured yet; call configure first")
        return self._stream

    def start(self) -> None:
        """Begin to send frames; counters start at zero. Raises BoardError if not configured."""
        self._refuse_if_closed()
        if self.state is State.RUNNING:
            return
        if self.state is not State.CONFIGURED:
            raise BoardError("the board is not configured yet; call configure first")
        self.counters = BoardCounters()
        self._start()
        self.state = State.RUNNING

    def frames(self) -> Iterator[Frame | Event]:
        """Frames and events, in order, until `stop` (or the end of a recording). Raises LinkLost if the port goes."""
        if self.state is not State.RUNNING:
            raise BoardError("the board is not running; call start first")
        return self._frames()

    def stop(self) -> None:
        """End the frames. Never raises: a board that cannot be stopped is closed next."""
        if self.state is State.RUNNING:
            self.state = State.CONFIGURED
            self._stop()

    def close(self) -> None:
        """Stop and give the port back. Never raises."""
        if self.state is not State.CLOSED:
            self.stop()
            self.state = State.CLOSED
            self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what a driver writes ----------------------------------------------------------------------------------

    @abstractmethod
    def _identify(self) -> BoardIdentity: ...

    @abstractmethod
    def _configure(self, pattern: Pattern | None, rate_hz: float | None) -> Stream: ...

    @abstractmethod
    def _start(self) -> None: ...

    @abstractmethod
    def _frames(self) -> Iterator[Frame | Event]:
        """Yield until `self.state` is no longer RUNNING; look at it at least every 0.1 s."""

    @abstractmethod
    def _stop(self) -> None: ...

    @abstractmethod
    def _close(self) -> None: ...

    def _refuse_if_closed(self) -> None:
        if self.state is State.CLOSED:
            raise BoardError("the board is closed; open it again")
