"""Recipe -> ONNX model: sensitivities, matrix, strength by noise figure, figures of merit, file.

Imports this room and physics. The rule it keeps: everything follows from the recipe; no clock, no chance, no path.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from eit_rt.frames import DifferenceKind
from eit_rt.physics import PixelGrid
from eit_rt.reconstruction import priors
from eit_rt.reconstruction.greit import Greit, target_centres, wanted_pictures
from eit_rt.reconstruction.linear import OneStep
from eit_rt.reconstruction.metadata import ModelMetadata, OutputKind
from eit_rt.reconstruction.noise_figure import largest_strength, noise_figure
from eit_rt.reconstruction.onnx_writer import linear_model, require_onnx
from eit_rt.reconstruction.recipe import Cylinder, GaussNewtonRecipe, GreitRecipe, Recipe
from eit_rt.reconstruction.sensitivity import (
    Sensitivity,
    cylinder_sensitivity,
    disc_sensitivity,
)
from eit_rt.reconstruction.simulated_targets import rate

Floats = NDArray[np.float64]

CENTRAL_TARGET = 0.1
"""Radius of the object in the middle that the noise figure is about, tank radii."""
DIGITS = 6
"""Significant digits of metrics: what machines agree on."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """A built model, before it is a file."""

    matrix: Floats
    """(inside pixels, n_meas)"""
    precision: Floats
    """(n_meas, n_meas) inverse covariance of the differences that the method expects, up to a factor."""
    inside: NDArray[np.bool_]
    metadata: ModelMetadata

    def to_onnx(self) -> bytes:
        return linear_model(self.matrix, self.metadata, self.inside, self.precision)


def build(recipe: Recipe) -> LinearModel:
    """Raises ConfigError (noise figure out of reach, pattern that cannot be normalised, no `onnx`) and PhysicsError."""
    require_onnx()
    tank = sensitivity_of(recipe)
    solver = solver_of(recipe, tank)
    figure = figure_of(solver, tank, recipe.difference)
    strength = recipe.hyperparameter if isinstance(recipe, GaussNewtonRecipe) else recipe.weight
    if strength is None:
        assert recipe.noise_figure is not None
        strength = largest_strength(figure, recipe.noise_figure, solver.highest)
    matrix = solver.matrix(strength)[shown_by(solver, tank)]
    metrics = {"strength": strength, "noise figure": figure(strength)} | rate(recipe, matrix)
    precision = solver.precision(strength)
    return LinearModel(matrix, precision, tank.grid.inside, _metadata(recipe, metrics))


def solver_of(recipe: Recipe, tank: Sensitivity) -> OneStep | Greit:
    """What gives the matrix of any strength; the recipe's own tank, pattern and strength do not enter."""
    if isinstance(recipe, GaussNewtonRecipe):
        return _gauss_newton(recipe, tank)
    return _greit(recipe, tank)


def figure_of(
    solver: OneStep | Greit, tank: Sensitivity, difference: DifferenceKind
) -> Callable[[float], float]:
    """Noise figure of each strength."""
    signal = tank.of_disc((0.0, 0.0), CENTRAL_TARGET) / tank.scale(difference)
    noise = 1.0 / np.abs(tank.scale(difference))
    shown = shown_by(solver, tank)
    return lambda strength: noise_figure(solver.matrix(strength)[shown], signal, noise)


def shown_by(solver: OneStep | Greit, tank: Sensitivity) -> NDArray[np.bool_] | slice:
    """Rows of the solver's matrix that belong to pixels of the picture: Gauss-Newton also has those on the wall."""
    return tank.inside if isinstance(solver, OneStep) else slice(None)


def sensitivity_of(recipe: Recipe) -> Sensitivity:
    """Of the recipe's tank, pattern and grid."""
    layout, pattern = recipe.make_layout(), recipe.make_pattern()
    grid = PixelGrid(recipe.size, recipe.size)
    tank = recipe.tank
    if isinstance(tank, Cylinder):
        return cylinder_sensitivity(layout, pattern, grid, tank.height, tank.electrode_height)
    return disc_sensitivity(layout, pattern, grid, tank.elements, tank.z_contact)


def _gauss_newton(recipe: GaussNewtonRecipe, tank: Sensitivity) -> OneStep:
    jacobian = tank.rows(recipe.difference)
    # Channels have the same noise in volt, so a normalised value counts as much as its voltage is large.
    weights = tank.scale(recipe.difference) ** 2
    prior: Floats | sp.csr_array
    if recipe.prior == "tikhonov":
        prior = priors.tikhonov(jacobian.shape[1])
    elif recipe.prior == "noser":
        prior = priors.noser(jacobian, weights, recipe.noser_exponent)
    else:
        prior = priors.laplace(priors.neighbours_of_pixels(tank.mask), jacobian.shape[1])
    return OneStep.of(jacobian, prior, weights)


def _greit(recipe: GreitRecipe, tank: Sensitivity) -> Greit:
    centres = target_centres(recipe.targets, recipe.farthest)
    volume = np.pi * recipe.target_radius**2
    data = np.stack([tank.of_disc(centre, recipe.target_radius) for centre in centres], axis=1)
    wanted = volume * wanted_pictures(tank.grid, centres, recipe.blur_radius)
    return Greit.of(wanted, data / tank.scale(recipe.difference)[:, None])


def _metadata(recipe: Recipe, metrics: dict[str, float]) -> ModelMetadata:
    flat = isinstance(recipe.tank, Cylinder)
    return ModelMetadata(
        name=recipe.name,
        pattern=recipe.make_pattern(),
        layout=recipe.make_layout(),
        output=OutputKind.IMAGE,
        difference=recipe.difference,
        extent=(-1.0, 1.0, -1.0, 1.0),
        quantity="relative conductivity change"
        + (" times object height in tank radii" if flat else ""),
        unit="1",
        recipe=recipe.plain(),
        metrics={name: float(f"{value:.{DIGITS}g}") for name, value in metrics.items()},
    )
