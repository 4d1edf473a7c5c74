"""What every board must do. Subclass it, give a board that streams, and the tests run."""

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from eit_rt.boards import Board, State
from eit_rt.errors import BoardError, EitError, MismatchError
from eit_rt.frames import Event, Frame, ValueKind
from eit_rt.pattern import Pattern
from tests.boards.clocks import PATIENCE_S


def take(board: Board, count: int) -> list[Frame]:
    """So many frames of a running board; events are left out."""
    return [item for item in items(board, count) if isinstance(item, Frame)]


def items(
    board: Board, frames: int, until: Callable[[], bool] = lambda: False
) -> list[Frame | Event]:
    """Frames and events until so many frames have come, or until() is true. Fails if that takes too long."""
    found: list[Frame | Event] = []
    end = time.monotonic() + PATIENCE_S
    for item in board.frames():
        found.append(item)
        frames -= isinstance(item, Frame)
        if frames <= 0 or until():
            return found
        assert time.monotonic() < end, f"{frames} frames are still missing; got {found[-5:]}"
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


class Listener:
    """Iterates over a board's frames in a thread of its own."""

    def __init__(self, board: Board) -> None:
        self.items: list[Frame | Event] = []
        self.error: EitError | None = None
        self._thread = threading.Thread(target=self._listen, args=[board.frames()], daemon=True)
        self._thread.start()

    def _listen(self, frames) -> None:
        try:
            for item in frames:
                self.items.append(item)
        except EitError as error:
            self.error = error

    def wait_for(self, condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        end = time.monotonic() + patience_s
        while not condition():
            assert time.monotonic() < end, f"waited in vain; events: {self.events}"
            assert self.error is None, self.error
            time.sleep(0.005)

    @property
    def frames(self) -> list[Frame]:
        return [item for item in list(self.items) if isinstance(item, Frame)]

    @property
    def events(self) -> list[Event]:
        return [item for item in list(self.items) if isinstance(item, Event)]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    def join(self, patience_s: float = PATIENCE_S) -> None:
        self._thread.join(patience_s)
        assert not self._thread.is_alive(), "the iteration does not end"


class BoardContract:
    """Subclasses give `board`: a fixture that yields an open board which sends at least 20 frames per second."""

    @pytest.fixture
    def board(self):
        raise NotImplementedError

    def test_identity_is_the_same_each_time(self, board):
        assert board.identify() == board.identify()
        assert board.identify().driver

    def test_configure_tells_what_will_be_sent(self, board):
        stream = board.configure()
        assert stream == board.stream
        assert stream.pattern.n_meas > 0

    def test_configure_takes_the_pattern_that_the_board_has_already(self, board):
        own = board.configure().pattern
        assert board.configure(own).pattern == own

    def test_a_pattern_for_other_electrodes_is_refused(self, board):
        with pytest.raises(MismatchError, match="48 electrodes"):
            board.configure(Pattern.by_name("adjacent", 48))

    def test_calls_in_the_wrong_order_are_refused(self, board):
        with pytest.raises(BoardError, match="configure"):
            board.start()
        with pytest.raises(BoardError, match="configure"):
            _ = board.stream
        board.configure()
        with pytest.raises(BoardError, match="start"):
            board.frames()

    def test_a_running_board_cannot_be_configured(self, board):
        board.configure()
        board.start()
        with pytest.raises(BoardError, match="stop"):
            board.configure()

    def test_frames_are_whole_read_only_and_in_order(self, board):
        stream = board.configure()
        before_ns = time.monotonic_ns()
        board.start()
        frames = take(board, 10)
        kind = np.complex64 if stream.value_kind is ValueKind.COMPLEX else np.float32
        for frame in frames:
            assert frame.values.shape == (stream.pattern.n_meas,)
            assert frame.values.dtype == kind
            with pytest.raises(ValueError, match="read-only"):
                frame.values[0] = 0
        for name in ("sequence", "t_board_ns", "t_host_ns"):
            steps = np.diff([getattr(frame, name) for frame in frames])
            assert (steps >= (0 if name == "t_host_ns" else 1)).all(), name
        assert before_ns <= frames[0].t_host_ns
        assert frames[-1].t_host_ns <= time.monotonic_ns()

    def test_received_frames_are_counted(self, board):
        board.configure()
        board.start()
        take(board, 5)
        assert board.counters.received == 5
        assert board.counters.bad == 0

    def test_start_stop_and_close_may_be_repeated(self, board):
        board.stop()
        board.configure()
        board.start()
        board.start()
        take(board, 2)
        board.stop()
        board.stop()
        assert board.state is State.CONFIGURED
        board.close()
        board.close()
        board.stop()
        assert board.state is State.CLOSED

    def test_a_stopped_board_starts_again_from_zero_counts(self, board):
        board.configure()
        board.start()
        take(board, 5)
        board.stop()
        board.start()
        assert board.counters.received == 0
        again = take(board, 3)
        assert [frame.sequence for frame in again] == sorted(frame.sequence for frame in again)
        assert board.counters.received == 3
        assert (board.counters.bad, board.counters.lost) == (0, 0)

    def test_a_stopped_board_can_be_configured_anew(self, board):
        board.configure()
        board.start()
        take(board, 2)
        board.stop()
        board.configure()
        board.start()
        assert len(take(board, 3)) == 3

    def test_stop_from_another_thread_ends_the_frames(self, board):
        """How soon, a driver's own tests tell from the waits it asks for: at most 0.1 s each."""
        board.configure()
        board.start()
        listener = Listener(board)
        listener.wait_for(lambda: len(listener.frames) > 2)
        board.stop()
        listener.join()
        assert listener.error is None

    def test_close_from_another_thread_ends_the_frames(self, board):
        board.configure()
        board.start()
        listener = Listener(board)
        listener.wait_for(lambda: len(listener.frames) > 2)
        board.close()
        listener.join()
        assert listener.error is None

    def test_an_iterator_of_an_earlier_run_ends(self, board):
        board.configure()
        board.start()
        earlier = board.frames()
        next(earlier)
        board.stop()
        board.start()
        assert len(list(earlier)) <= 1
        assert len(take(board, 3)) == 3

    def test_a_closed_board_says_so(self, board):
        board.close()
        for call in (board.configure, board.start):
            with pytest.raises(BoardError, match="closed"):
                call()

    def test_a_board_is_a_context_manager(self, board):
        with board as same:
            assert same is board
            board.configure()
            board.start()
        assert board.state is State.CLOSED
