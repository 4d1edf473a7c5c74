"""One-step Gauss-Newton: the matrix that maps a voltage change to a conductivity change.

Imports numpy and scipy only: Jacobian in, matrix out. J, W, R, x, y as in Adler and Guardo (1996);
EIDORS inv_solve_diff_GN_one_step.
"""

from dataclasses import dataclass

import numpy as np
import scipy.linalg as la
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError

Floats = NDArray[np.float64]

LEAST_STRENGTH = 1e-15


@dataclass(frozen=True, slots=True, eq=False)
class OneStep:
    """(J'WJ + hp^2 R)^-1 J'W for every hp, from one factorisation.

    With G = J'WJ + a R = L L' and L^-1 J'W^1/2 = U diag(s) V', J'WJ is L U s^2 U' L' and a R is the rest, so
    the matrix is L^-T U diag(s / (s^2 + (hp^2/a)(1 - s^2))) V' W^1/2: a search over hp costs one product a step.
    """

    left: Floats
    """(n_elements, k): L^-T U."""
    s: Floats
    """(k,)"""
    prior_s: Floats
    """(k,), what hp^2 multiplies: (1 - s^2)/a; 1 for a diagonal prior."""
    right: Floats
    """(k, n_meas): V' W^1/2."""
    weights: Floats
    """(n_meas,): the diagonal of W."""
    highest: float
    """A hyperparameter so large that the prior outweighs every measurement: where a search begins."""

    @classmethod
    def of(
        cls, jacobian: ArrayLike, prior: Floats | sp.csr_array, weights: ArrayLike | None = None
    ) -> "OneStep":
        """jacobian: (n_meas, n_elements). prior: (n_elements,) diagonal or (n_elements, n_elements), symmetric.
        weights: (n_meas,), inverse noise variances W, or None for ones.

        Raises ConfigError if shapes disagree or the prior leaves the problem singular.
        """
        j = np.asarray(jacobian, dtype=np.float64)
        root = np.ones(len(j)) if weights is None else np.sqrt(np.asarray(weights, dtype=float))
        if prior.shape[0] != j.shape[1] or len(root) != len(j):
            raise ConfigError(
                f"Jacobian {j.shape}, prior {prior.shape}, weights {root.shape} do not fit together"
            )
        if isinstance(prior, np.ndarray) and prior.ndim == 1:
            return cls._diagonal(root[:, None] * j, prior, root)
        return cls._general(root[:, None] * j, sp.csr_array(prior), root)

    @classmethod
    def _diagonal(cls, weighted: Floats, prior: Floats, root: Floats) -> "OneStep":
        """The dual form, n_meas x n_meas: no factorisation of the size of the mesh."""
        if not (prior > 0).all():
            raise ConfigError("a diagonal prior must be positive everywhere")
        scale = prior**-0.5
        u, s, vt = la.svd((weighted * scale).T, full_matrices=False)
        highest = _highest(weighted, prior)
        return cls(scale[:, None] * u, s, np.ones_like(s), vt * root, root**2, highest)

    @classmethod
    def _general(cls, weighted: Floats, prior: sp.csr_array, root: Floats) -> "OneStep":
        # Balances the two terms, so that neither is lost in the rounding of the other.
        scale = float((weighted**2).sum() / prior.diagonal().sum())
        try:
            lower = la.cholesky(weighted.T @ weighted + scale * prior.toarray(), lower=True)
        except la.LinAlgError as error:
            raise ConfigError("the prior leaves the reconstruction singular") from error
        u, s, vt = la.svd(la.solve_triangular(lower, weighted.T, lower=True), full_matrices=False)
        s = np.minimum(s, 1.0)
        highest = _highest(weighted, prior.diagonal())
        left = la.solve_triangular(lower, u, lower=True, trans="T")
        return cls(left, s, (1.0 - s) * (1.0 + s) / scale, vt * root, root**2, highest)

    def matrix(self, hyperparameter: float) -> Floats:
        """(n_elements, n_meas). Raises ConfigError for a hyperparameter that `check_strength` refuses."""
        check_strength("hyperparameter", hyperparameter)
        return np.asarray((self.left * self._gain(hyperparameter)) @ self.right)

    def precision(self, hyperparameter: float) -> Floats:
        """(n_meas, n_meas) inverse covariance of the measurements that prior and noise make likely.

        (J R^-1 J' + hp^2 W^-1)^-1 times hp^2, as W - W J (J'WJ + hp^2 R)^-1 J'W: also where R has no inverse.
        """
        shrink = self.s * self._gain(hyperparameter)
        return np.asarray(np.diag(self.weights) - (self.right.T * shrink) @ self.right)

    def _gain(self, hyperparameter: float) -> Floats:
        return np.asarray(self.s / (self.s**2 + hyperparameter**2 * self.prior_s))


def check_strength(name: str, strength: float) -> None:
    """Raises ConfigError unless the square of a strength is safe from overflow and from drowning in rounding."""
    if not LEAST_STRENGTH <= strength <= 1 / LEAST_STRENGTH:
        raise ConfigError(
            f"{name} is {strength:g}; expected a positive number, {LEAST_STRENGTH:g} to {1 / LEAST_STRENGTH:g}: "
            "a noise figure (0.5 to 2) is easier to choose"
        )


def _highest(weighted: Floats, prior_diagonal: Floats) -> float:
    return float(100.0 * np.sqrt((weighted**2).sum() / prior_diagonal.mean()))
