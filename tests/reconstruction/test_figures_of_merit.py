"""Figures of merit against EIDORS' on four algorithms, and on pictures whose figures are known by construction."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.physics import PixelGrid
from eit_rt.reconstruction.figures_of_merit import figures_of_merit

CASES = [
    ("img_greitv1", "params_greitv1", "bbox_greitv1", "xyzr"),
    ("img_backproj", "params_backproj", "bbox_backproj", "xyzr"),
    ("img_gn_noser", "params_gn_noser", "bbox_gn_noser", "xyzr"),
    ("greit3d_img", "greit3d_params", "greit3d_bbox", "greit3d_xyzr"),
]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_figures_are_those_of_eidors(golden_case, case):
    golden = golden_case("greit_figures_of_merit")
    images, expected, box, targets = (golden[key] for key in case)
    found = figures_of_merit(np.moveaxis(images, 2, 0), targets[:2].T, tuple(box.tolist()))
    rows = found.as_rows()
    np.testing.assert_allclose(rows[:5], expected[:5], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(rows[5], expected[5], rtol=1e-6)


def test_a_round_picture_in_its_place_is_perfect():
    grid = PixelGrid(201, 201)
    distance = np.linalg.norm(grid.centres - [0.4, 0.3], axis=2)
    image = np.where(grid.inside, (distance < 0.2).astype(float), np.nan)
    found = figures_of_merit([image], [[0.4, 0.3]])
    assert found.position_error[0] == pytest.approx(0.0, abs=0.01)
    assert found.resolution[0] == pytest.approx(0.2, abs=0.005)
    assert found.deformation[0] < 0.03
    assert found.ringing[0] == 0.0


def test_pulled_to_the_centre_is_a_positive_error():
    grid = PixelGrid(64, 64)
    image = np.exp(-np.sum((grid.centres - [0.5, 0.0]) ** 2, axis=2) / 0.02)
    image[~grid.inside] = np.nan
    found = figures_of_merit([image], [[0.7, 0.0]])
    assert found.position_error[0] == pytest.approx(0.2, abs=0.02)


def test_ringing_is_what_is_negative_outside():
    image = np.zeros((20, 20))
    image[8:12, 8:12] = 1.0
    image[2, 2:10] = -1.0
    image[0, 0] = np.nan
    assert figures_of_merit([image], [[0.0, 0.0]]).ringing[0] == pytest.approx(0.5)


def test_shapes_and_signs_are_checked():
    with pytest.raises(ConfigError, match=r"expected \(n, H, W\)"):
        figures_of_merit(np.ones((8, 8)), [[0.0, 0.0]])
    with pytest.raises(ConfigError, match="negate pictures"):
        figures_of_merit(-np.ones((1, 8, 8)), [[0.0, 0.0]])
