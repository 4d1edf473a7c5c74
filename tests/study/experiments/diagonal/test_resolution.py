"""Profiles of pictures along a diagonal, and Rayleigh's criterion on profiles that are known."""

import numpy as np
import pytest

from eit_rt.physics import PixelGrid
from eit_rt.study.experiments.diagonal.resolution import gaps_seen, profile, told_apart

AT = np.linspace(-0.97, 0.97, 389)


def bumps(centres, width, heights=None):
    heights = np.ones(len(centres)) if heights is None else heights
    return sum(
        h * np.exp(-0.5 * ((AT - c) / width) ** 2) for c, h in zip(centres, heights, strict=True)
    )


def test_profile_of_a_plane_is_the_plane_on_the_line():
    x, y = np.moveaxis(PixelGrid(64, 64).centres, 2, 0)
    inner = np.abs(AT) < 0.9
    for angle in (0.0, 45.0, 120.0):
        a = np.deg2rad(angle)
        expected = (2 * np.cos(a) + 3 * np.sin(a)) * AT + 1
        assert np.allclose(profile(2 * x + 3 * y + 1, AT, angle)[inner], expected[inner])


def test_what_is_outside_the_tank_counts_as_nothing():
    assert (profile(np.full((64, 64), np.nan), AT) == 0).all()


@pytest.mark.parametrize(("dip", "seen"), [(0.0, False), (0.17, False), (0.21, True), (1.0, True)])
def test_two_are_told_apart_where_the_middle_falls_by_nineteen_percent(dip, seen):
    centres = np.array([-0.2, 0.2])
    along = np.interp(AT, [-0.5, -0.2, 0, 0.2, 0.5], [0, 1, 1 - dip, 1, 0])
    assert gaps_seen(along, AT, centres).tolist() == [seen]


def test_the_lower_of_two_neighbours_counts():
    centres = np.array([-0.2, 0.2])
    along = np.interp(AT, [-0.5, -0.2, 0, 0.2, 0.5], [0, 1, 0.5, 0.6, 0])
    assert told_apart(along, AT, centres) == 1


@pytest.mark.parametrize(("width", "told"), [(0.03, 10), (0.13, 1)])
def test_ten_narrow_bumps_are_ten_and_ten_wide_ones_are_one_bar(width, told):
    centres = (np.arange(10) - 4.5) * 0.13
    assert told_apart(bumps(centres, width), AT, centres) == told


def test_a_bump_that_is_missing_or_elsewhere_is_not_told_apart():
    centres = np.array([-0.4, 0.0, 0.4])
    assert told_apart(bumps(centres, 0.05, [1, 0, 1]), AT, centres) < 3
    assert told_apart(bumps([-0.4, 0.25, 0.7], 0.05), AT, centres) < 3
    assert told_apart(bumps(centres + 0.05, 0.05), AT, centres) == 3


def test_a_picture_of_the_opposite_sign_shows_nothing():
    centres = np.array([-0.4, 0.0, 0.4])
    assert told_apart(-bumps(centres, 0.05), AT, centres) == 1
