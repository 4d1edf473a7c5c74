"""Noise figure: how much a linear reconstruction amplifies noise, and the search for a strength that gives it.

Imports errors only. Source: the definition in Adler and Guardo (1996) and Graham and Adler (2006), in EIDORS' form.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError

Floats = NDArray[np.float64]

STEPS_PER_DECADE = 4
TOLERANCE = 1e-10


def noise_figure(
    matrix: ArrayLike, signal: ArrayLike, noise: ArrayLike, areas: ArrayLike = 1.0
) -> float:
    """(signal/noise of the measurements) / (signal/noise of the image); 1 keeps it, above 1 amplifies noise.

    matrix: (n_out, n_meas). signal: (n_meas,), difference of a small target in the middle. noise: (n_meas,), standard
    deviation of each channel in the same unit. areas: (n_out,) or one number, area of each element or pixel.
    SNR_y = mean|y| / mean(std(N)), SNR_x = mean|A R y| / mean(std(A R N)) with N = diag(noise), std down each column.
    """
    y, sigma = np.asarray(signal, dtype=np.float64), np.asarray(noise, dtype=np.float64)
    image_of = np.asarray(matrix, dtype=np.float64) * np.reshape(np.asarray(areas), (-1, 1))
    snr_measured = np.abs(y).mean() / np.diag(sigma).std(axis=0, ddof=1).mean()
    snr_image = np.abs(image_of @ y).mean() / (image_of * sigma).std(axis=0, ddof=1).mean()
    return float(snr_measured / snr_image)


def largest_strength(
    figure_of: Callable[[float], float], target: float, highest: float, decades: float = 12.0
) -> float:
    """The largest strength whose noise figure is `target`.

    figure_of(strength) is not monotone for every prior (Tikhonov falls, then rises again at strong regularisation), so
    the search walks down from `highest` in steps of a quarter decade to the first rise through the target, then bisects
    the logarithm. Raises ConfigError, with the range met, if the target is not crossed.
    """
    strengths = highest * 10 ** -np.arange(0, decades, 1 / STEPS_PER_DECADE)
    met = [figure_of(float(strengths[0]))]
    for upper, lower in pairwise(strengths):
        met.append(figure_of(float(lower)))
        if met[-2] < target <= met[-1]:
            return _bisect(figure_of, target, float(lower), float(upper))
    raise ConfigError(
        f"no hyperparameter gives noise figure {target:g}; this method reaches {min(met):.3g} to {max(met):.3g}"
    )


def _bisect(
    figure_of: Callable[[float], float], target: float, lower: float, upper: float
) -> float:
    """lower has a figure of at least target, upper one below it."""
    while upper / lower > 1 + TOLERANCE:
        middle = float(np.sqrt(lower * upper))
        if figure_of(middle) >= target:
            lower = middle
        else:
            upper = middle
    return float(np.sqrt(lower * upper))
