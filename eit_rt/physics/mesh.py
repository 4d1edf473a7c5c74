"""Mesh: a checked triangulation with its electrodes, from our own generator or imported.

Imports errors only. The rule it keeps: a Mesh that exists can be solved. Folded, torn, degenerate or disconnected
triangulations are refused here, so that no solver has to guess later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from eit_rt.errors import PhysicsError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)

FLAT = 1e-10
"""An element whose doubled area is below this times its longest edge squared counts as degenerate."""
CORNERS = ((0, 1), (1, 2), (2, 0))
"""Edges of a triangle, counter-clockwise."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles of a 2-D tank. Elements and nodes keep their order; each triangle is turned counter-clockwise.

    Raises PhysicsError if the triangulation or an electrode cannot be used; the message names the first offender.
    """

    nodes: Floats
    """(n_nodes, 2), tank radii (imported meshes: any unit of length, then all lengths are in it)."""
    elements: Ints
    """(n_elem, 3) node indices, counter-clockwise."""
    electrode_nodes: tuple[Ints, ...]
    """Nodes of each electrode. One node: a point electrode. More: complete electrode model, see `electrode_edges`."""
    boundary: Ints | None = None
    """(n_boundary, 2) boundary edges; found (edges of exactly one element) if not given."""

    def __post_init__(self) -> None:
        nodes = np.array(self.nodes, dtype=np.float64)
        elements = _index_array(self.elements, "elements")
        _check_arrays(nodes, elements)
        elements = _counter_clockwise(nodes, elements)
        for name, array in (("nodes", nodes), ("elements", elements)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        _check_topology(self)
        boundary = self._outer_edges if self.boundary is None else _given_boundary(self)
        boundary.flags.writeable = False
        object.__setattr__(self, "boundary", boundary)
        object.__setattr__(self, "electrode_nodes", _electrodes(self.electrode_nodes, len(nodes)))
        self._check_electrodes()

    # -- sizes -------------------------------------------------------------------------------------------------

    @property
    def n_nodes(self) -> int:
        return len(self.nodes)

    @property
    def n_elements(self) -> int:
        return len(self.elements)

    @property
    def n_electrodes(self) -> int:
        return len(self.electrode_nodes)

    # -- geometry ----------------------------------------------------------------------------------------------

    @cached_property
    def areas(self) -> Floats:
        """(n_elem,) area of each element."""
        return _frozen(_doubled_areas(self.nodes, self.elements) / 2)

    @cached_property
    def centroids(self) -> Floats:
        """(n_elem, 2) centre of each element."""
        return _frozen(self.nodes[self.elements].mean(axis=1))

    @cached_property
    def circumradii(self) -> Floats:
        """(n_elem,) largest distance from the centroid to a corner."""
        corner = self.nodes[self.elements] - self.centroids[:, None]
        return _frozen(np.linalg.norm(corner, axis=2).max(axis=1))

    @cached_property
    def samples(self) -> Floats:
        """(n_elem, 16, 2) points spread evenly over each element: centres of its 16 equal parts."""
        return _frozen(np.einsum("sc,ecd->esd", _SIXTEENTHS, self.nodes[self.elements]))

    @cached_property
    def gradients(self) -> Floats:
        """(n_elem, 2, 3) d(hat function of corner j)/d(x, y) in each element."""
        x, y = self.nodes[self.elements].transpose(2, 0, 1)
        slope = np.stack(
            [
                np.stack([y[:, 1] - y[:, 2], y[:, 2] - y[:, 0], y[:, 0] - y[:, 1]], axis=1),
                np.stack([x[:, 2] - x[:, 1], x[:, 0] - x[:, 2], x[:, 1] - x[:, 0]], axis=1),
            ],
            axis=1,
        )
        return _frozen(slope / (2 * self.areas)[:, None, None])

    @cached_property
    def min_angle_deg(self) -> float:
        """Smallest angle of all triangles, degrees."""
        return float(np.rad2deg(_angles(self.nodes[self.elements]).min()))

    # -- topology ----------------------------------------------------------------------------------------------

    @cached_property
    def neighbours(self) -> Ints:
        """(n_inner_edges, 2) pairs of elements that share an edge, smaller index first, sorted."""
        edge, owner = self._directed_edges
        order = np.lexsort(np.sort(edge, axis=1).T)
        edge, owner = np.sort(edge, axis=1)[order], owner[order]
        same = np.flatnonzero((edge[1:] == edge[:-1]).all(axis=1))
        pairs = np.sort(np.stack([owner[same], owner[same + 1]], axis=1), axis=1)
        return _frozen(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))])

    @cached_property
    def electrode_edges(self) -> tuple[Ints, ...]:
        """Per electrode (n_edges, 2): boundary edges with both nodes in its list; empty for a point electrode."""
        assert self.boundary is not None
        found = []
        for nodes in self.electrode_nodes:
            touched = np.zeros(self.n_nodes, dtype=bool)
            touched[nodes] = len(nodes) > 1
            found.append(_frozen(self.boundary[touched[self.boundary].all(axis=1)]))
        return tuple(found)

    @property
    def is_point(self) -> NDArray[np.bool_]:
        """(n_electrodes,) True for point electrodes."""
        return np.array([len(nodes) == 1 for nodes in self.electrode_nodes])

    @cached_property
    def _directed_edges(self) -> tuple[Ints, Ints]:
        """(3 n_elem, 2) edges as each element walks them, and (3 n_elem,) the element."""
        edges = np.concatenate([self.elements[:, corner] for corner in CORNERS])
        return edges, np.tile(np.arange(self.n_elements), 3)

    @cached_property
    def _outer_edges(self) -> Ints:
        edges, _ = self._directed_edges
        forward = edges[:, 0] * self.n_nodes + edges[:, 1]
        backward = edges[:, 1] * self.n_nodes + edges[:, 0]
        return np.ascontiguousarray(edges[~np.isin(forward, backward)])

    def _check_electrodes(self) -> None:
        for k, edges in enumerate(self.electrode_edges):
            if len(self.electrode_nodes[k]) > 1 and not len(edges):
                raise PhysicsError(
                    f"electrode {k} has nodes {self.electrode_nodes[k].tolist()} but no boundary edge joins two of "
                    "them; give neighbouring boundary nodes, or one node for a point electrode"
                )
        used = np.concatenate([np.unique(edges) for edges in self.electrode_edges])
        node, count = np.unique(used, return_counts=True)
        if (count > 1).any():
            raise PhysicsError(
                f"node {int(node[count > 1][0])} belongs to more than one electrode; leave a gap between electrodes"
            )


def _check_arrays(nodes: Floats, elements: Ints) -> None:
    if nodes.ndim != 2 or nodes.shape[1:] != (2,) or not np.isfinite(nodes).all():
        raise PhysicsError(f"mesh nodes must be finite numbers (n_nodes, 2), got {nodes.shape}")
    if elements.ndim != 2 or elements.shape[1:] != (3,) or not len(elements):
        raise PhysicsError(f"mesh elements must be triangles (n_elem, 3), got {elements.shape}")
    if elements.min() < 0 or elements.max() >= len(nodes):
        raise PhysicsError(
            f"mesh elements name node {int(elements.max())} or {int(elements.min())}; "
            f"nodes count 0..{len(nodes) - 1} (files made with MATLAB count from 1)"
        )


def _check_topology(mesh: Mesh) -> None:
    unused = np.setdiff1d(np.arange(mesh.n_nodes), mesh.elements)
    if len(unused):
        raise PhysicsError(
            f"{len(unused)} nodes belong to no element (first: {unused[0]}); drop them"
        )
    edges, owner = mesh._directed_edges
    _, first, count = np.unique(
        edges[:, 0] * mesh.n_nodes + edges[:, 1], return_index=True, return_counts=True
    )
    if (count > 1).any():
        bad = int(first[count > 1][0])
        raise PhysicsError(
            f"elements overlap at edge {edges[bad].tolist()} (one is element {int(owner[bad])}): the mesh is folded, "
            "inverted there or lists an element twice"
        )
    graph = coo_array(
        (np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(mesh.n_nodes, mesh.n_nodes)
    )
    parts = int(connected_components(graph, directed=False)[0])
    if parts > 1:
        raise PhysicsError(
            f"the mesh falls into {parts} separate parts; the current cannot pass between them"
        )


def _counter_clockwise(nodes: Floats, elements: Ints) -> Ints:
    doubled = _doubled_areas(nodes, elements)
    corner = nodes[elements]
    longest = np.linalg.norm(corner - np.roll(corner, 1, axis=1), axis=2).max(axis=1)
    flat = np.flatnonzero(np.abs(doubled) <= FLAT * longest**2)
    if len(flat):
        raise PhysicsError(
            f"{len(flat)} mesh elements have no area (first: {flat[0]}, nodes {elements[flat[0]].tolist()}); "
            "remove them or mesh again"
        )
    return np.where((doubled < 0)[:, None], elements[:, [0, 2, 1]], elements)


def _doubled_areas(nodes: Floats, elements: Ints) -> Floats:
    a, b, c = nodes[elements].transpose(1, 0, 2)
    u, v = b - a, c - a
    return np.asarray(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])


def _angles(corner: Floats) -> Floats:
    """(n_elem, 3) angles of triangles with corners (n_elem, 3, 2), radian."""
    u = np.roll(corner, -1, axis=1) - corner
    v = np.roll(corner, 1, axis=1) - corner
    cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    return np.asarray(np.arctan2(np.abs(cross), (u * v).sum(axis=2)))


def _given_boundary(mesh: Mesh) -> Ints:
    edges = _index_array(mesh.boundary, "boundary")
    if edges.ndim != 2 or edges.shape[1:] != (2,):
        raise PhysicsError(f"boundary must be edges (n, 2), got shape {edges.shape}")
    outer = {tuple(edge) for edge in np.sort(mesh._outer_edges, axis=1).tolist()}
    strange = [edge for edge in np.sort(edges, axis=1).tolist() if tuple(edge) not in outer]
    if strange:
        raise PhysicsError(
            f"boundary edge {strange[0]} is not on the boundary of the elements; "
            "leave the boundary out to have it found"
        )
    return edges


def _electrodes(lists: Sequence[ArrayLike], n_nodes: int) -> tuple[Ints, ...]:
    electrodes = []
    for k, given in enumerate(lists):
        nodes = np.unique(_index_array(given, f"nodes of electrode {k}"))
        if not len(nodes) or nodes[0] < 0 or nodes[-1] >= n_nodes:
            raise PhysicsError(
                f"electrode {k} has nodes {nodes.tolist()}; expected at least one of 0..{n_nodes - 1}"
            )
        electrodes.append(_frozen(nodes))
    if len(electrodes) < 2:
        raise PhysicsError(f"a mesh needs at least 2 electrodes, got {len(electrodes)}")
    points = [int(nodes[0]) for nodes in electrodes if len(nodes) == 1]
    if len(set(points)) < len(points):
        raise PhysicsError(
            "two point electrodes share one node; refine the mesh or move one of them"
        )
    return tuple(electrodes)


def _sixteenths() -> Floats:
    """(16, 3) barycentric centres of the 16 equal triangles that a triangle divides into."""
    upright = [(3 * i + 1, 3 * j + 1) for i in range(4) for j in range(4 - i)]
    hanging = [(3 * i + 2, 3 * j + 2) for i in range(3) for j in range(3 - i)]
    first = np.array(upright + hanging) / 12.0
    return np.column_stack([first, 1.0 - first.sum(axis=1)])


_SIXTEENTHS = _sixteenths()


def _index_array(given: Any, what: str) -> Ints:
    array = np.atleast_1d(np.asarray(given))
    if not np.issubdtype(array.dtype, np.integer):
        raise PhysicsError(f"mesh {what} must be integers, got {array.dtype}")
    return np.array(array, dtype=np.int64)


def _frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    array.flags.writeable = False
    return array
