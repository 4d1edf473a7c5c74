"""A recording as a board: what was recorded comes out in place, at the asked speed."""

import math
import time

import numpy as np
import pytest

from eit_rt.boards import ReplayBoard, open_board
from eit_rt.errors import BoardError, ConfigError, MismatchError, RecordingError
from eit_rt.frames import BoardIdentity, Event, Frame, Severity, frozen
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording import About, Recorder, Recording
from tests.boards.clocks import START_NS, HandClock, LeapingClock
from tests.boards.contract import BoardContract, Listener, items, take

PATTERN = Pattern.by_name("adjacent", 8)
IDENTITY = BoardIdentity("eitp", "bench board", "A1")
STEP_NS = 10_000_000
FIRST_NS = 77_000_000_000
LONG_NS = 123_456_789_600_000

END_S = 0.99
"""Of the recording that most tests play."""


def frame(k: int, sequence: int) -> Frame:
    values = frozen(1000.0 * sequence + np.arange(PATTERN.n_meas))
    return Frame(values, sequence, k * STEP_NS, FIRST_NS + k * STEP_NS)


def record(path, frames, events=()) -> str:
    """A recording of the frames; events are written after the frame of their index."""
    about = About(PATTERN, Layout.ring(8), IDENTITY, rate_hz=100.0, saturation=0.5)
    with Recorder(path, about) as recorder:
        for k, one in enumerate(frames):
            recorder.write(one)
            for place, event in events:
                if place == k:
                    recorder.write(event)
    return str(path)


@pytest.fixture
def path(tmp_path):
    """100 frames at 100 per second; frames 40..44 are missing, and an event stands there."""
    numbers = [*range(40), *range(45, 105)]
    loss = Event(
        "lost", "5 frames", FIRST_NS + 39 * STEP_NS + STEP_NS // 2, Severity.WARNING, count=5
    )
    return record(
        tmp_path / "r.mcap", [frame(k, number) for k, number in enumerate(numbers)], [(39, loss)]
    )


@pytest.fixture
def make(path):
    made: list[ReplayBoard] = []

    def make(speed=math.inf, **options) -> ReplayBoard:
        made.append(ReplayBoard(Recording.open(path), speed, **options))
        made[-1].configure()
        return made[-1]

    yield make
    for board in made:
        board.close()


class TestReplay(BoardContract):
    @pytest.fixture
    def board(self, path):
        with ReplayBoard(Recording.open(path), loop=True) as board:
            yield board


class TestReplayByTheRegistry(BoardContract):
    @pytest.fixture
    def board(self, path):
        with open_board("replay", path, speed=2.0) as board:
            yield board


class TestReplayThatHoldsAtItsEnd(BoardContract):
    @pytest.fixture
    def board(self, path):
        with ReplayBoard(Recording.open(path), hold_at_end=True) as board:
            yield board


def test_the_stream_is_the_recorded_one(make):
    board = make()
    assert board.identify() == IDENTITY
    stream = board.stream
    assert (stream.pattern, stream.layout, stream.rate_hz, stream.saturation) == (
        PATTERN, Layout.ring(8), 100.0, 0.5,
    )  # fmt: skip


def test_everything_comes_out_unchanged_and_in_place(make):
    board = make()
    board.start()
    played = list(board.frames())
    assert len(played) == 102
    assert [item.kind for item in played if isinstance(item, Event)] == ["lost", "end"]
    assert isinstance(played[40], Event)
    assert played[40].count == 5
    frames = [item for item in played if isinstance(item, Frame)]
    for k, one in enumerate(frames):
        number = k if k < 40 else k + 5
        assert one.sequence == number
        assert one.t_board_ns == k * STEP_NS
        np.testing.assert_array_equal(one.values, 1000.0 * number + np.arange(PATTERN.n_meas))
    assert (board.counters.received, board.counters.lost) == (100, 5)


def test_host_times_are_those_of_the_delivery(make):
    board = make()
    board.start()
    before = time.monotonic_ns()
    for item in board.frames():
        assert before <= item.t_host_ns <= time.monotonic_ns()


@pytest.mark.parametrize(
    ("speed", "step_ns"), [(1.0, 10_000_000), (4.0, 2_500_000), (100.0, 100_000)]
)
def test_a_recording_takes_its_own_time_divided_by_the_speed(make, speed, step_ns):
    clock = LeapingClock()
    board = make(speed, clock=clock)
    board.start()
    stamps = [item.t_host_ns for item in board.frames() if isinstance(item, Frame)]
    assert stamps == [START_NS + k * step_ns for k in range(100)]
    assert clock.ns == stamps[-1]


def test_frames_keep_their_distances(tmp_path):
    moments_ns = [0, 1, 999_999, 40_000_000, 40_000_001, 3_000_000_000, 3_600_000_000_123]
    values = frozen(np.zeros(PATTERN.n_meas))
    frames = [Frame(values, k, k, FIRST_NS + moment) for k, moment in enumerate(moments_ns)]
    path = record(tmp_path / "uneven.mcap", frames)
    with ReplayBoard(Recording.open(path), clock=LeapingClock()) as board:
        board.configure()
        board.start()
        stamps = [one.t_host_ns - START_NS for one in take(board, len(frames))]
    assert stamps == moments_ns


def test_no_wait_is_longer_than_the_contract_allows(tmp_path):
    """A board looks at its state at least every 0.1 s; here it waits for an hour in all."""
    late = Frame(frozen(np.zeros(PATTERN.n_meas)), 1, 1, FIRST_NS + 3600 * 10**9)
    path = record(tmp_path / "slow.mcap", [frame(0, 0), late])
    clock = LeapingClock()
    with ReplayBoard(Recording.open(path), clock=clock) as board:
        board.configure()
        board.start()
        take(board, 2)
    assert max(clock.waits_s) <= 0.1
    assert sum(clock.waits_s) == pytest.approx(3600)


def test_a_reader_that_was_late_catches_up(make):
    clock = LeapingClock()
    board = make(1.0, clock=clock)
    board.start()
    stamps = []
    for one in take_lazily(board, 60):
        stamps.append(one.t_host_ns - START_NS)
        if len(stamps) == 10:
            clock.advance(0.2)
    on_time = [k * STEP_NS for k in range(60)]
    assert stamps == on_time[:10] + [29 * STEP_NS] * 19 + on_time[29:]


def take_lazily(board, count):
    for item in board.frames():
        if isinstance(item, Frame):
            yield item
            count -= 1
            if not count:
                return


def test_the_speed_can_be_changed_while_it_plays(make):
    board = make(1.0, clock=LeapingClock())
    board.start()
    stamps = []
    for one in take_lazily(board, 100):
        stamps.append(one.t_host_ns - START_NS)
        if len(stamps) == 30:
            board.speed = 10.0
    assert board.speed == 10.0
    slow = [k * STEP_NS for k in range(30)]
    assert stamps == slow + [slow[-1] + k * STEP_NS // 10 for k in range(1, 71)]


def test_a_change_of_speed_interrupts_the_wait_for_the_next_frame(make):
    clock = HandClock()
    board = make(0.1, clock=clock)
    board.start()
    listener = Listener(board)
    clock.advance(0.05)  # half of the way to the second frame
    assert len(listener.frames) == 1
    board.speed = 1.0
    clock.advance(0.0049)
    assert len(listener.frames) == 1
    clock.advance(0.0002)
    assert len(listener.frames) == 2
    board.stop()
    listener.join()


def test_pause_holds_and_resume_goes_on_without_a_leap(make):
    clock = HandClock()
    board = make(1.0, clock=clock)
    board.start()
    listener = Listener(board)
    for _ in range(9):
        clock.advance(0.01)
    assert len(listener.frames) == 10
    board.pause()
    assert board.is_paused
    clock.advance(3600)
    assert len(listener.frames) == 10
    board.resume()
    for _ in range(20):
        clock.advance(0.01)
    board.stop()
    listener.join()
    stamps = [one.t_host_ns - START_NS for one in listener.frames]
    gone_on = 9 * STEP_NS + 3600 * 10**9
    before, after = range(10), range(21)
    assert stamps == [k * STEP_NS for k in before] + [gone_on + k * STEP_NS for k in after]


def test_a_paused_recording_can_be_stepped(make):
    clock = HandClock()
    board = make(1.0, clock=clock)
    board.pause()
    board.start()
    listener = Listener(board)
    board.step(3)
    clock.advance(60)
    assert [one.sequence for one in listener.frames] == [0, 1, 2]
    assert board.position == 3
    board.stop()
    listener.join()


def test_a_frame_can_be_sought_before_and_while_it_plays(make):
    board = make()
    board.seek_frame(90)
    board.start()
    sequences = []
    for one in take_lazily(board, 15):
        sequences.append(one.sequence)
        if one.sequence == 99:
            board.seek_frame(10)
    assert sequences == [*range(95, 100), *range(10, 20)]
    assert board.counters.lost == 0  # a jump is not a loss


def test_a_seek_interrupts_the_wait_for_the_next_frame(tmp_path):
    late = Frame(frozen(np.zeros(PATTERN.n_meas)), 1, 1, FIRST_NS + 3600 * 10**9)
    path = record(tmp_path / "slow.mcap", [frame(0, 0), late])
    with ReplayBoard(Recording.open(path), clock=HandClock()) as board:
        board.configure()
        board.start()
        listener = Listener(board)
        listener.wait_for(lambda: len(listener.frames) == 1)
        board.seek_frame(1)
        listener.join()
        assert [one.sequence for one in listener.frames] == [0, 1]


@pytest.mark.parametrize(
    ("t_s", "sequence"), [(0.0, 0), (0.2, 20), (0.205, 20), (0.5, 55), (END_S, 104)]
)
def test_a_time_can_be_sought(make, t_s, sequence):
    board = make()
    board.seek_time(t_s)
    board.start()
    assert take(board, 1)[0].sequence == sequence


@pytest.mark.parametrize("index", [-1, 100])
def test_a_frame_that_is_not_there_is_refused(make, index):
    with pytest.raises(ConfigError, match="frames 0 to 99"):
        make().seek_frame(index)


@pytest.mark.parametrize("t_s", [-1.0, math.nan, math.inf, END_S + 0.001, 99.0])
def test_a_time_that_cannot_be_is_refused(make, t_s):
    with pytest.raises(ConfigError, match=rf"time {t_s:g} s is not in .* 0 to {END_S:g}"):
        make().seek_time(t_s)


def test_the_end_may_be_said_as_it_is_printed(tmp_path):
    """Six digits, which may be more than the time of the last frame: 123456.7896 s."""
    path = record(
        tmp_path / "long.mcap",
        [frame(0, 0), Frame(frozen(np.zeros(PATTERN.n_meas)), 1, 1, FIRST_NS + LONG_NS)],
    )
    with ReplayBoard(Recording.open(path)) as board:
        board.configure()
        board.seek_time(123_457.0)
        assert board.position == 1
        with pytest.raises(ConfigError, match="expected 0 to 123457"):
            board.seek_time(123_457.1)


def test_closing_while_it_is_read_is_an_end(make):
    board = make()
    board.start()
    frames = board.frames()
    next(frames)
    board.close()
    assert list(frames) == []


def test_a_loop_begins_again_and_its_numbers_go_on_rising(make):
    board = make(loop=True)
    board.start()
    frames = take(board, 230)
    numbers = [one.sequence for one in frames]
    assert numbers[99:102] == [104, 105, 106]
    assert (np.diff(numbers) > 0).all()
    assert board.counters.lost == 10  # the gap of the recording, in each of two rounds
    np.testing.assert_array_equal(frames[100].values, frames[0].values)


@pytest.mark.parametrize(("n_frames", "rate_hz"), [(1, 100.0), (2, 100.0), (3, 0.0)])
def test_a_loop_goes_on_at_the_rate_of_the_recording(tmp_path, n_frames, rate_hz):
    """The first frame follows the last as one frame follows another; a single frame is no flood of frames."""
    path = tmp_path / "short.mcap"
    with Recorder(path, About(PATTERN, rate_hz=rate_hz)) as recorder:
        for k in range(n_frames):
            recorder.write(frame(k, k))
    with ReplayBoard(Recording.open(path), loop=True, clock=LeapingClock()) as board:
        board.configure()
        board.start()
        frames = take(board, 31)
    assert (np.diff([one.t_host_ns for one in frames]) == STEP_NS).all()


def test_after_the_end_it_starts_from_the_beginning(make):
    board = make()
    board.start()
    assert len(list(board.frames())) == 102
    board.stop()
    board.start()
    assert take(board, 1)[0].sequence == 0


def test_held_at_the_end_it_goes_where_it_is_told_and_plays_again(make):
    board = make(hold_at_end=True)
    board.start()
    listener = Listener(board)
    listener.wait_for(lambda: board.is_paused)
    assert (board.position, len(listener.frames), listener.kinds()) == (100, 100, ["lost", "end"])
    board.step(5)  # there is nothing to step to
    board.seek_frame(98)
    board.step()
    listener.wait_for(lambda: len(listener.frames) == 101)
    board.step()
    listener.wait_for(lambda: board.position == 100)
    assert [one.sequence for one in listener.frames[100:]] == [103, 104]
    board.resume()
    listener.wait_for(lambda: len(listener.frames) == 202 and board.is_paused)
    assert listener.frames[102].sequence == 0
    assert listener.kinds() == ["lost", "end"] * 2  # stepping to the end was no end
    assert board.counters.lost == 10
    board.stop()
    listener.join()


def test_a_board_that_was_stopped_while_it_held_plays_from_the_beginning(make):
    board = make(hold_at_end=True)
    board.start()
    listener = Listener(board)
    listener.wait_for(lambda: board.is_paused)
    board.stop()
    listener.join()
    board.start()
    assert [one.sequence for one in take(board, 3)] == [0, 1, 2]


def test_a_seek_forgets_the_steps_asked_for_elsewhere(make):
    clock = HandClock()
    board = make(clock=clock)
    board.pause()
    board.step(50)
    board.seek_frame(10)
    board.step()
    board.start()
    listener = Listener(board)
    clock.advance(60)
    assert [one.sequence for one in listener.frames] == [10]
    board.stop()
    listener.join()


def test_after_a_stop_it_starts_where_it_was(make):
    board = make()
    board.start()
    take(board, 7)
    board.stop()
    board.start()
    assert take(board, 1)[0].sequence == 7


def test_another_pattern_or_rate_is_refused(make):
    board = make()
    with pytest.raises(MismatchError, match="opposite"):
        board.configure(Pattern.by_name("opposite", 8))
    with pytest.raises(BoardError, match="choose a speed"):
        board.configure(rate_hz=50)
    board.configure(rate_hz=100)


def test_an_empty_recording_is_refused(tmp_path):
    path = record(tmp_path / "empty.mcap", [])
    with pytest.raises((ConfigError, RecordingError), match="no frame"):
        open_board("replay", path)


def test_a_file_that_is_no_recording_is_refused(tmp_path):
    (tmp_path / "x.mcap").write_bytes(b"hello")
    with pytest.raises(RecordingError):
        open_board("replay", str(tmp_path / "x.mcap"))


def test_an_impossible_speed_is_refused(path):
    with pytest.raises(ConfigError, match="speed"):
        open_board("replay", path, speed=0.0)


@pytest.mark.parametrize("loop", [False, True])
def test_a_stop_wakes_a_board_that_waits(tmp_path, loop):
    """With this clock, a board that only looks up now and then hangs for a minute."""
    path = record(tmp_path / "slow.mcap", [frame(0, 0), frame(1000, 1)])
    clock = HandClock()
    with ReplayBoard(Recording.open(path), loop=loop, clock=clock) as board:
        board.configure()
        board.start()
        listener = Listener(board)
        clock.settle()
        board.stop()
        listener.join()
        assert len(listener.frames) == 1


def test_as_fast_as_possible_never_waits_and_costs_little(tmp_path):
    path = record(tmp_path / "long.mcap", [frame(k, k) for k in range(5000)])
    clock = LeapingClock()
    with ReplayBoard(Recording.open(path), math.inf, clock=clock) as board:
        board.configure()
        board.start()
        begin = time.thread_time()
        assert len(items(board, 5000)) == 5000
        # Of the processor, which a busy machine does not change much: over 1000 frames a second.
        assert time.thread_time() - begin < 5
    assert clock.waits_s == []
