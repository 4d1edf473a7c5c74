"""Both solvers against dense linear algebra on random sparse definite matrices."""

import sys

import numpy as np
import pytest
from scipy.sparse import csc_matrix, random_array, triu

from eit_rt.errors import PhysicsError
from eit_rt.physics.solver import QdldlSolver, SuperLuSolver, make_solver

PORTS = np.array([3, 41, 17, 59])


def definite(seed: int, n: int = 60) -> csc_matrix:
    """Random symmetric, diagonally dominant matrix; the same pattern for every seed."""
    where = random_array((n, n), density=0.06, rng=np.random.default_rng(7)).tocoo()
    rng = np.random.default_rng(seed)
    dense = np.zeros((n, n))
    dense[where.row, where.col] = rng.uniform(-1, 1, where.nnz)
    dense = dense + dense.T
    np.fill_diagonal(dense, np.abs(dense).sum(axis=1) + rng.uniform(0.1, 1, n))
    return csc_matrix(dense)


@pytest.mark.parametrize("name", ["qdldl", "superlu"])
class TestSolver:
    def test_block_and_solve_follow_new_values(self, name) -> None:
        solver = make_solver(name, csc_matrix(triu(definite(0))), PORTS)
        for seed in (1, 2, 3):
            matrix = definite(seed)
            upper = csc_matrix(triu(matrix))
            solver.update(upper.data)
            inverse = np.linalg.inv(matrix.toarray())
            np.testing.assert_allclose(solver.block(), inverse[np.ix_(PORTS, PORTS)], atol=1e-13)
            right = np.random.default_rng(seed).normal(size=(60, 3))
            np.testing.assert_allclose(solver.solve(right), inverse @ right, atol=1e-12)

    def test_one_port_and_all_ports(self, name) -> None:
        matrix = definite(5)
        inverse = np.linalg.inv(matrix.toarray())
        for ports in (np.array([30]), np.arange(60)):
            solver = make_solver(name, csc_matrix(triu(matrix)), ports)
            solver.update(csc_matrix(triu(matrix)).data)
            np.testing.assert_allclose(solver.block(), inverse[np.ix_(ports, ports)], atol=1e-13)

    def test_a_singular_matrix_is_refused(self, name) -> None:
        matrix = csc_matrix(triu(definite(0)))
        solver = make_solver(name, matrix, PORTS)
        with pytest.raises(PhysicsError, match="no unique solution"):
            solver.update(np.zeros_like(matrix.data))


def test_without_qdldl_the_fallback_is_taken(monkeypatch) -> None:
    matrix = csc_matrix(triu(definite(0)))
    assert isinstance(make_solver("auto", matrix, PORTS), QdldlSolver)
    monkeypatch.setitem(sys.modules, "qdldl", None)  # what `import qdldl` sees where it is absent
    assert isinstance(make_solver("auto", matrix, PORTS), SuperLuSolver)
    with pytest.raises(PhysicsError, match="pip install qdldl"):
        make_solver("qdldl", matrix, PORTS)


def test_an_indefinite_matrix_is_refused() -> None:
    matrix = csc_matrix(triu(definite(0)))
    solver = make_solver("qdldl", matrix, PORTS)
    with pytest.raises(PhysicsError, match="no unique solution"):
        solver.update(-matrix.data)
