"""Random scenes: as many objects, as large and as conductive as the recipe says, of every kind it names."""

import numpy as np
import pytest

from eit_rt.physics import PixelGrid
from eit_rt.training.scenes import MAKERS, impedances, random_scene
from eit_rt.training.tank_recipe import DatasetRecipe, Objects, Regions

GRID = PixelGrid(128, 128)


def scenes(count, seed=1, **changes):
    recipe = DatasetRecipe(name="x", **changes)
    random = np.random.default_rng(seed)
    return [random_scene(recipe, random) for _ in range(count)]


def test_the_same_generator_gives_the_same_scenes():
    assert scenes(20) == scenes(20)
    assert scenes(20) != scenes(20, seed=2)


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_every_kind_has_the_area_of_its_circle(kind):
    """So that the recipe's radius means the same for all of them; tubes are the circle's outline made wider."""
    what = Objects(
        count=(0, 1), kinds={kind: 1}, radius=(0.2, 0.2), near_wall_share=0.0, resistive_share=0.0
    )
    areas = [
        (picture > 0.5 * picture.max()).sum() * (2 / 128) ** 2
        for picture in (one.contrast(GRID) for one in scenes(15, objects=what, thorax_share=0.0))
    ]
    share = np.median(areas) / (np.pi * 0.2**2)  # one or the other reaches through the wall
    assert share == pytest.approx(1.0, rel=0.4 if kind == "ring" else 0.06)


def test_objects_are_as_many_and_as_conductive_as_asked():
    what = Objects(count=(0, 0, 1), kinds={"disc": 1}, radius=(0.05, 0.1), resistive_share=0.5)
    ratios = [
        shape.ratio
        for scene in scenes(200, objects=what, thorax_share=0.0)
        for shape in scene.objects
    ]
    assert len(ratios) == 400  # small ones always find room
    low, high = [r for r in ratios if r < 1], [r for r in ratios if r > 1]
    assert 1e-4 <= min(low) < 1e-3
    assert 0.3 < max(low) <= 0.7
    assert 1.4 <= min(high) < 2.0
    assert 50 < max(high) <= 100
    assert 0.4 < len(low) / 400 < 0.6


def test_objects_that_do_not_touch_keep_apart():
    what = Objects(count=(0, 0, 0, 1), kinds={"disc": 1}, radius=(0.1, 0.2), touching_share=0.0)
    for scene in scenes(50, objects=what, thorax_share=0.0):
        for k, one in enumerate(scene.objects):
            for other in scene.objects[:k]:
                gap = np.hypot(*np.subtract(one.centre, other.centre)) - one.radius - other.radius
                assert gap >= 0.03


def test_a_chest_has_organs_before_and_after_in_the_same_places():
    for scene in scenes(20, thorax_share=1.0):
        assert len(scene.before) == len(scene.objects) == 3
        for before, after in zip(scene.before, scene.objects, strict=True):
            assert before.centre == after.centre
            assert before.ratio != after.ratio


def test_the_background_varies_as_much_as_asked():
    angle = np.exp(2j * np.pi * np.arange(64) / 64)
    walls = [
        sum((c * angle ** (k + 1)).real for k, c in enumerate(scene.background))
        for scene in scenes(400, background=0.1)
    ]
    assert np.std(walls) == pytest.approx(0.1, rel=0.1)
    assert all(scene.background == () for scene in scenes(5, background=0.0))


def test_regions_are_where_the_electrodes_are_and_have_the_impedances_drawn():
    recipe = DatasetRecipe(name="x", electrodes=10, regions=Regions(impedance=(0.5, 2.0)))
    random = np.random.default_rng(0)
    many = [random_scene(recipe, random) for _ in range(100)]
    for scene in many:
        places = np.array([shape.centre for shape in scene.objects])
        np.testing.assert_allclose(places, 0.68 * recipe.make_layout().positions(), atol=1e-9)
    drawn = np.array([impedances(scene) for scene in many])
    assert drawn.shape == (100, 10)
    assert 0.5 <= drawn.min() < 0.53
    assert 1.9 < drawn.max() <= 2.0
    assert [1 / shape.ratio for shape in many[0].objects] == pytest.approx(drawn[0].tolist())
