"""What a mesh knows of itself, and which triangulations are refused."""

import numpy as np
import pytest

from eit_rt.errors import PhysicsError
from eit_rt.physics import Mesh

NODES = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0.5, 0.5]], dtype=float)
ELEMENTS = np.array([[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]])
ELECTRODES = ([0, 1], [2])


def square(nodes=NODES, elements=ELEMENTS, electrodes=ELECTRODES, boundary=None) -> Mesh:
    return Mesh(nodes, elements, electrodes, boundary)


class TestGeometry:
    def test_areas_centroids_and_gradients(self) -> None:
        mesh = square()
        np.testing.assert_allclose(mesh.areas, 0.25)
        np.testing.assert_allclose(mesh.centroids[0], [0.5, 1 / 6])
        np.testing.assert_allclose(mesh.gradients[0], [[-1, 1, 0], [-1, -1, 2]])
        assert mesh.min_angle_deg == pytest.approx(45.0)

    def test_samples_are_in_their_element_and_balanced(self) -> None:
        mesh = square()
        np.testing.assert_allclose(mesh.samples.mean(axis=1), mesh.centroids)
        x, y = mesh.samples[0].T
        assert ((y > 0) & (y < x) & (y < 1 - x)).all()
        assert len(np.unique(mesh.samples[0].round(9), axis=0)) == 16

    def test_neighbours_share_an_edge(self) -> None:
        assert square().neighbours.tolist() == [[0, 1], [0, 3], [1, 2], [2, 3]]

    def test_boundary_is_found(self) -> None:
        edges = {tuple(sorted(edge)) for edge in square().boundary.tolist()}
        assert edges == {(0, 1), (1, 2), (2, 3), (0, 3)}

    def test_clockwise_triangles_are_turned_and_keep_their_places(self) -> None:
        turned = ELEMENTS.copy()
        turned[1] = turned[1, ::-1]
        mesh = square(elements=turned)
        assert (mesh.areas > 0).all()
        assert set(mesh.elements[1].tolist()) == {1, 2, 4}

    def test_electrodes_are_edges_or_a_point(self) -> None:
        mesh = square()
        assert [len(edges) for edges in mesh.electrode_edges] == [1, 0]
        assert mesh.is_point.tolist() == [False, True]

    def test_nothing_can_be_written(self) -> None:
        mesh = square()
        for array in (mesh.nodes, mesh.elements, mesh.boundary, mesh.areas, mesh.samples):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0

    def test_the_given_arrays_stay_the_callers(self) -> None:
        nodes = NODES.copy()
        mesh = square(nodes=nodes)
        nodes[0] = 9.0
        assert mesh.nodes[0].tolist() == [0.0, 0.0]


FAR = np.concatenate([NODES, NODES + 5])
BAD = {
    "no area": {"elements": [[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 3]]},
    "count from 1": {"elements": ELEMENTS + 1},
    "overlap at edge": {"elements": [*ELEMENTS.tolist(), [0, 1, 2]]},
    "2 separate parts": {"nodes": FAR, "elements": np.concatenate([ELEMENTS, ELEMENTS + 5])},
    "belong to no element": {"nodes": np.concatenate([NODES, [[2.0, 2.0]]])},
    r"\(n_nodes, 2\)": {"nodes": np.zeros((5, 3))},
    "finite numbers": {"nodes": NODES * np.nan},
    r"triangles \(n_elem, 3\)": {"elements": ELEMENTS[:, :2]},
    "must be integers": {"elements": ELEMENTS.astype(float)},
    "no boundary edge joins": {"electrodes": ([0, 2], [1])},
    "more than one electrode": {"electrodes": ([0, 1], [1, 2])},
    "share one node": {"electrodes": ([1], [1])},
    "at least 2 electrodes": {"electrodes": ([0],)},
    "expected at least one of": {"electrodes": ([0], [7])},
    "not on the boundary": {"boundary": [[0, 1], [1, 2], [2, 4]]},
    r"must be edges \(n, 2\)": {"boundary": [[0, 1, 2]]},
}


@pytest.mark.parametrize("words", BAD)
def test_a_mesh_that_cannot_be_solved_is_refused(words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        square(**BAD[words])


def test_an_inverted_element_folds_the_mesh() -> None:
    nodes = NODES.copy()
    nodes[4] = [0.5, -0.5]  # the middle pulled through the lower side
    with pytest.raises(PhysicsError, match="folded"):
        square(nodes=nodes)
