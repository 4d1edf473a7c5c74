"""Correlation and relative error against numbers by hand, whatever the grid of a picture."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.evaluation.picture_metrics import (
    best_factor,
    correlations,
    relative_errors,
    resampled,
)

NAN = np.nan


def on_grid(rows):
    """(1, 32, 32) whose left upper corner holds the values; outside elsewhere."""
    picture = np.full((1, 32, 32), NAN)
    values = np.array(rows, dtype=float)
    picture[0, : values.shape[0], : values.shape[1]] = values
    return picture


class TestResampled:
    def test_a_pixel_is_the_mean_of_what_lies_in_the_tank(self):
        fine = np.array([[[1, 3, NAN, NAN], [5, 7, NAN, 2], [1, 1, 4, 6], [1, 1, NAN, NAN]]])
        np.testing.assert_array_equal(resampled(fine, 2), [[[4, NAN], [1, 5]]])

    def test_pixels_that_do_not_divide_are_shared_by_area(self):
        np.testing.assert_allclose(resampled([[[0, 3, 6]] * 3], 2), [[[1, 5]] * 2])

    def test_a_coarse_picture_is_repeated(self):
        np.testing.assert_array_equal(
            resampled([[[1, 2], [3, 4]]], 4)[0], np.kron([[1, 2], [3, 4]], np.ones((2, 2)))
        )

    def test_one_picture_alone_is_refused(self):
        with pytest.raises(ConfigError, match=r"\(4, 4\); expected \(n, H, W\)"):
            resampled(np.zeros((4, 4)), 2)


class TestCorrelations:
    def test_is_pearsons_over_the_pixels_of_both(self):
        ours, theirs = on_grid([[1, 2, 4, NAN]]), on_grid([[0, 1, 1, 9]])
        expected = np.corrcoef([1, 2, 4], [0, 1, 1])[0, 1]
        np.testing.assert_allclose(correlations(ours, theirs), expected)
        np.testing.assert_allclose(correlations(-3 * ours + 1, theirs), -expected)

    def test_a_fine_picture_of_the_same_has_no_advantage(self):
        coarse = np.random.default_rng(0).standard_normal((2, 32, 32))
        fine = np.kron(coarse, np.ones((1, 4, 4)))
        truth = np.random.default_rng(1).standard_normal((2, 64, 64))
        np.testing.assert_allclose(correlations(fine, truth), correlations(coarse, truth))

    def test_an_empty_picture_tells_nothing_and_an_empty_tank_cannot_be_told(self):
        something, nothing = on_grid([[1, 0]]), on_grid([[0, 0]])
        assert correlations(nothing, something)[0] == 0
        assert np.isnan(correlations(something, nothing)[0])

    def test_numbers_of_pictures_must_agree(self):
        with pytest.raises(ConfigError, match="2 pictures for 3 truths"):
            correlations(np.zeros((2, 8, 8)), np.zeros((3, 8, 8)))

    def test_pictures_without_a_common_pixel_are_refused(self):
        with pytest.raises(ConfigError, match="share no pixel"):
            correlations(np.full((1, 32, 32), NAN), on_grid([[1, 2]]))


class TestErrors:
    def test_relative_error_by_hand(self):
        ours, theirs = on_grid([[1, 0, 2]]), on_grid([[3, 4, 0]])
        np.testing.assert_allclose(relative_errors(ours, theirs), np.sqrt(4 + 16 + 4) / 5)
        np.testing.assert_allclose(relative_errors(ours, theirs, 3.0), np.sqrt(0 + 16 + 36) / 5)
        assert np.isnan(relative_errors(theirs, on_grid([[0, 0, 0]]))[0])

    def test_factor_is_the_best_of_one_picture(self):
        ours, theirs = on_grid([[1, 0, 2]]), on_grid([[3, 4, 1]])
        factor = best_factor(ours, theirs)
        assert factor == pytest.approx((3 + 2) / 5)
        best = relative_errors(ours, theirs, factor)
        assert (best < relative_errors(ours, theirs, factor * 1.05)).all()
        assert (best < relative_errors(ours, theirs, factor * 0.95)).all()

    def test_one_picture_of_huge_amplitude_does_not_rule_the_factor(self):
        truth = np.concatenate([on_grid([[1, 0]])] * 5)
        assert best_factor(truth * [[[0.5]], [[0.5]], [[0.5]], [[0.5]], [[50]]], truth) == 2

    def test_factor_of_empty_pictures_is_zero(self):
        assert best_factor(on_grid([[0, 0]]), on_grid([[1, 0]])) == 0
        assert best_factor(on_grid([[1, 0]]), on_grid([[0, 0]])) == 0
