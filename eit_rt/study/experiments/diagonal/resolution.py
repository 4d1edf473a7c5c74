"""Can objects in a row be told apart in a picture? Profile along the row, Rayleigh's criterion. Imports numpy, scipy.

Source of the limit: Rayleigh (1879): two lines of a spectrum are resolved if the middle is at most 8/pi^2 = 0.81 of
them.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import map_coordinates

Floats = NDArray[np.float64]

DIP = 0.19
"""Between two neighbours the profile must fall by this share of the lower of them."""
HALF_WIDTH = 0.03
"""The profile is the mean over a strip that reaches so far to both sides of the row, tank radii: half of a disc."""
LANES = 5


def profile(picture: ArrayLike, at: Floats, angle_deg: float = 45.0) -> Floats:
    """(n,) mean of a picture across a strip along a line through the middle of the tank.

    picture: (H, W) over [-1, 1], row 0 at the top; NaN (outside) counts as 0. at: (n,) places on the line, tank radii.
    Between centres of pixels it is interpolated (bilinear).
    """
    values = np.nan_to_num(np.asarray(picture, dtype=np.float64))
    height, width = values.shape
    along = np.exp(1j * np.deg2rad(angle_deg))
    lanes = np.linspace(-HALF_WIDTH, HALF_WIDTH, LANES)
    z = (at + 1j * lanes[:, None]) * along
    row, column = (1 - z.imag) * height / 2 - 0.5, (z.real + 1) * width / 2 - 0.5
    sampled = map_coordinates(values, [row.ravel(), column.ravel()], order=1, mode="nearest")
    return np.asarray(sampled.reshape(z.shape).mean(axis=0))


def gaps_seen(along: Floats, at: Floats, centres: Floats) -> NDArray[np.bool_]:
    """(n - 1,) True where two neighbours are told apart.

    along: (m,) profile at the places `at`, objects upwards. centres: (n,) ascending, equally spaced. Each of the two
    must have a positive maximum of its own within half a spacing of its centre, and between these the profile must
    fall by `DIP` of the lower one.
    """
    half = (centres[1] - centres[0]) / 2
    peaks = [_peak(along, np.abs(at - centre) <= half) for centre in centres]
    seen = np.zeros(len(centres) - 1, dtype=np.bool_)
    for k, (left, right) in enumerate(pairwise(peaks)):
        if left is not None and right is not None and left < right:
            lower = min(along[left], along[right])
            seen[k] = along[left : right + 1].min() <= (1 - DIP) * lower
    return seen


def told_apart(along: Floats, at: Floats, centres: Floats) -> int:
    """How many things a reader of the profile counts, from 1 (one bar) to n: one more than the gaps that are seen."""
    return 1 + int(gaps_seen(along, at, centres).sum())


def _peak(along: Floats, window: NDArray[np.bool_]) -> int | None:
    """Place of the largest value of the window, if it is positive and a maximum of the whole profile."""
    inside = np.flatnonzero(window)
    peak = int(inside[along[inside].argmax()])
    around = along[max(peak - 1, 0) : peak + 2]
    return peak if along[peak] > 0 and along[peak] >= around.max() else None
