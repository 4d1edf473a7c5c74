"""Moves and words of a playback, on a real board that plays a real recording."""

import math

import numpy as np
import pytest

from eit_rt.boards import ReplayBoard
from eit_rt.frames import Severity
from eit_rt.viewer.playback import SPEEDS, Playback, speed_name
from tests.boards.contract import Listener
from tests.viewer.recorded import make_recording


@pytest.fixture
def play(tmp_path):
    """A playback that stands before its first frame, and what its board sends."""
    opened = []

    def play(moments_s=None, events=(), speed=1.0) -> tuple[Playback, Listener]:
        recording = make_recording(tmp_path / "r.mcap", moments_s, events)
        board = ReplayBoard(recording, speed, hold_at_end=True)
        board.pause()
        board.configure()
        board.start()
        opened.append((board, Listener(board)))
        return Playback(board), opened[-1][1]

    yield play
    for board, listener in opened:
        board.close()
        listener.join()


def test_the_frame_gone_to_is_played_while_paused(play):
    playback, listener = play()
    for number in (150, 20, 299, 0):
        count = len(listener.frames)
        playback.go_to_frame(number)
        assert playback.shown == number
        listener.wait_for(lambda count=count: len(listener.frames) == count + 1)
        assert listener.frames[-1].sequence == 1000 + number
        assert playback.shown == number
    assert playback.player.is_paused


def test_jumps_that_come_faster_than_frames_add_up_exactly(play):
    playback, listener = play()
    playback.go_to_frame(150)
    for by_s in (1.0, -1.0, -1.0, 0.5):
        playback.jump(by_s)
    assert playback.shown == 100
    listener.wait_for(lambda: listener.frames and listener.frames[-1].sequence == 1100)


@pytest.mark.parametrize(("by_s", "number"), [(1.0, 3), (-1.0, 1)])
def test_a_jump_reaches_the_next_frame_even_if_that_is_far(play, by_s, number):
    playback, _ = play(moments_s=np.arange(5) * 7.0)
    playback.go_to_frame(2)
    playback.jump(by_s)
    assert playback.shown == number


@pytest.mark.parametrize(("start", "by_s", "number"), [(290, 1.0, 299), (10, -1.0, 0)])
def test_jumps_end_at_the_ends(play, start, by_s, number):
    playback, _ = play()
    playback.go_to_frame(start)
    playback.jump(by_s)
    playback.jump(by_s)
    assert playback.shown == number


def test_playing_from_the_last_frame_ends_there_and_toggling_begins_again(play):
    playback, listener = play(speed=0.1)
    playback.play_from(99.0)
    listener.wait_for(lambda: playback.is_at_end and playback.player.is_paused)
    assert [one.sequence for one in listener.frames] == [1299]
    assert playback.state == "end of the recording"
    playback.toggle()
    listener.wait_for(lambda: len(listener.frames) > 3)
    assert [one.sequence for one in listener.frames[1:4]] == [1000, 1001, 1002]
    assert playback.state == ""
    playback.toggle()
    assert playback.state == "playback paused"


def test_a_place_is_told_in_seconds_and_frames_counted_from_one(play):
    playback, _ = play(speed=0.5)
    assert playback.place == "0.0 / 3.0 s, frame 1 of 300"
    playback.go_to_time(1.234)
    assert playback.place == "1.2 / 3.0 s, frame 124 of 300"
    assert playback.summary == "1.2 / 3.0 s, frame 124 of 300, 0.5x, playback paused"


def test_a_recording_of_one_frame_can_be_looked_at(play):
    playback, listener = play(moments_s=[0.0])
    playback.jump(1.0)
    playback.go_to_time(5.0)
    listener.wait_for(lambda: len(listener.frames) >= 1)
    assert playback.place == "0.0 / 0.0 s, frame 1 of 1"


def test_marks_stand_at_the_times_of_events_within_the_recording(play):
    events = [(-2.0, "before", Severity.INFO), (1.005, "lost"), (9.0, "after", Severity.ERROR)]
    playback, _ = play(events=events)
    marks = [(mark.time_s, mark.text, mark.severity) for mark in playback.marks()]
    assert marks == [
        (0.0, "before", Severity.INFO),
        (pytest.approx(1.005), "lost", Severity.WARNING),
        (pytest.approx(2.99), "after", Severity.ERROR),
    ]


def test_speeds_go_up_and_down_the_same_ladder_and_stop_at_its_ends(play):
    playback, _ = play(speed=3.0)
    seen = []
    for _ in range(12):
        playback.faster()
        seen.append(playback.player.speed)
    assert seen[:3] == [5.0, 10.0, 20.0]
    assert seen[-1] == math.inf
    for _ in range(12):
        playback.slower()
    assert playback.player.speed == SPEEDS[0] == 0.1


def test_speeds_have_short_names():
    names = [speed_name(speed) for speed in (0.1, 1.0, 100.0, math.inf)]
    assert names == ["0.1x", "1x", "100x", "max"]
