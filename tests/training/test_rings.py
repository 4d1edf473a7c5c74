"""Rings of equal electrodes: measurements and points that turn with the tank."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.frames import DifferenceKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, ForwardModel, PixelGrid, conductivity, disc_mesh
from eit_rt.training.fixed_layers import matrix_of
from eit_rt.training.recipe import GaussNewtonLayer
from eit_rt.training.rings import (
    blending,
    check_equal_spacing,
    orbits,
    points_of_rings,
    ring_pictures,
    turned,
)

CLOCKWISE, OTHER_WAY = Layout.ring(8), Layout.ring(8, 25.0, "counterclockwise")


@pytest.mark.parametrize(
    "name",
    [
        "adjacent",
        "opposite",
        "skip2",
        "adjacent-all",
        "adjacent-half",
        "opposite-half",
    ],
)
def test_turned_measurements_are_those_of_the_next_electrodes(name):
    """Checked on a tank: turned by an electrode, it gives the measurements that the unturned one gave before."""
    pattern = Pattern.by_name(name, 8)
    z = np.random.default_rng(1).normal(size=(8, 8))
    z = z + z.T
    shifted = np.roll(z, 1, axis=(0, 1))
    before, after = pattern.voltages(z), pattern.voltages(shifted)
    assert np.allclose(np.abs(after[turned(pattern)]), np.abs(before))
    assert sorted(turned(pattern)) == list(range(pattern.n_meas))


def test_patterns_that_treat_electrodes_differently_are_refused():
    adjacent = Pattern.by_name("adjacent", 8)
    whole, twice = adjacent.table, np.vstack([adjacent.table, adjacent.table[:1]])
    for pattern in (
        Pattern.by_name("trig", 8),
        Pattern.pairwise(whole[:-1], 8),
        Pattern.pairwise(twice, 8),
    ):
        with pytest.raises(ConfigError, match="not the same for every electrode"):
            turned(pattern)


def test_signs_do_not_count():
    adjacent = Pattern.by_name("adjacent", 8)
    table = adjacent.table.copy()
    table[::3] = table[::3][:, [0, 1, 3, 2]]
    assert np.array_equal(turned(Pattern.pairwise(table, 8)), turned(adjacent))


def test_values_are_dealt_out_whole():
    pattern = Pattern.by_name("adjacent", 8)
    value_of = np.minimum(
        np.arange(pattern.n_meas), pattern.reciprocal
    )  # the number of a pair's first member
    dealt = orbits(pattern, value_of)
    # Pairs two, three and four apart; of the last kind there are four, each seen from both its ends.
    assert dealt.shape == (8, 3)
    assert set(dealt.ravel().tolist()) == set(value_of.tolist())
    assert sorted(len(set(column.tolist())) for column in dealt.T) == [4, 8, 8]


def test_unequal_spacing_is_refused():
    angles = list(CLOCKWISE.angles_deg)
    check_equal_spacing(CLOCKWISE)
    check_equal_spacing(OTHER_WAY)
    angles[3] += 0.5
    with pytest.raises(ConfigError, match="not equally spaced"):
        check_equal_spacing(Layout(tuple(angles)))


@pytest.mark.parametrize("layout", [CLOCKWISE, OTHER_WAY, Layout.ring(9)])
def test_points_draw_what_they_stand_on(layout):
    """A slope read at the points is the same slope in the pixels, up to the last half pixel at the wall."""
    side = 24
    counts = np.array(points_of_rings(layout.n_electrodes, side))
    grid = PixelGrid(side, side)
    centres = grid.centres[grid.inside]
    rows = blending(layout, side)
    assert rows.shape == (layout.n_electrodes * counts.sum(), len(centres))
    assert np.allclose(rows.sum(axis=0), 1.0)
    assert (rows >= 0).all()
    step = 360.0 / layout.n_electrodes * (1 if layout.direction == "counterclockwise" else -1)
    places = []
    for electrode in range(layout.n_electrodes):
        for ring, count in enumerate(counts):
            along = layout.angles_deg[0] + step * (electrode + np.arange(count) / count)
            radius = (ring + 0.5) / len(counts)
            angle = np.radians(along)
            places.append(radius * np.stack([np.cos(angle), np.sin(angle)], axis=1))
    drawn = rows.T @ np.concatenate(places)
    far = np.linalg.norm(drawn - centres, axis=1)
    assert far.max() < 0.06  # the outermost pixels lie beyond the last ring
    assert np.median(far) < 0.015


def test_ring_pictures_show_the_object_where_pixels_do():
    pattern, layout = Pattern.by_name("adjacent", 16), Layout.ring(16)
    layer = GaussNewtonLayer(kind="gauss-newton", side=16, noise_figures=(0.7, 1.5))
    matrix = matrix_of(layer, layout, pattern, DifferenceKind.NORMALISED)
    rows = ring_pictures(matrix, 16, layout, pattern)
    n_points = sum(points_of_rings(16, 16))
    assert rows.shape == (16, 2 * n_points, pattern.n_meas)
    mesh = disc_mesh(layout, n_elements=3000)
    model = ForwardModel(mesh, 0.02)
    v = model.voltages(conductivity(mesh, 1.0, [Disc((0.5, 0.1), 0.2, 0.3)]), pattern)
    dv = v / model.voltages(1.0, pattern) - 1
    inside = PixelGrid(16, 16).inside
    points = (rows @ dv).reshape(16, 2, n_points)
    for strength, picture in enumerate((matrix @ dv).reshape(2, -1)):
        drawn = points[:, strength].ravel() @ blending(layout, 16)
        assert np.corrcoef(drawn, picture)[0, 1] > 0.98
        place = PixelGrid(16, 16).centres[inside][drawn.argmin()]
        assert np.linalg.norm(place - (0.5, 0.1)) < 0.2


def test_ring_pictures_turn_with_the_measurements():
    pattern, layout = Pattern.by_name("adjacent", 8), CLOCKWISE
    n_pixels = int(PixelGrid(8, 8).inside.sum())
    matrix = np.random.default_rng(2).normal(size=(n_pixels, pattern.n_meas))
    rows = ring_pictures(matrix, 8, layout, pattern)
    dv = np.random.default_rng(3).normal(size=pattern.n_meas)
    moved = np.empty_like(dv)
    moved[turned(pattern)] = dv
    assert np.allclose(rows[1:] @ moved, rows[:-1] @ dv)
