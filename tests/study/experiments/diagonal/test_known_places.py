"""Discs at known places: Gauss-Newton of ten and networks find what was put there."""

import numpy as np
import pytest
import torch

from eit_rt.study.experiments.diagonal.disc_row import LEAST, MOST, DiscRow, RowTank, random_mix
from eit_rt.study.experiments.diagonal.known_places import KnownPlaces
from eit_rt.study.experiments.diagonal.places_network import PlacesNetworks


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
