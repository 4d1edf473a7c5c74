"""PixelGrid: square pictures of the tank, and which element of a mesh each pixel shows.

Imports errors and this room. The rule it keeps: x right, y up, row 0 is the top, over [-1, 1] tank radii.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from eit_rt.errors import PhysicsError
from eit_rt.physics.mesh import Mesh

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ON_EDGE = 1e-9
"""Barycentric slack within which a point on an edge belongs to the element."""


@dataclass(frozen=True, slots=True)
class PixelGrid:
    """height x width pixels; centres x = (j + 0.5) / (width / 2) - 1, y = 1 - (i + 0.5) / (height / 2)."""

    height: int
    width: int

    def __post_init__(self) -> None:
        if self.height < 1 or self.width < 1:
            raise PhysicsError(f"a picture of {self.height} x {self.width} pixels has no pixel")

    @property
    def shape(self) -> tuple[int, int]:
        return self.height, self.width

    @property
    def centres(self) -> Floats:
        """(height, width, 2) x and y of the pixel centres, tank radii."""
        return _centres(self).copy()

    @property
    def inside(self) -> NDArray[np.bool_]:
        """(height, width) True where the pixel centre is in the unit disc."""
        return _inside(self).copy()

    def element_of_pixel(self, mesh: Mesh) -> Ints:
        """(height, width) element at the pixel's centre, -1 outside the mesh. On an edge: the lower number.

        Source of the convention: EIDORS `calc_slices`.
        """
        element, pixel = self._candidates(mesh)
        point = self.centres.reshape(-1, 2)[pixel]
        offset = point - mesh.centroids[element]
        weight = 1 / 3 + np.einsum("ndc,nd->nc", mesh.gradients[element], offset)
        hit = (weight >= -ON_EDGE).all(axis=1)
        found = np.full(self.height * self.width, mesh.n_elements)
        np.minimum.at(found, pixel[hit], element[hit])
        return np.where(found < mesh.n_elements, found, -1).reshape(self.shape)

    def element_to_pixel(self, mesh: Mesh) -> csr_matrix:
        """(height * width, n_elem) matrix: picture, row by row, = matrix @ element values; empty rows outside."""
        element = self.element_of_pixel(mesh).ravel()
        pixel = np.flatnonzero(element >= 0)
        return csr_matrix(
            (np.ones(len(pixel)), (pixel, element[pixel])), shape=(len(element), mesh.n_elements)
        )

    def _candidates(self, mesh: Mesh) -> tuple[Ints, Ints]:
        """Pairs of element and pixel where the pixel's centre is in the element's bounding box."""
        corner = mesh.nodes[mesh.elements]
        x, y = corner[..., 0], corner[..., 1]
        slack = 1e-6
        left = np.ceil((x.min(axis=1) + 1) * self.width / 2 - 0.5 - slack).clip(0)
        right = np.floor((x.max(axis=1) + 1) * self.width / 2 - 0.5 + slack).clip(
            None, self.width - 1
        )
        top = np.ceil((1 - y.max(axis=1)) * self.height / 2 - 0.5 - slack).clip(0)
        bottom = np.floor((1 - y.min(axis=1)) * self.height / 2 - 0.5 + slack).clip(
            None, self.height - 1
        )
        columns = (right - left + 1).clip(0).astype(np.int64)
        count = columns * (bottom - top + 1).clip(0).astype(np.int64)
        element = np.repeat(np.arange(mesh.n_elements), count)
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        row = top.astype(np.int64)[element] + within // columns[element]
        column = left.astype(np.int64)[element] + within % columns[element]
        return element, row * self.width + column


# Thousands of scenes are drawn on one grid, and a grid is as good as another of its size.
@lru_cache(maxsize=16)
def _centres(grid: PixelGrid) -> Floats:
    x = (np.arange(grid.width) + 0.5) / (grid.width / 2) - 1
    y = 1 - (np.arange(grid.height) + 0.5) / (grid.height / 2)
    return np.stack(np.meshgrid(x, y), axis=2)


@lru_cache(maxsize=16)
def _inside(grid: PixelGrid) -> NDArray[np.bool_]:
    return np.asarray((_centres(grid) ** 2).sum(axis=2) <= 1.0)
