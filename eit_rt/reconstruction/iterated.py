"""Iterated Gauss-Newton: the conductivity whose voltages fit the measured ones, not to first order but really.

Imports physics, pattern, errors and this room. Far too slow for a live picture (tenths of a second): a yardstick for
the methods that are quick. The rule it keeps: every accepted step lowers the objective.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.linalg as la
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError
from eit_rt.pattern import Pattern
from eit_rt.physics import ForwardModel, Mesh
from eit_rt.reconstruction import priors
from eit_rt.reconstruction.linear import check_strength

Floats = NDArray[np.float64]
PriorName = Literal["noser", "laplace"]

LONGEST_STEP = 1.5
"""Largest change of the logarithm of an element's conductivity that one step tries."""
SUFFICIENT = 1e-4
"""Armijo's condition: a step must win this share of what the slope promises."""
HALVINGS = 12
TINY = 1e-300
ENOUGH = 1e-3
"""The search ends when a step lowers the objective by less than this share."""
NUGGET = 1e-2
"""Share of its mean diagonal that is added to the Laplace prior, which alone does not know how large a change is."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Where the search ended."""

    conductivity: Floats
    """(n_elem,), S/m where the voltages are per ampere; positive."""
    objective: Floats
    """(k + 1,) at the start and after each accepted step; strictly falling."""
    step_lengths: Floats
    """(k,) share of each Gauss-Newton step that was taken, 0 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class _Prior:
    """R in x'Rx, and what R^-1 makes of many vectors."""

    matrix: sp.csc_array
    factor: spla.SuperLU

    @classmethod
    def of(cls, name: PriorName, mesh: Mesh, jacobian: Floats) -> "_Prior":
        if name == "noser":
            diagonal = priors.noser(jacobian)
            matrix = sp.csc_array(sp.diags_array(diagonal / diagonal.mean()))
        else:
            smooth = priors.laplace(mesh.neighbours, mesh.n_elements)
            level = NUGGET * smooth.diagonal().mean()
            matrix = sp.csc_array(smooth + level * sp.eye_array(mesh.n_elements))
        return cls(matrix, spla.splu(matrix))

    def energy(self, x: Floats) -> float:
        return float(x @ (self.matrix @ x))


class IteratedGaussNewton:
    """Minimises |W^1/2 (F(e^m) - v)|^2 + (strength^2 s) (m - m0)' R (m - m0) over m, the logarithm of conductivity.

    F: voltages of the forward model. W = 1 / noise^2. m0: even tank. s makes the strength a plain number: with it,
    strength^2 is the noise variance over the mean variance of W^1/2 v that the prior makes likely. Each step is
    solved in its dual form, (n_meas, n_meas), and shortened by halves until it lowers the objective (Armijo).
    """

    def __init__(
        self,
        model: ForwardModel,
        pattern: Pattern,
        strength: float,
        *,
        prior: PriorName = "noser",
        noise: ArrayLike = 1.0,
        most_steps: int = 10,
    ) -> None:
        """noise: standard deviation of the voltages, one number or (n_meas,); only the ratios count.

        Raises ConfigError for a strength that `check_strength` refuses or noise that is not positive.
        """
        check_strength("strength", strength)
        self.model, self.pattern, self.most_steps = model, pattern, most_steps
        std = np.broadcast_to(np.asarray(noise, dtype=np.float64), (pattern.n_meas,))
        if not (np.isfinite(std).all() and (std > 0).all()):
            raise ConfigError("noise must be positive and finite for every measurement")
        self.weight: Floats = std.mean() / std
        """(n_meas,) W^1/2, up to a factor."""
        self.even_voltages: Floats = model.voltages(1.0, pattern)
        """(n_meas,) of the even tank of 1 S/m, where difference data start from."""
        even = self.weight[:, None] * model.jacobian(1.0, pattern)
        self.prior = _Prior.of(prior, model.mesh, even)
        spread = np.einsum("me,em->m", even, self.prior.factor.solve(even.T))
        self.penalty = strength**2 * float(spread.mean())

    def fit_difference(self, dv: ArrayLike, *, normalised: bool = True) -> Solution:
        """The tank whose voltages differ from the even one's as measured.

        dv: (n_meas,) v / v_ref - 1 (normalised) or v - v_ref in this model's volts; NaN = missing. What the real
        tank and the model have not in common falls out of the difference to first order.
        """
        change = np.asarray(dv, dtype=np.float64)
        return self.fit(self.even_voltages + change * (self.even_voltages if normalised else 1.0))

    def fit_absolute(self, voltages: ArrayLike) -> Solution:
        """The tank with these voltages, (n_meas,), NaN = missing; started at the even tank that comes nearest.

        Raises ConfigError if no even tank comes near: wrong sign or pattern.
        """
        v = np.asarray(voltages, dtype=np.float64)
        known, even = ~np.isnan(v), self.even_voltages
        along = float(even[known] @ v[known])
        if not along > 0:
            raise ConfigError(
                "the voltages are unlike those of an even tank; check pattern, sign and order"
            )
        return self.fit(v, even_conductivity=float(even[known] @ even[known]) / along)

    def fit(self, voltages: ArrayLike, even_conductivity: float = 1.0) -> Solution:
        """voltages: (n_meas,), NaN = missing. even_conductivity: e^m0, where the search starts.

        Raises ConfigError if fewer than two measurements are known or the shape is wrong.
        """
        v = np.asarray(voltages, dtype=np.float64)
        if v.shape != (self.pattern.n_meas,):
            raise ConfigError(
                f"voltages have shape {v.shape}; the pattern has {self.pattern.n_meas} measurements"
            )
        known = np.flatnonzero(np.isfinite(v))
        if len(known) < 2:
            raise ConfigError("fewer than two measurements are known: nothing can be fitted")
        start = np.full(self.model.mesh.n_elements, np.log(even_conductivity))
        return _search(_Problem(self, v, known, start), self.most_steps)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """One frame to fit."""

    method: IteratedGaussNewton
    voltages: Floats
    known: NDArray[np.intp]
    start: Floats
    """m0: (n_elem,) logarithm of conductivity."""

    def residual(self, m: Floats) -> Floats:
        """(n_known,) measured less modelled, weighted."""
        method = self.method
        modelled = method.model.voltages(np.exp(m), method.pattern)
        return np.asarray((method.weight * (self.voltages - modelled))[self.known])

    def objective(self, m: Floats, residual: Floats) -> float:
        penalty = self.method.penalty * self.method.prior.energy(m - self.start)
        return float(residual @ residual) + penalty

    def step(self, m: Floats, residual: Floats) -> tuple[Floats, float]:
        """The Gauss-Newton step, and the slope of the objective along it (negative).

        With P = R^-1 / penalty the linearised objective is least at m0 + P J' (J P J' + I)^-1 (r + J (m - m0)).
        """
        method, sigma = self.method, np.exp(m)
        j = method.model.jacobian(sigma, method.pattern)[self.known]
        j *= method.weight[self.known, None]
        j *= sigma
        spread = method.prior.factor.solve(np.ascontiguousarray(j.T)) / method.penalty
        system = j @ spread
        system[np.diag_indices_from(system)] += 1.0
        gain = la.cho_solve(la.cho_factor(system, lower=True), residual + j @ (m - self.start))
        step = self.start + spread @ gain - m
        pull = method.penalty * (method.prior.matrix @ (m - self.start)) - j.T @ residual
        return step, 2.0 * float(pull @ step)


def _search(problem: _Problem, most_steps: int) -> Solution:
    m, residual = problem.start, problem.residual(problem.start)
    objectives, lengths = [problem.objective(m, residual)], []
    for _ in range(most_steps):
        step, slope = problem.step(m, residual)
        length = min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), TINY))
        for _ in range(HALVINGS):
            tried = m + length * step
            residual_there = problem.residual(tried)
            objective = problem.objective(tried, residual_there)
            if objective < objectives[-1] + SUFFICIENT * length * min(slope, 0.0):
                break
            length /= 2
        else:
            break  # Nothing on this line is lower: the search has arrived.
        m, residual = tried, residual_there
        objectives.append(objective)
        lengths.append(length)
        if objectives[-2] - objective < ENOUGH * objectives[-2]:
            break
    return Solution(np.exp(m), np.array(objectives), np.array(lengths))
