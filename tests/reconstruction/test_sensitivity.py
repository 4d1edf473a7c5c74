"""Sensitivities of pixels: the scaling law, a small object simulated without linearisation, and both tanks alike."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, ForwardModel, PixelGrid, conductivity, disc_mesh
from eit_rt.reconstruction.metadata import DifferenceKind
from eit_rt.reconstruction.sensitivity import cylinder_sensitivity, disc_sensitivity

LAYOUT, ADJACENT, GRID = Layout.ring(16), Pattern.by_name("adjacent", 16), PixelGrid(32, 32)


@pytest.fixture(scope="module")
def disc():
    return disc_sensitivity(LAYOUT, ADJACENT, GRID, 8000, 0.02)


@pytest.fixture(scope="module")
def flat():
    """A cylinder whose electrodes are as high as it is: two-dimensional."""
    return cylinder_sensitivity(LAYOUT, ADJACENT, GRID, 1.0, 1.0)


def test_a_tank_twice_as_conductive_has_half_the_voltages(flat):
    """Euler: sum over pixels of dv/dsigma is -v, but for the share of the contacts."""
    np.testing.assert_allclose(flat.jacobian.sum(axis=1), -flat.voltages, rtol=1e-2)
    good_contacts = disc_sensitivity(LAYOUT, ADJACENT, GRID, 2000, 1e-5)
    ratio = good_contacts.jacobian.sum(axis=1) / -good_contacts.voltages
    np.testing.assert_allclose(ratio, 1.0, rtol=1e-3)


@pytest.mark.parametrize("centre", [(0.0, 0.0), (0.5, 0.3), (-0.2, -0.75)])
def test_a_small_object_does_what_the_sum_of_its_pixels_does(disc, centre):
    mesh = disc_mesh(LAYOUT, n_elements=20_000, seed=3)
    model = ForwardModel(mesh, 0.02)
    change = (
        model.voltages(conductivity(mesh, 1.0, [Disc(centre, 0.12, 1.01)]), ADJACENT)
        - model.voltages(1.0, ADJACENT)
    ) / 0.01
    ours = disc.of_disc(centre, 0.12)
    assert np.linalg.norm(ours - change) < 0.05 * np.linalg.norm(change)


def test_both_tanks_agree_where_they_are_the_same(flat):
    """With contacts so poor that currents are even over each electrode, as the cylinder takes them to be."""
    disc = disc_sensitivity(LAYOUT, ADJACENT, GRID, 8000, 10.0)
    for centre in ((0.0, 0.0), (0.4, -0.3), (-0.7, 0.2)):
        a, b = disc.of_disc(centre, 0.15), flat.of_disc(centre, 0.15)
        assert np.linalg.norm(a - b) < 0.02 * np.linalg.norm(a)


def test_shown_pixels_are_those_of_the_grid(disc, flat):
    assert disc.inside.sum() == flat.inside.sum() == GRID.inside.sum()
    assert not (GRID.inside & ~disc.mask).any()


def test_cover_has_the_area_of_the_disc(disc):
    area = disc.cover((0.2, 0.1), 0.3).sum() * (2 / 32) ** 2
    assert area == pytest.approx(np.pi * 0.3**2, rel=0.01)


def test_normalising_divides_by_the_empty_tank(disc):
    rows = disc.rows(DifferenceKind.NORMALISED)
    np.testing.assert_allclose(rows * disc.voltages[:, None], disc.rows(DifferenceKind.PLAIN))


def test_patterns_with_voltages_of_zero_cannot_be_normalised():
    trig = disc_sensitivity(Layout.ring(8), Pattern.by_name("trig", 8), GRID, 800, 0.02)
    with pytest.raises(ConfigError, match="use the plain difference"):
        trig.rows(DifferenceKind.NORMALISED)
    assert np.isfinite(trig.rows(DifferenceKind.PLAIN)).all()
