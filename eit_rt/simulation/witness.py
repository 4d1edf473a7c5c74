"""Witnesses: compare what is shown with what really is in the simulated tank.

Imports scenario and frames. Of a picture it is judged where a single object is, and nothing is said while there is none
or several; of impedances, what each of the objects has.
"""

import numpy as np
from numpy.typing import NDArray

from eit_rt.frames import Image
from eit_rt.simulation.scenario import Scenario

Extent = tuple[float, float, float, float]


class Witness:
    """Counts how far from the truth the object appears, picture by picture."""

    def __init__(self, scenario: Scenario, extent: Extent) -> None:
        self._scenario = scenario
        self._extent = extent
        self._sum = 0.0
        self.count = 0

    def see(self, image: Image) -> None:
        """Compare one picture; its frame's number tells the time in the tank."""
        objects = self._scenario.objects_at(image.frame.sequence / self._scenario.rate)
        if len(objects) != 1 or image.values.ndim != 2:
            return
        truth = objects[0]
        sign = 1.0 if truth.conductivity_ratio > 1 else -1.0
        x, y = half_maximum_centre(sign * image.values, self._extent)
        self._sum += float(np.hypot(x - truth.x, y - truth.y))
        self.count += 1

    @property
    def mean_centre_error(self) -> float | None:
        """Mean distance of the object's centre from the truth, tank radii; None if nothing could be compared."""
        return self._sum / self.count if self.count else None

    @property
    def words(self) -> str:
        """For a person; "" if nothing could be compared."""
        error = self.mean_centre_error
        if error is None:
            return ""
        return f"object found with a mean centre error of {error:.3f} tank radii"


class ImpedanceWitness:
    """Compares a model's impedances with those of the objects, frame by frame.

    The objects must be the model's regions, in its order. Nothing is said of frames without objects, nor where there
    are not as many objects as impedances.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._error = 0.0
        self._moments = np.zeros((3, 3))
        """Sums of products of (1, found, true)."""
        self.count = 0

    def truth(self, sequence: int) -> NDArray[np.float64]:
        """(n,) impedances of the objects in a frame, over the water's."""
        return np.array(self._scenario.impedances_at(sequence / self._scenario.rate))

    def see(self, image: Image) -> None:
        """Compare what one frame gave; its number tells the time in the tank."""
        t_s = image.frame.sequence / self._scenario.rate
        found, true = image.values.astype(np.float64), self.truth(image.frame.sequence)
        if found.shape != true.shape or not self._scenario.objects_at(t_s):
            return
        self._error += float(np.linalg.norm(found - true) / np.linalg.norm(true))
        rows = np.stack([np.ones_like(found), found, true])
        self._moments += rows @ rows.T
        self.count += 1

    @property
    def mean_relative_error(self) -> float | None:
        """Mean of |found - true| / |true|, 2-norm over a frame's impedances; None if nothing could be compared."""
        return self._error / self.count if self.count else None

    @property
    def correlation(self) -> float | None:
        """Of all impedances of all frames with the true ones; None if there were none, or all were alike."""
        n, *sums = self._moments[0]
        if not n:
            return None
        covariance = self._moments[1:, 1:] / n - np.outer(sums, sums) / n**2
        size = float(np.sqrt(covariance[0, 0] * covariance[1, 1]))
        return float(covariance[0, 1]) / size if size > 0 else None

    @property
    def words(self) -> str:
        """For a person; "" if nothing could be compared."""
        error, correlation = self.mean_relative_error, self.correlation
        if error is None or correlation is None:
            return ""
        return (
            f"impedances found with a mean relative error of {error:.3f}; their correlation with the true ones is "
            f"{correlation:.3f}"
        )


def half_maximum_centre(picture: NDArray[np.float32], extent: Extent) -> tuple[float, float]:
    """Centre (x, y), tank radii, of the pixels that reach half of the picture's maximum.

    picture: (H, W), row 0 = top, NaN outside the tank. extent: xmin, xmax, ymin, ymax of its edges.
    """
    height, width = picture.shape
    xmin, xmax, ymin, ymax = extent
    rows, columns = np.nonzero(picture >= 0.5 * np.nanmax(picture))
    x = xmin + (columns.mean() + 0.5) * (xmax - xmin) / width
    y = ymax - (rows.mean() + 0.5) * (ymax - ymin) / height
    return float(x), float(y)
