"""Phantoms: discs, ellipses and polygons of other conductivity in a tank, and their conductivity on a mesh.

Imports errors and this room. The rule it keeps: an element partly covered gets its share, so a slowly moving
object gives smoothly changing voltages.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import PhysicsError
from eit_rt.physics.mesh import Mesh

Floats = NDArray[np.float64]

_POINTS_AT_ONCE = 1024
"""Points that a polygon looks at together: their distances to all edges stay in the cache."""


class Shape(Protocol):
    """An object that fills the tank's height."""

    @property
    def ratio(self) -> float:
        """Conductivity over the background's."""

    @property
    def bounds(self) -> tuple[tuple[float, float], float]:
        """Centre and radius of a circle around it."""

    def level(self, points: Floats) -> Floats:
        """(n,) for points (n, 2): negative inside, zero on the outline, never more than the distance to it."""


@dataclass(frozen=True, slots=True)
class Disc:
    """A round rod: centre and radius in tank radii, conductivity as a ratio to the background."""

    centre: tuple[float, float]
    radius: float
    ratio: float

    def __post_init__(self) -> None:
        _check(self.ratio, self.centre, (self.radius,))

    @property
    def bounds(self) -> tuple[tuple[float, float], float]:
        return self.centre, self.radius

    def level(self, points: Floats) -> Floats:
        return _distance(points, self.centre) - self.radius


@dataclass(frozen=True, slots=True)
class Ellipse:
    """An ellipse with two half axes; the first points to angle_deg, counter-clockwise from +x."""

    centre: tuple[float, float]
    half_axes: tuple[float, float]
    ratio: float
    angle_deg: float = 0.0

    def __post_init__(self) -> None:
        _check(self.ratio, (*self.centre, self.angle_deg), self.half_axes)

    @property
    def bounds(self) -> tuple[tuple[float, float], float]:
        return self.centre, max(self.half_axes)

    def level(self, points: Floats) -> Floats:
        x, y = _local(points, self.centre, self.angle_deg)
        a, b = self.half_axes
        return np.asarray((np.sqrt((x / a) ** 2 + (y / b) ** 2) - 1.0) * min(a, b))


@dataclass(frozen=True, slots=True)
class Polygon:
    """A simple polygon: corners around its own origin, then turned by angle_deg, scaled by size and moved to centre."""

    corners: tuple[tuple[float, float], ...]
    ratio: float
    centre: tuple[float, float] = (0.0, 0.0)
    angle_deg: float = 0.0
    size: float = 1.0
    _edges: "_Edges" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        corners = np.array(self.corners, dtype=np.float64)
        if corners.ndim != 2 or corners.shape[1:] != (2,) or len(corners) < 3:
            raise PhysicsError(
                f"a polygon needs at least 3 corners (x, y), got shape {corners.shape}"
            )
        _check(self.ratio, (*corners.ravel().tolist(), *self.centre, self.angle_deg), (self.size,))
        object.__setattr__(self, "_edges", _Edges.of(corners * self.size))

    @property
    def bounds(self) -> tuple[tuple[float, float], float]:
        return self.centre, self._edges.reach

    def level(self, points: Floats) -> Floats:
        x, y = _local(points, self.centre, self.angle_deg)
        level = np.empty(len(x))
        for first in range(0, len(level), _POINTS_AT_ONCE):
            part = slice(first, first + _POINTS_AT_ONCE)
            level[part] = self._edges.level(x[part], y[part])
        return level


class _Edges(NamedTuple):
    """The edges of a polygon as linear forms of a point (x, y, 1), so that one product serves all of them."""

    forms: Floats
    """(3 n, 3): share of the edge at the foot of the point, squared distance to its corner less x^2 + y^2, and the
    side of the edge that the point is on."""
    squared: Floats
    """(n, 1) lengths."""
    corner_y: Floats
    """(n, 1)"""
    is_rising: NDArray[np.bool_]
    """(n, 1)"""
    reach: float
    """Distance of the farthest corner."""

    @classmethod
    def of(cls, corners: Floats) -> "_Edges":
        (ax, ay), (ux, uy) = corners.T, (np.roll(corners, -1, axis=0) - corners).T
        squared = np.maximum(ux * ux + uy * uy, 1e-300)
        foot = np.stack([ux, uy, -(ax * ux + ay * uy)]) / squared
        corner = np.stack([-2 * ax, -2 * ay, ax * ax + ay * ay])
        side = np.stack([-uy, ux, uy * ax - ux * ay])
        forms = np.concatenate([foot, corner, side], axis=1).T
        column = (slice(None), None)
        reach = float(np.sqrt((corners * corners).sum(axis=1).max()))
        return cls(
            np.ascontiguousarray(forms), squared[column], ay[column], (uy > 0)[column], reach
        )

    def level(self, x: Floats, y: Floats) -> Floats:
        """(n_points,) signed distance to the outline, negative inside."""
        foot, distance, side = np.split(self.forms @ np.stack([x, y, np.ones_like(x)]), 3)
        # |p - a - t u|^2 = |p - a|^2 + |u|^2 t (t - 2 foot), with t = foot kept on the edge.
        t = np.clip(foot, 0.0, 1.0)
        foot *= -2.0
        foot += t
        foot *= t
        foot *= self.squared
        distance += foot
        nearest = distance.min(axis=0) + (x * x + y * y)
        nearest = np.sqrt(np.maximum(nearest, 0.0))
        # Even-odd rule: from inside, a ray to +x crosses the outline an odd number of times.
        is_below = y < self.corner_y
        crossed = (is_below != np.roll(is_below, -1, axis=0)) & ((side > 0) == self.is_rising)
        inside = np.logical_xor.reduce(crossed, axis=0)
        return np.asarray(np.where(inside, -nearest, nearest))


def conductivity(mesh: Mesh, background: ArrayLike, shapes: Iterable[Shape]) -> Floats:
    """(n_elem,) conductivity of a tank with objects; later shapes lie over earlier ones.

    background: one number or (n_elem,). An object's conductivity is its ratio times the background. An element cut by
    an outline gets a mean weighted by area: harmonic where the object conducts better, arithmetic where it conducts
    worse. That pair is its own dual (conductivity and resistivity exchanged), and against the analytic solution of a
    round object it errs a third as much as one mean for both, or less (docs/physics.md). Raises PhysicsError if the
    background is not positive or has another size.
    """
    base = np.asarray(background, dtype=np.float64)
    if (
        base.shape not in ((), (mesh.n_elements,))
        or not (base > 0).all()
        or not np.isfinite(base).all()
    ):
        raise PhysicsError(
            f"background conductivity must be positive: one number or one for each of {mesh.n_elements} elements"
        )
    base = np.array(np.broadcast_to(base, (mesh.n_elements,)))
    sigma = base.copy()
    for shape in shapes:
        share = covered(mesh, shape)
        touched = np.flatnonzero(share)
        sigma[touched] = _mixed(sigma[touched], shape.ratio * base[touched], share[touched])
    return sigma


def _mixed(under: Floats, over: Floats, share: Floats) -> Floats:
    """Conductivity of elements of which `share` is covered."""
    arithmetic = under + share * (over - under)
    harmonic = under * over / (over + share * (under - over))
    return np.where(over > under, harmonic, arithmetic)


def covered(mesh: Mesh, shape: Shape) -> Floats:
    """(n_elem,) share of each element's area inside the shape, 0..1.

    Elements farther from the outline than their own size are decided at their centre; the others by sample
    points, each with a soft edge as wide as its part of the element.
    """
    centre, radius = shape.bounds
    near = np.flatnonzero(_distance(mesh.centroids, centre) < radius + mesh.circumradii)
    level = shape.level(mesh.centroids[near])
    share = np.zeros(mesh.n_elements)
    share[near] = level < 0
    cut = near[np.abs(level) < mesh.circumradii[near]]
    if len(cut):
        points = mesh.samples[cut]
        width = np.sqrt(mesh.areas[cut] / points.shape[1])
        at_points = shape.level(points.reshape(-1, 2)).reshape(points.shape[:2])
        parts = np.clip(0.5 - at_points / width[:, None], 0.0, 1.0)
        share[cut] = parts.sum(axis=1) / points.shape[1]
    return share


def _distance(points: Floats, centre: tuple[float, float]) -> Floats:
    x, y = points[:, 0] - centre[0], points[:, 1] - centre[1]
    return np.asarray(
        np.sqrt(x * x + y * y)
    )  # three times as fast as np.hypot, and nothing overflows here


def _local(points: Floats, centre: tuple[float, float], angle_deg: float) -> tuple[Floats, Floats]:
    """Coordinates of points in the shape's own frame."""
    x, y = points[:, 0] - centre[0], points[:, 1] - centre[1]
    c, s = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
    return np.asarray(c * x + s * y), np.asarray(c * y - s * x)


def _check(ratio: float, numbers: tuple[float, ...], sizes: tuple[float, ...]) -> None:
    if not (np.isfinite(ratio) and ratio > 0):
        raise PhysicsError(
            f"conductivity ratio is {ratio}; expected a positive number (an insulator: 1e-6)"
        )
    if not np.isfinite(numbers).all() or not np.isfinite(sizes).all() or min(sizes) <= 0:
        raise PhysicsError(
            f"a shape needs finite numbers and positive sizes, got {numbers} and sizes {sizes}"
        )
