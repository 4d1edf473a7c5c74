"""Generated discs: electrodes where the layout says, good triangles, the same again and again."""

import numpy as np
import pytest

from eit_rt.errors import PhysicsError
from eit_rt.layout import Layout
from eit_rt.physics import disc_mesh

LAYOUTS = {
    "16 half covered": Layout.ring(16),
    "16 narrow": Layout.ring(16, coverage=0.1),
    "16 points": Layout.ring(16, coverage=0.0),
    "32 half covered": Layout.ring(32),
    "8 wide, counter-clockwise": Layout.ring(8, 0.0, "counterclockwise", 0.9),
    "5 uneven": Layout((0.0, 20.0, 100.0, 200.0, 300.0), 8.0),
    "4 over the start": Layout((350.0, 5.0, 100.0, 200.0), 12.0),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
@pytest.mark.parametrize("seed", [None, 3])
class TestDisc:
    def test_electrodes_lie_where_the_layout_says(self, layout: Layout, seed) -> None:
        mesh = disc_mesh(layout, n_elements=1500, seed=seed)
        for nodes, centre in zip(mesh.electrode_nodes, layout.angles_deg, strict=True):
            x, y = mesh.nodes[nodes].T
            off = (np.rad2deg(np.arctan2(y, x)) - centre + 180) % 360 - 180
            np.testing.assert_allclose(np.hypot(x, y), 1.0)
            assert off.min() == pytest.approx(-layout.width_deg / 2, abs=1e-9)
            assert off.max() == pytest.approx(layout.width_deg / 2, abs=1e-9)

    def test_number_and_quality_of_the_triangles(self, layout: Layout, seed) -> None:
        mesh = disc_mesh(layout, n_elements=2800, seed=seed)
        assert mesh.n_elements == pytest.approx(2800, rel=0.05)
        assert mesh.areas.sum() == pytest.approx(np.pi, rel=2e-3)
        # Electrodes much narrower than an element force thin triangles beside them.
        regular = layout.width_deg in (0, 5.625, 11.25, 40.5)
        assert mesh.min_angle_deg > (17 if seed is not None or not regular else 35)


def test_the_same_arguments_give_the_same_mesh() -> None:
    for seed in (None, 5):
        a, b = (disc_mesh(Layout.ring(16), n_elements=700, seed=seed) for _ in range(2))
        np.testing.assert_array_equal(a.nodes, b.nodes)
        np.testing.assert_array_equal(a.elements, b.elements)


def test_seeds_give_other_inner_nodes_and_the_same_wall() -> None:
    plain, one, two = (disc_mesh(Layout.ring(16), n_elements=700, seed=s) for s in (None, 1, 2))
    wall = len(plain.boundary)
    for other in (one, two):
        np.testing.assert_array_equal(plain.nodes[:wall], other.nodes[:wall])
    for a, b in ((plain, one), (plain, two), (one, two)):
        nearest = np.linalg.norm(a.nodes[wall:, None] - b.nodes[None, wall:], axis=2).min(axis=1)
        assert np.median(nearest) > 0.01


def test_element_size_is_the_length_of_edges() -> None:
    mesh = disc_mesh(Layout.ring(16), element_size=0.08)
    edges = mesh.nodes[mesh.elements] - mesh.nodes[np.roll(mesh.elements, 1, axis=1)]
    assert np.median(np.linalg.norm(edges, axis=2)) == pytest.approx(0.08, rel=0.15)


@pytest.mark.parametrize(
    "arguments",
    [{"n_elements": 10}, {"n_elements": 10**8}, {"element_size": 0.9}, {"element_size": 1e-5}],
)
def test_sizes_that_make_no_tank_are_refused(arguments) -> None:
    with pytest.raises(PhysicsError, match="expected"):
        disc_mesh(Layout.ring(16), **arguments)


def test_two_sizes_are_refused() -> None:
    with pytest.raises(PhysicsError, match="not both"):
        disc_mesh(Layout.ring(16), n_elements=500, element_size=0.1)
