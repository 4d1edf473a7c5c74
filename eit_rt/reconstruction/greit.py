"""GREIT: the matrix that comes nearest to wanted pictures of many small targets.

Imports physics, linear and errors. Source: Adler et al. (2009), "GREIT: a unified approach to 2D linear EIT
reconstruction of lung images", Physiol. Meas. 30 S35; EIDORS mk_GREIT_model, GREIT_desired_img_sigmoid.
"""

from dataclasses import dataclass

import numpy as np
import scipy.linalg as la
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError
from eit_rt.physics import PixelGrid
from eit_rt.reconstruction.linear import check_strength

Floats = NDArray[np.float64]

GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))
STEEPNESS = 10.0
"""The wanted picture falls from 0.73 to 0.27 of its top within 0.2 of its radius."""


@dataclass(frozen=True, slots=True, eq=False)
class Greit:
    """D Y' (Y Y' + (w mean|Y|)^2 I)^-1 for every weight w, from one eigendecomposition Y Y' = Q diag(powers) Q'."""

    left: Floats
    """(n_pixels, n_meas): D Y' Q."""
    powers: Floats
    """(n_meas,)"""
    right: Floats
    """(n_meas, n_meas): Q'."""
    level: float
    """mean|Y|."""

    @classmethod
    def of(cls, wanted: ArrayLike, data: ArrayLike) -> "Greit":
        """wanted: D (n_pixels, n_targets). data: Y (n_meas, n_targets), differences as the model will see them.

        Noise in training is the same on each value of `data`. Raises ConfigError if the numbers of targets differ.
        """
        d, y = np.asarray(wanted, dtype=np.float64), np.asarray(data, dtype=np.float64)
        if d.shape[1] != y.shape[1]:
            raise ConfigError(f"{d.shape[1]} wanted pictures for {y.shape[1]} targets")
        powers, q = la.eigh(y @ y.T)
        return cls((d @ y.T) @ q, np.maximum(powers, 0.0), q.T, float(np.abs(y).mean()))

    @property
    def highest(self) -> float:
        """A weight so large that noise outweighs every target: where a search begins."""
        return float(10.0 * np.sqrt(self.powers.sum()) / self.level)

    def matrix(self, weight: float) -> Floats:
        """(n_pixels, n_meas). Raises ConfigError for a weight that `check_strength` refuses."""
        check_strength("weight", weight)
        return np.asarray((self.left / self._spectrum(weight)) @ self.right)

    def precision(self, weight: float) -> Floats:
        """(n_meas, n_meas) inverse covariance of the measurements that targets and noise make likely."""
        return np.asarray((self.right.T / self._spectrum(weight)) @ self.right)

    def _spectrum(self, weight: float) -> Floats:
        return np.asarray(self.powers + (weight * self.level) ** 2)


def target_centres(n_targets: int, farthest: float) -> Floats:
    """(n_targets, 2) spread evenly over the disc of radius `farthest`, as the seeds of a sunflower."""
    k = np.arange(n_targets)
    radius, angle = farthest * np.sqrt((k + 0.5) / n_targets), k * GOLDEN_ANGLE
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def wanted_pictures(grid: PixelGrid, centres: ArrayLike, radius: float) -> Floats:
    """(inside pixels, n_targets) sigmoid discs 1 / (1 + exp(s (|r - r0| - R))), s = 10 / R, of equal volume.

    Each is scaled so that its sum times the pixel's area is 1, also where the wall cuts it: equal targets give equal
    amplitudes wherever they are.
    """
    pixels = grid.centres[grid.inside]
    distance = np.linalg.norm(pixels[:, None] - np.asarray(centres)[None], axis=2)
    slope = STEEPNESS / radius
    pictures = 1.0 / (1.0 + np.exp(np.clip(slope * (distance - radius), -50.0, 50.0)))
    area = 4.0 / (grid.width * grid.height)
    return np.asarray(pictures / (pictures.sum(axis=0) * area))
