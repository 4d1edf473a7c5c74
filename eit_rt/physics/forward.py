"""ForwardModel: boundary voltages and sensitivities of a 2-D tank, P1 finite elements, complete electrode model.

Imports pattern, errors and this room. The rule it keeps: all that depends on the mesh alone is done once; a new
conductivity costs one sparse product, one numeric factorisation and a small dense solve. Equations: docs/physics.md.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_matrix, csc_matrix, csr_matrix

from eit_rt.errors import PhysicsError
from eit_rt.pattern import Pattern
from eit_rt.physics.mesh import Mesh
from eit_rt.physics.solver import SolverName, make_solver

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class ForwardModel:
    """The tank of a mesh. Not thread-safe: it holds the factorisation of the conductivity last seen.

    z_contact: contact impedance, ohm times unit of length (tank radius; unit thickness), one number or one per
    electrode; point electrodes ignore it. ground_node: node at 0 V; default the node nearest the middle. Voltages of
    patterns whose senses sum to zero do not depend on it. solver: "qdldl" or "superlu"; "auto" is the
    first, or the second where qdldl cannot be imported.
    Raises PhysicsError for impossible values.
    """

    def __init__(
        self,
        mesh: Mesh,
        z_contact: ArrayLike = 0.02,
        *,
        ground_node: int | None = None,
        solver: SolverName = "auto",
    ) -> None:
        self.mesh = mesh
        self.ground_node = _middle(mesh) if ground_node is None else int(ground_node)
        if not 0 <= self.ground_node < mesh.n_nodes:
            raise PhysicsError(
                f"ground node {self.ground_node} is not a node: they count 0..{mesh.n_nodes - 1}"
            )
        self._ports = _ports(mesh)
        self._system = _system(mesh, self._ports, self.ground_node)
        self.z_contact = np.asarray(z_contact)
        self._sigma = np.ones(mesh.n_elements)
        pattern = self._system.pattern.copy()
        pattern.data = self._values()
        self._solver = make_solver(solver, pattern, self._ports)
        self._is_current = True

    @property
    def n_electrodes(self) -> int:
        return self.mesh.n_electrodes

    @property
    def z_contact(self) -> Floats:
        """(n_electrodes,) contact impedances. Assigning is cheap; an electrode that came off has a very large one."""
        return self._z_contact

    @z_contact.setter
    def z_contact(self, value: ArrayLike) -> None:
        z = np.asarray(value, dtype=np.float64)
        if z.shape not in ((), (1,), (self.n_electrodes,)):
            raise PhysicsError(
                f"contact impedance has shape {z.shape}; expected one number or {self.n_electrodes}"
            )
        if not (np.isfinite(z).all() and (z > 0).all()):
            raise PhysicsError(
                f"contact impedance must be positive and finite, got {z.min():g}..{z.max():g}; "
                "an electrode that came off has a large one, such as 1e6"
            )
        self._z_contact = np.array(np.broadcast_to(z, (self.n_electrodes,)))
        self._z_contact.flags.writeable = False
        self._contact = self._system.contact @ (1.0 / self._z_contact) + self._system.constant
        self._is_current = False

    # -- solutions ---------------------------------------------------------------------------------------------

    def transfer_impedance(self, sigma: ArrayLike) -> Floats:
        """(n_electrodes, n_electrodes), ohm (2-D, unit thickness): potentials against ground = Z @ currents.

        sigma: (n_elem,) conductivity, positive, or one number. Symmetric. Raises PhysicsError.
        """
        self._factorise(sigma)
        z = self._solver.block()
        if self._system.grounded.size:
            z[self._system.grounded] = z[:, self._system.grounded] = 0.0
        return z

    def voltages(self, sigma: ArrayLike, pattern: Pattern) -> Floats:
        """(n_meas,) volt per ampere of amplitude, in the order and sign of the pattern."""
        return np.asarray(pattern.voltages(self.transfer_impedance(sigma)))

    def node_potentials(self, sigma: ArrayLike, currents: ArrayLike | None = None) -> Floats:
        """(n_nodes, k) potentials against ground for k current vectors (k, n_electrodes), ampere.

        Without currents: one ampere into each electrode in turn, out at the ground node.
        """
        self._factorise(sigma)
        return self._fields(currents)[: self.mesh.n_nodes]

    def jacobian(self, sigma: ArrayLike, pattern: Pattern) -> Floats:
        """(n_meas, n_elem) derivative of `voltages` by each element's conductivity, by the adjoint method.

        J[m, e] = - ∫_e ∇u(drive m) · ∇u(sense m), with u for one ampere.
        """
        self._check_pattern(pattern)
        self._factorise(sigma)
        senses, sense = np.unique(pattern.senses, axis=0, return_inverse=True)
        currents = np.concatenate([pattern.currents, senses])
        strength = self._field_strength(currents)
        drive, adjoint = -strength[: pattern.n_stimulations], strength[pattern.n_stimulations :]
        j = np.empty((pattern.n_meas, self.mesh.n_elements))
        along_y = np.empty(self.mesh.n_elements)
        for m, (k, s) in enumerate(zip(pattern.stimulation, np.ravel(sense), strict=True)):
            np.multiply(drive[k, 0], adjoint[s, 0], out=j[m])
            j[m] += np.multiply(drive[k, 1], adjoint[s, 1], out=along_y)
        return j

    # -- inside ------------------------------------------------------------------------------------------------

    def _factorise(self, sigma: ArrayLike) -> None:
        new = np.asarray(sigma, dtype=np.float64)
        if new.shape not in ((), (self.mesh.n_elements,)):
            raise PhysicsError(
                f"conductivity has shape {new.shape}; the mesh has {self.mesh.n_elements} elements"
            )
        if self._is_current and np.array_equal(new, self._sigma):
            return
        if not (new > 0).all() or np.isinf(new).any():
            raise PhysicsError(
                f"conductivity must be positive and finite, got {new.min():g}..{new.max():g}; "
                "an insulator has a small one, such as 1e-6 of the background"
            )
        self._is_current = False
        self._sigma = np.array(np.broadcast_to(new, (self.mesh.n_elements,)))
        self._solver.update(self._values())
        self._is_current = True

    def _values(self) -> Floats:
        return np.asarray(self._system.volume @ self._sigma + self._contact)

    def _fields(self, currents: ArrayLike | None) -> Floats:
        """(n_unknowns, k) solution for k current vectors, as combinations of one solve per electrode at most."""
        given = np.eye(self.n_electrodes) if currents is None else np.atleast_2d(currents)
        few = len(given) < self.n_electrodes
        right = np.zeros((self._system.pattern.shape[0], len(given) if few else self.n_electrodes))
        right[self._ports] = given.T if few else np.eye(self.n_electrodes)
        right[self.ground_node] = 0.0
        solved = self._solver.solve(right)
        return solved if few else np.asarray(solved @ given.T)

    def _field_strength(self, currents: Floats) -> Floats:
        """(k, 2, n_elem) gradient of the potential times the square root of the element's area."""
        strength = self._gradient @ self._fields(currents)[: self.mesh.n_nodes]
        return np.ascontiguousarray(strength.T).reshape(len(currents), 2, -1)

    @cached_property
    def _gradient(self) -> csr_matrix:
        """(2 n_elem, n_nodes) gradient of nodal values times the square root of the element's area, x before y."""
        mesh = self.mesh
        weight = (mesh.gradients * np.sqrt(mesh.areas)[:, None, None]).transpose(1, 0, 2)
        rows = np.repeat(np.arange(2 * mesh.n_elements), 3)
        columns = np.tile(mesh.elements, (2, 1)).ravel()
        return csr_matrix(
            (weight.ravel(), (rows, columns)), shape=(2 * mesh.n_elements, mesh.n_nodes)
        )

    def _check_pattern(self, pattern: Pattern) -> None:
        if pattern.n_electrodes != self.n_electrodes:
            raise PhysicsError(
                f"the pattern has {pattern.n_electrodes} electrodes, the mesh {self.n_electrodes}; "
                "use the mesh of the same layout"
            )


class _System(NamedTuple):
    """Upper triangle of the system matrix as values = volume @ sigma + contact @ (1 / z) + constant."""

    pattern: csc_matrix
    volume: csr_matrix
    contact: csr_matrix
    constant: Floats
    grounded: Ints
    """Point electrodes that sit on the ground node."""


def _middle(mesh: Mesh) -> int:
    centre = (mesh.centroids * mesh.areas[:, None]).sum(axis=0) / mesh.areas.sum()
    return int(np.linalg.norm(mesh.nodes - centre, axis=1).argmin())


def _ports(mesh: Mesh) -> Ints:
    """(n_electrodes,) unknown that is the electrode's potential: its node, or one of its own behind the nodes."""
    ports = np.array([nodes[0] for nodes in mesh.electrode_nodes])
    own = ~mesh.is_point
    ports[own] = mesh.n_nodes + np.arange(own.sum())
    return ports


def _system(mesh: Mesh, ports: Ints, ground: int) -> _System:
    n = max(mesh.n_nodes, int(ports.max()) + 1)
    row, column, value, source = _volume_entries(mesh)
    c_row, c_column, c_value, c_source = _contact_entries(mesh, ports)
    n_volume = len(row)
    # The ground is an unknown of its own with the equation u = 0, so that numbers of nodes need no shift.
    row = np.concatenate([row, c_row, [ground]])
    column = np.concatenate([column, c_column, [ground]])
    key = column * n + row
    keep = (row <= column) & ((row != ground) & (column != ground))
    keep[-1] = True
    keys, slot = np.unique(key[keep], return_inverse=True)
    slots = np.full(len(key), -1)
    slots[keep] = slot
    v, c = slots[:n_volume], slots[n_volume:-1]
    constant = np.zeros(len(keys))
    constant[slots[-1]] = 1.0
    indptr = np.searchsorted(keys, np.arange(n + 1) * n)
    return _System(
        csc_matrix((np.ones(len(keys)), keys % n, indptr), shape=(n, n)),
        _gather(v, source, value, (len(keys), mesh.n_elements)),
        _gather(c, c_source, c_value, (len(keys), mesh.n_electrodes)),
        constant,
        np.flatnonzero(ports == ground),
    )


def _gather(slot: Ints, source: Ints, value: Floats, shape: tuple[int, int]) -> csr_matrix:
    kept = slot >= 0
    return coo_matrix((value[kept], (slot[kept], source[kept])), shape=shape).tocsr()


def _volume_entries(mesh: Mesh) -> tuple[Ints, Ints, Floats, Ints]:
    """Row, column, value per unit conductivity and element of the stiffness matrix."""
    local = np.einsum("edi,edj,e->eij", mesh.gradients, mesh.gradients, mesh.areas)
    row = np.repeat(mesh.elements, 3, axis=1).ravel()
    column = np.tile(mesh.elements, (1, 3)).ravel()
    return row, column, local.ravel(), np.repeat(np.arange(mesh.n_elements), 9)


def _contact_entries(mesh: Mesh, ports: Ints) -> tuple[Ints, Ints, Floats, Ints]:
    """The same for the complete electrode model, per unit contact admittance 1/z.

    An edge of length L adds L [1/3 1/6; 1/6 1/3] at its nodes, -L/2 between each node and the electrode, and L at the
    electrode.
    """
    electrode = np.repeat(np.arange(mesh.n_electrodes), [len(e) for e in mesh.electrode_edges])
    edges = np.concatenate(mesh.electrode_edges)
    length = np.linalg.norm(mesh.nodes[edges[:, 0]] - mesh.nodes[edges[:, 1]], axis=1)
    unknowns = np.column_stack([edges, ports[electrode]])
    local = np.array([[1 / 3, 1 / 6, -1 / 2], [1 / 6, 1 / 3, -1 / 2], [-1 / 2, -1 / 2, 1.0]])
    row = np.repeat(unknowns, 3, axis=1).ravel()
    column = np.tile(unknowns, (1, 3)).ravel()
    return (
        row,
        column,
        (length[:, None, None] * local).ravel(),
        np.repeat(electrode, 9),
    )
