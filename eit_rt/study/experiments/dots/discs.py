"""Small discs at known places in a round tank, each there or not: the voltages of all 2^n tanks. Imports physics.

The rule it keeps: a change is in units of the board's largest voltage, so that white noise is white in it.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, ForwardModel, disc_mesh
from eit_rt.physics.phantom import covered

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

RADIUS = 0.1
"""Of each disc, tank radii."""
RATIO = 1e-3
"""Conductivity of a disc over that of the water: an insulator."""
Z_CONTACT = 0.01
COVERAGE = 0.4
"""Electrode width over spacing."""
INNER = {8: 1, 10: 2}
"""How many of n discs are in the middle; the others are a ring near the electrodes."""
INNER_RADIUS, RING_RADIUS = 0.2, 0.67


def places(n: int) -> Floats:
    """(n, 2) centres of the discs: a ring, then the middle. Raises KeyError unless n is 8 or 10."""
    inner = INNER[n]
    if inner == 1:
        return np.concatenate([_ring(n - 1, RING_RADIUS), np.zeros((1, 2))])
    return np.concatenate([_ring(n - inner, RING_RADIUS), _ring(inner, INNER_RADIUS)])


def _ring(count: int, radius: float) -> Floats:
    angle = np.pi / 2 - 2 * np.pi * np.arange(count) / count
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def combinations(n: int) -> Flags:
    """(2^n, n) which discs are there: row k holds the bits of k, the lowest first."""
    return np.asarray((np.arange(2**n)[:, None] >> np.arange(n)) % 2 == 1)


def few_voltages(n: int, step: int = 3) -> Pattern:
    """n voltages of n electrodes: drive two neighbours, sense the pair `step` further on."""
    pairs = [[k, (k + 1) % n, (k + step) % n, (k + step + 1) % n] for k in range(n)]
    return Pattern.pairwise(pairs, n, f"{n} voltages, step {step}")


def full_board() -> Pattern:
    """208 voltages of 16 electrodes."""
    return Pattern.by_name("adjacent", 16)


@dataclass(frozen=True)
class Tank:
    """A round tank on one mesh, and the discs that may be in it."""

    n_electrodes: int
    centres: tuple[tuple[float, float], ...]
    n_elements: int
    seed: int | None = None
    """Of the mesh: another number, another mesh."""

    @cached_property
    def model(self) -> ForwardModel:
        layout = Layout.ring(self.n_electrodes, coverage=COVERAGE)
        return ForwardModel(
            disc_mesh(layout, n_elements=self.n_elements, seed=self.seed), Z_CONTACT
        )

    @cached_property
    def shares(self) -> Floats:
        """(n, n_elem) share of each element that each disc covers."""
        mesh = self.model.mesh
        return np.array([covered(mesh, Disc(at, RADIUS, RATIO)) for at in self.centres])

    def transfer_impedances(self, present: Flags) -> Floats:
        """(k, n_electrodes, n_electrodes), one solution for each row of present (k, n)."""
        return np.array(
            [
                self.model.transfer_impedance(1 - (1 - RATIO) * (row @ self.shares))
                for row in present
            ]
        )

    def beside(self, present: Flags, distance: float, rng: np.random.Generator) -> Floats:
        """As `transfer_impedances`, but each disc of each row stands so far beside its place, tank radii, in a
        direction that chance chooses."""
        angle = 2 * np.pi * rng.random(present.shape)
        at = self.centres + distance * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        return np.array(
            [self._impedance(places[row]) for places, row in zip(at, present, strict=True)]
        )

    def _impedance(self, places: Floats) -> Floats:
        """Discs at these places (k, 2)."""
        mesh = self.model.mesh
        discs = [Disc((float(x), float(y)), RADIUS, RATIO) for x, y in places]
        share = sum((covered(mesh, disc) for disc in discs), np.zeros(mesh.n_elements))
        return self.model.transfer_impedance(1 - (1 - RATIO) * share)

    @cached_property
    def all_impedances(self) -> Floats:
        """(2^n, n_electrodes, n_electrodes), one solution for each of `combinations`."""
        return self.transfer_impedances(combinations(len(self.centres)))

    @cached_property
    def empty(self) -> Floats:
        """(n_electrodes, n_electrodes) transfer impedance without discs."""
        return self.model.transfer_impedance(1.0)

    def normalised(self, impedances: Floats, pattern: Pattern) -> Floats:
        """(k, n_meas) v / v_ref - 1, v_ref of the empty tank."""
        return np.asarray(pattern.voltages(impedances) / pattern.voltages(self.empty) - 1.0)

    def weights(self, pattern: Pattern) -> Floats:
        """(n_meas,) |v_ref| over its largest: what makes a normalised difference a change in units of that voltage."""
        size = np.abs(pattern.voltages(self.empty))
        return np.asarray(size / size.max())

    def sensitivity(self, pattern: Pattern) -> Floats:
        """(n_meas, n_elem) derivative of the change by each element's conductivity, empty tank."""
        v = pattern.voltages(self.empty)
        return np.asarray(self.model.jacobian(1.0, pattern) * (self.weights(pattern) / v)[:, None])


@lru_cache(maxsize=8)
def tank(n: int, n_electrodes: int, n_elements: int, seed: int | None = None) -> Tank:
    """With n discs at `places`; the same tank at each call, so that nothing is solved twice."""
    centres = tuple((float(x), float(y)) for x, y in places(n))
    return Tank(n_electrodes, centres, n_elements, seed)


def loudness(noise_db: float) -> float:
    """Standard deviation of white noise so many dB below the largest voltage, in units of that voltage."""
    return float(10 ** (-noise_db / 20))
