"""How a linear model shows small targets in a simulated tank: the figures on its card.

Imports physics and this room. The rule it keeps: a 2-D tank is simulated on another mesh, without linearisation.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.frames import DifferenceKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, ForwardModel, PixelGrid, conductivity, disc_mesh
from eit_rt.physics.cylinder import CylinderField
from eit_rt.reconstruction.figures_of_merit import FiguresOfMerit, figures_of_merit
from eit_rt.reconstruction.recipe import Cylinder, Recipe

Floats = NDArray[np.float64]

RADII = np.linspace(0.0, 0.9, 19)
DIRECTION = 0.3
"""Angle of the line of targets, radian: between electrodes, on no symmetry axis. As in EIDORS' GREIT test set."""
TARGET_RADIUS = 0.05
CONTRAST = 1.2
TEST_ELEMENTS = 20_000
TEST_SEED = 11


def target_positions() -> Floats:
    """(19, 2) from the centre to 0.9 tank radii."""
    return np.outer(RADII, [np.cos(DIRECTION), np.sin(DIRECTION)])


def disc_voltages(layout: Layout, pattern: Pattern, z_contact: float) -> tuple[Floats, Floats]:
    """(n_meas,) of the empty 2-D tank, and (19, n_meas) with a target of conductivity 1.2 and radius 0.05."""
    mesh = disc_mesh(layout, n_elements=TEST_ELEMENTS, seed=TEST_SEED)
    model = ForwardModel(mesh, z_contact)
    empty = model.voltages(1.0, pattern)
    full = [
        model.voltages(conductivity(mesh, 1.0, [Disc((x, y), TARGET_RADIUS, CONTRAST)]), pattern)
        for x, y in target_positions().tolist()
    ]
    return empty, np.stack(full)


def cylinder_voltages(layout: Layout, pattern: Pattern, tank: Cylinder) -> tuple[Floats, Floats]:
    """The same for a ball in the electrode plane, to first order in its volume (a ball: 3 (c-1) / (c+2))."""
    field = CylinderField(layout, tank.height, tank.electrode_height)
    empty = field.voltages(pattern)
    volume = 4 / 3 * np.pi * TARGET_RADIUS**3
    gain = volume * 3 * (CONTRAST - 1) / (CONTRAST + 2)
    return empty, empty + gain * field.sensitivity(target_positions(), pattern).T


def pictures(matrix: ArrayLike, grid: PixelGrid, differences: ArrayLike) -> Floats:
    """(n, H, W) pictures of n difference vectors (n, n_meas), NaN outside."""
    rows = np.asarray(differences) @ np.asarray(matrix).T
    images = np.full((len(rows), *grid.shape), np.nan)
    images[:, grid.inside] = rows
    return images


def merits(recipe: Recipe, matrix: ArrayLike) -> FiguresOfMerit:
    """Figures of merit of the 19 targets in the recipe's own tank."""
    layout, pattern = recipe.make_layout(), recipe.make_pattern()
    if isinstance(recipe.tank, Cylinder):
        empty, full = cylinder_voltages(layout, pattern, recipe.tank)
    else:
        empty, full = disc_voltages(layout, pattern, recipe.tank.z_contact)
    scale = empty if recipe.difference is DifferenceKind.NORMALISED else 1.0
    grid = PixelGrid(recipe.size, recipe.size)
    return figures_of_merit(pictures(matrix, grid, (full - empty) / scale), target_positions())


def rate(recipe: Recipe, matrix: ArrayLike) -> dict[str, float]:
    """Summary of the figures of merit, for the model's metadata."""
    return summary(merits(recipe, matrix))


def summary(found: FiguresOfMerit) -> dict[str, float]:
    """Means, worst and spreads over the targets, by name."""
    error = np.abs(found.position_error)
    return {
        "position error, mean": float(error.mean()),
        "position error, worst": float(error.max()),
        "amplitude, spread": float(found.amplitude.std() / found.amplitude.mean()),
        "resolution, mean": float(found.resolution.mean()),
        "resolution, spread": float(found.resolution.std() / found.resolution.mean()),
        "shape deformation, mean": float(found.deformation.mean()),
        "ringing, mean": float(found.ringing.mean()),
    }
