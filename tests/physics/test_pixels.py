"""Pixel grids: where pixels are, and which element each shows, also against EIDORS' own map."""

from pathlib import Path

import numpy as np
import pytest

from eit_rt.errors import PhysicsError
from eit_rt.layout import Layout
from eit_rt.physics import Mesh, PixelGrid, disc_mesh
from tests.physics.golden_cases import load


def holds(mesh: Mesh, element: int, point: np.ndarray) -> bool:
    """True if the point is in the closed triangle, within rounding."""
    a, b, c = mesh.nodes[mesh.elements[element]]
    inside = np.linalg.solve(np.column_stack([b - a, c - a]), point - a)
    return bool((inside > -1e-9).all() and inside.sum() < 1 + 1e-9)


def test_rows_run_down_and_columns_right() -> None:
    centres = PixelGrid(4, 2).centres
    np.testing.assert_allclose(centres[0, :, 0], [-0.5, 0.5])
    np.testing.assert_allclose(centres[:, 0, 1], [0.75, 0.25, -0.25, -0.75])


def test_inside_is_the_unit_disc() -> None:
    inside = PixelGrid(64, 64).inside
    assert inside.mean() == pytest.approx(np.pi / 4, rel=0.01)
    assert not inside[0, 0]
    assert inside[32, 32]


@pytest.mark.parametrize("grid", [PixelGrid(64, 64), PixelGrid(32, 48), PixelGrid(7, 5)])
def test_each_pixel_shows_the_element_at_its_centre(grid: PixelGrid) -> None:
    mesh = disc_mesh(Layout.ring(16), n_elements=600, seed=1)
    element = grid.element_of_pixel(mesh)
    centres = grid.centres
    for i, j in np.ndindex(grid.shape):
        if element[i, j] >= 0:
            assert holds(mesh, int(element[i, j]), centres[i, j])
        else:
            assert np.hypot(*centres[i, j]) > np.cos(np.pi / len(mesh.boundary)) - 1e-9


def test_the_matrix_paints_element_values() -> None:
    mesh = disc_mesh(Layout.ring(16), n_elements=600)
    grid = PixelGrid(32, 32)
    picture = (grid.element_to_pixel(mesh) @ mesh.centroids).reshape(32, 32, 2)
    shown = grid.element_of_pixel(mesh) >= 0
    off = np.linalg.norm(picture - grid.centres, axis=2)[shown]
    assert off.max() < mesh.circumradii.max()
    assert not picture[~shown].any()


def test_the_map_is_that_of_eidors(golden: Path) -> None:
    mesh = load(golden, "pem16_c2c2_homog").mesh
    grid = PixelGrid(64, 64)
    mine = grid.element_of_pixel(mesh)
    for path in sorted(golden.glob("inv_gn_c2c2_*.npz")):
        with np.load(path) as file:
            if "elem_ptr64" not in file.files:
                continue
            theirs = file["elem_ptr64"]
        np.testing.assert_array_equal(mine >= 0, theirs >= 0)
        # On an edge two elements have an equal claim; everywhere else the maps are the same.
        differing = np.argwhere(mine != theirs)
        assert len(differing) < 20
        for i, j in differing:
            point = grid.centres[i, j]
            assert holds(mesh, int(theirs[i, j]), point)
            assert holds(mesh, int(mine[i, j]), point)


def test_a_picture_without_pixels_is_refused() -> None:
    with pytest.raises(PhysicsError, match="no pixel"):
        PixelGrid(0, 4)
