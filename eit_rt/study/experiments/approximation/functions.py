"""Functions of known smoothness on the unit interval and the unit square. Imports numpy only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eit_rt.study.experiments.approximation.constructions import Function

Floats = NDArray[np.float64]
POINTS = 20_001
SIDE = 301
NEAR = np.geomspace(1e-9, 0.01, 200)


@dataclass(frozen=True, slots=True)
class Landscape:
    """One function. dimensions: of its argument."""

    dimensions: int
    values: Function
    distance: Function
    """From its jump; 1 everywhere if it has none."""
    special: tuple[float, ...] = ()
    """One dimension: where it jumps, or is not smooth."""

    def grid(self, every: int = 1) -> tuple[Floats, Floats]:
        """(n, dimensions) places at which errors are looked for, and (n,) the share of the whole that each stands for.

        every: take one of so many.
        """
        if self.dimensions == 2:
            line = (np.arange(SIDE) + 0.5) / SIDE
            square = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)[::every]
            return square, np.full(len(square), 1 / len(square))
        # Ever finer towards special places, where the largest error is.
        near = [place + NEAR * side for place in self.special for side in (-1, 1)]
        x = np.unique(np.concatenate([np.linspace(0, 1, POINTS)[::every], *near]))
        x = x[(x >= 0) & (x <= 1)]
        return x[:, None], np.gradient(x) / np.gradient(x).sum()


def landscapes(shift: float) -> dict[str, Landscape]:
    """By name. shift, 0 to 1: where kinks and jumps are; on an even grid the error depends on it."""
    place, middle = 0.3 + 0.2 * shift, np.array([0.45 + 0.1 * shift, 0.55 - 0.1 * shift])

    def smooth(x: Floats) -> Floats:
        return np.asarray(0.5 * np.sin(2 * np.pi * (x + shift)).prod(axis=1))

    def from_place(x: Floats) -> Floats:
        return np.asarray(np.abs(x[:, 0] - place))

    def from_ends(x: Floats) -> Floats:
        return np.abs(np.abs(x[:, 0] - place - 0.1) - 0.2)

    def outwards(x: Floats) -> Floats:
        return np.asarray(np.linalg.norm(x - middle, axis=1) - 0.3)

    def from_circle(x: Floats) -> Floats:
        return np.asarray(np.abs(outwards(x)))

    def kink(x: Floats) -> Floats:
        return 2 * from_place(x)

    def jump(x: Floats) -> Floats:
        return smooth(x) + (x[:, 0] > place)

    def inside(x: Floats) -> Floats:
        return np.asarray((np.abs(x[:, 0] - place - 0.1) < 0.2) * 1.0)

    def disc(x: Floats) -> Floats:
        return np.asarray((outwards(x) < 0) * 1.0)

    def nowhere(x: Floats) -> Floats:
        return np.ones(len(x))

    return {
        "smooth": Landscape(1, smooth, nowhere),
        "Lipschitz": Landscape(1, kink, nowhere, (place,)),
        "jump": Landscape(1, jump, from_place, (place,)),
        "indicator": Landscape(1, inside, from_ends, (place - 0.1, place + 0.3)),
        "logarithmic": Landscape(1, logarithmic, nowhere, (0.0,)),
        "smooth 2-D": Landscape(2, smooth, nowhere),
        "Lipschitz 2-D": Landscape(2, from_circle, nowhere),
        "indicator 2-D": Landscape(2, disc, from_circle),
    }


def logarithmic(x: Floats) -> Floats:
    """1/(1 + ln 1/x): continuous, 0 at 0, and smoother than no power there."""
    inside = x[:, 0] > 0
    return np.where(inside, 1 / (1 - np.log(np.where(inside, x[:, 0], 1.0))), 0.0)


def rise(k: float, shift: float) -> Function:
    """A jump of finite sharpness: its steepest slope is k/2."""
    return lambda x: np.asarray(0.5 * (1 + np.tanh(k * (x[:, 0] - 0.3 - 0.2 * shift))))
