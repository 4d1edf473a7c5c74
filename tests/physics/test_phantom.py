"""Objects on a mesh: areas, overlaps, turning, and smoothness when they move."""

import numpy as np
import pytest

from eit_rt.errors import PhysicsError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, Ellipse, ForwardModel, Mesh, Polygon, conductivity, disc_mesh
from eit_rt.physics.phantom import covered

SQUARE = ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))
ELL = ((0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 1.0), (1.0, 2.0), (0.0, 2.0))
AREAS = {
    "disc": (Disc((0.3, -0.2), 0.21, 3.0), np.pi * 0.21**2),
    "small disc": (Disc((-0.51, 0.32), 0.03, 3.0), np.pi * 0.03**2),
    "ellipse": (Ellipse((-0.2, 0.1), (0.5, 0.2), 0.5, 30.0), np.pi * 0.1),
    "flat ellipse": (Ellipse((0.1, 0.1), (0.6, 0.05), 0.5, 70.0), np.pi * 0.03),
    "square": (Polygon(SQUARE, 2.0, (0.1, 0.2), 20.0, 0.25), 0.25),
    "concave": (Polygon(ELL, 2.0, (-0.3, -0.3), 10.0, 0.3), 0.27),
    "concave, clockwise": (Polygon(ELL[::-1], 2.0, (-0.3, -0.3), 10.0, 0.3), 0.27),
}


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return disc_mesh(Layout.ring(16))


@pytest.mark.parametrize("name", AREAS)
def test_the_area_of_a_shape_is_kept(mesh: Mesh, name: str) -> None:
    shape, area = AREAS[name]
    share = covered(mesh, shape)
    assert share.min() >= 0
    assert share.max() <= 1
    assert (share * mesh.areas).sum() == pytest.approx(area, rel=0.08 if area < 0.004 else 0.01)


def test_it_lies_where_it_should() -> None:
    mesh = disc_mesh(Layout.ring(16), n_elements=20000)
    x, y = mesh.centroids.T
    sigma = conductivity(mesh, 1.0, [Ellipse((0.2, 0.1), (0.5, 0.1), 3.0, 90.0)])
    deep = ((x - 0.2) / 0.08) ** 2 + ((y - 0.1) / 0.48) ** 2 < 1
    out = ((x - 0.2) / 0.12) ** 2 + ((y - 0.1) / 0.52) ** 2 > 1
    np.testing.assert_allclose(sigma[deep], 3.0)
    assert (sigma[out] == 1.0).all()
    square = conductivity(mesh, 1.0, [Polygon(SQUARE, 3.0, (0.3, 0.3), 45.0, 0.2)])
    far = np.abs(x - 0.3) + np.abs(y - 0.3)
    np.testing.assert_allclose(square[far < 0.26], 3.0)
    assert (square[far > 0.31] == 1.0).all()


def test_later_shapes_lie_over_earlier_ones(mesh: Mesh) -> None:
    over = conductivity(mesh, 1.0, [Disc((0, 0), 0.5, 3.0), Disc((0, 0), 0.3, 0.2)])
    r = np.hypot(*mesh.centroids.T)
    np.testing.assert_allclose(over[r < 0.2], 0.2)
    np.testing.assert_allclose(over[(r > 0.4) & (r < 0.43)], 3.0)


def test_a_cut_element_of_n_times_and_of_a_nth_are_each_others_dual(mesh: Mesh) -> None:
    good, bad = (conductivity(mesh, 1.0, [Disc((0.2, 0.1), 0.3, r)]) for r in (5.0, 0.2))
    np.testing.assert_allclose(good * bad, 1.0)
    assert ((good > 1.001) & (good < 4.999)).any()


def test_ratios_are_to_the_background_of_each_element(mesh: Mesh) -> None:
    base = 1.0 + 0.5 * mesh.centroids[:, 0]
    sigma = conductivity(mesh, base, [Disc((0, 0), 2.0, 4.0)])
    np.testing.assert_allclose(sigma, 4.0 * base)


def test_an_empty_tank_is_the_background(mesh: Mesh) -> None:
    np.testing.assert_array_equal(conductivity(mesh, 0.7, []), np.full(mesh.n_elements, 0.7))


@pytest.mark.parametrize("make", [
    lambda at: Disc(at, 0.15, 0.1),
    lambda at: Polygon(SQUARE, 0.1, at, 10.0, 0.13),
], ids=["disc", "square"])  # fmt: skip
def test_a_slow_object_changes_the_voltages_smoothly(mesh: Mesh, make) -> None:
    """Steps of a tenth of an element: no step may stand out, as it would if whole elements switched."""
    model, pattern = ForwardModel(mesh), Pattern.by_name("adjacent", 16)
    path = [(0.3 + 0.005 * k, 0.1) for k in range(40)]
    frames = np.array([model.voltages(conductivity(mesh, 1.0, [make(at)]), pattern) for at in path])
    steps = np.linalg.norm(np.diff(frames, axis=0), axis=1)
    jerks = np.linalg.norm(np.diff(frames, 2, axis=0), axis=1)
    assert steps.max() < 3.5 * steps.min()  # it nears the wall, so steps grow
    assert np.median(jerks) < 0.35 * np.median(steps)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Disc((0, 0), 0.0, 2.0), "positive sizes"),
        (lambda: Disc((0, np.nan), 0.1, 2.0), "finite"),
        (lambda: Disc((0, 0), 0.1, 0.0), "ratio"),
        (lambda: Ellipse((0, 0), (0.1, -0.2), 2.0), "positive sizes"),
        (lambda: Polygon(((0, 0), (1, 1)), 2.0), "at least 3 corners"),
        (lambda: Polygon(SQUARE, 2.0, size=0.0), "positive sizes"),
    ],
)
def test_shapes_that_cannot_be_are_refused(make, words) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()


@pytest.mark.parametrize("background", [0.0, -1.0, np.nan, np.inf, np.ones(3)])
def test_backgrounds_that_cannot_be_are_refused(mesh: Mesh, background) -> None:
    with pytest.raises(PhysicsError, match="background"):
        conductivity(mesh, background, [])
