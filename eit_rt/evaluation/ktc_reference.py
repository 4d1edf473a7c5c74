"""The linear reference of the Kuopio challenge, made anew: linearised differences with a Gaussian smoothness prior.

Imports this room, physics and frames. Source: the organisers' example code as its users describe it: J at conductivity
1 with contact impedance 1e-6, prior covariance 0.05^2 exp(-d^2 / 2b^2) with a correlation length of one tank radius,
noise of 0.05 % of each reference voltage and 0.01 % of the largest. Otsu's thresholds make labels of its pictures.
"""

import numpy as np
import scipy.linalg as la
from numpy.typing import NDArray

from eit_rt.evaluation.evaluation_set import EvaluationSet
from eit_rt.evaluation.methods import MatrixMethod
from eit_rt.frames import DifferenceKind
from eit_rt.physics import ForwardModel, Mesh, PixelGrid, disc_mesh

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

NAME = "linear reference"
PIXELS = 64
ELEMENTS = 3000
PRIOR_SD = 0.05
CORRELATION_LENGTH = 1.0
"""Tank radii: where the correlation has fallen to one percent."""
OF_EACH, OF_LARGEST = 5e-4, 1e-4
"""Noise, standard deviation."""


def linear_reference(tanks: EvaluationSet) -> MatrixMethod:
    """For plain differences of the set's pattern; missing measurements are left out of the inversion."""
    mesh = disc_mesh(tanks.layout, n_elements=ELEMENTS)
    model = ForwardModel(mesh, tanks.z_contact)
    jacobian = model.jacobian(1.0, tanks.pattern)
    spread = jacobian @ _prior(mesh)
    noise = _noise(tanks.reference_of(0))
    grid = PixelGrid(PIXELS, PIXELS)
    share = grid.element_to_pixel(mesh)[np.flatnonzero(grid.inside)]

    def matrix_of(there: Mask) -> Floats:
        system = spread[there] @ jacobian[there].T
        system[np.diag_indices_from(system)] += noise[there] ** 2
        gain = la.solve(system, spread[there], assume_a="pos").T
        return np.asarray(share @ gain)

    return MatrixMethod(NAME, tanks.pattern, tanks.layout, grid, DifferenceKind.PLAIN, matrix_of)


def _prior(mesh: Mesh) -> Floats:
    """(n_elem, n_elem) covariance of the conductivity change."""
    apart = mesh.centroids[:, None] - mesh.centroids[None]
    width = CORRELATION_LENGTH / np.sqrt(2.0 * np.log(100.0))
    squared = (apart**2).sum(axis=2)
    return np.asarray(PRIOR_SD**2 * np.exp(-squared / (2.0 * width**2)))


def _noise(reference: Floats) -> Floats:
    size = np.abs(np.nan_to_num(reference))
    return np.asarray(np.hypot(OF_EACH * size, OF_LARGEST * size.max()))
