"""The score of the Kuopio Tomography Challenge 2023: how like the true labels the found ones are, 0 to 1 a tank.

Imports errors only. Source: Räsänen et al. (2023), the challenge's own description: for each class but water the mean
structural similarity (SSIM) of its 0/1 maps; the score is the mean of both. An absent class that is not found counts 1.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError

Floats = NDArray[np.float64]

SIZE = 256
WINDOW_PIXELS = 80.0
"""Standard deviation of the Gaussian window."""
REACH = 160
"""Pixels beyond which the window is zero."""
C1, C2 = 1e-4, 9e-4
RESISTIVE, CONDUCTIVE = 1, 2


def ktc_scores(labels: ArrayLike, truth: ArrayLike) -> Floats:
    """(n,) scores of label pictures (n, 256, 256): 0 water, 1 resistive, 2 conductive. Raises ConfigError."""
    ours, theirs = np.asarray(labels), np.asarray(truth)
    if ours.shape != theirs.shape or ours.ndim != 3 or ours.shape[1:] != (SIZE, SIZE):
        raise ConfigError(
            f"labels {ours.shape} and truth {theirs.shape}; expected both (n, {SIZE}, {SIZE})"
        )
    parts = [_similarity(ours == kind, theirs == kind) for kind in (RESISTIVE, CONDUCTIVE)]
    return np.asarray(np.mean(parts, axis=0))


def _similarity(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> Floats:
    """(n,) mean SSIM of 0/1 maps (n, 256, 256)."""
    return np.array(
        [_ssim(a, b) for a, b in zip(ours.astype(float), theirs.astype(float), strict=True)]
    )


def _ssim(a: Floats, b: Floats) -> float:
    # A 0/1 map is its own square.
    mean_a, mean_b, mean_ab = (_blurred(x) for x in (a, b, a * b))
    spread = mean_a * (1 - mean_a) + mean_b * (1 - mean_b)
    shared = mean_ab - mean_a * mean_b
    similar = (2 * mean_a * mean_b + C1) * (2 * shared + C2)
    return float((similar / ((mean_a**2 + mean_b**2 + C1) * (spread + C2))).mean())


def _blurred(picture: Floats) -> Floats:
    """Mean under the window, which is divided by what of it lies in the picture."""
    return np.asarray(_WINDOW @ picture @ _WINDOW.T)


def _window() -> Floats:
    """(256, 256) row i: the window at pixel i of one axis. It factorises: two products do what a convolution would."""
    apart = np.subtract.outer(np.arange(SIZE), np.arange(SIZE)).astype(float)
    weight = np.where(np.abs(apart) <= REACH, np.exp(-0.5 * (apart / WINDOW_PIXELS) ** 2), 0.0)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


_WINDOW = _window()
