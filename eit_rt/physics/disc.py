"""disc_mesh: a round tank in triangles, rings of nodes joined by Delaunay, electrode ends always at nodes.

Imports layout, errors and this room. The rule it keeps: the same arguments give the same mesh, bit for bit.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from eit_rt.errors import PhysicsError
from eit_rt.layout import Layout
from eit_rt.physics.mesh import Mesh

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

JITTER = 0.08
"""How far a varied mesh moves its inner nodes, in element sizes (standard deviation)."""


def disc_mesh(
    layout: Layout,
    *,
    n_elements: int | None = None,
    element_size: float | None = None,
    seed: int | None = None,
) -> Mesh:
    """Unit disc (lengths in tank radii) with the layout's electrodes; point electrodes where their width is 0.

    Give about how many elements (default 2800), or the edge length of one in tank radii. seed: another mesh of the
    same kind, rings turned and inner nodes moved a little, so that nobody reconstructs on the mesh he simulated on.
    Raises PhysicsError if the size cannot resolve the tank.
    """
    if n_elements is not None and element_size is not None:
        raise PhysicsError("give n_elements or element_size, not both")
    if element_size is None:
        element_size = element_size_for(layout, 2800 if n_elements is None else n_elements)
    if not 0.002 <= element_size <= 0.5:
        raise PhysicsError(
            f"element size {element_size:g} tank radii; expected 0.002 to 0.5 (a disc of 2800 elements has 0.05)"
        )
    outer, electrodes = _boundary(layout, element_size)
    inner = _rings(element_size, len(outer), seed)
    nodes = np.concatenate([np.stack([np.cos(outer), np.sin(outer)], axis=1), inner])
    return Mesh(nodes, Delaunay(nodes).simplices.astype(np.int64), electrodes)


def element_size_for(layout: Layout, n_elements: int) -> float:
    """Element size whose mesh has nearest to n_elements; the count follows from the nodes (Euler), no mesh is made."""
    if not 50 <= n_elements <= 4_000_000:
        raise PhysicsError(f"{n_elements} elements; expected 50 to 4,000,000")
    guess = np.sqrt(np.pi / n_elements / (np.sqrt(3) / 4))
    sizes = guess * np.linspace(0.7, 1.4, 351)
    sizes = sizes[(sizes >= 0.002) & (sizes <= 0.5)]
    if not len(sizes):
        raise PhysicsError(f"{n_elements} elements are too many or too few for a disc")
    counts = np.array([_count(layout, float(size)) for size in sizes])
    return float(sizes[np.abs(counts - n_elements).argmin()])


def _count(layout: Layout, size: float) -> int:
    n_outer = sum(_divisions(layout, size)[1])
    n_inner = sum(count for _, count in _ring_plan(size, n_outer))
    return int(2 * n_inner + n_outer - 2)


def _divisions(layout: Layout, size: float) -> tuple[Floats, list[int]]:
    """Angles (radian, increasing, one turn) at which arcs begin, and the number of edges in each arc.

    Arcs are electrodes and the gaps between them; for point electrodes only gaps.
    """
    centre = np.sort(np.mod(np.deg2rad(layout.angles_deg), 2 * np.pi))
    half = np.deg2rad(layout.width_deg) / 2
    starts = centre if half == 0 else np.stack([centre - half, centre + half], axis=1).ravel()
    arcs = np.diff(starts, append=starts[0] + 2 * np.pi)
    least = np.array([1]) if half == 0 else np.tile([2, 1], len(centre))
    return starts, np.maximum(np.round(arcs / size), least).astype(int).tolist()


def _boundary(layout: Layout, size: float) -> tuple[Floats, tuple[Ints, ...]]:
    """Angles of the boundary nodes, and the nodes of each electrode in the layout's order."""
    starts, counts = _divisions(layout, size)
    ends = np.append(starts[1:], starts[0] + 2 * np.pi)
    angles = np.concatenate(
        [np.linspace(a, b, n, endpoint=False) for a, b, n in zip(starts, ends, counts, strict=True)]
    )
    first = np.concatenate([[0], np.cumsum(counts)])
    order = np.argsort(np.mod(np.deg2rad(layout.angles_deg), 2 * np.pi), kind="stable")
    electrodes: list[Ints] = [np.empty(0, dtype=np.int64)] * layout.n_electrodes
    for rank, electrode in enumerate(order.tolist()):
        if layout.width_deg == 0:
            electrodes[electrode] = first[rank : rank + 1]
        else:
            electrodes[electrode] = np.arange(first[2 * rank], first[2 * rank + 1] + 1) % len(
                angles
            )
    return angles, tuple(electrodes)


def _ring_plan(size: float, n_outer: int) -> list[tuple[float, int]]:
    """(radius, nodes) of each inner ring from the wall to the centre, in steps of the height of the triangles."""
    edge = 2 * np.pi / n_outer
    rings: list[tuple[float, int]] = []
    n_steps = max(2, round(1.0 / (size * np.sqrt(3) / 2)))
    for k in range(n_steps - 1, 0, -1):
        radius = k / n_steps
        local = edge + (size - edge) * min(1.0, (1 - radius) / 0.2)
        rings.append((radius, max(5, round(2 * np.pi * radius / local))))
    return [*rings, (0.0, 1)]


def _rings(size: float, n_outer: int, seed: int | None) -> Floats:
    random = None if seed is None else np.random.default_rng(seed)
    points = []
    for k, (radius, count) in enumerate(_ring_plan(size, n_outer)):
        turn = 0.5 * (k % 2) if random is None else random.uniform()
        angle = 2 * np.pi * (np.arange(count) + turn) / count
        ring = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        if random is not None:
            ring += np.clip(random.normal(0, JITTER, ring.shape), -0.2, 0.2) * size
        points.append(ring)
    return np.concatenate(points)
