"""The methods that make a picture of a tank, behind one face: (relative change, noise in dB) -> (64, 64).

Imports physics, reconstruction and this room. Built once, on a mesh that no data come from.
"""

from collections.abc import Callable
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from eit_rt.physics import ForwardModel, PixelGrid, disc_mesh
from eit_rt.reconstruction import priors
from eit_rt.reconstruction.builder import figure_of, sensitivity_of, solver_of
from eit_rt.reconstruction.greit import Greit
from eit_rt.reconstruction.iterated import IteratedGaussNewton
from eit_rt.reconstruction.linear import OneStep
from eit_rt.reconstruction.noise_figure import largest_strength, noise_figure
from eit_rt.reconstruction.recipe import GreitRecipe
from eit_rt.reconstruction.runner import Reconstructor
from eit_rt.study.experiments.diagonal.disc_row import LAYOUT, PATTERN, Z_CONTACT
from eit_rt.study.experiments.diagonal.quasi_newton import QuasiNewton

Floats = NDArray[np.float64]
Imager = Callable[[Floats, float], Floats]

ELEMENTS = 2800
SEED = 7
PIXELS = 64
NOISE_FIGURE = 1.0
GREIT_NOISE_FIGURE = 0.5
CENTRAL_TARGET = 0.1
LEAST_STRENGTH = 1e-3
"""Of the iterated methods: with less noise than 60 dB the error of the mesh is the larger one."""


class Imagers:
    """Conductivity against the background less 1; the network: contrast."""

    def __init__(self) -> None:
        mesh = disc_mesh(LAYOUT, n_elements=ELEMENTS, seed=SEED)
        self._model = ForwardModel(mesh, Z_CONTACT)
        self._pixels = PixelGrid(PIXELS, PIXELS).element_to_pixel(mesh)
        self._jacobian = self._model.jacobian(1.0, PATTERN)
        self._even = self._model.voltages(1.0, PATTERN)
        self._newton = lru_cache(self._newton_of)
        self._one_step = lru_cache(self._one_step_of)

    @cached_property
    def all(self) -> dict[str, Imager]:
        """By name."""
        return {
            "one step, NOSER": self.one_step("noser"),
            "one step, Laplace": self.one_step("laplace"),
            "Newton-Raphson": self.newton(),
            "quasi-Newton, kept": self.quasi_newton(is_mended=False),
            "quasi-Newton, Broyden": self.quasi_newton(is_mended=True),
            "GREIT, flat tank": self.greit(),
            "GREIT, shipped": self.shipped("adjacent16-greit"),
            "network, shipped": self.shipped("adjacent16-mlp"),
        }

    def one_step(self, prior: str, share: float = 1.0) -> Imager:
        """share: of the hyperparameter that has noise figure 1."""
        solver, strength = self._one_step(prior)
        matrix = self._pixels @ (solver.matrix(share * strength) * self._even)
        return lambda change, _: (matrix @ change).reshape(PIXELS, PIXELS)

    def newton(self, strength: float | None = None) -> Imager:
        """Iterated Gauss-Newton, NOSER prior on ln(conductivity); strength: default that of the noise."""
        return lambda change, noise_db: self._picture(
            self._newton(strength or _strength(noise_db)).fit_difference(change).conductivity
        )

    def quasi_newton(self, is_mended: bool, strength: float | None = None) -> Imager:
        """The same without new Jacobians: kept, or mended by Broyden's formula."""

        @lru_cache
        def method(chosen: float) -> QuasiNewton:
            return QuasiNewton(self._newton(chosen), is_mended=is_mended)

        return lambda change, noise_db: self._picture(
            method(strength or _strength(noise_db)).fit_difference(change)
        )

    def greit(self, share: float = 1.0) -> Imager:
        """Trained for the flat tank that the data are of. share: of the weight that has noise figure 0.5."""
        solver, weight, grid = self._greit
        matrix = solver.matrix(share * weight)

        def image(change: Floats, _: float) -> Floats:
            picture = np.zeros(grid.shape)
            picture[grid.inside] = matrix @ change
            return picture

        return image

    def shipped(self, name: str) -> Imager:
        """A model of models/."""
        model = Reconstructor.load(name)
        valid = np.ones(PATTERN.n_meas, dtype=np.float32)
        return lambda change, _: np.nan_to_num(
            model.run(change.astype(np.float32), valid).astype(np.float64)
        )

    def _one_step_of(self, prior: str) -> tuple[OneStep, float]:
        mesh = self._model.mesh
        solver = OneStep.of(
            self._jacobian,
            priors.noser(self._jacobian)
            if prior == "noser"
            else priors.laplace(mesh.neighbours, mesh.n_elements),
        )
        target = 0.01 * (np.linalg.norm(mesh.centroids, axis=1) < CENTRAL_TARGET)
        signal, noise = self._jacobian @ target, np.ones(PATTERN.n_meas)

        def figure(strength: float) -> float:
            return noise_figure(solver.matrix(strength), signal, noise, mesh.areas)

        return solver, largest_strength(figure, NOISE_FIGURE, solver.highest)

    @cached_property
    def _greit(self) -> tuple[Greit, float, PixelGrid]:
        recipe = GreitRecipe(name="flat", method="greit", noise_figure=GREIT_NOISE_FIGURE)
        tank = sensitivity_of(recipe)
        solver = solver_of(recipe, tank)
        assert isinstance(solver, Greit)
        figure = figure_of(solver, tank, recipe.difference)
        weight = largest_strength(figure, GREIT_NOISE_FIGURE, solver.highest)
        return solver, weight, tank.grid

    def _newton_of(self, strength: float) -> IteratedGaussNewton:
        return IteratedGaussNewton(self._model, PATTERN, strength)

    def _picture(self, conductivity: Floats) -> Floats:
        return np.asarray(self._pixels @ (conductivity - 1.0)).reshape(PIXELS, PIXELS)


def _strength(noise_db: float) -> float:
    """Standard deviation of the noise over that of the voltages' change."""
    return float(max(10.0 ** (-noise_db / 20.0), LEAST_STRENGTH))
