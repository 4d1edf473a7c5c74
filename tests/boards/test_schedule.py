"""When recorded moments are due: pure arithmetic, no waiting."""

import math

import pytest

from eit_rt.boards.schedule import Schedule
from eit_rt.errors import ConfigError

S = 1_000_000_000


def test_recorded_distances_are_kept_from_the_first_moment_on():
    schedule = Schedule()
    assert schedule.due_ns(500, 7 * S) == 7 * S
    assert schedule.due_ns(500 + 3 * S, 8 * S) == 10 * S  # whatever the time is when it is asked


@pytest.mark.parametrize(("speed", "seconds"), [(0.1, 30.0), (0.5, 6.0), (2.0, 1.5), (100, 0.03)])
def test_speed_divides_the_distances(speed, seconds):
    schedule = Schedule(speed)
    schedule.due_ns(0, 0)
    assert schedule.due_ns(3 * S, 0) == pytest.approx(seconds * S)


def test_errors_do_not_add_up():
    """Asked late each time, as after a slow frame, the moments stay where they were."""
    schedule = Schedule(3.0)
    schedule.due_ns(0, 0)
    due = [schedule.due_ns(k * S, k * S // 2 + 12345) for k in range(1000)]
    assert due[-1] == pytest.approx(999 * S / 3, abs=1)


def test_infinite_speed_is_due_now():
    schedule = Schedule(math.inf)
    assert [schedule.due_ns(k * S, 5 + k) for k in range(3)] == [5, 6, 7]


def test_a_change_of_speed_counts_from_the_moment_of_the_change():
    schedule = Schedule(1.0)
    schedule.due_ns(0, 0)
    schedule.set_speed(2.0, next_recorded_ns=10 * S, now_ns=4 * S)  # 4 s are played, 6 s remain
    assert schedule.due_ns(10 * S, 4 * S) == 7 * S


def test_a_change_of_speed_does_not_skip_what_could_not_be_played_in_time():
    schedule = Schedule(100.0)
    schedule.due_ns(0, 0)
    schedule.set_speed(1.0, next_recorded_ns=20 * S, now_ns=10 * S)  # far behind: 1000 s were due
    assert schedule.due_ns(20 * S, 10 * S) == 10 * S
    assert schedule.due_ns(21 * S, 10 * S) == 11 * S


def test_from_infinite_to_finite_speed_goes_on_from_the_next_moment():
    schedule = Schedule(math.inf)
    schedule.due_ns(0, 0)
    schedule.set_speed(1.0, next_recorded_ns=50 * S, now_ns=2 * S)
    assert schedule.due_ns(51 * S, 2 * S) == 3 * S


def test_after_a_jump_the_next_moment_is_due_at_once():
    schedule = Schedule(1.0)
    schedule.due_ns(0, 0)
    schedule.forget()
    assert schedule.due_ns(-40 * S, 9 * S) == 9 * S


@pytest.mark.parametrize("speed", [0, -1, 0.05, 101, math.nan, -math.inf])
def test_impossible_speeds_are_refused(speed):
    with pytest.raises(ConfigError, match="speed"):
        Schedule(speed)
