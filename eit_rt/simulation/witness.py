"""Witness: compares pictures with what really is in the simulated tank.

Imports scenario and frames. It judges where a single object is, and says nothing while there is none or several.
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
