"""Tank: the scenario's water, objects and contacts, solved by finite elements; what is between the electrodes.

Imports physics, scenario, chance. The rule it keeps: states that come again (nothing moves, a circle closes) are solved
once; the cache holds at most CACHE_BYTES and gives the oldest state up first.
"""

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from eit_rt.layout import Layout
from eit_rt.physics import Disc, Ellipse, ForwardModel, Shape, conductivity, disc_mesh
from eit_rt.simulation.chance import Purpose, numbers
from eit_rt.simulation.objects import PlacedObject
from eit_rt.simulation.scenario import Scenario

Floats = NDArray[np.float64]
State = tuple[tuple[PlacedObject, ...], tuple[int, ...]]
"""Objects in the tank, and electrodes that are off."""

CACHE_BYTES = 8_000_000
OFF_CONTACT = 1e6
"""Contact impedance of an electrode that came off, over its usual one."""
SECONDS_PER_MINUTE = 60.0
FIRST_MESH_SEED = 7001
"""Meshes are varied by the seed, starting far from seeds that reconstruction uses: never the same mesh."""


class Tank:
    """Transfer impedance between the electrodes at any time."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self.layout: Layout = scenario.make_layout()
        mesh = disc_mesh(
            self.layout, n_elements=scenario.mesh.elements, seed=FIRST_MESH_SEED + scenario.seed
        )
        self._contact = contact_impedances(scenario)
        self._model = ForwardModel(mesh, self._contact)
        self._solved: OrderedDict[State, Floats] = OrderedDict()
        self._most = max(2, CACHE_BYTES // (8 * self.layout.n_electrodes**2))

    def transfer_impedance(self, t_s: float) -> Floats:
        """(n_electrodes, n_electrodes) ohm, t_s seconds after the start."""
        drift = self._scenario.drift.conductivity_per_minute * t_s / SECONDS_PER_MINUTE
        # A uniform change of water and contacts scales the impedance: a drifting tank need not be solved again.
        return self._at((self._scenario.objects_at(t_s), self._scenario.loose_at(t_s))) / (
            1.0 + drift
        )

    def empty(self) -> Floats:
        """(n_electrodes, n_electrodes) ohm, without objects, all electrodes in place."""
        return self._at(((), ()))

    def _at(self, state: State) -> Floats:
        found = self._solved.get(state)
        if found is not None:
            self._solved.move_to_end(state)
            return found
        solved = self._solve(*state)
        self._solved[state] = solved
        if len(self._solved) > self._most:
            self._solved.popitem(last=False)
        return solved

    def _solve(self, objects: tuple[PlacedObject, ...], loose: tuple[int, ...]) -> Floats:
        contact = self._contact.copy()
        contact[list(loose)] *= OFF_CONTACT
        if not np.array_equal(contact, self._model.z_contact):
            self._model.z_contact = contact
        sigma = conductivity(
            self._model.mesh, self._scenario.background_s_m, [shape_of(thing) for thing in objects]
        )
        # The model has unit thickness: over depth_m the same current spreads depth_m times as thin.
        return self._model.transfer_impedance(sigma) / self._scenario.depth_m


def contact_impedances(scenario: Scenario) -> Floats:
    """(n_electrodes,) contact impedance for a tank of radius 1: ohm m2 over the radius in metre."""
    contact, n = scenario.contact, scenario.layout.n_electrodes
    width = np.sqrt(np.log1p(contact.spread**2))
    factors = np.exp(
        width * numbers(scenario.seed, Purpose.CONTACT).standard_normal(n) - width**2 / 2
    )
    values = contact.mean_ohm_m2 * factors
    for electrode, own in contact.per_electrode.items():
        values[electrode - 1] = own
    return np.asarray(values / scenario.layout.radius_m)


def shape_of(thing: PlacedObject) -> Shape:
    """The object as physics knows it."""
    if thing.a == thing.b:
        return Disc((thing.x, thing.y), thing.a, thing.conductivity_ratio)
    return Ellipse(
        (thing.x, thing.y), (thing.a, thing.b), thing.conductivity_ratio, angle_deg=thing.turn_deg
    )
