import numpy as np
import pytest

from eit_rt.viewer.levels import SteadyRange, SymmetricLevel, nice_limit


@pytest.mark.parametrize(
    ("peak", "limit"),
    [
        (0.0123, 0.015),
        (0.15, 0.15),
        (0.151, 0.2),
        (6.9, 7.0),
        (7.1, 10.0),
        (1000, 1000),
        (0, 1e-9),
    ],
)
def test_a_limit_is_the_next_easy_number(peak, limit):
    assert nice_limit(peak) == pytest.approx(limit)


def test_the_scale_grows_with_the_picture_and_ignores_one_damaged_frame():
    level = SymmetricLevel(percentile=100)
    for now_s in (0.0, 0.1, 0.2):
        level.follow([0.9, -0.2], now_s)
    assert level.limit == 1.0
    level.follow([500.0], 0.3)
    assert level.limit == 1.0
    level.follow([-500.0], 0.4)
    assert level.limit == 500.0


def test_the_scale_holds_after_the_object_left_and_shrinks_later():
    level = SymmetricLevel(percentile=100, hold_s=10)
    level.follow([1.0], 0.0)
    limits = {now_s: level.follow([0.01], now_s) for now_s in range(1, 31)}
    assert limits[9] == 1.0
    assert limits[30] == pytest.approx(0.01)


def test_small_changes_do_not_move_the_scale():
    level = SymmetricLevel(percentile=100)
    values = 0.87 + 0.12 * np.sin(np.arange(1000))
    assert {level.follow([value], 0.1 * k) for k, value in enumerate(values)} == {1.0}


def test_missing_values_do_not_count():
    level = SymmetricLevel()
    assert level.follow([np.nan, np.nan], 0.0) == 0.0
    assert level.follow([np.nan, 0.3], 0.1) == pytest.approx(0.3)


def test_a_few_hot_pixels_do_not_set_the_scale():
    picture = np.full(4096, 0.5)
    picture[:10] = 90.0
    assert SymmetricLevel().follow(picture, 0.0) == 0.5


def test_an_axis_moves_only_when_the_data_leave_it_or_shrink_much():
    axis = SteadyRange()
    first = axis.follow([1.0, 2.0])
    assert first[0] < 1.0 < 2.0 < first[1]
    assert axis.follow([1.1, 2.1]) == first
    assert axis.follow([1.0, 2.5]) != first
    wide = axis.follow([0.0, 10.0])
    assert axis.follow([4.0, 5.0]) != wide
    assert axis.follow([np.nan]) == (axis.low, axis.high)
