"""Layouts: geometry, placement of a model's picture, refusals."""

import numpy as np
import pytest

from eit_rt.errors import LayoutError, MismatchError
from eit_rt.layout import Layout, Placement


def test_default_ring_is_eidors_drawing():
    layout = Layout.ring(16)
    np.testing.assert_allclose(
        layout.positions()[[0, 4, 8, 12]], [[0, 1], [1, 0], [0, -1], [-1, 0]], atol=1e-12
    )
    assert layout.direction == "clockwise"
    assert layout.width_deg == 11.25


def test_counterclockwise_ring_starts_where_told():
    layout = Layout.ring(32, first_deg=90, direction="counterclockwise", radius_m=0.115)
    np.testing.assert_allclose(
        layout.positions()[8], [-1, 0], atol=1e-12
    )  # KTC2023: electrode 9 at 9 o'clock
    assert layout.direction == "counterclockwise"


@pytest.mark.parametrize("layout", [Layout.ring(16), Layout((0.0, 100.0, 210.0), 5.0, 0.2)])
def test_plain_data_round_trip(layout):
    assert Layout.from_dict(layout.to_dict()) == layout


@pytest.mark.parametrize(
    ("layout", "placement"),
    [
        (Layout.ring(16), Placement(False, 0.0)),
        (Layout.ring(16, first_deg=0), Placement(False, -90.0)),
        (Layout.ring(16, direction="counterclockwise"), Placement(True, 0.0)),
        (Layout.ring(16, first_deg=0, direction="counterclockwise"), Placement(True, -90.0)),
        (Layout.ring(16, first_deg=101.25), Placement(False, 11.25)),
    ],
)
def test_placement_carries_every_electrode_of_the_model_to_the_layouts(layout, placement):
    model = Layout.ring(16)
    assert layout.placement_of(model) == placement
    x, y = model.positions().T
    turn = np.exp(1j * np.deg2rad(placement.rotation_deg))
    moved = ((-x if placement.mirror else x) + 1j * y) * turn
    np.testing.assert_allclose(np.stack([moved.real, moved.imag], 1), layout.positions(), atol=1e-9)


def test_other_layouts_are_refused():
    angles = list(Layout.ring(16).angles_deg)
    angles[3] += 2
    with pytest.raises(MismatchError, match="rotated or mirrored"):
        Layout(tuple(angles)).placement_of(Layout.ring(16))
    with pytest.raises(MismatchError, match="32 electrodes, the recording's has 16"):
        Layout.ring(16).placement_of(Layout.ring(32))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Layout.ring(2), "at least 3"),
        (lambda: Layout.ring(16, direction="left"), "clockwise or counterclockwise"),
        (lambda: Layout.ring(16, coverage=1.2), "coverage"),
        (lambda: Layout((0.0, 10.0, 180.0), 12.0), "overlap"),
        (lambda: Layout((0.0, 90.0, float("nan"))), "finite"),
        (lambda: Layout((0.0, 90.0, 180.0), 5.0, -1.0), "positive radius"),
        (lambda: Layout.from_dict({"angles_deg": [0, 90, 180], "first_deg": 5}), "go together"),
        (lambda: Layout.from_dict({"electrodes": 16}), "n_electrodes, first_deg"),
        (lambda: Layout.from_dict({"angles_deg": ["a", "b", "c"]}), "not a layout"),
    ],
)
def test_impossible_layouts_are_refused_with_a_reason(make, says):
    with pytest.raises(LayoutError, match=says):
        make()
