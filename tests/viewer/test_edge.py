import numpy as np
import pytest

from eit_rt.viewer.edge import edge_fill
from tests.viewer.tank import disc


@pytest.mark.parametrize("side", [32, 64, 100])
def test_every_pixel_that_reaches_into_the_tank_gets_a_value_from_inside(side):
    x, y, inside = disc(side)
    half = 1 / side
    nearest_corner = np.hypot(np.maximum(abs(x) - half, 0), np.maximum(abs(y) - half, 0))
    image = np.where(inside, 1.0, np.nan)
    drawn = image.ravel()[edge_fill(image.shape, (-1, 1, -1, 1))]
    assert np.isfinite(drawn[nearest_corner < 1]).all()


def test_inside_every_pixel_keeps_its_own_value_and_missing_stays_missing():
    _, _, inside = disc()
    image = np.where(inside, np.random.default_rng(0).standard_normal(inside.shape), np.nan)
    image[30:34, 30:34] = np.nan
    drawn = image.ravel()[edge_fill(image.shape, (-1, 1, -1, 1))]
    np.testing.assert_array_equal(drawn[inside], image[inside])


def test_a_filled_pixel_takes_a_neighbour():
    shape = (64, 64)
    rows, columns = np.divmod(edge_fill(shape, (-1, 1, -1, 1)), 64)
    own_rows, own_columns = np.indices(shape)
    assert max(abs(rows - own_rows).max(), abs(columns - own_columns).max()) <= 2


def test_a_picture_that_is_larger_than_the_tank_keeps_its_far_outside():
    fill = edge_fill((80, 80), (-1.25, 1.25, -1.25, 1.25))
    assert fill[0, 0] == 0
    assert fill[79, 79] == 80 * 80 - 1
