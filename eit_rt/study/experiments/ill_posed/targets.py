"""Ill-posed functions: poles, jumps, and regions where they are not defined; and how measuring makes samples of them.

Imports numpy and scipy only. Measuring bounds: what a meter shows is never beyond ±BOUND, and there is nothing to show
where the function is not defined. `landscape` is the function that such samples are of: the regularised one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import griddata

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
BOUND = 4.0
NOISE = 0.05
"""Standard deviation of a measurement, in units of y: 1.25 % of BOUND."""
SIDE = {1: 2000, 2: 48}
"""Points along one axis of the dense grid."""
CLEAR = {1: 0.05, 2: 0.1}
"""A point this far from each pole, jump and edge is away from them."""


@dataclass(frozen=True, slots=True)
class Target:
    """y = g(x) for x in [-1, 1]^inputs."""

    name: str
    inputs: int
    formula: str
    raw: Callable[[Floats], Floats]
    """(n, inputs) -> (n,): unbounded at poles, anything where undefined."""
    hole: Callable[[Floats], Floats] | None
    """(n, inputs) -> (n,) distance from the undefined region, negative within; None: defined everywhere."""
    break_distance: Callable[[Floats], Floats]
    """(n, inputs) -> (n,) distance from the nearest pole, jump or edge of the undefined region."""

    def undefined(self, x: Floats) -> Bools:
        """(n,)"""
        return np.zeros(len(x), np.bool_) if self.hole is None else self.hole(x) < 0

    def unbounded(self, x: Floats) -> Bools:
        """(n,): g is defined and larger than BOUND."""
        return ~self.undefined(x) & (np.abs(self.raw(x)) > BOUND)

    def landscape(self, x: Floats) -> Floats:
        """(n,): g cut at ±BOUND; nan where undefined."""
        return np.where(self.undefined(x), np.nan, np.clip(self.raw(x), -BOUND, BOUND))

    def samples(self, n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Points (n, inputs), uniform where g is defined, and what was measured there, (n,), within ±BOUND."""
        x = rng.uniform(-1, 1, (4 * n, self.inputs))
        x = x[~self.undefined(x)][:n]
        noise = NOISE * rng.standard_normal(n)
        return x, np.clip(self.landscape(x) + noise, -BOUND, BOUND)

    def grid(self) -> Floats:
        """(points, inputs): midpoints of equal cells; in two dimensions row by row of x2."""
        side = SIDE[self.inputs]
        axis = -1 + (2 * np.arange(side) + 1) / side
        mesh = np.meshgrid(*[axis] * self.inputs, indexing="xy")
        return np.stack([one.ravel() for one in mesh], axis=1)


@dataclass(frozen=True, slots=True)
class Ruler:
    """Scores of approximations to one target, on its dense grid."""

    target: Target
    x: Floats
    truth: Floats
    defined: Bools
    clear: Bools
    unbounded: Bools
    near: Bools
    """Defined, and next to the undefined region."""

    @classmethod
    def of(cls, target: Target) -> "Ruler":
        x = target.grid()
        defined = ~target.undefined(x)
        clear = defined & (target.break_distance(x) > CLEAR[target.inputs])
        near = np.zeros(len(x), np.bool_)
        if target.hole is not None:
            near = defined & (target.hole(x) < CLEAR[target.inputs])
        return cls(target, x, target.landscape(x), defined, clear, target.unbounded(x), near)

    def scores(self, y: Floats) -> dict[str, Floats]:
        """Each (members,). y: (members, points) on the grid.

        error: RMS where defined over the RMS of the landscape. sup: largest error away from breaks, over BOUND.
        reach: largest |y| anywhere, over BOUND; pole: where g is unbounded; hole: where it is undefined.
        beyond: how far y leaves, in the hole, what the landscape takes on beside it, over BOUND. nan: none such.
        """
        error = y - self.truth
        scale = np.sqrt(np.mean(self.truth[self.defined] ** 2))
        size, none = np.abs(y) / BOUND, np.full(len(y), np.nan)
        hole = ~self.defined
        beyond = none
        if hole.any():
            low, high = self.truth[self.near].min(), self.truth[self.near].max()
            excess = np.maximum(y[:, hole] - high, low - y[:, hole]).max(axis=1)
            beyond = np.maximum(excess, 0) / BOUND
        return {
            "error": np.sqrt(np.mean(error[:, self.defined] ** 2, axis=1)) / scale,
            "sup": np.abs(error[:, self.clear]).max(axis=1) / BOUND,
            "reach": size.max(axis=1),
            "pole": size[:, self.unbounded].max(axis=1) if self.unbounded.any() else none,
            "hole": size[:, hole].max(axis=1) if hole.any() else none,
            "beyond": beyond,
        }


def joined(x: Floats, y: Floats, at: Floats) -> Floats:
    """Samples joined by straight lines (triangles in two dimensions), (points,): what needs no network.

    Beyond the outermost samples: the nearest one.
    """
    if x.shape[1] == 1:
        order = np.argsort(x[:, 0])
        return np.asarray(np.interp(at[:, 0], x[order, 0], y[order]))
    flat = griddata(x, y, at, method="linear")
    return np.where(np.isnan(flat), griddata(x, y, at, method="nearest"), flat)


def _from(*places: float) -> Callable[[Floats], Floats]:
    """Distance from the nearest of some places of a line."""
    return lambda x: np.abs(x[:, :1] - np.array(places)).min(axis=1)


def _between(low: float, high: float) -> Callable[[Floats], Floats]:
    return lambda x: np.maximum(low - x[:, 0], x[:, 0] - high)


def _pole(distance: Floats, strength: float) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(strength / distance)


def _root(x: Floats, low: float, high: float) -> Floats:
    """Root of (x - low)(x - high), 0 between them, where it is none."""
    return np.sqrt(np.maximum((x - low) * (x - high), 0.0))


def _steps(x: Floats) -> Floats:
    heights = np.select([x < -0.5, x < 0.1, x < 0.6], [-1.5, 2.0, -0.5], 3.0)
    return np.asarray(heights + np.sin(3 * x))


def _everything(x: Floats) -> Floats:
    return np.asarray(
        _pole(x + 0.5, 0.2) + 2 * np.where(x > 0.3, _root(x, 0.0, 0.3), 0.0)
        + np.where(x < 0.65, np.sin(3 * x), -2.0)
    )  # fmt: skip


def _disc(x: Floats, a: float, b: float, radius: float) -> Floats:
    """Distance from a disc, negative within."""
    return np.asarray(np.hypot(x[:, 0] - a, x[:, 1] - b) - radius)


def _line(x: Floats) -> Floats:
    """Signed distance from the line of poles."""
    return np.asarray((x[:, 0] - 0.4 * x[:, 1] + 0.5) / np.hypot(1, 0.4))


def _plane(x: Floats) -> Floats:
    inside = _disc(x, 0.4, 0.45, 0.35) < 0
    return np.asarray(_pole(_line(x), 0.25) + np.where(inside, 2.5, 0.0) + np.sin(2 * x[:, 1]))


def _hole_of_plane(x: Floats) -> Floats:
    return _disc(x, 0.4, -0.45, 0.3)


def _breaks_of_plane(x: Floats) -> Floats:
    parts = _line(x), _disc(x, 0.4, 0.45, 0.35), _hole_of_plane(x)
    return np.asarray(np.abs(parts).min(axis=0))


TARGETS = {
    target.name: target
    for target in (
        Target(
            "pole", 1, "0.25/(x − 0.3)", lambda x: _pole(x[:, 0] - 0.3, 0.25), None,
            # The landscape breaks where the cut ends, too: at ±0.0625 beside the pole.
            _from(0.3, 0.3 - 0.0625, 0.3 + 0.0625),
        ),
        Target("jumps", 1, "three steps + sin 3x", lambda x: _steps(x[:, 0]), None, _from(-0.5, 0.1, 0.6)),
        Target(
            "hole", 1, "3 √((x + 0.1)(x − 0.3)) + sin 4x",
            lambda x: 3 * _root(x[:, 0], -0.1, 0.3) + np.sin(4 * x[:, 0]),
            _between(-0.1, 0.3), _from(-0.1, 0.3),
        ),
        Target(
            "all", 1, "a pole at −0.5, undefined in (0, 0.3), a jump at 0.65", lambda x: _everything(x[:, 0]),
            _between(0.0, 0.3), _from(-0.55, -0.5, -0.45, 0.0, 0.3, 0.65),
        ),
        Target(
            "plane", 2, "a line of poles, a jump across a circle, a disc where undefined", _plane,
            _hole_of_plane, _breaks_of_plane,
        ),
    )
}  # fmt: skip
