"""Gauss-Newton with as many unknowns as there are discs: where they are is known, only what they are is not.

Imports this room and numpy. The unknowns are p = ln(conductivity) against the background; answers are kept in the range
that is known.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.study.experiments.diagonal.disc_row import LEAST, MOST, RowTank

Floats = NDArray[np.float64]

PRIOR_STD = float(np.log(MOST / LEAST) / np.sqrt(12))
"""Of p: what `random_mix` has."""
LARGEST_CONTRAST = 0.99
LONGEST_STEP = 1.5
SHORTEST = 2.0**-10
ENOUGH = 1e-3
MOST_STEPS = 8
FIRST_DB, STAGE_DB = 10.0, 10.0


class KnownPlaces:
    """Minimises |r(p)|^2 + (e / PRIOR_STD)^2 |p|^2; r: volts per ampere that are not explained, e: what is expected of
    them, error_db below the change of the voltages (noise, and the error of mesh or of a single step)."""

    def __init__(self, tank: RowTank) -> None:
        self.tank = tank
        self.even_jacobian: Floats = tank.jacobian(np.ones(tank.row.n))
        """(n_meas, n) without discs."""

    def one_step(self, change: ArrayLike, error_db: float) -> Floats:
        """(n,) conductivities from the Jacobian of the even tank.

        The linear answer is read as twice a disc's contrast (s - 1)/(s + 1), the moment that a round object has in an
        even field: so it is right for a large contrast of a single disc.
        """
        target = np.asarray(change) * self.tank.even
        p = _solved(self.even_jacobian, target, _weight(target, error_db))
        contrast = np.clip(p / 2, -LARGEST_CONTRAST, LARGEST_CONTRAST)
        return _in_range((1 + contrast) / (1 - contrast))

    def iterated(self, change: ArrayLike, error_db: float) -> Floats:
        """(n,) conductivities. From the even tank on, first as if more were unexplained (10 dB, 20 dB, ...): with the
        last weight at once the search ends beside the answer too often."""
        target = np.asarray(change) * self.tank.even
        p = np.zeros(self.tank.row.n)
        for stage_db in (*np.arange(FIRST_DB, error_db, STAGE_DB), error_db):
            p = self._descended(p, target, _weight(target, float(stage_db)))
        return _in_range(np.exp(p))

    def _descended(self, p: Floats, target: Floats, weight: float) -> Floats:
        """Where the search ends that starts at p; each step is halved until it lowers the objective."""
        residual, objective = self._at(p, target, weight)
        for _ in range(MOST_STEPS):
            jacobian = self.tank.jacobian(np.exp(p))
            step = _solved(jacobian, residual + jacobian @ p, weight) - p
            before, length = (
                objective,
                min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-9)),
            )
            while length > SHORTEST:
                residual, objective = self._at(p + length * step, target, weight)
                if objective < before:
                    break
                length /= 2
            else:
                break
            p = p + length * step
            if before - objective < ENOUGH * before:
                break
        return p

    def _at(self, p: Floats, target: Floats, weight: float) -> tuple[Floats, float]:
        """Residual and objective."""
        residual = target - self.tank.change(np.exp(p)) * self.tank.even
        return residual, float(residual @ residual + weight * (p @ p))

    @property
    def condition(self) -> float:
        """Of the even tank's Jacobian: how much weaker the weakest combination of discs is than the strongest."""
        return float(np.linalg.cond(self.even_jacobian))


def _in_range(conductivities: Floats) -> Floats:
    return np.clip(conductivities, LEAST, MOST)


def _weight(target: Floats, error_db: float) -> float:
    return float(target.var() * 10.0 ** (-error_db / 10.0) / PRIOR_STD**2)


def _solved(jacobian: Floats, target: Floats, weight: float) -> Floats:
    normal = jacobian.T @ jacobian + weight * np.eye(jacobian.shape[1])
    return np.asarray(np.linalg.solve(normal, jacobian.T @ target))
