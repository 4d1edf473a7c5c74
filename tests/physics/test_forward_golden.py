"""Every 2-D forward case computed with EIDORS: voltages, potentials and Jacobians, with both solvers."""

from pathlib import Path

import numpy as np
import pytest

from tests.physics.golden_cases import AMPLITUDE_A, PATTERN_OF, GoldenCase, load

CASES = sorted(PATTERN_OF)
DOUBLE, SINGLE = 1e-9, 1e-6


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, golden: Path) -> GoldenCase:
    return load(golden, request.param)


def relative(found: np.ndarray, expected: np.ndarray) -> float:
    assert found.shape == expected.shape
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def test_no_2d_case_is_left_out(golden: Path) -> None:
    there = {path.stem for path in golden.glob("[cp]em*.npz") if "3d" not in path.stem}
    assert there == set(CASES)


@pytest.mark.parametrize("solver", ["qdldl", "superlu"])
class TestGolden:
    def test_voltages(self, case: GoldenCase, solver) -> None:
        v = case.model(solver).voltages(case.numbers["conductivity"], case.pattern) * AMPLITUDE_A
        assert relative(v, case.numbers["v"]) < DOUBLE

    def test_electrode_potentials(self, case: GoldenCase, solver) -> None:
        z = case.model(solver).transfer_impedance(case.numbers["conductivity"])
        potentials = case.numbers["stim_pattern"] @ z
        assert relative(potentials, case.numbers["electrode_potential"]) < DOUBLE

    def test_node_potentials(self, case: GoldenCase, solver) -> None:
        u = case.model(solver).node_potentials(
            case.numbers["conductivity"], case.numbers["stim_pattern"][:1]
        )
        assert relative(u[:, 0], case.numbers["node_potential_stim0"]) < DOUBLE

    def test_jacobian(self, case: GoldenCase, solver) -> None:
        name = next((key for key in ("jacobian", "jacobian_stim0") if key in case.numbers), None)
        if name is None:
            return
        expected = case.numbers[name]
        j = case.model(solver).jacobian(case.numbers["conductivity"], case.pattern) * AMPLITUDE_A
        tolerance = DOUBLE if expected.dtype == np.float64 else SINGLE
        assert relative(j[: len(expected)], expected) < tolerance


def test_boundary_and_electrode_edges_are_found_as_given(case: GoldenCase) -> None:
    def edges(array: np.ndarray) -> set[tuple[int, ...]]:
        return {tuple(edge) for edge in np.sort(array, axis=1).tolist()}

    assert edges(case.mesh.boundary) == edges(case.numbers["boundary"])
