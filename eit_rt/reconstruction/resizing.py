"""Pictures of another size, as two small matrix products. Imports numpy only.

The rule it keeps: pixel centres as in `PixelGrid`; enlarging is bilinear, reducing is the mean over the pixel's area.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def resizing(before: int, after: int) -> NDArray[np.float32]:
    """(after, before) rows that sum to one: picture of the new size = R @ picture @ R'."""
    rows = enlarging(before, after) if after >= before else averaging(before, after)
    return rows.astype(np.float32)


def enlarging(before: int, after: int) -> Floats:
    """(after, before) weights of the two pixels next to each new pixel's centre; the edge goes on unchanged."""
    place = np.clip((np.arange(after) + 0.5) * before / after - 0.5, 0, before - 1)
    return np.asarray(np.maximum(1.0 - np.abs(place[:, None] - np.arange(before)), 0.0))


def averaging(before: int, after: int) -> Floats:
    """(after, before) share of each new pixel's length that each old pixel covers."""
    edge = np.arange(after) * before / after
    low = np.maximum(edge[:, None], np.arange(before))
    high = np.minimum((edge + before / after)[:, None], np.arange(before) + 1)
    return np.asarray(np.maximum(high - low, 0.0) * after / before)
