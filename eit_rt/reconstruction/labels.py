"""Pictures to labels: 0 water, 1 resistive, 2 conductive, on a square grid over -1..1 tank radii.

Imports errors and this room; scipy.ndimage when called. Two ways: of a model that gives scores of classes, and of one
that gives a change of conductivity, cut into three by Otsu's thresholds. Both drop specks: where a class is absent, one
would count.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError
from eit_rt.reconstruction.resizing import enlarging

Floats = NDArray[np.float64]
Labels = NDArray[np.uint8]

SIZE = 256
"""Pixels each way of the Kuopio challenge."""
SMALLEST_PIXELS = 450
"""Of SIZE x SIZE: smaller connected sets of one label become water. A disc of radius 0.094.

Chosen on simulated tanks and the Kuopio training tanks: the largest that costs the simulated ones nothing
(docs/evaluation.md).
"""
BINS = 256
CLASSES = 3


def labels_of_logits(
    logits: ArrayLike, *, size: int = SIZE, smallest: int = SMALLEST_PIXELS
) -> Labels:
    """(n, size, size) the class with the largest score, of scores brought to size bilinearly; water outside the tank.

    logits: (n, 3, H, W). smallest: pixels; connected sets below it become water. Raises ConfigError for another shape.
    """
    scores = np.asarray(logits)
    if scores.ndim != 4 or scores.shape[1] != CLASSES:
        raise ConfigError(f"scores have shape {scores.shape}; expected (n, {CLASSES}, H, W)")
    labels = np.empty((len(scores), size, size), dtype=np.uint8)
    for place, one in zip(labels, scores, strict=True):
        place[...] = _tidied(enlarged(one, size).argmax(axis=0), smallest)
    return labels


def labels_of_pictures(
    pictures: ArrayLike, *, size: int = SIZE, smallest: int = SMALLEST_PIXELS
) -> Labels:
    """(n, size, size) from pictures of a conductivity change (n, H, W), NaN outside.

    Of the three classes that Otsu's thresholds make, the one with most pixels is water, what lies below it resistive,
    above it conductive. Raises ConfigError for another shape.
    """
    values = np.asarray(pictures, dtype=np.float64)
    if values.ndim != 3:
        raise ConfigError(f"pictures have shape {values.shape}; expected (n, H, W)")
    inside = _inside(size)
    labels = np.empty((len(values), size, size), dtype=np.uint8)
    for place, one in zip(labels, values, strict=True):
        place[...] = _tidied(segmented(np.where(inside, enlarged(one, size), 0.0)), smallest)
    return labels


def segmented(picture: ArrayLike) -> Labels:
    """Three labels of a picture (H, W) without NaN, by `otsu_thresholds`; all water if it has one value only."""
    values = np.asarray(picture, dtype=np.float64)
    if not np.ptp(values) > 0:
        return np.zeros(values.shape, dtype=np.uint8)
    low, high = otsu_thresholds(values)
    part = np.where(values < low, 0, np.where(values > high, 2, 1))
    water = int(np.bincount(part.ravel(), minlength=CLASSES).argmax())
    return np.where(part < water, 1, np.where(part > water, 2, 0)).astype(np.uint8)


def otsu_thresholds(values: ArrayLike) -> tuple[float, float]:
    """The two values that part a histogram of 256 bins into three classes as far from each other as can be.

    They maximise the variance between the classes (Otsu 1979); of equals the last pair is taken, as the Kuopio
    challenge does. Each is the centre of the last bin below the cut.
    """
    counts, edges = np.histogram(np.ravel(np.asarray(values, dtype=np.float64)), BINS)
    centres = 0.5 * (edges[:-1] + edges[1:])
    # Sums below each cut, so that a class between two cuts is one subtraction.
    weight = np.concatenate([[0.0], np.cumsum(counts)])
    moment = np.concatenate([[0.0], np.cumsum(counts * np.arange(1.0, BINS + 1))])
    first, second = np.triu_indices(BINS, 1)
    first, second = first[first > 0], second[first > 0]
    weights = np.stack([weight[first], weight[second] - weight[first], weight[-1] - weight[second]])
    moments = np.stack([moment[first], moment[second] - moment[first], moment[-1] - moment[second]])
    mean = moment[-1] / weight[-1]
    filled = (weights > 0).all(axis=0)
    means = moments / np.where(filled, weights, 1.0)
    between = np.where(filled, (weights * (means - mean) ** 2).sum(axis=0), -1.0)
    best = np.flatnonzero(between >= between.max() * (1 - 1e-13))[-1]
    return float(centres[first[best] - 1]), float(centres[second[best] - 1])


def enlarged(pictures: ArrayLike, size: int) -> Floats:
    """(..., size, size) bilinear; pixels outside the tank (NaN) do not count among the four that make one.

    NaN where all four lie outside.
    """
    values = np.asarray(pictures, dtype=np.float64)
    rows, columns = (enlarging(length, size) for length in values.shape[-2:])
    known = ~np.isnan(values)
    total = rows @ np.where(known, values, 0.0) @ columns.T
    if known.all():
        return np.asarray(total)
    share = rows @ known.astype(np.float64) @ columns.T
    mean = np.full(total.shape, np.nan)
    np.divide(total, share, out=mean, where=share > 0)
    return mean


def _inside(size: int) -> NDArray[np.bool_]:
    centre = (np.arange(size) + 0.5) / (size / 2) - 1
    return np.asarray(centre[:, None] ** 2 + centre**2 <= 1.0)


def _tidied(labels: NDArray[np.integer], smallest: int) -> Labels:
    """(size, size) with water outside the tank, and in place of connected sets (by sides) below `smallest` pixels."""
    from scipy import ndimage

    kept = np.where(_inside(labels.shape[-1]), labels, 0).astype(np.uint8)
    for label in range(1, CLASSES):
        parts, n = ndimage.label(kept == label)
        is_speck = np.bincount(parts.ravel(), minlength=n + 1) < smallest
        is_speck[0] = False
        kept[is_speck[parts]] = 0
    return kept
