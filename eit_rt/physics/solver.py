"""Two ways to factorise the same sparse symmetric matrix again and again: QDLDL (fast) and SuperLU (always there).

Imports errors only. The rule it keeps: the pattern of nonzeros never changes, so ordering and index work are done once.
"""

from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dtrtrs
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import splu

from eit_rt.errors import PhysicsError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SolverName = Literal["auto", "qdldl", "superlu"]


class Solver(Protocol):
    """A symmetric positive definite matrix A of fixed pattern, given by its upper triangle, and its factorisation."""

    def update(self, upper: Floats) -> None:
        """Factorise for new values of the upper triangle, in CSC order. Raises PhysicsError if A is not definite."""

    def solve(self, columns: Floats) -> Floats:
        """A⁻¹ columns; (n, k)."""

    def block(self) -> Floats:
        """The rows and columns of A⁻¹ at the `ports`; (n_ports, n_ports)."""


def make_solver(name: SolverName, pattern: csc_matrix, ports: Ints) -> Solver:
    """pattern: upper triangle with values of some definite matrix of the pattern; ports: indices wanted of A⁻¹.

    "auto" is qdldl, or superlu where qdldl cannot be imported. Raises PhysicsError for other names.
    """
    if name not in ("auto", "qdldl", "superlu"):
        raise PhysicsError(f"no solver is called {name!r}; expected auto, qdldl or superlu")
    if name == "superlu":
        return SuperLuSolver(pattern, ports)
    try:
        return QdldlSolver(pattern, ports)
    except ImportError as error:
        if name == "auto":
            return SuperLuSolver(pattern, ports)
        raise PhysicsError("qdldl is not installed: pip install qdldl, or use superlu") from error


class QdldlSolver:
    """LDLᵀ with the ordering (AMD) found once.

    `block` needs no solve over the whole mesh: A⁻¹[ports, ports] = Xᵀ D⁻¹ X with X = L⁻¹ E, and column k of X is
    nonzero only on the path from port k to the root of the elimination tree. All paths together are closed under L,
    so one dense triangular solve gives X for all ports. The ports are tied to each other by structural zeros, which
    makes the ordering leave them for late: paths of about 130 rows instead of 600, for a tenth more fill.
    """

    def __init__(self, pattern: csc_matrix, ports: Ints) -> None:
        import qdldl  # here, so that the fallback works where there is no build of it

        self._matrix, self._place = _with_ports_tied(pattern, ports)
        self._qdldl = qdldl.Solver(self._matrix, upper=True)
        self._lower, self._pivots, order = self._qdldl.factors()
        lower = self._lower
        position = np.empty(len(order), dtype=np.int64)
        position[order] = np.arange(len(order))
        self._path = _paths_to_root(lower, position[ports])
        rank = np.full(len(order), -1)
        rank[self._path] = np.arange(len(self._path))
        column = np.repeat(np.arange(len(order)), np.diff(lower.indptr))
        self._taken = np.flatnonzero(rank[column] >= 0)
        n = len(self._path)
        self._slot = rank[lower.indices[self._taken]] + n * rank[column[self._taken]]
        self._unit = np.zeros((n, len(ports)), order="F")
        self._unit[rank[position[ports]], np.arange(len(ports))] = 1.0

    def update(self, upper: Floats) -> None:
        self._matrix.data[self._place] = upper
        self._qdldl.update(self._matrix, upper=True)
        # QDLDL stops without a word at a zero pivot, so look at the pivots.
        self._lower, self._pivots, _ = self._qdldl.factors()
        if not (self._pivots > 0).all():
            raise PhysicsError(_SINGULAR)

    def solve(self, columns: Floats) -> Floats:
        return np.stack([self._qdldl.solve(column) for column in columns.T], axis=1)

    def block(self) -> Floats:
        n = len(self._path)
        dense = np.zeros(n * n)
        dense[self._slot] = self._lower.data[self._taken]
        x, _ = dtrtrs(dense.reshape(n, n).T, self._unit, lower=1, unitdiag=1)
        return np.asarray(x.T @ (x / self._pivots[self._path, None]))


class SuperLuSolver:
    """scipy's SuperLU: slower, but in every scipy."""

    def __init__(self, pattern: csc_matrix, ports: Ints) -> None:
        n = pattern.shape[0]
        entry = csc_matrix(
            (np.arange(1, pattern.nnz + 1, dtype=np.float64), pattern.indices, pattern.indptr),
            shape=(n, n),
        )
        full = (entry + _strict_transpose(entry)).tocsc()
        full.sort_indices()
        self._source = full.data.astype(np.int64) - 1
        self._matrix = full
        self._unit = np.zeros((n, len(ports)))
        self._unit[ports, np.arange(len(ports))] = 1.0
        self._ports = ports
        self.update(pattern.data)

    def update(self, upper: Floats) -> None:
        self._matrix.data = upper[self._source]
        try:
            # The matrix is symmetric definite: no pivoting needed, and the symmetric ordering is the sparser one.
            self._lu = splu(
                self._matrix,
                permc_spec="MMD_AT_PLUS_A",
                diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )
        except RuntimeError as error:
            raise PhysicsError(_SINGULAR) from error

    def solve(self, columns: Floats) -> Floats:
        return np.asarray(self._lu.solve(columns))

    def block(self) -> Floats:
        return np.asarray(self.solve(self._unit)[self._ports])


_SINGULAR = (
    "the forward problem has no unique solution: conductivity or contact impedance span too many orders of magnitude; "
    "keep conductivities within about 1e-9..1e9 of each other"
)


def _with_ports_tied(upper: csc_matrix, ports: Ints) -> tuple[csc_matrix, Ints]:
    """The matrix with an explicit zero between every two ports, and the place of each old value in the new data."""
    n, coo = upper.shape[0], upper.tocoo()
    first, second = (np.sort(ports)[side] for side in np.triu_indices(len(ports), 1))
    old = coo.col.astype(np.int64) * n + coo.row
    keys = np.union1d(old, second * n + first)
    place = np.searchsorted(keys, old)
    data = np.zeros(len(keys))
    data[place] = coo.data
    indptr = np.searchsorted(keys, np.arange(n + 1) * n)
    return csc_matrix((data, keys % n, indptr), shape=upper.shape), place


def _paths_to_root(lower: csc_matrix, starts: Ints) -> Ints:
    """Sorted indices on the paths from `starts` to the root of the elimination tree of L (strictly lower, CSC)."""
    seen: set[int] = set()
    for start in starts.tolist():
        node = start
        while node not in seen:
            seen.add(node)
            below = lower.indices[lower.indptr[node] : lower.indptr[node + 1]]
            if len(below):
                node = int(below.min())
    return np.array(sorted(seen), dtype=np.int64)


def _strict_transpose(upper: csc_matrix) -> csc_matrix:
    coo = upper.tocoo()
    off = coo.row != coo.col
    return csc_matrix((coo.data[off], (coo.col[off], coo.row[off])), shape=upper.shape)
