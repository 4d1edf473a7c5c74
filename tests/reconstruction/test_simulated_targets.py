"""The figures on a card: rated on targets that were simulated apart from what the model was built with."""

import numpy as np

from eit_rt.physics import PixelGrid
from eit_rt.reconstruction.recipe import Cylinder, parse_recipe
from eit_rt.reconstruction.simulated_targets import (
    cylinder_voltages,
    disc_voltages,
    pictures,
    rate,
    target_positions,
)

RECIPE = parse_recipe(
    {"method": "gauss-newton", "name": "t", "size": 16, "noise_figure": 1.0}, "test"
)


def test_targets_lie_on_a_line_from_the_centre_outwards():
    radius = np.linalg.norm(target_positions(), axis=1)
    np.testing.assert_allclose(radius, np.linspace(0, 0.9, 19))


def test_targets_are_felt_more_towards_the_wall():
    layout, pattern = RECIPE.make_layout(), RECIPE.make_pattern()
    for empty, full in (
        disc_voltages(layout, pattern, 0.02),
        cylinder_voltages(layout, pattern, Cylinder(shape="cylinder", height=2.0)),
    ):
        felt = np.linalg.norm(full / empty - 1, axis=1)
        assert (np.diff(felt[3:]) > 0).all()
        assert felt[0] > 0


def test_pictures_are_nan_outside():
    grid = PixelGrid(8, 8)
    images = pictures(np.ones((int(grid.inside.sum()), 3)), grid, [[1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(np.isnan(images[0]), ~grid.inside)
    assert np.nanmax(images) == 6.0


def test_a_matrix_of_noise_is_rated_badly():
    rng = np.random.default_rng(0)
    n_inside = int(PixelGrid(16, 16).inside.sum())
    assert rate(RECIPE, rng.standard_normal((n_inside, 208)))["position error, mean"] > 0.2
