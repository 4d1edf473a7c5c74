"""A row of discs on a diameter of the tank, and voltages of it. Imports physics, layout, pattern and numpy.

Discs stand so close that the current squeezes through gaps of a sixth of their radius; so the mesh has nodes on each
outline and grows coarser away from them. An even mesh of 20,000 elements errs by 4 % there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import Delaunay, cKDTree

from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, ForwardModel, Mesh, disc_mesh
from eit_rt.physics.phantom import covered

Floats = NDArray[np.float64]

RADIUS = 0.06
"""Of each disc, tank radii."""
LEAST, MOST = 0.2, 5.0
"""Conductivity of a disc against the background: those of EIDORS' two pictures."""
FARTHEST = 0.88
"""Where the last centre may lie."""
LAYOUT = Layout.ring(16)
PATTERN = Pattern.by_name("adjacent", 16)
Z_CONTACT = 0.02
GROWTH = 0.3
"""How much larger an element is for each unit of distance from the next outline."""
LARGEST = 0.05


def count(spacing: float, most: int = 10) -> int:
    """How many discs fit, `most` at most."""
    return min(most, int(2 * FARTHEST / spacing + 1e-9) + 1)


@dataclass(frozen=True, slots=True)
class DiscRow:
    """n discs with equal spacing around the middle."""

    n: int
    spacing: float
    angle_deg: float = 45.0

    @property
    def along(self) -> Floats:
        """(n,) places of the centres on the diameter, ascending."""
        return np.asarray((np.arange(self.n) - (self.n - 1) / 2) * self.spacing)

    @property
    def centres(self) -> Floats:
        """(n, 2)"""
        angle = np.deg2rad(self.angle_deg)
        return np.asarray(self.along[:, None] * np.array([np.cos(angle), np.sin(angle)]))

    def discs(self, conductivities: ArrayLike) -> list[Disc]:
        """The objects; conductivities: (n,) against a background of 1."""
        return [
            Disc((float(x), float(y)), RADIUS, float(ratio))
            for (x, y), ratio in zip(self.centres, np.asarray(conductivities), strict=True)
        ]


class RowTank:
    """Voltages of a row of discs. finest: element size at the outlines; seed: another mesh of the same kind."""

    def __init__(self, row: DiscRow, finest: float = 0.008, seed: int | None = None) -> None:
        self.row = row
        self.model = ForwardModel(_mesh(row, finest, seed), Z_CONTACT)
        self.even: Floats = self.model.voltages(1.0, PATTERN)
        """(n_meas,) volt per ampere without discs."""
        discs = row.discs(np.ones(row.n))
        self._shares: Floats = np.stack([covered(self.model.mesh, disc) for disc in discs], axis=1)
        """(n_elem, n) share of each element in each disc."""

    def change(self, conductivities: ArrayLike) -> Floats:
        """(n_meas,) relative change v / v_even - 1: the mesh's own error falls out of it to first order."""
        sigma, _ = self._mixed(np.asarray(conductivities))
        return np.asarray(self.model.voltages(sigma, PATTERN) / self.even - 1.0)

    def jacobian(self, conductivities: ArrayLike) -> Floats:
        """(n_meas, n) derivative of the voltages by the logarithm of each disc's conductivity."""
        sigma, slope = self._mixed(np.asarray(conductivities))
        return np.asarray(self.model.jacobian(sigma, PATTERN) @ slope)

    def _mixed(self, s: Floats) -> tuple[Floats, Floats]:
        """(n_elem,) conductivity, mixed as `physics.conductivity` does, and its derivative (n_elem, n) by ln(s)."""
        share = self._shares
        below = s + share * (1.0 - s)
        added = np.where(s > 1, share * (s - 1.0) / below, share * (s - 1.0))
        slope = np.where(s > 1, share * s / below**2, share * s)
        return 1.0 + added.sum(axis=1), slope


def noisy(change: Floats, even: Floats, noise_db: float, unit: ArrayLike) -> Floats:
    """(n_meas,) a relative change with noise `noise_db` below it: std(noise) = std(v - v_even) / 10^(noise_db / 20).

    even: (n_meas,) volt per ampere. unit: (n_meas,) standard normal draws; in volt all channels have the same noise.
    """
    std = float((change * even).std()) * 10.0 ** (-noise_db / 20.0)
    return np.asarray(change + std * np.asarray(unit) / even)


def _mesh(row: DiscRow, finest: float, seed: int | None) -> Mesh:
    """Outlines first, then lattices from fine to coarse, each where its size is the wanted one, then the plain disc."""
    plain = disc_mesh(LAYOUT, element_size=LARGEST, seed=seed)
    rim = np.linalg.norm(plain.nodes, axis=1) > 1 - 1e-9
    assert rim[: rim.sum()].all()  # So the numbers of the electrodes' nodes stay as they are.
    rng = np.random.default_rng(0 if seed is None else seed)
    kept = [plain.nodes[rim], _outlines(row, finest, rng)]
    size = finest
    while size < LARGEST:
        kept = [np.concatenate(kept)]
        lattice = _lattice(size, rng)
        kept.append(_fitting(lattice, kept[0], size, _wanted(row, lattice, finest) < 1.4 * size))
        size *= 1.4
    kept = [np.concatenate(kept)]
    inner = plain.nodes[~rim]
    kept.append(_fitting(inner, kept[0], LARGEST, np.ones(len(inner), dtype=np.bool_)))
    nodes = np.concatenate(kept)
    return Mesh(nodes, Delaunay(nodes).simplices.astype(np.int64), plain.electrode_nodes)


def _outlines(row: DiscRow, finest: float, rng: np.random.Generator) -> Floats:
    n = round(2 * np.pi * RADIUS / finest)
    angle = 2 * np.pi * (np.arange(n) + rng.random((row.n, 1))) / n
    circle = RADIUS * np.stack([np.cos(angle), np.sin(angle)], axis=2)
    return np.asarray((row.centres[:, None] + circle).reshape(-1, 2))


def _wanted(row: DiscRow, points: Floats, finest: float) -> Floats:
    """(n,) element size at points."""
    distance = np.linalg.norm(points[:, None] - row.centres, axis=2)
    return np.asarray(finest + GROWTH * np.abs(distance - RADIUS).min(axis=1))


def _lattice(size: float, rng: np.random.Generator) -> Floats:
    """(n, 2) corners of equilateral triangles all over the disc, shifted and turned by chance."""
    n = int(1 / size) + 2
    i, j = np.mgrid[-2 * n : 2 * n + 1, -2 * n : 2 * n + 1]
    z = (i + j * np.exp(1j * np.pi / 3) + rng.random() + 1j * rng.random()) * size
    z = z.ravel() * np.exp(2j * np.pi * rng.random())
    z = z[np.abs(z) < 1 - 0.6 * size]
    return np.stack([z.real, z.imag], axis=1)


def _fitting(points: Floats, others: Floats, size: float, here: NDArray[np.bool_]) -> Floats:
    """Those of the points that are wanted here and not too near to nodes that are there already."""
    chosen = points[here]
    if not len(chosen):
        return chosen
    distance, _ = cKDTree(others).query(chosen)
    return np.asarray(chosen[distance > 0.7 * size])


def random_mix(n: int, tanks: int, rng: np.random.Generator) -> Floats:
    """(tanks, n) conductivities from `LEAST` to `MOST`, each its own, even in the logarithm."""
    return np.asarray(np.exp(rng.uniform(np.log(LEAST), np.log(MOST), (tanks, n))))
