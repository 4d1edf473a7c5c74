import numpy as np
import pytest

from eit_rt.frames import Stream
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.viewer.electrodes import ElectrodeUse, drive_starts, number_step, outline


@pytest.mark.parametrize("name", ["adjacent", "opposite", "skip4", "adjacent-half"])
@pytest.mark.parametrize("dead", [0, 4, 15])
def test_only_the_dead_electrode_is_unusable(name, dead):
    pattern = Pattern.by_name(name, 16)
    valid = np.where(pattern.touches(dead), 0.0, 1.0).astype(np.float32)
    unusable = ElectrodeUse(Stream(pattern, 10.0)).unusable(valid)
    assert np.flatnonzero(unusable).tolist() == [dead]


def test_all_are_usable_when_all_is_valid():
    pattern = Pattern.by_name("adjacent", 16)
    assert not ElectrodeUse(Stream(pattern, 10.0)).unusable(np.ones(208, np.float32)).any()


def test_an_outline_lies_outside_the_tank_at_the_electrodes_angle_and_width():
    layout = Layout.ring(16, first_deg=90, direction="clockwise", coverage=0.5)
    corners = outline(layout, 1)
    radius = np.hypot(*corners.T)
    angle = np.rad2deg(np.arctan2(corners[:, 1], corners[:, 0]))
    assert radius.min() > 1
    assert angle.min() == pytest.approx(67.5 - 5.625)
    assert angle.max() == pytest.approx(67.5 + 5.625)


def test_a_point_electrode_is_drawn_all_the_same():
    corners = outline(Layout.ring(8, coverage=0.0), 0)
    assert np.ptp(corners[:, 0]) > 0.01


def test_drives_start_where_the_stimulation_changes():
    assert drive_starts(Stream(Pattern.by_name("adjacent", 16), 1.0)) == list(range(13, 208, 13))


@pytest.mark.parametrize(("n", "step"), [(16, 1), (32, 1), (64, 2), (100, 4)])
def test_at_most_32_numbers_are_written(n, step):
    assert number_step(Layout.ring(n)) == step
