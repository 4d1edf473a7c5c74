"""The field of a tank with a height, against EIDORS' 3-D tanks and against the 2-D finite elements."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import ForwardModel, disc_mesh
from eit_rt.physics.cylinder import CylinderField

ADJACENT = Pattern.by_name("adjacent", 16)


def round_electrodes(radius):
    """Layout and electrode height of squares with the area of round electrodes."""
    side = radius * np.sqrt(np.pi)
    return Layout.ring(16, coverage=side / (2 * np.pi / 16)), side


@pytest.mark.parametrize(
    ("case", "key", "height", "radius", "current"),
    [
        ("greit_figures_of_merit", "greit3d_vh", 2.0, 0.05, 1.0),
        ("cem16_ng3d_homog", "v", 0.6, 0.1, 0.01),
    ],
)
def test_voltages_are_those_of_eidors_3d_tanks(golden_case, case, key, height, radius, current):
    """To the accuracy of those coarse tetrahedra, which scatter by 1.5 % among measurements equal by symmetry."""
    layout, side = round_electrodes(radius)
    ours = current * CylinderField(layout, height, side).voltages(ADJACENT)
    ratio = golden_case(case)[key] / ours
    assert ratio.mean() == pytest.approx(1.0, abs=0.005)
    assert ratio.std() < 0.02


def test_small_balls_change_voltages_as_in_eidors_3d_tank(golden_case):
    case = golden_case("greit_figures_of_merit")
    layout, side = round_electrodes(0.05)
    field = CylinderField(layout, 2.0, side)
    ours = field.sensitivity(case["greit3d_xyzr"][:2].T, ADJACENT)
    ours /= field.voltages(ADJACENT)[:, None]
    theirs = case["greit3d_vi"] / case["greit3d_vh"][:, None] - 1
    scale = (ours * theirs).sum(axis=0) / (ours**2).sum(axis=0)
    # Equal balls everywhere; balls near the centre are what the coarse tetrahedra show worst.
    assert scale[1:].std() < 0.05 * scale[1:].mean()
    rest = np.linalg.norm(theirs - scale * ours, axis=0) / np.linalg.norm(theirs, axis=0)
    assert rest[1:].max() < 0.2
    assert np.median(rest) < 0.12


def test_electrodes_as_high_as_the_tank_make_it_two_dimensional():
    """Against finite elements with poor contacts, whose currents are as even as the patches'."""
    layout = Layout.ring(16)
    field = CylinderField(layout, 1.0, 1.0)
    mesh = disc_mesh(layout, n_elements=20_000)
    model = ForwardModel(mesh, 10.0)
    np.testing.assert_allclose(field.voltages(ADJACENT), model.voltages(1.0, ADJACENT), rtol=2e-3)
    near = np.flatnonzero(np.linalg.norm(mesh.centroids, axis=1) < 0.7)[::40]
    theirs = (model.jacobian(1.0, ADJACENT) / mesh.areas)[:, near]
    ours = field.sensitivity(mesh.centroids[near], ADJACENT)
    # Gradients of linear elements are of first order: 4 % here, 2 % with three times the elements.
    assert np.abs(ours - theirs).max() < 0.05 * np.abs(theirs).max()
    assert np.linalg.norm(ours - theirs) < 0.03 * np.linalg.norm(theirs)


def test_a_current_that_spreads_in_height_is_felt_less_in_the_middle():
    """Same voltages' share: what makes 2-D pictures of real tanks too far out."""
    layout = Layout.ring(16, coverage=0.3)
    points = np.array([[0.0, 0.0], [0.8, 0.1]])
    depth = []
    for height in (0.3, 1.0, 3.0):
        field = CylinderField(layout, height, 0.1)
        rows = field.sensitivity(points, ADJACENT) / field.voltages(ADJACENT)[:, None]
        middle, wall = np.linalg.norm(rows, axis=0)
        depth.append(middle / wall)
    assert depth[0] > 1.5 * depth[1] > 1.5 * depth[2]


def test_turning_the_layout_turns_the_field():
    turned = Layout.ring(16, first_deg=50.0)
    turn = np.deg2rad(-40.0)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    points = np.array([[0.3, 0.2], [-0.6, 0.5]])
    plain = CylinderField(Layout.ring(16), 2.0, 0.2)
    field = CylinderField(turned, 2.0, 0.2)
    np.testing.assert_allclose(
        field.sensitivity(points @ rotation.T, ADJACENT),
        plain.sensitivity(points, ADJACENT),
        rtol=1e-7,
        atol=1e-9,
    )


def test_the_highest_tank_has_finite_fields():
    field = CylinderField(Layout.ring(16), 6.0, 0.2)
    points = np.array([[0.0, 0.0], [0.001, 0.0], [0.999, 0.0]])
    assert np.isfinite(field.sensitivity(points, ADJACENT)).all()
    assert np.isfinite(field.voltages(ADJACENT)).all()


@pytest.mark.parametrize(("height", "electrode"), [(0.1, 0.2), (1.0, 0.0), (30.0, 0.2)])
def test_impossible_heights_are_told(height, electrode):
    with pytest.raises(ConfigError, match="0 < electrode height <= tank height"):
        CylinderField(Layout.ring(8), height, electrode)
