"""Scenes: what a difference picture shows, and that outlines are all there is to them."""

import json

import numpy as np
import pytest

from eit_rt.errors import PhysicsError
from eit_rt.layout import Layout
from eit_rt.physics import Disc, Ellipse, PixelGrid, Polygon, Scene, conductivity, disc_mesh

GRID = PixelGrid(64, 64)
MESH = disc_mesh(Layout.ring(16), n_elements=1500)
SQUARE = Polygon(((-1, -1), (1, -1), (1, 1), (-1, 1)), 3.0, (0.4, -0.3), 20.0, 0.15)


@pytest.mark.parametrize(
    ("ratio", "contrast"), [(3.0, 0.5), (1 / 3, -0.5), (1e-4, -0.9998), (1.0, 0.0)]
)
def test_an_object_shows_its_contrast_and_the_rest_nothing(ratio, contrast):
    picture = Scene((Disc((0.0, 0.0), 0.5, ratio),)).contrast(GRID)
    assert picture[32, 32] == pytest.approx(contrast)
    assert picture[32, 60] == picture[0, 0] == 0.0
    covered = np.pi * 0.5**2 / (2 / 64) ** 2
    assert picture.sum() == pytest.approx(contrast * covered, rel=0.01)


def test_x_goes_right_and_row_0_is_the_top():
    picture = Scene((Disc((0.5, 0.2), 0.1, 10.0),)).contrast(GRID)
    rows, columns = np.nonzero(picture > 0.5)
    assert (columns.mean() + 0.5) / 32 - 1 == pytest.approx(0.5, abs=0.01)
    assert 1 - (rows.mean() + 0.5) / 32 == pytest.approx(0.2, abs=0.01)


def test_later_objects_lie_over_earlier_ones():
    tube = Scene((Disc((0.0, 0.0), 0.6, 5.0), Disc((0.0, 0.0), 0.3, 1.0))).contrast(GRID)
    assert tube[32, 32] == 0.0
    assert tube[32, 32 + 14] == pytest.approx(2 / 3)


def test_what_was_there_before_shows_only_its_change():
    lung = Ellipse((-0.4, 0.0), (0.3, 0.5), 0.2)
    deeper = Ellipse((-0.4, 0.0), (0.3, 0.5), 0.1)
    assert np.abs(Scene((), (lung,)).contrast(GRID)).max() == 0.0
    breath = Scene((deeper,), (lung,)).contrast(GRID)
    assert breath[32, 19] == pytest.approx((0.1 - 0.2) / (0.1 + 0.2))


def test_conductivity_is_that_of_the_shapes_on_a_smooth_background():
    scene = Scene((SQUARE,), (Disc((-0.3, 0.2), 0.2, 0.5),), (0.1 + 0.05j, -0.02j))
    z = MESH.centroids[:, 0] + 1j * MESH.centroids[:, 1]
    background = np.exp(((0.1 + 0.05j) * z - 0.02j * z**2).real)
    np.testing.assert_allclose(
        scene.reference_conductivity(MESH), conductivity(MESH, background, scene.before)
    )
    np.testing.assert_allclose(
        scene.frame_conductivity(MESH),
        conductivity(MESH, background, (*scene.before, *scene.objects)),
    )


def test_a_quarter_turn_moves_pixels_and_nothing_else():
    scene = Scene((SQUARE, Ellipse((-0.2, 0.5), (0.3, 0.1), 0.2, 30.0)))
    np.testing.assert_allclose(
        scene.contrast(GRID, 90.0), np.rot90(scene.contrast(GRID)), atol=1e-9
    )


def test_a_turned_picture_is_that_of_turned_objects():
    scene = Scene((Disc((0.5, 0.0), 0.2, 4.0),))
    x, y = np.cos(np.deg2rad(22.5)) / 2, np.sin(np.deg2rad(22.5)) / 2
    turned = Scene((Disc((float(x), float(y)), 0.2, 4.0),))
    np.testing.assert_allclose(scene.contrast(GRID, 22.5), turned.contrast(GRID), atol=1e-9)


def test_plain_values_give_an_equal_scene_back():
    scene = Scene(
        (SQUARE, Disc((0.1, 0.2), 0.3, 0.5)), (Ellipse((0, 0), (0.2, 0.3), 2.0, 5.0),), (1j, 0.5)
    )
    assert Scene.from_dict(json.loads(json.dumps(scene.to_dict()))) == scene


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"objects": [{"kind": "cube"}], "before": [], "background": []},
        {"objects": [{"kind": "disc", "centre": [0, 0]}], "before": [], "background": []},
        {"objects": [], "before": [], "background": [1]},
    ],
)
def test_what_is_no_scene_is_refused(plain):
    with pytest.raises(PhysicsError, match="not a scene"):
        Scene.from_dict(plain)
