"""Balls in a tank with a height: what a pail measures that no flat model knows. Imports layout, physics and this room.

The empty tank is exact (separation of variables); a ball is what an even field makes of it (Born's approximation with
the polarisability of a sphere), summed over its height, and balls do not feel each other. So it is a correction, good
while balls are small: it has what moves a flat picture of a pail outwards, the current that spreads over the height.
"""

import numpy as np
from numpy.typing import NDArray

from eit_rt.layout import Layout
from eit_rt.physics import Disc, Scene
from eit_rt.physics.cylinder import CylinderField

Floats = NDArray[np.float64]

RINGS = np.array([0.25, 0.6, 0.9])
"""Radii, in the ball's, of the columns that stand for it; twelve columns a ring."""
COLUMNS = 12


class Pail:
    """A round tank with a height, its electrodes where one layout has them. Lengths in tank radii."""

    def __init__(self, layout: Layout, height: float, electrode_height: float) -> None:
        self._field = CylinderField(layout, height, electrode_height)
        self._empty = self._field.transfer_impedance()

    def impedances(self, scene: Scene) -> tuple[Floats, Floats]:
        """(n_electrodes, n_electrodes) transfer impedance in ohm, without and with the scene's objects."""
        balls = [shape for shape in scene.objects if isinstance(shape, Disc)]
        return self._empty, self._empty + sum(self._change(ball) for ball in balls)

    def _change(self, ball: Disc) -> Floats:
        points, volumes = columns(ball)
        gradient = self._field.gradient(points)
        strength = 3.0 * (ball.ratio - 1.0) / (ball.ratio + 2.0)
        return -strength * np.asarray(
            np.einsum("cpi,cpj->ij", gradient * volumes[:, None], gradient, optimize=True)
        )


def columns(ball: Disc) -> tuple[Floats, Floats]:
    """Places (n, 2) and volumes (n,) of the columns that stand for a ball; what is outside the tank is cut off."""
    angle = 2.0 * np.pi * (np.arange(COLUMNS) + 0.5) / COLUMNS
    edges = np.array([0.0, *(RINGS[:-1] + RINGS[1:]) / 2, 1.0])
    # Volume of a sphere between two cylinders around its axis.
    shells = 4.0 / 3.0 * np.pi * -np.diff((1.0 - edges**2) ** 1.5)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = np.asarray(ball.centre) + ball.radius * (RINGS[:, None, None] * ring).reshape(-1, 2)
    volumes = np.repeat(ball.radius**3 * shells / COLUMNS, COLUMNS)
    inside = np.linalg.norm(points, axis=1) < 0.995
    return points[inside], volumes[inside]
