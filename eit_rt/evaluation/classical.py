"""The classical methods that networks are compared with: one-step Gauss-Newton, GREIT, iterated Gauss-Newton.

Imports this room, physics, reconstruction and its builders. The rule it keeps: where tanks of the same kind are there
to choose on, a method gets the strength that is best on them; else the noise figure of the shipped models.
"""

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.evaluation.evaluation_set import EvaluationSet
from eit_rt.evaluation.methods import MatrixMethod, Method, SearchMethod
from eit_rt.evaluation.picture_metrics import correlations
from eit_rt.frames import DifferenceKind
from eit_rt.physics import ForwardModel, PixelGrid, disc_mesh
from eit_rt.reconstruction.builder import figure_of, shown_by, solver_of
from eit_rt.reconstruction.greit import Greit
from eit_rt.reconstruction.iterated import IteratedGaussNewton
from eit_rt.reconstruction.linear import OneStep
from eit_rt.reconstruction.noise_figure import largest_strength
from eit_rt.reconstruction.recipe import Recipe, parse_recipe
from eit_rt.reconstruction.sensitivity import (
    Sensitivity,
    cylinder_sensitivity,
    disc_sensitivity,
)

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
AMethod = TypeVar("AMethod", bound=Method)

GAUSS_NEWTON = "Gauss-Newton, one step"
GREIT = "GREIT"
ITERATED = "Gauss-Newton, iterated"

PIXELS = 64
ELEMENTS = 20_000
HEIGHT, ELECTRODE_HEIGHT = 2.0, 0.2
"""Of a tank that is not flat, tank radii: as wide as high, the shipped GREIT's."""
NOISE_FIGURE = 0.5
N_STRENGTHS = 10
FIRST_DECADE, DECADES = -0.25, 2.5
NEAR_ZERO = 0.01
"""A pattern with a reference voltage below this share of the median gets plain differences."""
SEARCH_ELEMENTS = 2000
SEARCH_STRENGTHS = (0.03, 0.01, 0.003, 0.001)
SEARCH_STRENGTH = {DifferenceKind.NORMALISED: 0.1, DifferenceKind.PLAIN: 0.03}
"""For tanks without others to choose on."""
SEARCH_VALIDATION = 8
"""Tanks that its strength is chosen on."""


def gauss_newton(tanks: EvaluationSet, validation: EvaluationSet | None = None) -> MatrixMethod:
    """NOSER prior on pixels, 2-D sensitivities."""
    flat = replace(tanks, is_flat=True)
    return _linear(GAUSS_NEWTON, "gauss-newton", flat, validation)


def greit(tanks: EvaluationSet, validation: EvaluationSet | None = None) -> MatrixMethod:
    """Trained for the set's kind of tank."""
    return _linear(GREIT, "greit", tanks, validation)


def iterated(tanks: EvaluationSet, validation: EvaluationSet | None = None) -> SearchMethod:
    """Laplace prior on the logarithm of conductivity, 2-D, on difference data; shown as contrast."""
    mesh = disc_mesh(tanks.layout, n_elements=SEARCH_ELEMENTS)
    model = ForwardModel(mesh, tanks.z_contact)
    kind = difference_kind(tanks, model.voltages(1.0, tanks.pattern))
    if validation is None:
        return _search(tanks, model, kind, SEARCH_STRENGTH[kind])
    methods = [_search(tanks, model, kind, strength) for strength in SEARCH_STRENGTHS]
    return _best(methods, validation.first(SEARCH_VALIDATION))


def difference_kind(tanks: EvaluationSet, even_voltages: Floats) -> DifferenceKind:
    """The set's, but plain for patterns that leave an even tank's voltages near zero (trigonometric ones)."""
    size = np.abs(even_voltages)
    is_near_zero = size.min() < NEAR_ZERO * np.median(size)
    return DifferenceKind.PLAIN if is_near_zero else tanks.difference


# -- linear ----------------------------------------------------------------------------------------------------


def _linear(
    name: str, method: str, tanks: EvaluationSet, validation: EvaluationSet | None
) -> MatrixMethod:
    tank = _sensitivity(tanks)
    kind = difference_kind(tanks, tank.voltages)
    recipe = _recipe(method, kind)
    solver = solver_of(recipe, tank)

    def at(strength: float) -> MatrixMethod:
        def matrix_of(there: Mask) -> Floats:
            mine, rows = (solver, tank) if there.all() else _without(recipe, tank, there)
            return mine.matrix(strength)[shown_by(mine, rows)]

        return MatrixMethod(name, tanks.pattern, tanks.layout, tank.grid, kind, matrix_of, strength)

    if validation is None:
        return at(largest_strength(figure_of(solver, tank, kind), NOISE_FIGURE, solver.highest))
    return _best([at(one) for one in _strengths(solver)], validation)


def _recipe(method: str, kind: DifferenceKind) -> Recipe:
    plain: dict[str, Any] = {
        "name": method,
        "method": method,
        "difference": str(kind),
        "noise_figure": NOISE_FIGURE,
    }
    return parse_recipe(plain, method)


def _sensitivity(tanks: EvaluationSet) -> Sensitivity:
    grid = PixelGrid(PIXELS, PIXELS)
    if tanks.is_flat:
        return disc_sensitivity(tanks.layout, tanks.pattern, grid, ELEMENTS, tanks.z_contact)
    return cylinder_sensitivity(tanks.layout, tanks.pattern, grid, HEIGHT, ELECTRODE_HEIGHT)


def _without(recipe: Recipe, tank: Sensitivity, there: Mask) -> tuple[OneStep | Greit, Sensitivity]:
    """The method made anew for the measurements that are there."""
    rows = replace(tank, jacobian=tank.jacobian[there], voltages=tank.voltages[there])
    return solver_of(recipe, rows), rows


def _strengths(solver: OneStep | Greit) -> list[float]:
    """From one at which the prior outweighs all but the clearest of what was measured, downwards."""
    clearest = (
        float(solver.s[0])
        if isinstance(solver, OneStep)
        else float(np.sqrt(solver.powers[-1]) / solver.level)
    )
    return [
        clearest * 10 ** (FIRST_DECADE - DECADES * k / (N_STRENGTHS - 1))
        for k in range(N_STRENGTHS)
    ]


def _best(methods: list[AMethod], validation: EvaluationSet) -> AMethod:
    """The method with the largest median correlation."""
    if validation.truth is None:
        raise ConfigError(f"set {validation.name} has no truth to choose a strength on")
    truth = validation.truth

    def quality(method: AMethod) -> float:
        return float(np.nanmedian(correlations(method.run(validation).values, truth)))

    return max(methods, key=quality)


# -- iterated --------------------------------------------------------------------------------------------------


def _search(
    tanks: EvaluationSet, model: ForwardModel, kind: DifferenceKind, strength: float
) -> SearchMethod:
    search = IteratedGaussNewton(model, tanks.pattern, strength, prior="laplace")
    grid = PixelGrid(PIXELS, PIXELS)
    share = grid.element_to_pixel(model.mesh)
    is_normalised = kind is DifferenceKind.NORMALISED
    scale = 1.0 if is_normalised else _scale(tanks.reference_of(0), search.even_voltages)

    def picture_of(dv: Floats) -> Floats:
        found = search.fit_difference(scale * dv, normalised=is_normalised)
        contrast = (found.conductivity - 1.0) / (found.conductivity + 1.0)
        return np.where(grid.inside, (share @ contrast).reshape(grid.shape), np.nan)

    return SearchMethod(ITERATED, tanks.pattern, tanks.layout, kind, picture_of, strength)


def _scale(reference: Floats, even_voltages: Floats) -> float:
    """What brings a reference nearest to the voltages of the even tank of 1 S/m: current and conductivity in one."""
    known = np.isfinite(reference)
    measured, modelled = reference[known], even_voltages[known]
    return float(measured @ modelled) / float(measured @ measured)
