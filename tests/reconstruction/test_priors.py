"""Priors: the graph Laplacian and the neighbours it stands on. EIDORS' matrices are met in test_linear.py."""

import numpy as np

from eit_rt.reconstruction.priors import laplace, neighbours_of_pixels, noser, tikhonov


def test_pixel_neighbours_touch_by_a_side_inside_the_domain():
    inside = np.array([[1, 1, 0], [0, 1, 1]], dtype=bool)
    pairs = {tuple(pair) for pair in neighbours_of_pixels(inside).tolist()}
    assert pairs == {(0, 1), (1, 2), (2, 3)}


def test_laplace_does_not_hold_back_what_is_even():
    prior = laplace([[0, 1], [1, 2]], 3).toarray()
    np.testing.assert_array_equal(prior, [[2, -2, 0], [-2, 4, -2], [0, -2, 2]])
    np.testing.assert_array_equal(prior @ np.ones(3), np.zeros(3))


def test_noser_weighs_by_sensitivity():
    jacobian = np.array([[1.0, 2.0], [0.0, 2.0]])
    np.testing.assert_allclose(noser(jacobian, exponent=1.0), [1.0, 8.0])
    np.testing.assert_allclose(noser(jacobian, np.array([4.0, 1.0])), [2.0, np.sqrt(20.0)])
    np.testing.assert_array_equal(tikhonov(2), [1.0, 1.0])
