"""Quasi-Newton: the objective of the iterated Gauss-Newton, but no Jacobian after that of the even tank.

Imports reconstruction and numpy. Two ways: the Jacobian is kept (a chord), or mended by each step's own voltages.
Sources: Ortega and Rheinboldt (1970), simplified Newton; Broyden (1965), Math. Comp. 19, 577; in EIT Yorkey, Webster
and Tompkins (1987), IEEE Trans. Biomed. Eng. 34, 843 (Newton-Raphson without second derivatives).
"""

import numpy as np
import scipy.linalg as la
from numpy.typing import ArrayLike, NDArray

from eit_rt.reconstruction.iterated import LONGEST_STEP, IteratedGaussNewton

Floats = NDArray[np.float64]
ENOUGH = 1e-3
SHORTEST = 2.0**-12


class QuasiNewton:
    """Same model, weights, prior, strength and line search as `newton`; only its Jacobian differs."""

    def __init__(
        self, newton: IteratedGaussNewton, *, is_mended: bool = False, most_steps: int = 30
    ) -> None:
        """is_mended: Broyden's rank-one change after each step."""
        self.newton, self.is_mended, self.most_steps = newton, is_mended, most_steps
        even = newton.model.jacobian(1.0, newton.pattern)
        self._jacobian: Floats = newton.weight[:, None] * even
        """By the logarithm of conductivity, at 1 S/m."""
        self._gain = self._gain_of(self._jacobian)

    def fit_difference(self, dv: ArrayLike) -> Floats:
        """(n_elem,) conductivity whose voltages differ from the even tank's by the relative change dv, (n_meas,)."""
        newton = self.newton
        voltages = newton.even_voltages * (1.0 + np.asarray(dv, dtype=np.float64))
        m = np.zeros(newton.model.mesh.n_elements)
        j, gain = self._jacobian, self._gain
        residual, objective = self._at(m, voltages)
        for _ in range(self.most_steps):
            step = gain @ (residual + j @ m) - m
            length = min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
            before, tried = objective, residual
            while length > SHORTEST:
                tried, objective = self._at(m + length * step, voltages)
                if objective < before:
                    break
                length /= 2
            else:
                break
            m = m + length * step
            if self.is_mended:
                j = j + np.outer(residual - tried - j @ (length * step), step) / (
                    length * float(step @ step)
                )
                gain = self._gain_of(j)
            residual = tried
            if before - objective < ENOUGH * before:
                break
        return np.exp(m)

    def _at(self, m: Floats, voltages: Floats) -> tuple[Floats, float]:
        """Weighted residual and objective."""
        newton = self.newton
        modelled = newton.model.voltages(np.exp(m), newton.pattern)
        residual = newton.weight * (voltages - modelled)
        return residual, float(residual @ residual) + newton.penalty * newton.prior.energy(m)

    def _gain_of(self, j: Floats) -> Floats:
        """(n_elem, n_meas) P J' (J P J' + I)^-1, P the prior's covariance over the noise's."""
        spread = self.newton.prior.factor.solve(np.ascontiguousarray(j.T)) / self.newton.penalty
        system = j @ spread
        system[np.diag_indices_from(system)] += 1.0
        return np.asarray(la.cho_solve(la.cho_factor(system, lower=True), spread.T).T)
