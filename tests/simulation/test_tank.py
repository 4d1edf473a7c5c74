"""The tank against the forward model on another mesh, and against how voltages must scale."""

import numpy as np
import pytest

from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, ForwardModel, conductivity, disc_mesh
from eit_rt.simulation import Scenario
from eit_rt.simulation.tank import Tank, contact_impedances

BASE = {"contact": {"mean_ohm_m2": 0.002, "spread": 0}}
ROD = {
    "objects": [
        {"shape": "disc", "radius": 0.25, "conductivity_ratio": 0.1, "motion": {"kind": "still", "at": [0.4, 0.1]}}
    ]
}  # fmt: skip
ADJACENT = Pattern.by_name("adjacent", 16)


def impedance(t_s=0.0, **changes):
    return Tank(Scenario.from_dict(BASE | changes)).transfer_impedance(t_s)


def test_voltages_are_those_of_the_physics_on_another_mesh():
    scenario = Scenario.from_dict(BASE | ROD)
    mesh = disc_mesh(scenario.make_layout(), n_elements=6000)
    # Tank of radius 0.1 m, 0.2 S/m, 0.1 m deep, 0.002 ohm m2: the unit disc has contacts of 0.02 ohm m.
    sigma = conductivity(mesh, 0.2, [Disc((0.4, 0.1), 0.25, 0.1)])
    wanted = ForwardModel(mesh, 0.02).voltages(sigma, ADJACENT) / 0.1
    found = ADJACENT.voltages(Tank(scenario).transfer_impedance(0.0))
    np.testing.assert_allclose(found, wanted, rtol=0.02)


def test_twice_the_depth_gives_half_the_impedance():
    np.testing.assert_allclose(impedance(depth_m=0.2), impedance() / 2, rtol=1e-12)


def test_a_larger_tank_differs_only_by_its_contacts():
    # Radius 0.2 m with 0.004 ohm m2 is the same unit disc as 0.1 m with 0.002.
    larger = impedance(layout={"radius_m": 0.2}, contact={"mean_ohm_m2": 0.004, "spread": 0})
    np.testing.assert_allclose(larger, impedance(), rtol=1e-12)


def test_warming_by_a_conductivity_of_two_percent_lowers_voltages_by_as_much():
    drifting = Tank(Scenario.from_dict(BASE | {"drift": {"conductivity_per_minute": 0.02}}))
    np.testing.assert_allclose(drifting.transfer_impedance(60.0), impedance() / 1.02, rtol=1e-12)


def test_the_solver_is_asked_once_for_what_does_not_move(monkeypatch):
    tank, calls = Tank(Scenario.from_dict(BASE | ROD)), []
    solve = tank._model.transfer_impedance
    monkeypatch.setattr(tank._model, "transfer_impedance", lambda s: calls.append(1) or solve(s))
    for k in range(100):
        tank.transfer_impedance(k / 50)
    assert len(calls) == 1


def test_a_circle_is_solved_for_one_turn_only(monkeypatch):
    scenario = Scenario.load("rod").changed(mesh={"elements": 300})
    tank, calls = Tank(scenario), []
    solve = tank._model.transfer_impedance
    monkeypatch.setattr(tank._model, "transfer_impedance", lambda s: calls.append(1) or solve(s))
    for k in range(50, 1550):
        tank.transfer_impedance(k / 50)
    assert len(calls) == 500


def test_a_cached_state_is_the_state_solved_anew():
    scenario = Scenario.load("rod").changed(mesh={"elements": 300})
    used = Tank(scenario)
    for k in range(600):
        used.transfer_impedance(k / 50)
    np.testing.assert_array_equal(
        used.transfer_impedance(13.0), Tank(scenario).transfer_impedance(13.0)
    )


def test_the_cache_is_bounded(monkeypatch):
    monkeypatch.setattr("eit_rt.simulation.tank.CACHE_BYTES", 10 * 8 * 16 * 16)
    tank = Tank(Scenario.load("rod").changed(mesh={"elements": 300}))
    for k in range(50, 90):
        tank.transfer_impedance(k / 50)
    assert len(tank._solved) == 10


def test_contacts_spread_as_told_and_keep_their_own_values():
    plain = {"layout": {"n_electrodes": 200}, "contact": {"mean_ohm_m2": 0.01, "spread": 0.2}}
    plain["contact"]["per_electrode"] = {3: 0.5}
    values = contact_impedances(Scenario.from_dict(plain)) * 0.1
    assert values[2] == pytest.approx(0.5)
    others = np.delete(values, 2)
    assert others.mean() == pytest.approx(0.01, rel=0.05)
    assert others.std() / others.mean() == pytest.approx(0.2, rel=0.15)


def test_the_mesh_follows_the_seed():
    meshes = [
        Tank(Scenario.from_dict({"seed": s, "mesh": {"elements": 300}}))._model.mesh
        for s in (1, 1, 2)
    ]
    np.testing.assert_array_equal(meshes[0].nodes, meshes[1].nodes)
    assert not np.array_equal(meshes[0].nodes, meshes[2].nodes)


@pytest.mark.parametrize(
    ("at", "direction", "nearest"),
    [((0.0, 0.75), "clockwise", 1), ((0.75, 0.0), "clockwise", 5), ((0.75, 0.0), "counterclockwise", 13)],
)  # fmt: skip
def test_an_object_is_felt_most_by_the_electrodes_beside_it(at, direction, nearest):
    rod = {"shape": "disc", "radius": 0.15, "conductivity_ratio": 0.1}
    rod["motion"] = {"kind": "still", "at": list(at)}
    tank = Tank(Scenario.from_dict(BASE | {"objects": [rod], "layout": {"direction": direction}}))
    change = np.abs(ADJACENT.voltages(tank.transfer_impedance(0.0) - tank.empty()))
    felt = [change[ADJACENT.touches(k)].sum() for k in range(16)]
    neighbours = {(nearest - 1 + d) % 16 for d in (-1, 0, 1)}
    assert set(np.argsort(felt)[-3:]) == neighbours
