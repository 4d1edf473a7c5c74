"""Discs at known places: Gauss-Newton of ten and networks find what was put there."""

import numpy as np
import pytest
import torch

from eit_rt.study.experiments.diagonal.disc_row import LEAST, MOST, DiscRow, RowTank, random_mix
from eit_rt.study.experiments.diagonal.known_places import KnownPlaces
from eit_rt.study.experiments.diagonal.places_network import PlacesNetworks
from eit_rt.study.experiments.diagonal.ten_voltages import most_telling


@pytest.fixture(scope="module")
def tank():
    return RowTank(DiscRow(3, 0.5), 0.02, seed=1)


def test_iterated_finds_each_impedance_on_the_mesh_that_made_the_voltages(tank):
    for true in ([0.25, 1.5, 4.0], [3.0, 0.4, 0.3]):
        found = KnownPlaces(tank).iterated(tank.change(true), 80.0)
        assert found == pytest.approx(true, rel=1e-3)


def test_one_step_is_right_for_small_changes(tank):
    true = np.array([1.02, 0.97, 1.01])
    found = KnownPlaces(tank).one_step(tank.change(true), 80.0)
    assert found - 1 == pytest.approx(true - 1, abs=1e-3)


def test_one_step_is_nearly_right_for_a_large_contrast_of_one_disc(tank):
    found = KnownPlaces(tank).one_step(tank.change([1.0, 3.0, 1.0]), 80.0)
    assert found == pytest.approx([1.0, 3.0, 1.0], rel=0.1)


def test_answers_stay_in_the_known_range(tank):
    known = KnownPlaces(tank)
    change = tank.change([0.01, 1.0, 100.0])
    for found in (known.one_step(change, 60.0), known.iterated(change, 60.0)):
        assert found.min() >= LEAST
        assert found.max() <= MOST


def test_close_discs_are_harder_to_tell_than_distant_ones(tank):
    close = KnownPlaces(RowTank(DiscRow(3, 0.13), 0.02, seed=1))
    assert close.condition > 5 * KnownPlaces(tank).condition


def test_networks_learn_three_impedances(tank):
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    lesson, test = random_mix(3, 200, rng), random_mix(3, 30, rng)
    volts, seen = (
        np.stack([tank.change(one) for one in some]) * tank.even for some in (lesson, test)
    )
    networks = PlacesNetworks.trained(volts, lesson, 40.0, members=2, steps=200)
    found = networks.conductivities(seen)
    assert found.shape == (2, 30, 3)
    error = np.abs(np.log(found / test)).mean(axis=(1, 2))
    assert error.max() < 0.25 * np.log(5) / 2
    assert not np.array_equal(found[0], found[1])


def test_networks_learn_three_impedances_from_three_voltages_and_look_at_no_other(tank):
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    lesson, test = random_mix(3, 200, rng), random_mix(3, 30, rng)
    volts, seen = (
        np.stack([tank.change(one) for one in some]) * tank.even for some in (lesson, test)
    )
    kept = most_telling(tank.jacobian(np.ones(3)), 3)
    networks = PlacesNetworks.trained(
        volts, lesson, 60.0, members=2, steps=300, hidden=(32, 16, 6), channels=kept
    )
    assert networks.networks.widths == (3, 32, 16, 6, 3)
    found = networks.conductivities(seen)
    assert np.abs(np.log(found / test)).mean(axis=(1, 2)).max() < 0.5 * np.log(5) / 2
    others = np.setdiff1d(np.arange(volts.shape[1]), kept)
    seen[:, others] = np.nan
    assert np.array_equal(networks.conductivities(seen), found)


def test_most_telling_voltages_have_a_larger_determinant_than_drawn_ones(tank):
    jacobian, rng = tank.jacobian(np.ones(3)), np.random.default_rng(0)
    kept = most_telling(jacobian, 3)
    assert len(set(kept.tolist())) == 3
    best = abs(np.linalg.det(jacobian[kept]))
    drawn = [rng.choice(len(jacobian), 3, replace=False) for _ in range(2000)]
    assert all(abs(np.linalg.det(jacobian[one])) < 1.01 * best for one in drawn)


def test_the_first_of_the_most_telling_is_the_strongest_and_the_second_the_most_different():
    jacobian = np.array([[3.0, 0.0], [2.9, 0.1], [0.0, 1.0], [0.5, 0.9]])
    assert most_telling(jacobian, 2).tolist() == [0, 2]
