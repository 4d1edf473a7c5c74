"""Balls in a tank with a height, beside the sensitivities of the field that they are made from."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, Scene
from eit_rt.physics.cylinder import CylinderField
from eit_rt.settings import check
from eit_rt.training.balls import Pail, columns
from eit_rt.training.shard import make_shard
from eit_rt.training.tank_recipe import DatasetRecipe

TANK = {"height": [1.0, 2.0], "electrode_height": [0.1, 0.3]}
LAYOUT = Layout.ring(8, coverage=0.3)
BALLS = {"objects": {"kinds": {"disc": 1}}, "thorax_share": 0.0, "background": 0.0}


@pytest.fixture(scope="module")
def pail() -> Pail:
    return Pail(LAYOUT, 2.0, 0.2)


def change(pail: Pail, *balls: Disc) -> np.ndarray:
    empty, full = pail.impedances(Scene(balls, (), ()))
    return full - empty


def test_columns_have_the_volume_of_the_ball():
    points, volumes = columns(Disc((0.2, -0.1), 0.3, 5.0))
    assert volumes.sum() == pytest.approx(4 / 3 * np.pi * 0.3**3)
    assert np.average(points, axis=0, weights=volumes) == pytest.approx([0.2, -0.1])


def test_what_reaches_through_the_wall_is_cut_off():
    _, volumes = columns(Disc((0.9, 0.0), 0.3, 5.0))
    assert 0.4 < volumes.sum() / (4 / 3 * np.pi * 0.3**3) < 0.8


@pytest.mark.parametrize(("ratio", "strength"), [(1e4, 3.0), (1e-4, -1.5), (1.3, 0.9 / 3.3)])
def test_a_small_ball_is_its_volume_times_the_polarisability_of_a_sphere(pail, ratio, strength):
    pattern = Pattern.by_name("adjacent", 8)
    ball = Disc((0.3, 0.4), 0.02, ratio)
    volts = pattern.voltages(change(pail, ball))
    per_volume = CylinderField(LAYOUT, 2.0, 0.2).sensitivity([ball.centre], pattern)[:, 0]
    volume = 4 / 3 * np.pi * 0.02**3
    assert volts == pytest.approx(
        per_volume * strength * volume, rel=2e-3, abs=2e-3 * abs(per_volume).max() * volume
    )


def test_balls_add_up_and_reciprocity_holds(pail):
    one, other = Disc((0.5, 0.0), 0.1, 10.0), Disc((-0.2, 0.3), 0.15, 0.1)
    both = change(pail, one, other)
    assert both == pytest.approx(change(pail, one) + change(pail, other), rel=1e-9, abs=1e-12)
    assert both == pytest.approx(both.T)


def test_a_pail_shows_a_ball_further_out_than_a_flat_tank_does(pail):
    """The reason for it all: against a small ball at the wall, one in the middle is fainter than in a flat tank."""
    pattern = Pattern.by_name("adjacent", 8)
    reference = CylinderField(LAYOUT, 2.0, 0.2).voltages(pattern)

    def seen(radius: float) -> float:
        volts = pattern.voltages(change(pail, Disc((radius, 0.0), 0.1, 10.0)))
        return float(np.linalg.norm(volts / reference))

    flat_share = flat(0.0) / flat(0.6)
    assert seen(0.0) / seen(0.6) < 0.8 * flat_share


def flat(radius: float) -> float:
    from eit_rt.physics import ForwardModel, disc_mesh

    model = ForwardModel(disc_mesh(LAYOUT, n_elements=3000), 0.01)
    pattern = Pattern.by_name("adjacent", 8)
    scene = Scene((Disc((radius, 0.0), 0.1, 10.0),), (), ())
    full = model.voltages(scene.frame_conductivity(model.mesh), pattern)
    return float(np.linalg.norm(full / model.voltages(1.0, pattern) - 1))


def test_a_shard_of_pails_is_made_like_any_other():
    recipe = check(
        DatasetRecipe,
        {"name": "pails", "electrodes": 8, "count": 4, "shard": 4, "picture": 16}
        | {"tank": TANK}
        | BALLS,
        "pails",
    )
    shard = make_shard(recipe, 0)
    assert len(shard) == 4
    assert np.isfinite(shard.z).all()
    assert (shard.z != shard.z_reference).any(axis=1).sum() >= 3  # empty ones are among them


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"background": 0.05}, "balls and nothing else"),
        ({"objects": {}}, "balls and nothing else"),
        ({"tank": TANK | {"height": [0.1, 2.0]}}, "electrodes may be higher than the tank"),
        ({"tank": TANK | {"height": [2.0, 1.0]}}, "smaller number first"),
        ({"tank": TANK | {"height": [2.0, 9.0]}}, "at most 6"),
        ({"tank": TANK | {"depth": 1.0}}, r"tank\.depth"),
    ],
)
def test_what_a_pail_cannot_hold_is_told(change, told):
    plain = {"name": "pails", "tank": TANK} | BALLS | change
    with pytest.raises(ConfigError, match=told):
        check(DatasetRecipe, plain, "pails.yaml")
