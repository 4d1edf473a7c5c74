"""Quasi-Newton against the iterated Gauss-Newton whose objective it has."""

import numpy as np
import pytest

from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, ForwardModel, conductivity, disc_mesh
from eit_rt.reconstruction.iterated import IteratedGaussNewton
from eit_rt.study.experiments.diagonal.quasi_newton import QuasiNewton

PATTERN = Pattern.by_name("adjacent", 16)


@pytest.fixture(scope="module")
def newton():
    model = ForwardModel(disc_mesh(Layout.ring(16), n_elements=800, seed=1), 0.02)
    return IteratedGaussNewton(model, PATTERN, 0.01)


def change(ratio):
    model = ForwardModel(disc_mesh(Layout.ring(16), n_elements=3000), 0.02)
    sigma = conductivity(model.mesh, 1.0, [Disc((0.3, 0.2), 0.25, ratio)])
    return model.voltages(sigma, PATTERN) / model.voltages(1.0, PATTERN) - 1


def objective(newton, sigma, dv):
    residual = newton.weight * (
        newton.even_voltages * (1 + dv) - newton.model.voltages(sigma, PATTERN)
    )
    return residual @ residual + newton.penalty * newton.prior.energy(np.log(sigma))


@pytest.mark.parametrize("is_mended", [False, True])
def test_a_small_change_gives_what_newton_gives(newton, is_mended):
    dv = change(1.02)
    ours = QuasiNewton(newton, is_mended=is_mended).fit_difference(dv) - 1
    theirs = newton.fit_difference(dv).conductivity - 1
    assert np.abs(ours - theirs).max() < 0.03 * np.abs(theirs).max()


@pytest.mark.parametrize("is_mended", [False, True])
def test_a_large_change_is_explained_far_better_than_by_no_step(newton, is_mended):
    dv = change(4.0)
    start = objective(newton, np.ones(newton.model.mesh.n_elements), dv)
    ours = objective(newton, QuasiNewton(newton, is_mended=is_mended).fit_difference(dv), dv)
    best = objective(newton, newton.fit_difference(dv).conductivity, dv)
    assert best <= 1.01 * ours
    assert ours < 0.02 * start


def test_no_change_gives_the_even_tank(newton):
    assert np.array_equal(
        QuasiNewton(newton).fit_difference(np.zeros(208)), np.ones(newton.model.mesh.n_elements)
    )
