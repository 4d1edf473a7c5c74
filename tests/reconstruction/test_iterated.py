"""Iterated Gauss-Newton: every step descends, its slope is true, and it finds what was put into the tank."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, ForwardModel, conductivity, disc_mesh
from eit_rt.reconstruction.iterated import IteratedGaussNewton, _Problem

PATTERN = Pattern.by_name("adjacent", 8)
LAYOUT = Layout.ring(8)
OBJECT = Disc((0.35, 0.2), 0.3, 0.1)


@pytest.fixture(scope="module")
def model():
    return ForwardModel(disc_mesh(LAYOUT, n_elements=600), 0.02)


@pytest.fixture(scope="module")
def measured():
    """(without object, with it): from another, finer mesh."""
    mesh = disc_mesh(LAYOUT, n_elements=2400)
    finer = ForwardModel(mesh, 0.02)
    return tuple(
        finer.voltages(conductivity(mesh, 1.0, shapes), PATTERN) for shapes in ([], [OBJECT])
    )


def places(model, solution):
    """Inside and outside the object: median conductivity."""
    apart = np.linalg.norm(model.mesh.centroids - OBJECT.centre, axis=1)
    found = solution.conductivity
    return np.median(found[apart < 0.15]), np.median(found[apart > 0.5])


def check_descent(solution):
    assert (np.diff(solution.objective) < 0).all()
    assert len(solution.step_lengths) == len(solution.objective) - 1 >= 2
    assert (solution.step_lengths > 0).all()
    assert (solution.step_lengths <= 1).all()
    assert (solution.conductivity > 0).all()


@pytest.mark.parametrize("prior", ["noser", "laplace"])
def test_a_simulated_object_is_found_with_its_conductivity(model, measured, prior):
    empty, full = measured
    search = IteratedGaussNewton(model, PATTERN, 0.003, prior=prior)
    solution = search.fit_difference(full / empty - 1)
    check_descent(solution)
    within, without = places(model, solution)
    assert within < 0.3
    assert without == pytest.approx(1, abs=0.1)
    assert solution.objective[-1] < 0.05 * solution.objective[0]


def test_steps_that_would_go_too_far_are_shortened(model, measured):
    """Metal near the wall: late full steps would raise the objective, and the search would end too early."""
    mesh = disc_mesh(LAYOUT, n_elements=2400)
    metal = conductivity(mesh, 1.0, [Disc((0.6, 0.3), 0.3, 10.0)])
    full = ForwardModel(mesh, 0.02).voltages(metal, PATTERN)
    solution = IteratedGaussNewton(model, PATTERN, 0.01).fit_difference(full / measured[0] - 1)
    check_descent(solution)
    assert (solution.step_lengths[1:] <= 0.5).any()
    assert solution.objective[-1] < 1e-3 * solution.objective[0]


def test_plain_and_normalised_differences_tell_the_same(model, measured):
    search = IteratedGaussNewton(model, PATTERN, 0.01)
    _, full = measured
    change = full - search.even_voltages
    one = search.fit_difference(change, normalised=False)
    other = search.fit_difference(change / search.even_voltages)
    np.testing.assert_allclose(one.conductivity, other.conductivity, rtol=1e-6)


def test_absolute_voltages_find_the_background_too(model, measured):
    """A tank of 0.5 S/m has twice the voltages."""
    _, full = measured
    solution = IteratedGaussNewton(model, PATTERN, 0.003).fit_absolute(2 * full)
    check_descent(solution)
    within, without = places(model, solution)
    assert without == pytest.approx(0.5, abs=0.06)
    assert within < 0.2


def test_slope_is_that_of_the_objective(model, measured):
    """Central differences along the step, away from the start."""
    search = IteratedGaussNewton(model, PATTERN, 0.05, prior="laplace", noise=np.linspace(1, 2, 40))
    start = np.zeros(model.mesh.n_elements)
    problem = _Problem(search, measured[1], np.arange(3, 40), start)
    m = 0.2 * np.random.default_rng(0).standard_normal(len(start))
    step, slope = problem.step(m, problem.residual(m))
    h = 1e-5
    there, back = (problem.objective(x, problem.residual(x)) for x in (m + h * step, m - h * step))
    assert slope == pytest.approx((there - back) / (2 * h), rel=1e-4)
    assert slope < 0


def test_what_is_missing_does_not_count(model, measured):
    empty, full = measured
    dv = full / empty - 1
    dv[[2, 30]] = np.nan
    search = IteratedGaussNewton(model, PATTERN, 0.003)
    within, without = places(model, search.fit_difference(dv))
    assert within < 0.3
    assert without == pytest.approx(1, abs=0.1)


def test_an_even_tank_is_left_even(model):
    solution = IteratedGaussNewton(model, PATTERN, 0.01).fit_difference(np.zeros(40))
    np.testing.assert_allclose(solution.conductivity, 1.0, atol=1e-9)


def test_a_weaker_prior_fits_closer(model, measured):
    empty, full = measured
    misfits = []
    for strength in (0.3, 0.003):
        search = IteratedGaussNewton(model, PATTERN, strength)
        found = search.fit_difference(full / empty - 1).conductivity
        misfits.append(
            np.abs(model.voltages(found, PATTERN) / search.even_voltages - full / empty).max()
        )
    assert misfits[1] < 0.3 * misfits[0]


def test_mistakes_are_told(model):
    search = IteratedGaussNewton(model, PATTERN, 0.01)
    with pytest.raises(ConfigError, match=r"shape \(7,\); the pattern has 40"):
        search.fit(np.ones(7))
    with pytest.raises(ConfigError, match="fewer than two"):
        search.fit(np.where(np.arange(40) == 3, 1.0, np.nan))
    with pytest.raises(ConfigError, match="check pattern, sign"):
        search.fit_absolute(-search.even_voltages)
    with pytest.raises(ConfigError, match="strength"):
        IteratedGaussNewton(model, PATTERN, 0.0)
    with pytest.raises(ConfigError, match="noise must be positive"):
        IteratedGaussNewton(model, PATTERN, 0.1, noise=-1.0)
