"""One-step Gauss-Newton against EIDORS' matrices, pictures and noise figures, and against the normal equations."""

import numpy as np
import pytest
import scipy.sparse as sp

from eit_rt.errors import ConfigError
from eit_rt.physics import Mesh
from eit_rt.reconstruction import priors
from eit_rt.reconstruction.linear import OneStep
from eit_rt.reconstruction.noise_figure import largest_strength, noise_figure

CASES = ["tikhonov", "noser", "laplace", "tikhonov_normalized", "laplace_normalized"]


@pytest.fixture(params=CASES)
def case(request, golden_case):
    """A golden inverse case with our solver prepared on EIDORS' mesh and Jacobian."""
    mesh, inverse = golden_case("pem16_c2c2_homog"), golden_case(f"inv_gn_c2c2_{request.param}")
    normalised = bool(inverse["normalize"])
    jacobian = mesh["jacobian"] / (mesh["v"][:, None] if normalised else 1.0)
    weights = mesh["v"] ** 2 if normalised else np.ones(208)
    prior = {
        "tikhonov": lambda: priors.tikhonov(576),
        "noser": lambda: priors.noser(jacobian),
        "laplace": lambda: priors.laplace(mesh_of(mesh).neighbours, 576),
    }[str(inverse["prior"])]()
    inverse["solver"] = OneStep.of(jacobian, prior, weights)
    inverse["our_prior"] = np.diag(prior) if isinstance(prior, np.ndarray) else prior.toarray()
    inverse["areas"] = mesh_of(mesh).areas
    inverse["scale"] = inverse["nf_vh"] if normalised else np.ones(208)
    inverse["dv"] = (inverse["vi"] - inverse["vh"]) / (inverse["vh"] if normalised else 1.0)
    return inverse


def mesh_of(case):
    return Mesh(case["nodes"], case["elems"], tuple(case["electrode_nodes"]))


def figure_of(case):
    signal = (case["nf_vt"] - case["nf_vh"]) / case["scale"]
    noise = 0.01 * np.std(case["nf_vh"], ddof=1) / case["scale"]
    noise = np.broadcast_to(noise, signal.shape)
    return lambda hp: noise_figure(case["solver"].matrix(hp), signal, noise, case["areas"])


def relative(ours, theirs):
    return np.nanmax(np.abs(ours - theirs)) / np.nanmax(np.abs(theirs))


def test_prior_is_that_of_eidors(case):
    theirs = sp.coo_array((case["RtR_v"], (case["RtR_i"], case["RtR_j"])), shape=(576, 576))
    assert relative(case["our_prior"], theirs.toarray()) < 1e-12


def test_matrix_and_picture_are_those_of_eidors(case):
    matrix = case["solver"].matrix(float(case["hyperparameter"]))
    assert relative(matrix, case["RM"].astype(float)) < 1e-6
    assert relative(matrix @ case["dv"], case["x"]) < 1e-9
    pixel = case["elem_ptr64"]
    picture = np.where(pixel >= 0, (matrix @ case["dv"])[pixel], np.nan)
    np.testing.assert_array_equal(np.isnan(picture), np.isnan(case["image64"]))
    assert relative(picture, case["image64"]) < 1e-6


def test_noise_figures_are_those_of_eidors(case):
    figure = figure_of(case)
    ours = [figure(float(hp)) for hp in case["nf_hp"]]
    np.testing.assert_allclose(ours, case["nf_value"], rtol=1e-6)


def test_search_finds_the_hyperparameter_of_eidors(case):
    found = largest_strength(figure_of(case), 1.0, case["solver"].highest)
    assert found == pytest.approx(float(case["hyperparameter"]), rel=1e-6)


def test_diagonal_and_general_form_agree():
    rng = np.random.default_rng(3)
    jacobian, weights = rng.standard_normal((12, 30)), rng.uniform(0.5, 2, 12)
    diagonal = rng.uniform(0.5, 2.0, 30)
    w = np.diag(weights)
    for hp in (1e-3, 1.0, 100.0):
        expected = np.linalg.solve(
            jacobian.T @ w @ jacobian + hp**2 * np.diag(diagonal), jacobian.T @ w
        )
        dual = OneStep.of(jacobian, diagonal, weights).matrix(hp)
        general = OneStep.of(jacobian, sp.diags_array(diagonal).tocsr(), weights).matrix(hp)
        np.testing.assert_allclose(dual, expected, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(general, expected, rtol=1e-6, atol=1e-9)


def test_precision_is_the_inverse_of_what_prior_and_noise_make_likely():
    rng = np.random.default_rng(4)
    jacobian, weights = rng.standard_normal((12, 30)), rng.uniform(0.5, 2, 12)
    diagonal = rng.uniform(0.5, 2.0, 30)
    covariance = jacobian @ np.diag(1 / diagonal) @ jacobian.T + 0.3**2 * np.diag(1 / weights)
    for prior in (diagonal, sp.diags_array(diagonal).tocsr()):
        precision = OneStep.of(jacobian, prior, weights).precision(0.3)
        np.testing.assert_allclose(precision @ covariance, 0.3**2 * np.eye(12), atol=1e-6)


@pytest.mark.parametrize("hp", [0.0, -1.0, float("nan"), 1e-300, 1e300])
def test_hyperparameter_must_be_positive(hp):
    with pytest.raises(ConfigError, match="expected a positive"):
        OneStep.of(np.eye(3), np.ones(3)).matrix(hp)


def test_sizes_that_do_not_fit_are_told():
    with pytest.raises(ConfigError, match="do not fit"):
        OneStep.of(np.eye(3), np.ones(4))
