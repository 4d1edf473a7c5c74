"""The forward model against physics: analytic solutions, reciprocity, finite differences, scaling, loose electrodes."""

import numpy as np
import pytest

from eit_rt.errors import PhysicsError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, ForwardModel, Mesh, conductivity, disc_mesh

ADJACENT = Pattern.by_name("adjacent", 16)


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return disc_mesh(Layout.ring(16), n_elements=800)


@pytest.fixture(scope="module")
def sigma(mesh: Mesh) -> np.ndarray:
    return conductivity(mesh, 1.5, [Disc((0.4, 0.2), 0.25, 5.0), Disc((-0.3, -0.4), 0.2, 0.1)])


def bar(length: float, width: float, n: int, m: int) -> Mesh:
    """A rectangle whose two short sides are electrodes."""
    x, y = np.meshgrid(np.linspace(0, length, n + 1), np.linspace(0, width, m + 1))
    nodes = np.column_stack([x.ravel(), y.ravel()])
    corner = (np.arange(m)[:, None] * (n + 1) + np.arange(n)).ravel()
    lower = np.column_stack([corner, corner + 1, corner + n + 2])
    upper = np.column_stack([corner, corner + n + 2, corner + n + 1])
    sides = tuple(np.flatnonzero(nodes[:, 0] == end) for end in (0.0, nodes[:, 0].max()))
    return Mesh(nodes, np.concatenate([lower, upper]), sides)


class TestExactSolutions:
    @pytest.mark.parametrize("solver", ["qdldl", "superlu"])
    def test_a_bar_has_the_resistance_of_its_length_and_contacts(self, solver) -> None:
        """R = L / (sigma W) + (z1 + z2) / W holds exactly for P1 elements."""
        mesh = bar(3.0, 0.5, 9, 4)
        z = ForwardModel(mesh, [0.2, 0.7], solver=solver).transfer_impedance(4.0)
        resistance = z[0, 0] - z[0, 1] - z[1, 0] + z[1, 1]
        assert resistance == pytest.approx(3.0 / (4.0 * 0.5) + 0.9 / 0.5, rel=1e-12)

    def test_two_bars_in_series_add(self) -> None:
        mesh = bar(2.0, 1.0, 8, 3)
        sigma = np.where(mesh.centroids[:, 0] < 1.0, 2.0, 0.25)
        z = ForwardModel(mesh, 0.1).transfer_impedance(sigma)
        assert z[0, 0] - 2 * z[0, 1] + z[1, 1] == pytest.approx(0.5 + 4.0 + 0.2, rel=1e-12)

    @pytest.mark.parametrize("order", [1, 3])
    def test_smooth_current_on_a_disc_converges_with_the_square_of_the_size(self, order) -> None:
        """Current density cos(k angle) gives the potential cos(k angle) / k at the wall."""
        errors = [smooth_current_error(n, order) for n in (32, 64, 128)]
        rates = np.log2(np.array(errors[:-1]) / errors[1:])
        assert errors[-1] < 2e-3
        assert (rates > 1.8).all()

    @pytest.mark.parametrize("ratio", [1000.0, 10.0, 0.1, 0.001])
    @pytest.mark.parametrize("order", [1, 2])
    def test_a_round_object_in_the_middle_has_its_analytic_potential(self, ratio, order) -> None:
        """cos(k angle) / k * (1 - m r^2k) / (1 + m r^2k) with m = (ratio - 1) / (ratio + 1); to 2 % of the change."""
        reflected = (ratio - 1) / (ratio + 1) * 0.5 ** (2 * order)
        whole = abs(1 - (1 - reflected) / (1 + reflected)) / abs((1 - reflected) / (1 + reflected))
        errors = [smooth_current_error(n, order, 0.5, ratio) for n in (96, 256)]
        assert errors[0] < 0.03 * whole
        assert errors[1] < 0.02 * whole


def smooth_current_error(n: int, order: int, radius: float = 0.5, ratio: float = 1.0) -> float:
    """Relative error at the wall with n point electrodes, one at every boundary node."""
    layout = Layout.ring(n, coverage=0.0)
    mesh = disc_mesh(layout, element_size=2 * np.pi / n)
    assert len(mesh.boundary) == n
    angle = np.deg2rad(layout.angles_deg)
    currents = np.cos(order * angle) * 2 * np.pi / n
    sigma = conductivity(mesh, 1.0, [Disc((0.0, 0.0), radius, ratio)])
    potentials = ForwardModel(mesh).transfer_impedance(sigma) @ currents
    reflected = (ratio - 1) / (ratio + 1) * radius ** (2 * order)
    exact = np.cos(order * angle) / order * (1 - reflected) / (1 + reflected)
    return float(np.abs(potentials - potentials.mean() - exact).max() / np.abs(exact).max())


class TestLaws:
    @pytest.mark.parametrize("solver", ["qdldl", "superlu"])
    def test_reciprocity(self, mesh, sigma, solver) -> None:
        v = ForwardModel(mesh, 0.03, solver=solver).voltages(sigma, ADJACENT)
        np.testing.assert_allclose(v, ADJACENT.reciprocal_sign * v[ADJACENT.reciprocal], rtol=1e-10)

    def test_adjacent_voltages_of_an_empty_tank_are_positive_and_u_shaped(self, mesh) -> None:
        v = ForwardModel(mesh).voltages(1.0, ADJACENT)[:13]
        assert (v > 0).all()
        assert v.argmin() == 6

    def test_a_tank_conducting_twice_as_well_has_half_the_voltages(self, mesh, sigma) -> None:
        v = ForwardModel(mesh, 0.04).voltages(sigma, ADJACENT)
        half = ForwardModel(mesh, 0.02).voltages(2 * sigma, ADJACENT)
        np.testing.assert_allclose(half, v / 2, rtol=1e-10)

    def test_turning_the_object_by_one_electrode_turns_the_frame(self) -> None:
        mesh = disc_mesh(Layout.ring(16), n_elements=6000)
        turn = np.deg2rad(22.5)
        here = (0.5, 0.1)
        # Electrode numbers grow clockwise, so the next electrode sees the object turned clockwise.
        there = (
            here[0] * np.cos(turn) + here[1] * np.sin(turn),
            here[1] * np.cos(turn) - here[0] * np.sin(turn),
        )
        model, pattern = ForwardModel(mesh), Pattern.by_name("adjacent-rotated", 16)
        empty = model.voltages(1.0, pattern)
        first, second = (
            model.voltages(conductivity(mesh, 1.0, [Disc(centre, 0.2, 4.0)]), pattern) / empty - 1
            for centre in (here, there)
        )
        assert np.abs(np.roll(first, 13) - second).max() < 0.02 * np.abs(first).max()

    def test_voltages_do_not_depend_on_the_ground(self, mesh, sigma) -> None:
        v = ForwardModel(mesh).voltages(sigma, ADJACENT)
        for ground in (0, 17, mesh.n_nodes - 1):
            other = ForwardModel(mesh, ground_node=ground).voltages(sigma, ADJACENT)
            np.testing.assert_allclose(other, v, rtol=1e-9)

    def test_a_point_electrode_may_be_the_ground(self) -> None:
        mesh = disc_mesh(Layout.ring(8, coverage=0.0), n_elements=300)
        ground = int(mesh.electrode_nodes[0][0])
        model = ForwardModel(mesh, ground_node=ground)
        z = model.transfer_impedance(1.0)
        assert not z[0].any()
        assert not z[:, 0].any()
        pattern = Pattern.by_name("adjacent", 8)
        np.testing.assert_allclose(
            pattern.voltages(z), ForwardModel(mesh).voltages(1.0, pattern), rtol=1e-9
        )
        np.testing.assert_allclose(
            model.jacobian(1.0, pattern), ForwardModel(mesh).jacobian(1.0, pattern), atol=1e-12
        )


class TestContacts:
    def test_changing_contacts_equals_a_new_model(self, mesh, sigma) -> None:
        model = ForwardModel(mesh, 0.02)
        model.voltages(sigma, ADJACENT)
        drifted = np.linspace(0.01, 0.2, 16)
        model.z_contact = drifted
        expected = ForwardModel(mesh, drifted).transfer_impedance(sigma)
        np.testing.assert_allclose(model.transfer_impedance(sigma), expected, rtol=1e-10)

    def test_an_electrode_that_came_off_is_as_if_not_there(self, mesh, sigma) -> None:
        z = np.full(16, 0.02)
        z[5] = 1e8
        others = np.delete(np.arange(16), 5)
        loose = ForwardModel(mesh, z).transfer_impedance(sigma)
        without = Mesh(
            mesh.nodes, mesh.elements, tuple(mesh.electrode_nodes[k] for k in others.tolist())
        )
        expected = ForwardModel(without, 0.02).transfer_impedance(sigma)
        np.testing.assert_allclose(
            loose[np.ix_(others, others)], expected, atol=1e-7 * np.abs(expected).max()
        )
        assert loose[5, 5] > 1e7

    def test_a_driven_electrode_has_its_contact_in_its_voltage(self, mesh) -> None:
        """The self impedance grows by the change of z over the electrode's length, the current then being even."""
        low, high = (ForwardModel(mesh, z).transfer_impedance(1.0) for z in (100.0, 101.0))
        chord = np.linalg.norm(np.diff(mesh.nodes[mesh.electrode_edges[0]], axis=1), axis=2).sum()
        assert high[0, 0] - low[0, 0] == pytest.approx(1.0 / chord, rel=1e-6)
        assert high[0, 1] == pytest.approx(low[0, 1], abs=1e-6)


class TestJacobian:
    @pytest.mark.parametrize("name", ["adjacent", "opposite", "skip4", "trig"])
    def test_it_is_the_derivative_of_the_voltages(self, mesh, sigma, name) -> None:
        model, pattern = ForwardModel(mesh, 0.05), Pattern.by_name(name, 16)
        j = model.jacobian(sigma, pattern)
        assert j.shape == (pattern.n_meas, mesh.n_elements)
        for element in (3, 200, 555, mesh.n_elements - 1):
            step = np.zeros(mesh.n_elements)
            step[element] = 1e-5 * sigma[element]
            up, down = (model.voltages(sigma + d, pattern) for d in (step, -step))
            slope = (up - down) / (2 * step[element])
            assert np.abs(slope - j[:, element]).max() < 1e-5 * np.abs(j).max()

    def test_conductivity_and_contacts_together_scale_the_voltages(self, mesh, sigma) -> None:
        """Euler: V is homogeneous of degree -1 in (sigma, 1/z), and for huge sigma/z ratio the contacts drop out."""
        point = Mesh(mesh.nodes, mesh.elements, tuple(n[:1] for n in mesh.electrode_nodes))
        model = ForwardModel(point)
        j = model.jacobian(sigma, ADJACENT)
        np.testing.assert_allclose(j @ sigma, -model.voltages(sigma, ADJACENT), rtol=1e-8)


class TestSolvers:
    def test_the_fallback_gives_the_same(self, mesh, sigma) -> None:
        fast, plain = (ForwardModel(mesh, 0.01, solver=s) for s in ("qdldl", "superlu"))
        np.testing.assert_allclose(
            fast.transfer_impedance(sigma), plain.transfer_impedance(sigma), rtol=1e-10
        )
        np.testing.assert_allclose(
            fast.jacobian(sigma, ADJACENT), plain.jacobian(sigma, ADJACENT), atol=1e-12
        )

    def test_they_agree_for_extreme_tanks(self, mesh) -> None:
        """Metal and air in one tank, two electrodes off, the other contacts from perfect to poor."""
        sigma = conductivity(mesh, 1.0, [Disc((0.4, 0.0), 0.3, 1e6), Disc((-0.4, 0.0), 0.3, 1e-6)])
        z = np.geomspace(1e-7, 1.0, 16)
        z[[3, 9]] = 1e8
        fast, plain = (ForwardModel(mesh, z, solver=s) for s in ("qdldl", "superlu"))
        kept = ~(ADJACENT.touches(3) | ADJACENT.touches(9))
        v = plain.voltages(sigma, ADJACENT)[kept]
        off = np.abs(fast.voltages(sigma, ADJACENT)[kept] - v)
        assert off.max() < 1e-8 * np.abs(v).max()

    def test_a_reused_model_forgets_the_conductivity_before(self, mesh, sigma) -> None:
        model = ForwardModel(mesh)
        for tank in (sigma, 1.0, 3 * sigma, sigma):
            expected = ForwardModel(mesh).transfer_impedance(tank)
            np.testing.assert_array_equal(model.transfer_impedance(tank), expected)

    def test_the_caller_may_reuse_its_array(self, mesh, sigma) -> None:
        model, tank = ForwardModel(mesh), sigma.copy()
        first = model.transfer_impedance(tank)
        tank *= 2
        assert not np.allclose(model.transfer_impedance(tank), first)

    def test_node_potentials_agree_with_electrode_potentials(self) -> None:
        mesh = disc_mesh(Layout.ring(8, coverage=0.0), n_elements=300)
        model = ForwardModel(mesh)
        nodes = [int(n[0]) for n in mesh.electrode_nodes]
        np.testing.assert_allclose(
            model.node_potentials(1.0)[nodes], model.transfer_impedance(1.0), atol=1e-12
        )


class TestRefusals:
    @pytest.mark.parametrize(
        ("sigma", "words"),
        [
            (0.0, "positive"),
            (-1.0, "positive"),
            (np.nan, "positive"),
            (np.inf, "finite"),
            (np.ones(3), "elements"),
        ],
    )
    def test_impossible_conductivity(self, mesh, sigma, words) -> None:
        model = ForwardModel(mesh)
        before = model.transfer_impedance(2.0)
        with pytest.raises(PhysicsError, match=words):
            model.transfer_impedance(sigma)
        np.testing.assert_array_equal(model.transfer_impedance(2.0), before)

    @pytest.mark.parametrize("z", [0.0, -1.0, np.nan, np.inf, [0.1, 0.2]])
    def test_impossible_contact_impedance(self, mesh, z) -> None:
        with pytest.raises(PhysicsError, match="contact impedance"):
            ForwardModel(mesh, z)

    def test_a_pattern_for_other_electrodes(self, mesh) -> None:
        with pytest.raises(PhysicsError, match="32 electrodes, the mesh 16"):
            ForwardModel(mesh).jacobian(1.0, Pattern.by_name("adjacent", 32))

    def test_a_ground_that_is_no_node(self, mesh) -> None:
        with pytest.raises(PhysicsError, match="not a node"):
            ForwardModel(mesh, ground_node=mesh.n_nodes)

    def test_an_unknown_solver(self, mesh) -> None:
        with pytest.raises(PhysicsError, match="qdldl or superlu"):
            ForwardModel(mesh, solver="lapack")
