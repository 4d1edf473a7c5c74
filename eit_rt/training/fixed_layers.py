"""Fixed first layers: what linear methods make of the differences, as matrices. No torch.

Imports physics, reconstruction, the recipe and rings. The rule it keeps: a matrix takes complete differences in the
pattern's order; which of them a front has merged is the front's business.
"""

import numpy as np
import scipy.linalg as la
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.frames import DifferenceKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import PixelGrid
from eit_rt.reconstruction import priors
from eit_rt.reconstruction.builder import figure_of
from eit_rt.reconstruction.linear import OneStep
from eit_rt.reconstruction.noise_figure import largest_strength
from eit_rt.reconstruction.sensitivity import Sensitivity, disc_sensitivity
from eit_rt.training.recipe import CompressionLayer, GaussNewtonLayer, NetworkSection
from eit_rt.training.rings import ring_pictures

Floats = NDArray[np.float64]

ELEMENTS = 6_000
Z_CONTACT = 0.02
COMPRESSION_SIDE = 32
"""Pixels each way of the sensitivity that is compressed."""


def fixed_rows(
    section: NetworkSection, layout: Layout, pattern: Pattern, difference: DifferenceKind
) -> Floats:
    """(k, n_meas) of all fixed layers of a network, one after the other; of one that treats all electrodes alike,
    electrode after electrode. Raises ConfigError as `matrix_of`."""
    parts = [matrix_of(layer, layout, pattern, difference) for layer in section.front.linear]
    if section.symmetry == "none":
        return np.concatenate(parts)
    pictures = [
        ring_pictures(part, layer.side, layout, pattern)
        for layer, part in zip(section.front.linear, parts, strict=True)
        if isinstance(layer, GaussNewtonLayer)  # the recipe's rule
    ]
    return np.concatenate(pictures, axis=1).reshape(-1, pattern.n_meas)


def matrix_of(
    layer: GaussNewtonLayer | CompressionLayer,
    layout: Layout,
    pattern: Pattern,
    difference: DifferenceKind,
) -> Floats:
    """(k, n_meas) of one layer. Raises ConfigError: noise figure out of reach, rank too large, pattern that cannot be
    normalised."""
    if isinstance(layer, GaussNewtonLayer):
        tank = _tank(layout, pattern, layer.side)
        return _gauss_newton(tank, layer.noise_figures, difference)
    return _compression(_tank(layout, pattern, COMPRESSION_SIDE), layer.rank, difference)


def _tank(layout: Layout, pattern: Pattern, side: int) -> Sensitivity:
    return disc_sensitivity(layout, pattern, PixelGrid(side, side), ELEMENTS, Z_CONTACT)


def _gauss_newton(
    tank: Sensitivity, figures: tuple[float, ...], difference: DifferenceKind
) -> Floats:
    """Pictures of the pixels inside, strength after strength."""
    jacobian, scale = tank.rows(difference), tank.scale(difference)
    solver = OneStep.of(jacobian, priors.noser(jacobian, scale**2), scale**2)
    figure = figure_of(solver, tank, difference)
    strengths = [largest_strength(figure, wanted, solver.highest) for wanted in figures]
    return np.concatenate([solver.matrix(strength)[tank.inside] for strength in strengths])


def _compression(tank: Sensitivity, rank: int, difference: DifferenceKind) -> Floats:
    """Projections of the voltage differences, which have equal noise, on the directions that pixels move most."""
    n_meas = len(tank.voltages)
    if rank > n_meas:
        raise ConfigError(f"compression to rank {rank}, but the pattern has {n_meas} measurements")
    u = la.svd(tank.jacobian, full_matrices=False)[0]
    return np.asarray(u[:, :rank].T * np.abs(tank.scale(difference)))
