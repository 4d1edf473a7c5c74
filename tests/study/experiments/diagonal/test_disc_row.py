"""A row of discs: where they are, and voltages and derivatives against other ways to compute them."""

import numpy as np
import pytest

from eit_rt.physics import conductivity
from eit_rt.study.experiments.diagonal.disc_row import (
    PATTERN,
    RADIUS,
    DiscRow,
    RowTank,
    count,
    noisy,
    random_mix,
)

ROW = DiscRow(10, 0.13)


@pytest.fixture(scope="module")
def tank():
    return RowTank(ROW, 0.012, seed=1)


def test_ten_discs_lie_where_those_of_eidors_lie():
    assert ROW.centres[0] == pytest.approx([-0.41365747, -0.41365747])
    assert ROW.centres[9] == pytest.approx([0.41365747, 0.41365747])
    assert np.allclose(np.diff(ROW.along), 0.13)


@pytest.mark.parametrize("spacing", [0.13, 0.16, 0.19, 0.25, 0.4, 0.8])
def test_as_many_fit_as_stay_in_the_tank_and_one_more_would_not(spacing):
    n = count(spacing, most=100)
    assert DiscRow(n, spacing).along[-1] + RADIUS < 1
    assert DiscRow(n + 1, spacing).along[-1] + RADIUS > 0.9


def test_conductivity_is_that_of_the_physics_room(tank):
    mix = random_mix(10, 1, np.random.default_rng(0))[0]
    sigma = conductivity(tank.model.mesh, 1.0, ROW.discs(mix))
    expected = tank.model.voltages(sigma, PATTERN) / tank.even - 1
    assert np.allclose(tank.change(mix), expected, rtol=0, atol=1e-12)


def test_jacobian_is_the_slope_of_the_voltages(tank):
    mix, h = random_mix(10, 1, np.random.default_rng(1))[0], 1e-5
    jacobian = tank.jacobian(mix)
    for k in (0, 4, 9):
        turn = np.exp(h * (np.arange(10) == k))
        slope = (tank.change(mix * turn) - tank.change(mix / turn)) * tank.even / (2 * h)
        assert np.abs(jacobian[:, k] - slope).max() < 1e-5 * np.abs(slope).max()


def test_finer_meshes_agree_better():
    resistive = np.full(10, 0.2)
    finest = RowTank(ROW, 0.003, seed=4)
    true = finest.change(resistive) * finest.even

    def error(finest_element, seed):
        other = RowTank(ROW, finest_element, seed)
        return np.std(other.change(resistive) * other.even - true) / np.std(true)

    coarse, fine = error(0.016, 2), error(0.005, 3)
    assert fine < 0.01
    assert coarse > 2 * fine


def test_noise_is_as_far_below_the_change_as_asked(tank):
    change = tank.change(np.full(10, 5.0))
    unit = np.random.default_rng(2).standard_normal((2000, len(change)))
    noise = np.stack([noisy(change, tank.even, 40.0, one) - change for one in unit]) * tank.even
    assert np.std(noise) == pytest.approx(0.01 * np.std(change * tank.even), rel=0.01)
    assert np.array_equal(noisy(change, tank.even, np.inf, unit[0]), change)


def test_mixes_are_even_in_the_logarithm():
    logs = np.log(random_mix(10, 4000, np.random.default_rng(3))) / np.log(5)
    assert logs.min() > -1
    assert logs.max() < 1
    assert logs.mean() == pytest.approx(0, abs=0.02)
    assert logs.std() == pytest.approx(1 / np.sqrt(3), rel=0.02)
