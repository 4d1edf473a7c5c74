"""Field of an electrode on a round tank with a height, homogeneous and insulated: analytic, no mesh.

Imports layout, pattern and errors. Lengths in tank radii, 1 S/m. Electrodes are patches of even current density,
halfway up.

The potential of unit current is a sum over k = 0, 1, ... of cos(q_k z), q_k = 2 pi k / height (z from the electrode
plane), and over angular orders m of I_m(q_k r) / (q_k I_m'(q_k)) cos(m(theta - theta_e)), with r^m / m for q = 0, each
weighted with the Fourier coefficients of the patch. Source: separation of variables in cylinder coordinates.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline
from scipy.special import ive

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern

Floats = NDArray[np.float64]

FINEST = 120.0
"""Largest wavenumber kept, per tank radius: what varies faster has faded by exp(-FINEST (1 - r)) at radius r."""
FINEST_AT_WALL = 800.0
"""The same for potentials at the electrodes themselves."""
FADED = 30.0
"""A wave that has fallen by exp(-FADED) from the wall is left out."""
HIGHEST = 6.0
"""A higher tank looks the same from its middle: the slowest wave along z has faded there."""
RADII = 150
"""Steps of the table of radial functions, closer towards the wall."""


class CylinderField:
    """Currents and sensitivities in the electrode plane. Raises ConfigError for impossible heights."""

    def __init__(self, layout: Layout, height: float, electrode_height: float) -> None:
        if not 0 < electrode_height <= height <= HIGHEST:
            raise ConfigError(
                f"tank height {height:g} and electrode height {electrode_height:g} tank radii; expected "
                f"0 < electrode height <= tank height <= {HIGHEST:g}"
            )
        self._angles = np.deg2rad(layout.angles_deg)
        self._width = float(np.deg2rad(layout.width_deg))
        self._height, self._electrode_height = height, electrode_height
        self._order = np.arange(int(FINEST) + 1)
        radius = 1.0 - np.linspace(1.0, 0.0, RADII + 1) ** 2
        self._radial = CubicSpline(radius, np.stack(self._radial_sums(radius), axis=2))

    def sensitivity(self, points: ArrayLike, pattern: Pattern) -> Floats:
        """(n_meas, n_points) -∇u(drive) · ∇u(sense) in the electrode plane, volt per ampere per (S/m) and volume.

        points: (n_points, 2), inside the unit disc.
        """
        field = self.gradient(points)
        drives = np.einsum("cpe,se->scp", field, pattern.currents)
        rows, sense = np.unique(pattern.senses, axis=0, return_inverse=True)
        senses = np.einsum("cpe,se->scp", field, rows)
        pairs = zip(pattern.stimulation, np.ravel(sense), strict=True)
        return -np.stack([np.einsum("cp,cp->p", drives[k], senses[s]) for k, s in pairs])

    def voltages(self, pattern: Pattern) -> Floats:
        """(n_meas,) volt per ampere: differences of the mean potentials of the electrodes.

        Of no use for measurements that touch a driven electrode: real contacts are not patches of even current.
        """
        return np.asarray(pattern.voltages(self.transfer_impedance()))

    def transfer_impedance(self) -> Floats:
        """(n_electrodes, n_electrodes) mean potential of each electrode for one ampere into each, ohm."""
        order = np.arange(int(FINEST_AT_WALL) + 1)
        weight = np.zeros(len(order))
        for q, patch in self._heights(FINEST_AT_WALL):
            weight += patch * np.sinc(q * self._electrode_height / 2 / np.pi) * _at_wall(order, q)
        weight *= self._patch(order) * np.sinc(order * self._width / 2 / np.pi)
        turn = self._angles[:, None] - self._angles
        return np.asarray(np.cos(turn[..., None] * order) @ weight)

    def gradient(self, points: ArrayLike) -> Floats:
        """(2, n_points, n_electrodes) radial and tangential derivative of the potential of one ampere into each.

        points: (n_points, 2), inside the unit disc and in the electrode plane.
        """
        points = np.asarray(points, dtype=np.float64)
        radius, angle = np.linalg.norm(points, axis=1), np.arctan2(points[:, 1], points[:, 0])
        table = self._radial(radius)
        turns, places = angle[:, None] * self._order, self._order[:, None] * self._angles
        cos, sin, cos_e, sin_e = np.cos(turns), np.sin(turns), np.cos(places), np.sin(places)
        outward, across = table[..., 0], table[..., 1]
        return np.stack(
            [
                (outward * cos) @ cos_e + (outward * sin) @ sin_e,
                (across * cos) @ sin_e - (across * sin) @ cos_e,
            ]
        )

    def _radial_sums(self, radius: Floats) -> tuple[Floats, Floats]:
        """(n_radii, n_orders) of d/dr and of m/r of the potential's angular orders, summed over heights."""
        m = self._order
        outward = np.zeros((len(radius), len(m)))
        across = np.zeros_like(outward)
        for q, patch in self._heights(FINEST):
            felt = q * (1.0 - radius) < FADED
            below, above = _below_and_above(m, radius[felt], q)
            # I_m' = (I_(m-1) + I_(m+1)) / 2 and m I_m(x) / x = (I_(m-1) - I_(m+1)) / 2: no division by r.
            outward[felt] += patch * (below + above) / 2
            across[felt] += patch * (below - above) / 2
        return outward * self._patch(m), across * self._patch(m)

    def _heights(self, finest: float) -> list[tuple[float, float]]:
        """Wavenumber q along z and the electrode's share in it, for unit current."""
        k = np.arange(int(finest * self._height / (2 * np.pi)) + 1)
        share = np.where(k == 0, 1.0, 2.0) * np.sinc(k * self._electrode_height / self._height)
        return list(zip((2 * np.pi * k / self._height).tolist(), share / self._height, strict=True))

    def _patch(self, order: NDArray[np.int64]) -> Floats:
        """Cosine coefficients of an electrode's current along the angle."""
        return np.asarray(
            np.where(order == 0, 1.0, 2.0) / (2 * np.pi) * np.sinc(order * self._width / 2 / np.pi)
        )


def _below_and_above(m: NDArray[np.int64], radius: Floats, q: float) -> tuple[Floats, Floats]:
    """(n_radii, n_orders) I_(m-1)(q r) / I_m'(q) and I_(m+1)(q r) / I_m'(q); for q = 0 their limits."""
    r = radius[:, None]
    limit = np.where(m > 0, 2.0 * r ** np.maximum(m - 1, 0), 0.0)
    if q == 0.0:
        return limit, np.zeros_like(limit)
    orders = np.arange(-1, len(m) + 1)
    bessel = ive(np.abs(orders), q * r) * np.exp(q * (r - 1.0))
    slope = _slope(m, q)
    # A low wave has its limit in the high orders, where both factors leave the range of floating point.
    usable = slope > 1e-290
    slope = np.where(usable, slope, 1.0)
    return (
        np.where(usable, bessel[:, :-2] / slope, limit),
        np.where(usable, bessel[:, 2:] / slope, 0.0),
    )


def _slope(m: NDArray[np.int64], q: float) -> Floats:
    """I_m'(q) exp(-q)."""
    return np.asarray((ive(np.abs(m - 1), q) + ive(m + 1, q)) / 2)


def _at_wall(m: NDArray[np.int64], q: float) -> Floats:
    """I_m(q) / (q I_m'(q)); 1/m for q = 0, and where both are too small for floating point."""
    limit = np.divide(1.0, m, out=np.zeros(len(m)), where=m > 0)
    if q == 0.0:
        return limit
    slope = q * _slope(m, q)
    return np.divide(ive(m, q), slope, out=limit, where=slope > 1e-290)
