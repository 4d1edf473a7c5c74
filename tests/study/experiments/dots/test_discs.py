"""Discs at known places: geometry, symmetry of the tank, and what their voltages must obey."""

import numpy as np
import pytest

from eit_rt.physics import Disc, conductivity
from eit_rt.study.experiments.dots import discs

ELEMENTS = 1500


@pytest.mark.parametrize("n", [8, 10])
def test_discs_touch_neither_each_other_nor_the_wall(n: int) -> None:
    at = discs.places(n)
    apart = np.linalg.norm(at[:, None] - at, axis=2) + 9 * np.eye(n)
    assert at.shape == (n, 2)
    assert apart.min() > 2 * discs.RADIUS
    assert (np.linalg.norm(at, axis=1) + discs.RADIUS).max() < 1


def test_combinations_are_the_bits_of_their_row() -> None:
    present = discs.combinations(3)
    assert present.shape == (8, 3)
    assert present[6].tolist() == [False, True, True]
    assert len({tuple(row) for row in present.tolist()}) == 8


def test_conductivity_is_that_of_a_phantom_with_these_discs() -> None:
    tank = discs.tank(8, 8, ELEMENTS)
    present = discs.combinations(8)[[37]]
    shapes = [
        Disc(at, discs.RADIUS, discs.RATIO)
        for at, there in zip(tank.centres, present[0], strict=True)
        if there
    ]
    expected = tank.model.transfer_impedance(conductivity(tank.model.mesh, 1.0, shapes))
    np.testing.assert_allclose(tank.transfer_impedances(present)[0], expected, rtol=1e-9)


def test_an_empty_tank_has_no_change_and_an_insulator_takes_power() -> None:
    tank = discs.tank(8, 8, ELEMENTS)
    few = tank.transfer_impedances(discs.combinations(8)[[0, 1]])
    assert np.abs(tank.normalised(few, discs.few_voltages(8))[0]).max() < 1e-9
    drive = np.eye(8)[0] - np.eye(8)[3]
    assert drive @ few[1] @ drive > drive @ few[0] @ drive


def test_a_mirrored_disc_gives_mirrored_voltages() -> None:
    tank = discs.tank(8, 8, 6000)
    present = np.zeros((2, 8), dtype=bool)
    present[0, 1] = present[1, 6] = True  # Right and left of the first one, which is at the top.
    right, left = tank.transfer_impedances(present) - tank.empty
    mirrored = -np.arange(8) % 8
    drives = np.eye(8)[:-1] - np.eye(8)[1:]
    a, b = (drives @ z @ drives.T for z in (right, left[np.ix_(mirrored, mirrored)]))
    assert np.abs(a - b).max() < 0.03 * np.abs(a).max()


def test_sensitivity_is_the_slope_of_the_change() -> None:
    tank, pattern = discs.tank(10, 16, ELEMENTS), discs.full_board()
    share, small = tank.shares[9], 1e-5
    impedances = tank.model.transfer_impedance(1 - small * share)[None]
    change = tank.normalised(impedances, pattern)[0] * tank.weights(pattern)
    slope = -tank.sensitivity(pattern) @ share
    np.testing.assert_allclose(change / small, slope, atol=1e-3 * np.abs(slope).max())


@pytest.mark.parametrize("pattern", [discs.few_voltages(10), discs.full_board()])
def test_weights_turn_a_normalised_difference_into_volts_of_the_largest(pattern) -> None:  # type: ignore[no-untyped-def]
    tank = discs.tank(10, pattern.n_electrodes, ELEMENTS)
    empty = pattern.voltages(tank.empty)
    np.testing.assert_allclose(tank.weights(pattern), np.abs(empty) / np.abs(empty).max())


def test_few_voltages_are_as_many_as_electrodes_and_independent() -> None:
    pattern = discs.few_voltages(10)
    assert pattern.n_meas == pattern.n_electrodes == 10
    assert (pattern.reciprocal == -1).all()


def test_a_disc_in_the_middle_is_seen_three_electrodes_on_and_hardly_two_on() -> None:
    tank = discs.tank(8, 8, ELEMENTS)
    one = tank.transfer_impedances(discs.combinations(8)[[128]])
    size = [np.linalg.norm(tank.normalised(one, discs.few_voltages(8, step))) for step in (3, 2)]
    assert size[0] > 20 * size[1]


def test_loudness_is_an_amplitude() -> None:
    assert discs.loudness(40) == pytest.approx(0.01)


def test_discs_beside_their_places_by_nothing_are_at_them() -> None:
    tank, present = discs.tank(8, 8, ELEMENTS), discs.combinations(8)[[0, 37, 255]]
    found = tank.beside(present, 0.0, np.random.default_rng(0))
    np.testing.assert_allclose(found, tank.transfer_impedances(present), rtol=1e-9, atol=1e-12)


def test_discs_beside_their_places_change_little_and_each_tank_otherwise() -> None:
    tank, one = discs.tank(8, 8, ELEMENTS), discs.combinations(8)[[1]]
    at = tank.transfer_impedances(one)[0]
    two = tank.beside(np.repeat(one, 2, axis=0), 0.025, np.random.default_rng(0))
    change = np.linalg.norm(two - at, axis=(1, 2)) / np.linalg.norm(at - tank.empty)
    assert ((change > 1e-3) & (change < 0.5)).all()
    assert not np.allclose(two[0], two[1], rtol=1e-4)
