"""Moving a picture into a layout's frame: a spot must land where the electrodes say."""

import numpy as np
import pytest

from eit_rt.layout import Layout, Placement
from eit_rt.reconstruction import Placer

SIZE = 64


def grid():
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    return (x + 0.5) / (SIZE / 2) - 1, 1 - (y + 0.5) / (SIZE / 2)


def picture_of_spot(x0, y0):
    x, y = grid()
    picture = np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / 0.02).astype(np.float32)
    picture[x**2 + y**2 > 1] = np.nan
    return picture


def centre(picture):
    x, y = grid()
    weight = np.nan_to_num(picture)
    return np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()


@pytest.mark.parametrize(
    "layout",
    [
        Layout.ring(16),
        Layout.ring(16, first_deg=0),
        Layout.ring(16, first_deg=180, direction="counterclockwise"),
        Layout.ring(16, direction="counterclockwise"),
        Layout.ring(16, first_deg=67.5),
        Layout.ring(16, first_deg=17.0, direction="counterclockwise"),
    ],
)
def test_spot_near_an_electrode_stays_near_that_electrode(layout):
    model = Layout.ring(16)
    placer = Placer(layout.placement_of(model), (SIZE, SIZE))
    for electrode in (0, 3, 10):
        spot = picture_of_spot(*(0.6 * model.positions()[electrode]))
        np.testing.assert_allclose(
            centre(placer(spot)), 0.6 * layout.positions()[electrode], atol=0.01
        )


def test_quarter_turns_move_pixels_exactly():
    spot = picture_of_spot(0.5, 0.2)
    there = Placer(Placement(True, 90.0), spot.shape)(spot)
    np.testing.assert_array_equal(Placer(Placement(True, 90.0), spot.shape)(there), spot)


def test_identity_is_free():
    spot = picture_of_spot(0.5, 0.2)
    assert Placer(Placement(False, 0.0), spot.shape)(spot) is spot


def test_domain_keeps_its_size_and_values_their_height_in_any_turn():
    spot = picture_of_spot(0.3, -0.4)
    turned = Placer(Placement(False, 33.0), spot.shape)(spot)
    assert abs(np.isnan(turned).sum() - np.isnan(spot).sum()) < 30
    assert np.nanmax(turned) == pytest.approx(np.nanmax(spot), rel=0.02)


def test_planes_of_several_classes_move_together():
    planes = np.stack(
        [picture_of_spot(0.5, 0), picture_of_spot(0, 0.5), picture_of_spot(-0.3, 0.3)]
    )
    moved = Placer(Placement(False, 30.0), planes.shape)(planes)
    for plane, alone in zip(moved, planes, strict=True):
        np.testing.assert_array_equal(plane, Placer(Placement(False, 30.0), alone.shape)(alone))
