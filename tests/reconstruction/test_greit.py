"""GREIT's formula, its training targets and its wanted pictures."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.physics import PixelGrid
from eit_rt.reconstruction.greit import Greit, target_centres, wanted_pictures


@pytest.fixture
def training():
    rng = np.random.default_rng(2)
    return rng.random((9, 40)), rng.standard_normal((6, 40))


@pytest.mark.parametrize("weight", [1e-3, 0.5, 30.0])
def test_matrix_is_the_formula(training, weight):
    d, y = training
    noise = (weight * np.abs(y).mean()) ** 2 * np.eye(6)
    expected = d @ y.T @ np.linalg.inv(y @ y.T + noise)
    greit = Greit.of(d, y)
    np.testing.assert_allclose(greit.matrix(weight), expected, rtol=1e-9)
    np.testing.assert_allclose(greit.precision(weight), np.linalg.inv(y @ y.T + noise), rtol=1e-9)


def test_without_noise_targets_come_out_as_wanted(training):
    d, y = training
    d, y = d[:, :5], y[:, :5]
    np.testing.assert_allclose(Greit.of(d, y).matrix(1e-6) @ y, d, atol=1e-6)


def test_numbers_of_targets_must_agree(training):
    d, y = training
    with pytest.raises(ConfigError, match="40 wanted pictures for 39"):
        Greit.of(d, y[:, 1:])


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), 1e-300, 1e300])
def test_weight_must_be_positive(training, weight):
    with pytest.raises(ConfigError, match="expected a positive"):
        Greit.of(*training).matrix(weight)


def test_targets_are_spread_evenly():
    centres = target_centres(1000, 0.9)
    radius = np.linalg.norm(centres, axis=1)
    assert radius.max() <= 0.9
    assert (radius < 0.45).mean() == pytest.approx(0.25, abs=0.01)
    assert np.abs(centres.mean(axis=0)).max() < 0.01


def test_wanted_pictures_have_one_volume_and_the_sigmoids_shape():
    grid = PixelGrid(64, 64)
    centres = np.array([[0.0, 0.0], [0.5, 0.2], [0.0, 0.9]])
    wanted = wanted_pictures(grid, centres, 0.25)
    np.testing.assert_allclose(wanted.sum(axis=0) * (2 / 64) ** 2, 1.0)
    distance = np.linalg.norm(grid.centres[grid.inside], axis=1)
    top = wanted[:, 0].max()
    edge = np.abs(distance - 0.25).argmin()
    assert wanted[edge, 0] / top == pytest.approx(0.5, abs=0.1)
    assert wanted[distance > 0.5, 0].max() < 1e-3 * top
