"""What may be said of measured numbers: intervals of 95 % around means, shares, slopes and paired differences.

Imports numpy and scipy only.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

CONFIDENCE = 0.95
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and where the true value lies with 95 % confidence."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        value, low, high = (digits(one, "#.3g") for one in (self.value, self.low, self.high))
        return f"{value} ({low} to {high})"


def digits(number: float, form: str) -> str:
    """For people: as the format says, but whole numbers from 1000 to a million."""
    return f"{number:.0f}" if 1e3 <= abs(number) < 1e6 else f"{number:{form}}".rstrip(".")


def level(looks: int) -> float:
    """Confidence of one of several intervals, so that all of them hold together with 95 % (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / looks


def mean(samples: ArrayLike, looks: int = 1) -> Interval:
    """Mean of independent samples (seeds, tanks), Student's t. One sample has no interval: it is infinite.

    looks: how many such intervals are to hold together.
    """
    x = np.asarray(samples, dtype=np.float64)
    middle = float(x.mean())
    if len(x) < 2:
        return Interval(middle, -np.inf, np.inf)
    reach = stats.t.ppf(0.5 + level(looks) / 2, len(x) - 1)
    half = float(reach * x.std(ddof=1) / np.sqrt(len(x)))
    return Interval(middle, middle - half, middle + half)


def paired(a: ArrayLike, b: ArrayLike, looks: int = 1) -> Interval:
    """Mean of a - b, each pair from the same seed or tank (paired t)."""
    return mean(np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64), looks)


def ratio(a: ArrayLike, b: ArrayLike, looks: int = 1) -> Interval:
    """Geometric mean of a / b over pairs: paired t of the logarithms. a, b: positive."""
    log = paired(np.log(np.asarray(a)), np.log(np.asarray(b)), looks)
    return Interval(float(np.exp(log.value)), float(np.exp(log.low)), float(np.exp(log.high)))


def sign_p(a: ArrayLike, b: ArrayLike) -> float:
    """Two-sided p of Wilcoxon's signed-rank test that a and b of a pair are alike: needs no normal distribution."""
    difference = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    return float(stats.wilcoxon(difference).pvalue) if np.any(difference) else 1.0


def share(hits: int, trials: int, looks: int = 1) -> Interval:
    """hits / trials, Wilson's interval. looks: how many such intervals are to hold together."""
    found = stats.binomtest(hits, trials).proportion_ci(level(looks), method="wilson")
    return Interval(hits / trials, float(found.low), float(found.high))


def slope(x: ArrayLike, y: ArrayLike) -> Interval:
    """Slope of the straight line through independent points, ordinary least squares."""
    fit = stats.linregress(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    n = np.size(x)
    if n < 3:
        return Interval(float(fit.slope), -np.inf, np.inf)
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 2) * fit.stderr)
    return Interval(float(fit.slope), float(fit.slope) - half, float(fit.slope) + half)


def power(x: ArrayLike, y: ArrayLike) -> Interval:
    """a in y = c x^a: slope in double-logarithmic scale. x, y: positive."""
    return slope(np.log(np.asarray(x)), np.log(np.asarray(y)))
