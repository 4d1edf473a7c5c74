"""Objects in constructed pictures: how many, where, how large, and what is none."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.evaluation.objects import FAINTEST, find_objects, true_objects

PIXEL = 2 / 64


def test_objects_are_found_where_they_are_strongest_first(picture):
    found = find_objects(picture([(0.5, 0.2, 0.2, -0.6), (-0.4, -0.3, 0.25, 1.0)]))
    assert [one.amplitude for one in found] == [1.0, -0.6]
    for one, (x, y, radius) in zip(found, [(-0.4, -0.3, 0.25), (0.5, 0.2, 0.2)], strict=True):
        assert (one.x, one.y) == pytest.approx((x, y), abs=PIXEL / 2)
        assert one.radius == pytest.approx(radius, rel=0.05)


CASES = {
    "opposite signs that touch are two": ([(-0.2, 0, 0.2, 1), (0.2, 0, 0.2, -1)], 2),
    "equal signs that touch are one": ([(-0.2, 0, 0.2, 1), (0.2, 0, 0.2, 1)], 1),
    "a weak one beside a strong one": ([(-0.4, 0, 0.2, 1), (0.4, 0, 0.2, -1 / 3)], 2),
    "below a quarter of the largest": ([(-0.4, 0, 0.2, 1), (0.4, 0, 0.2, 0.24)], 1),
    "a speck": ([(-0.4, 0, 0.2, 1), (0.4, 0, 0.03, 1)], 1),
    "nothing": ([], 0),
}


@pytest.mark.parametrize("case", CASES)
def test_what_counts_as_an_object(picture, case):
    discs, n = CASES[case]
    assert len(find_objects(picture(discs))) == n


def test_pixels_that_meet_at_a_corner_are_connected():
    picture = np.zeros((64, 64))
    picture[10:14, 10:14] = picture[14:18, 14:18] = 1
    assert len(find_objects(picture)) == 1


def test_outline_is_where_half_of_the_own_amplitude_is_reached():
    x = (np.arange(128) + 0.5) / 64 - 1
    strong, weak = (
        height * np.exp(-((x - place) ** 2 + x[:, None] ** 2) / (2 * 0.15**2))
        for height, place in ((1.0, -0.5), (0.5, 0.5))
    )
    found = find_objects(strong - weak)
    assert [one.radius for one in found] == pytest.approx(
        [0.15 * np.sqrt(2 * np.log(2))] * 2, rel=0.03
    )


def test_faint_objects_can_be_left_out(picture):
    noise = picture([(0.3, 0.3, 0.3, FAINTEST / 2)])
    assert len(find_objects(noise)) == 1
    assert find_objects(noise, least=FAINTEST) == []


@pytest.mark.parametrize("fraction", [0.0, -1.0, 1.5])
def test_fraction_must_be_one(fraction):
    with pytest.raises(ConfigError, match="fraction"):
        find_objects(np.ones((8, 8)), fraction)


def test_true_objects_end_where_half_a_pixel_is_covered_whatever_their_contrast(picture):
    fine = picture([(-0.4, 0.1, 0.3, 1.0), (0.5, 0.1, 0.2, -0.2)], size=512)
    covered = np.nan_to_num(fine).reshape(64, 8, 64, 8).mean(axis=(1, 3))
    strong, weak = true_objects(covered)
    assert (strong.radius, weak.radius) == pytest.approx((0.3, 0.2), rel=0.04)
    assert (weak.x, weak.y) == pytest.approx((0.5, 0.1), abs=0.01)


def test_outline_of_touching_objects_follows_each(picture):
    """A weak part beside a strong one of the same sign is a part all the same."""
    (one,) = true_objects(picture([(-0.2, 0, 0.25, 1.0), (0.2, 0, 0.25, 0.3)]))
    assert one.mask[32, 40]
    assert one.amplitude == 1.0


def test_what_hardly_differs_is_no_true_object(picture):
    assert true_objects(picture([(0, 0, 0.4, 0.09)])) == []


def test_overlap_is_intersection_over_union(picture):
    (one,) = find_objects(picture([(0, 0, 0.3, 1)]))
    assert one.overlap(one) == 1
    (far,) = find_objects(picture([(0.65, 0, 0.2, 1)]))
    assert one.overlap(far) == 0
    (half,) = find_objects(np.where(np.arange(64) < 32, picture([(0, 0, 0.3, 1)]), 0))
    assert one.overlap(half) == pytest.approx(0.5, abs=0.01)
    assert one.distance_to(far.as_true()) == pytest.approx(0.65, abs=PIXEL / 2)
