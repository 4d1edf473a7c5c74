"""Counters over their wrap, with gaps, and over a power cycle."""

import pytest

from eit_rt.boards.unwrapped import Unwrapped


def unwrap(numbers, bits=16, longest_gap=3000):
    counter = Unwrapped(bits, longest_gap)
    return [counter(number) for number in numbers]


def test_a_wrap_goes_on():
    assert unwrap([65534, 65535, 0, 1]) == [65534, 65535, 65536, 65537]


def test_a_gap_over_the_wrap_is_a_gap():
    assert unwrap([65530, 4]) == [65530, 65540]


def test_every_wrap_counts():
    seen = unwrap([k % 16 for k in range(200)], bits=4, longest_gap=7)
    assert seen == list(range(200))


def test_a_power_cycle_begins_anew():
    assert unwrap([39999, 40000, 0, 1]) == [39999, 40000, 0, 1]


def test_a_power_cycle_soon_after_the_start_begins_anew():
    assert unwrap([98, 99, 100, 0, 1, 2]) == [98, 99, 100, 0, 1, 2]


def test_a_late_number_is_where_it_belongs():
    assert unwrap([65535, 0, 65535, 1]) == [65535, 65536, 65535, 65537]


@pytest.mark.parametrize("start", [0, 1, 5000, 65535])
def test_it_begins_anywhere(start):
    assert unwrap([start])[0] == start
