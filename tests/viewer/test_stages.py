import pytest

from eit_rt.viewer.stages import StageWatch

GOING = {"received": 10, "bad": 0, "imaged": 10, "recorded": 10}
LATER = {"received": 20, "bad": 0, "imaged": 20, "recorded": 20}


def told(before, after, silence_s=4.0, rate_hz=100.0) -> str:
    watch = StageWatch(rate_hz, 0.0)
    watch.look(before, 0.0)
    return watch.look(after, silence_s)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (LATER, ""),
        (GOING, "no frames for 4 s: the board or its link stopped sending"),
        (GOING | {"bad": 7}, "no frames for 4 s: bytes arrive, but damaged"),
        (LATER | {"imaged": 10}, "no pictures for 4 s"),
        (LATER | {"recorded": 10}, "nothing recorded for 4 s"),
    ],
)
def test_the_first_stage_that_stands_still_is_named(after, words):
    assert words in told(GOING, after)
    assert bool(words) == bool(told(GOING, after))


def test_a_board_that_never_sent_is_told_from_one_that_stopped():
    assert "has sent none yet" in told({}, {})


def test_a_run_without_recorder_is_not_told_that_it_stopped():
    assert told(GOING | {"recorded": 0}, LATER | {"recorded": 0}) == ""


def test_a_slow_board_gets_three_frames_of_patience():
    assert told(GOING, GOING, silence_s=4.0, rate_hz=0.5) == ""
    assert told(GOING, GOING, silence_s=7.0, rate_hz=0.5) != ""


def test_nothing_is_told_before_the_patience_is_over():
    assert told(GOING, GOING, silence_s=0.9) == ""
