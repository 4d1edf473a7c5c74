"""Objects in a picture: connected sets of pixels, found by one rule for all methods, and those of the truth.

Imports the set and errors; scipy.ndimage when called. Pictures are (H, W) over -1..1 tank radii, row 0 = top, NaN
outside. The rule for what a method shows: pixels whose |value| is at least FRACTION of the picture's largest, positive
and negative apart, connected also by corners, are one object; its outline is where half of its own amplitude is
reached, and that must be SMALLEST_SHARE of the tank at least. Where the truth is known, what is fainter than FAINTEST
(in contrast, by the method's one factor of units) is no object either.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError
from eit_rt.evaluation.evaluation_set import TrueObject

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

FRACTION = 0.25
"""Of the picture's largest amplitude, as GREIT's figures take it: a perfect picture still shows an object of twice the
background's conductivity (contrast 1/3) beside one of metal."""
SMALLEST_SHARE = 0.002
"""Least area of an object, of the tank's: a disc of radius 0.045."""
LEAST_CONTRAST = 0.1
"""Of the truth: what differs less is no object."""
FAINTEST = 0.05
"""Contrast that a found object must reach: half of a true one's, and an empty tank's noise is none."""
HALF = 0.5
"""Of an object's own amplitude: its outline."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundObject:
    """A connected set of pixels."""

    x: float
    """Centre, weighted by |value|, tank radii."""
    y: float
    amplitude: float
    """The value that is largest in size; its sign is the object's."""
    mask: Mask
    """(H, W), within the outline."""

    @property
    def radius(self) -> float:
        """Of the circle of its area, tank radii."""
        height, width = self.mask.shape
        return float(np.sqrt(self.mask.sum() * 4.0 / (height * width) / np.pi))

    def as_true(self) -> TrueObject:
        return TrueObject(self.x, self.y, self.radius, self.amplitude)

    def distance_to(self, other: "FoundObject | TrueObject") -> float:
        return float(np.hypot(self.x - other.x, self.y - other.y))

    def overlap(self, other: "FoundObject") -> float:
        """Intersection over union of the two sets of pixels (IoU)."""
        return float((self.mask & other.mask).sum() / (self.mask | other.mask).sum())


def find_objects(
    picture: ArrayLike, fraction: float = FRACTION, *, least: float = 0.0
) -> list[FoundObject]:
    """Objects that a method shows, strongest first; none in a picture that is zero everywhere.

    least: |value| that an object must reach somewhere, in the picture's unit. Raises ConfigError for a fraction that is
    not within 0..1.
    """
    if not 0 < fraction <= 1:
        raise ConfigError(f"fraction is {fraction}; expected more than 0, at most 1")
    values = np.asarray(picture, dtype=np.float64)
    size = np.abs(np.nan_to_num(values))
    if not size.max() > 0:
        return []
    found = _objects(values, size >= fraction * size.max())
    return [one for one in found if abs(one.amplitude) >= least]


def true_objects(truth: ArrayLike) -> list[FoundObject]:
    """Objects of a picture of the truth, as contrast; those of one sign that touch or overlap are one object.

    Connected where |contrast| is at least LEAST_CONTRAST; an object's pixels are those of them that reach half of the
    largest |contrast| beside them, so its outline is where half a pixel is covered, whatever its contrast.
    """
    values = np.asarray(truth, dtype=np.float64)
    from scipy import ndimage

    size = np.abs(np.nan_to_num(values))
    core = size >= HALF * ndimage.maximum_filter(size, 3)
    return _objects(values, size >= LEAST_CONTRAST, core)


def _objects(values: Floats, reaches: Mask, core: Mask | None = None) -> list[FoundObject]:
    from scipy import ndimage

    found = []
    least = SMALLEST_SHARE * np.count_nonzero(~np.isnan(values))
    for sign in (1, -1):
        labels, n = ndimage.label(reaches & (sign * values > 0), structure=np.ones((3, 3)))
        for k in range(1, n + 1):
            part = labels == k
            mask = part & (_reaching_half(values, part) if core is None else core)
            if np.count_nonzero(mask) >= least:
                found.append(_object(values, mask, sign))
    return sorted(found, key=lambda one: -abs(one.amplitude))


def _reaching_half(values: Floats, part: Mask) -> Mask:
    size = np.abs(np.nan_to_num(values))
    return np.asarray(size >= HALF * size[part].max())


def _object(values: Floats, mask: Mask, sign: int) -> FoundObject:
    rows, columns = np.nonzero(mask)
    weight = np.abs(values[mask])
    height, width = values.shape
    x = (np.average(columns, weights=weight) + 0.5) / (width / 2) - 1
    y = 1 - (np.average(rows, weights=weight) + 0.5) / (height / 2)
    return FoundObject(float(x), float(y), sign * float(weight.max()), mask)
