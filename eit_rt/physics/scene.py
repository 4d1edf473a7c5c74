"""Scene: what is in a tank before and after, and what a difference picture of it should show.

Imports errors and this room. The rule it keeps: a scene is its outlines. Conductivity on any mesh, a picture of any
size, and turned copies follow from them, so nothing is ever interpolated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import PhysicsError
from eit_rt.physics.mesh import Mesh
from eit_rt.physics.phantom import Disc, Ellipse, Polygon, Shape, conductivity
from eit_rt.physics.pixels import PixelGrid

Floats = NDArray[np.float64]

KINDS: dict[str, type[Disc] | type[Ellipse] | type[Polygon]] = {
    "disc": Disc,
    "ellipse": Ellipse,
    "polygon": Polygon,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A tank with objects, and the same tank when the reference was taken."""

    objects: tuple[Shape, ...] = ()
    """In the frame; later ones lie over earlier ones, and all over `before`."""
    before: tuple[Shape, ...] = ()
    """In the reference and in the frame."""
    background: tuple[complex, ...] = ()
    """Coefficients c_1, c_2, ... of a smooth background: its conductivity is exp(Re sum c_k z^k), z = x + iy."""

    def reference_conductivity(self, mesh: Mesh) -> Floats:
        """(n_elem,) of the tank without the objects; 1 is the background in the middle."""
        return conductivity(mesh, self._background(mesh), self.before)

    def frame_conductivity(self, mesh: Mesh) -> Floats:
        """(n_elem,) of the tank with the objects."""
        return conductivity(mesh, self._background(mesh), (*self.before, *self.objects))

    def contrast(self, grid: PixelGrid, turn_deg: float = 0.0) -> Floats:
        """(H, W) contrast (s - s0) / (s + s0) of frame and reference, -1 to 1; 0 outside the disc.

        In an even field it is the moment of a round object, and it saturates as the voltages do. turn_deg: the picture
        of the scene turned counter-clockwise. A pixel on an outline shows its covered share.
        """
        inside = grid.inside
        points = _turned(grid.centres[inside], -turn_deg)
        picture = np.zeros(grid.shape)
        picture[inside] = self.contrast_at(points, 2.0 / max(grid.shape))
        return picture

    def contrast_at(self, points: Floats, width: float) -> Floats:
        """(n,) contrast at points (n, 2); outlines are softened over `width`, tank radii."""
        before = _layered(np.zeros(len(points)), self.before, points, width)
        after = _layered(before, self.objects, points, width)
        # tanh(a - b) from tanh a and tanh b: contrasts are tanh(ln(ratio) / 2).
        return np.asarray((after - before) / (1.0 - after * before))

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers for JSON; `from_dict` gives an equal scene back."""
        return {
            "objects": [_plain(shape) for shape in self.objects],
            "before": [_plain(shape) for shape in self.before],
            "background": [[c.real, c.imag] for c in self.background],
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Scene":
        """Inverse of `to_dict`. Raises PhysicsError."""
        try:
            return cls(
                tuple(_shape(one) for one in plain["objects"]),
                tuple(_shape(one) for one in plain["before"]),
                tuple(complex(re, im) for re, im in plain["background"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise PhysicsError(
                f"not a scene: {error!r}; expected objects, before, background"
            ) from error

    def _background(self, mesh: Mesh) -> Floats:
        z = mesh.centroids[:, 0] + 1j * mesh.centroids[:, 1]
        # Horner's rule; without coefficients: ones.
        total = np.zeros(len(z), dtype=complex)
        for c in reversed(self.background):
            total = (total + c) * z
        return np.asarray(np.exp(total.real))


def _layered(under: Floats, shapes: Sequence[Shape], points: Floats, width: float) -> Floats:
    """Contrast against the background once the shapes lie over what has the contrast `under`."""
    contrast = under.copy()
    for shape in shapes:
        (x, y), radius = shape.bounds
        offset = points - (x, y)
        near = np.flatnonzero((offset * offset).sum(axis=1) < (radius + width) ** 2)
        share = np.clip(0.5 - shape.level(points[near]) / width, 0.0, 1.0)
        own = (shape.ratio - 1.0) / (shape.ratio + 1.0)
        contrast[near] += share * (own - contrast[near])
    return contrast


def _turned(points: Floats, degrees: float) -> Floats:
    if degrees == 0.0:
        return points
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.asarray(points @ np.array([[c, s], [-s, c]]))


def _plain(shape: Shape) -> dict[str, Any]:
    for kind, maker in KINDS.items():
        if isinstance(shape, maker):
            names = [name for name in maker.__dataclass_fields__ if not name.startswith("_")]
            return {"kind": kind} | {name: getattr(shape, name) for name in names}
    raise PhysicsError(f"a scene keeps {', '.join(KINDS)}, not {type(shape).__name__}")


def _shape(plain: Mapping[str, Any]) -> Shape:
    given = {name: _tuples(value) for name, value in plain.items() if name != "kind"}
    return KINDS[plain["kind"]](**given)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list | tuple) else value
