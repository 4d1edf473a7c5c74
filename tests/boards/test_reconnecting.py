"""A board that outlives its port: the link dies and returns, another device answers, nobody comes back."""

import threading
from math import inf

import numpy as np
import pytest

from eit_rt.boards import ReconnectingBoard, State, open_board, open_reconnecting
from eit_rt.boards.clock import Clock
from eit_rt.boards.eitp import EitpBoard
from eit_rt.errors import LinkError, LinkLost, MismatchError
from eit_rt.pattern import Pattern
from eit_rt.simulation import Scenario
from tests.boards.contract import BoardContract, Listener, wait_for
from tests.boards.device import Bench
from tests.simulation.served import SteadyClock, served


class Hub:
    """Something boards are plugged into: `open` opens the one that is plugged in now."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.bench = Bench(clock)
        self._link = self.bench.link
        self.is_plugged_in = True
        self.opened = 0

    def open(self) -> EitpBoard:
        self.opened += 1
        if not self.is_plugged_in:
            raise LinkError("no port /dev/ttyUSB0; no serial ports are here")
        return EitpBoard(self._link, clock=self.bench.clock)

    def unplug(self) -> None:
        self.is_plugged_in = False
        self.bench.device.close()

    def plug_in(self, **quirks) -> None:
        self._link = self.bench.connect(**quirks)
        self.is_plugged_in = True


@pytest.fixture
def hub():
    hub = Hub()
    yield hub
    hub.bench.close()


@pytest.fixture
def real_hub():
    """By the clock of the machine."""
    hub = Hub(Clock())
    yield hub
    hub.bench.close()


@pytest.fixture
def board(hub):
    board = ReconnectingBoard(hub.open, first_pause_s=0.02, longest_pause_s=0.05)
    yield board
    board.close()


def listen(board, **options) -> Listener:
    board.configure(**options)
    board.start()
    listener = Listener(board)
    listener.wait_for(lambda: len(listener.frames) > 5)
    return listener


class TestReconnectingEitp(BoardContract):
    @pytest.fixture
    def board(self, pty_url):
        with open_reconnecting("eitp", pty_url) as board:
            yield board


class TestReconnectingOverMemory(BoardContract):
    @pytest.fixture
    def board(self, real_hub):
        board = ReconnectingBoard(real_hub.open)
        yield board
        board.close()


def test_the_first_opening_fails_as_it_would_without():
    with pytest.raises(LinkError, match="no port"):
        open_reconnecting("eitp", "/dev/ttyUSB99")


def test_a_run_goes_on_after_the_link_died_and_returned(hub, board):
    listener = listen(board)
    before = board.counters.received
    hub.unplug()
    listener.wait_for(lambda: hub.opened >= 4)  # tried and failed a few times
    hub.plug_in()
    listener.wait_for(lambda: "link-restored" in listener.kinds())
    listener.wait_for(lambda: board.counters.received > before + 20)
    board.stop()
    listener.join()
    assert listener.error is None
    assert listener.kinds() == ["link-lost", "link-restored"]
    numbers = [frame.sequence for frame in listener.frames]
    assert (np.diff(numbers) == 1).all()
    assert board.counters.received == len(numbers)
    assert board.counters.lost == 0


def test_events_stand_where_the_gap_is_and_tell_its_length(real_hub):
    hub, board = real_hub, ReconnectingBoard(real_hub.open, first_pause_s=0.3)
    listener = listen(board)
    hub.unplug()
    hub.plug_in()
    listener.wait_for(lambda: "link-restored" in listener.kinds())
    board.stop()
    listener.join()
    # The machine may have held the device up, which is a stall.
    told = {event.kind: event for event in listener.events}
    lost, restored = told["link-lost"].t_host_ns, told["link-restored"].t_host_ns
    assert restored - lost > 0.3e9
    frames = [frame.t_host_ns for frame in listener.frames]
    assert not any(lost < t < restored for t in frames)
    seconds = float(told["link-restored"].text.split(" after ")[1].split()[0])
    assert seconds == pytest.approx((restored - lost) / 1e9, abs=0.06)
    board.close()


def test_pattern_and_rate_are_asked_for_again(hub, board):
    wanted = Pattern.by_name("skip2", 12)
    listener = listen(board, pattern=wanted, rate_hz=123.0)
    hub.unplug()
    hub.plug_in()
    listener.wait_for(lambda: "link-restored" in listener.kinds())
    board.stop()
    listener.join()
    assert hub.bench.device.pattern == wanted
    assert hub.bench.device.rate_hz == 123.0


def test_another_device_is_refused_and_the_right_one_is_waited_for(hub, board):
    listener = listen(board)
    hub.unplug()
    hub.plug_in(serial="B2")
    listener.wait_for(lambda: "board-refused" in listener.kinds())
    again = hub.opened + 2
    listener.wait_for(lambda: hub.opened >= again)
    hub.plug_in(serial="A1")
    listener.wait_for(lambda: "link-restored" in listener.kinds())
    board.stop()
    listener.join()
    assert listener.kinds() == ["link-lost", "board-refused", "link-restored"]  # told once
    assert "bench board B2" in listener.events[1].text
    assert "bench board A1" in listener.events[1].text


def test_the_same_device_with_another_pattern_is_refused(hub, board):
    listener = listen(board)
    hub.unplug()
    hub.plug_in(pattern=Pattern.by_name("opposite", 8))
    listener.wait_for(lambda: "board-refused" in listener.kinds())
    board.stop()
    listener.join()
    assert "opposite" in listener.events[-1].text
    assert "adjacent" in listener.events[-1].text


def test_a_board_that_never_comes_back_ends_the_run_if_a_limit_was_given(hub):
    board = ReconnectingBoard(hub.open, first_pause_s=0.02, longest_pause_s=0.05, give_up_s=0.3)
    listener = listen(board)
    hub.unplug()
    listener.join()
    assert isinstance(listener.error, LinkLost)
    assert "did not come back" in str(listener.error)
    assert "no port /dev/ttyUSB0" in str(listener.error)
    board.close()


class Mistaken(EitpBoard):
    """A driver with a mistake, which shows when the board is opened again."""

    opened: list["Mistaken"]

    def _configure(self, pattern, rate_hz):
        if len(self.opened) > 1:
            raise ZeroDivisionError("rate")
        return super()._configure(pattern, rate_hz)


@pytest.fixture
def open_mistaken(hub):
    """As `Hub.open`; what was opened stands in its list `opened`."""
    opened: list[Mistaken] = []

    def open_one() -> EitpBoard:
        if opened:
            hub.plug_in()
        board = Mistaken(hub.open()._line.link, clock=hub.bench.clock)
        board.opened = opened
        opened.append(board)
        return board

    open_one.opened = opened
    return open_one


def test_a_driver_s_mistake_is_told_once_and_leaves_nothing_open(hub, open_mistaken):
    opened = open_mistaken.opened
    with ReconnectingBoard(open_mistaken, first_pause_s=0.02, longest_pause_s=0.02) as board:
        listener = listen(board)
        hub.unplug()
        listener.wait_for(lambda: len(opened) >= 5)
        board.stop()
        listener.join()
        told = [event.text for event in listener.events if event.kind == "board"]
        assert len(told) == 1
        assert "internal error: ZeroDivisionError('rate'); please report it" in told[0]
    assert all(one.state is State.CLOSED for one in opened)


def test_a_driver_s_mistake_is_the_reason_of_a_board_that_does_not_come_back(hub, open_mistaken):
    with ReconnectingBoard(open_mistaken, first_pause_s=0.02, give_up_s=0.1) as board:
        listener = listen(board)
        hub.unplug()
        listener.join()
        assert "the last attempt said: internal error: ZeroDivisionError" in str(listener.error)


def test_a_driver_s_mistake_at_a_new_start_leaves_nothing_open(hub, open_mistaken):
    with ReconnectingBoard(open_mistaken, first_pause_s=60.0) as board:
        listener = listen(board)
        hub.unplug()
        listener.wait_for(lambda: "link-lost" in listener.kinds())
        board.stop()
        listener.join()
        with pytest.raises(ZeroDivisionError):
            board.start()
        assert open_mistaken.opened[-1].state is State.CLOSED


class NotedPauses(threading.Event):
    """Notes how long somebody wants to wait, and lets nobody wait."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses_s: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses_s.append(timeout)
        return super().wait(0)


def test_pauses_between_attempts_double_up_to_the_longest(hub):
    board = ReconnectingBoard(hub.open, first_pause_s=0.02, longest_pause_s=0.16)
    board.configure()
    board.start()
    stopped = board._stopped = NotedPauses()
    listener = Listener(board)
    listener.wait_for(lambda: len(listener.frames) > 5)
    hub.unplug()
    listener.wait_for(lambda: hub.opened >= 7)
    board.stop()
    listener.join()
    board.close()
    assert stopped.pauses_s[:6] == [0.02, 0.04, 0.08, 0.16, 0.16, 0.16]


def test_stop_during_a_pause_ends_the_frames_at_once(hub):
    board = ReconnectingBoard(hub.open, first_pause_s=60.0)
    listener = listen(board)
    hub.unplug()
    listener.wait_for(lambda: "link-lost" in listener.kinds())
    board.stop()
    listener.join()
    board.close()


def test_stop_at_the_moment_the_board_is_back_ends_the_frames_and_is_no_mistake(hub):
    class Back(EitpBoard):
        def frames(self):
            board.stop()
            return super().frames()

    board = ReconnectingBoard(
        lambda: (Back if hub.opened else EitpBoard)(hub.open()._line.link), first_pause_s=0.02
    )
    with board:
        listener = listen(board)
        hub.unplug()
        hub.plug_in()
        listener.wait_for(lambda: hub.opened > 1)
        listener.join()
        assert listener.error is None
        assert listener.kinds()[-1] == "link-restored"


def test_close_at_the_moment_the_board_is_back_ends_the_frames_and_is_no_mistake(hub, monkeypatch):
    board = ReconnectingBoard(hub.open, first_pause_s=0.02)
    welcome = board._welcome

    def closed_then(*back):
        welcome(*back)
        board.close()

    monkeypatch.setattr(board, "_welcome", closed_then)
    listener = listen(board)
    hub.unplug()
    hub.plug_in()
    listener.wait_for(lambda: board.state is State.CLOSED)
    listener.join()
    assert listener.error is None
    assert listener.kinds() == ["link-lost"]


def test_stop_during_a_slow_opening_ends_the_frames_and_leaves_nothing_open(hub):
    """A TCP connection attempt may hang for seconds; what it opens in the end must be closed again."""
    may_open, is_opening = threading.Event(), threading.Event()
    late: list[EitpBoard] = []

    def open_slowly() -> EitpBoard:
        if hub.opened:
            is_opening.set()
            may_open.wait(60)
            late.append(hub.open())
            return late[0]
        return hub.open()

    board = ReconnectingBoard(open_slowly, first_pause_s=0.02)
    listener = listen(board)
    hub.unplug()
    hub.plug_in()
    listener.wait_for(is_opening.is_set)
    board.stop()
    listener.join()
    may_open.set()
    wait_for(lambda: late and late[0].state is State.CLOSED)
    board.close()


def test_a_run_that_ended_without_its_board_can_be_started_again(hub, board):
    listener = listen(board)
    hub.unplug()
    listener.wait_for(lambda: "link-lost" in listener.kinds())
    board.stop()
    listener.join()
    hub.plug_in()
    board.start()
    again = Listener(board)
    again.wait_for(lambda: len(again.frames) > 5)
    board.stop()
    again.join()
    assert again.frames[0].sequence == 0


@pytest.mark.parametrize("call", ["configure", "start"])
def test_a_run_that_ended_without_its_board_is_not_started_with_another_one(hub, board, call):
    listener = listen(board)
    hub.unplug()
    listener.wait_for(lambda: "link-lost" in listener.kinds())
    board.stop()
    listener.join()
    hub.plug_in(serial="B2")
    with pytest.raises(MismatchError, match="B2"):
        getattr(board, call)()


GONE_A_WHILE = Scenario.load("empty").changed(faults={"disconnect": {"at_s": 1.0, "for_s": 0.5}})
BEFORE_S, WITHIN_S = 0.9, 1.2
"""Moments before and while the port is gone."""


def test_a_pseudo_terminal_that_vanishes_comes_back_by_its_symbolic_link(tmp_path):
    clock = SteadyClock(until_s=0.0)
    with served(GONE_A_WHILE, clock=clock, link=tmp_path / "board") as server:
        run_over_the_gap(server.url, clock)


def test_a_tcp_board_comes_back_at_its_address():
    clock = SteadyClock(until_s=0.0)
    with served(GONE_A_WHILE, "tcp", clock=clock) as server:
        run_over_the_gap(server.url, clock)


def run_over_the_gap(url: str, clock: SteadyClock) -> None:
    with open_reconnecting("eitp", url) as board:
        board.configure()
        board.start()
        clock.until_s = BEFORE_S
        listener = Listener(board)
        listener.wait_for(lambda: len(listener.frames) > 5)
        clock.until_s = WITHIN_S
        listener.wait_for(lambda: "link-lost" in listener.kinds())
        wait_for(lambda: board._attempt is not None)
        assert "link-restored" not in listener.kinds()
        clock.until_s = inf
        listener.wait_for(lambda: "link-restored" in listener.kinds())
        before = board.counters.received
        listener.wait_for(lambda: board.counters.received > before + 10)
        board.stop()
        listener.join()
    told = [kind for kind in listener.kinds() if kind.startswith("link-")]
    assert told == ["link-lost", "link-restored"]
    assert board.counters.received == len(listener.frames)


def test_without_reconnection_the_loss_ends_the_frames():
    clock = SteadyClock(until_s=0.0)
    with (
        served(GONE_A_WHILE, clock=clock) as server,
        open_board("eitp", server.url) as board,
    ):
        board.configure()
        board.start()
        clock.until_s = BEFORE_S
        listener = Listener(board)
        listener.wait_for(lambda: len(listener.frames) > 5)
        clock.until_s = inf
        listener.join()
        assert isinstance(listener.error, LinkLost)
        assert len(listener.frames) == board.counters.received > 5
