"""How like the truth a picture is, pixel by pixel: correlation and relative error on 32 x 32 pixels.

Imports errors only. Pictures are (n, H, W), square over the tank, row 0 = top, NaN outside. The rule it keeps: every
picture is averaged to the same grid first, so that a fine one has no advantage over a coarse one, nor the reverse.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError
from eit_rt.reconstruction.resizing import averaging

Floats = NDArray[np.float64]

GRID = 32
"""Pixels each way on which pictures are compared."""
LEAST_SHARE = 0.5
"""A pixel of the new grid is in the tank if at least this share of its area was."""


def resampled(pictures: ArrayLike, size: int) -> Floats:
    """(n, size, size): each pixel the mean, by area, of what lies under it in the tank; NaN outside.

    pictures: (n, H, W). Raises ConfigError for another number of axes.
    """
    given = np.asarray(pictures, dtype=np.float64)
    if given.ndim != 3:
        raise ConfigError(f"pictures have shape {given.shape}; expected (n, H, W)")
    if given.shape[1:] == (size, size):
        return given
    rows, columns = (averaging(length, size) for length in given.shape[1:])
    known = ~np.isnan(given)
    total = rows @ np.where(known, given, 0.0) @ columns.T
    share = rows @ known.astype(np.float64) @ columns.T
    mean = np.full_like(total, np.nan)
    # The sums of shares carry rounding: half of a pixel may come out as 0.49999.
    np.divide(total, share, out=mean, where=share >= LEAST_SHARE - 1e-9)
    return mean


def correlations(pictures: ArrayLike, truth: ArrayLike) -> Floats:
    """(n,) Pearson's correlation over the pixels that both have in the tank.

    0 for a picture without any contrast: it tells nothing. NaN where the truth has none: nothing can be told.
    """
    ours, theirs = _paired(pictures, truth)
    ours, theirs = _centred(ours), _centred(theirs)
    shared = _dot(ours, theirs)
    size = np.sqrt(_dot(ours, ours) * _dot(theirs, theirs))
    found = np.divide(shared, size, out=np.zeros_like(shared), where=size > 0)
    return np.where(_dot(theirs, theirs) > 0, found, np.nan)


def best_factor(pictures: ArrayLike, truth: ArrayLike) -> float:
    """The one number that brings a method's pictures to contrast: the median of what is best for each (least squares).

    It takes care of units: a linear method shows a conductivity change, or one times a height. Of all pixels at once it
    would be ruled by the few pictures with the largest amplitudes. 0 if all pictures are empty, or all truths.
    """
    ours, theirs = _paired(pictures, truth)
    power = _dot(ours, ours)
    tells = (power > 0) & (_dot(theirs, theirs) > 0)
    return float(np.median(_dot(ours, theirs)[tells] / power[tells])) if tells.any() else 0.0


def relative_errors(pictures: ArrayLike, truth: ArrayLike, factor: float = 1.0) -> Floats:
    """(n,) |factor * picture - truth| / |truth| over the pixels that both have; NaN where the truth is zero."""
    ours, theirs = _paired(pictures, truth)
    off, size = factor * ours - theirs, np.sqrt(_dot(theirs, theirs))
    return np.divide(np.sqrt(_dot(off, off)), size, out=np.full_like(size, np.nan), where=size > 0)


def _paired(pictures: ArrayLike, truth: ArrayLike) -> tuple[Floats, Floats]:
    """Both as (n, k) values of the k pixels that are in the tank in every picture of both."""
    ours, theirs = resampled(pictures, GRID), resampled(truth, GRID)
    if len(ours) != len(theirs):
        raise ConfigError(f"{len(ours)} pictures for {len(theirs)} truths")
    shared = ~(np.isnan(ours).any(axis=0) | np.isnan(theirs).any(axis=0))
    if not shared.any():
        raise ConfigError(
            "pictures and truth share no pixel: one of them is not a number everywhere"
        )
    return ours[:, shared], theirs[:, shared]


def _centred(rows: Floats) -> Floats:
    return np.asarray(rows - rows.mean(axis=1, keepdims=True))


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("np,np->n", a, b))
