"""How each pixel of a tank moves each measurement: what every linear method is built from.

Imports physics, layout, pattern and this room. Two tanks: `disc` (2-D finite elements: objects and electrodes as high
as the tank) and `cylinder` (a tank with a height, small electrodes, objects near their plane).
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError
from eit_rt.frames import DifferenceKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import ForwardModel, Mesh, PixelGrid, disc_mesh
from eit_rt.physics.cylinder import CylinderField

Floats = NDArray[np.float64]

SUBPIXELS = 4
"""Sample points along each side of a pixel, to share elements out among pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """Voltages of a homogeneous tank (1 S/m), and their derivative by the conductivity of each pixel."""

    grid: PixelGrid
    mask: NDArray[np.bool_]
    """(H, W) pixels that hold a part of the tank; a few more than those whose centre is inside."""
    jacobian: Floats
    """(n_meas, mask.sum()), volt per ampere per (S/m); a pixel on the wall counts with the part that is inside."""
    voltages: Floats
    """(n_meas,), volt per ampere, homogeneous tank."""

    @property
    def inside(self) -> NDArray[np.bool_]:
        """(mask.sum(),) which of the pixels are shown: their centre is in the tank."""
        return np.asarray(self.grid.inside[self.mask])

    def rows(self, difference: DifferenceKind) -> Floats:
        """(n_meas, mask.sum()) change of `dv` per relative change of conductivity."""
        return self.jacobian / self.scale(difference)[:, None]

    def scale(self, difference: DifferenceKind) -> Floats:
        """(n_meas,) what a voltage change is divided by. Raises ConfigError where that nears zero."""
        if difference is DifferenceKind.PLAIN:
            return np.ones_like(self.voltages)
        size = np.abs(self.voltages)
        if size.min() < 1e-6 * size.max():
            raise ConfigError(
                f"{int((size < 1e-6 * size.max()).sum())} measurements are zero in a homogeneous tank and cannot be "
                "normalised by it; use the plain difference for this pattern"
            )
        return self.voltages

    def of_disc(self, centre: ArrayLike, radius: float) -> Floats:
        """(n_meas,) voltage change of a disc of relative conductivity change 1, to first order."""
        return np.asarray(self.jacobian @ self.cover(centre, radius))

    def cover(self, centre: ArrayLike, radius: float) -> Floats:
        """(mask.sum(),) share of each pixel that a disc covers, with a soft edge of one pixel."""
        distance = np.linalg.norm(self.grid.centres[self.mask] - np.asarray(centre), axis=1)
        pixel = 2.0 / self.grid.width
        return np.asarray(np.clip((radius - distance) / pixel + 0.5, 0.0, 1.0))


def disc_sensitivity(
    layout: Layout, pattern: Pattern, grid: PixelGrid, n_elements: int, z_contact: float
) -> Sensitivity:
    """Of a 2-D tank, complete electrode model (point electrodes for a layout of width 0)."""
    mesh = disc_mesh(layout, n_elements=n_elements)
    model = ForwardModel(mesh, z_contact)
    share = _share_of_pixels(mesh, grid)
    mask = np.asarray(share.sum(axis=0)).reshape(grid.shape) > 0
    jacobian = model.jacobian(1.0, pattern) @ share[:, np.flatnonzero(mask)]
    return Sensitivity(grid, mask, np.asarray(jacobian), model.voltages(1.0, pattern))


def cylinder_sensitivity(
    layout: Layout, pattern: Pattern, grid: PixelGrid, height: float, electrode_height: float
) -> Sensitivity:
    """Of the electrode plane, halfway up a round tank; per tank radius of object height.

    height, electrode_height: tank radii. A small ball of volume V in pixels of area A acts like V/A in them.
    """
    field = CylinderField(layout, height, electrode_height)
    columns = [_row_of_pixels(field, pattern, grid, row) for row in range(grid.height)]
    area_share = np.concatenate([share for share, _ in columns])
    mask = (area_share > 0).reshape(grid.shape)
    jacobian = np.concatenate([density for _, density in columns], axis=1)
    return Sensitivity(grid, mask, jacobian[:, area_share > 0], field.voltages(pattern))


def _row_of_pixels(
    field: CylinderField, pattern: Pattern, grid: PixelGrid, row: int
) -> tuple[Floats, Floats]:
    """Area (W,) of a row's pixels inside the tank, and sensitivity (n_meas, W) integrated over it."""
    fine = PixelGrid(grid.height * SUBPIXELS, grid.width * SUBPIXELS)
    points = fine.centres[row * SUBPIXELS : (row + 1) * SUBPIXELS]
    inside = (points**2).sum(axis=2) < 1.0
    pixel = np.nonzero(inside)[1] // SUBPIXELS
    area = 4.0 / (fine.width * fine.height)
    total = np.zeros((pattern.n_meas, grid.width))
    if len(pixel):
        np.add.at(total.T, pixel, field.sensitivity(points[inside], pattern).T * area)
    return np.asarray(np.bincount(pixel, minlength=grid.width) * area), total


def _share_of_pixels(mesh: Mesh, grid: PixelGrid) -> sp.csr_array:
    """(n_elem, H*W) share of each element's area in each pixel, by sample points."""
    fine = PixelGrid(grid.height * SUBPIXELS, grid.width * SUBPIXELS)
    element = fine.element_of_pixel(mesh)
    row, column = np.nonzero(element >= 0)
    pixel = (row // SUBPIXELS) * grid.width + column // SUBPIXELS
    owner = element[row, column]
    counts = np.bincount(owner, minlength=mesh.n_elements)
    return sp.csr_array(
        (1.0 / counts[owner], (owner, pixel)), shape=(mesh.n_elements, grid.height * grid.width)
    )
