"""Recipes of data sets: every mistake told, the identity is what decides the shards."""

import pytest

from eit_rt import shipped
from eit_rt.errors import ConfigError
from eit_rt.training.tank_recipe import DatasetRecipe, load_dataset_recipe


def written(tmp_path, text):
    path = tmp_path / "tanks.yaml"
    path.write_text(text)
    return path


def test_a_recipe_is_named_after_its_file(tmp_path):
    recipe = load_dataset_recipe(written(tmp_path, "count: 1000\nshard: 250\n"))
    assert (recipe.name, recipe.n_shards, recipe.electrodes) == ("tanks", 4, 16)
    assert recipe.make_layout().n_electrodes == 16


def test_the_number_of_tanks_can_be_given_beside_the_file(tmp_path):
    assert load_dataset_recipe(written(tmp_path, "count: 1000\n"), count=500).count == 500


def test_every_mistake_is_told_at_once_with_its_path(tmp_path):
    text = "elektrodes: 16\ncount: many\nobjects:\n  radius: [0.1]\n  kinds: {cube: 1}\n"
    with pytest.raises(ConfigError) as told:
        load_dataset_recipe(written(tmp_path, text))
    for path in ("elektrodes", "count", "objects.radius", "objects.kinds"):
        assert f"tanks.yaml: {path}" in str(told.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("count: 700\n", "multiple of shard"),
        ("objects: {radius: [0.3, 0.1]}\n", "objects.radius: give the smaller number first"),
        ("objects: {resistive: [0.1, 2.0]}\n", "resistive ends below 1"),
        ("objects: {count: [0.0, 0.0]}\n", "above zero"),
        ("regions: {radius: 0.3}\n", "regions overlap"),
        ("regions: {impedance: [2.0, 1.0]}\n", "regions.impedance"),
        ("seed: 2147483648\n", "seed"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, text, told):
    with pytest.raises(ConfigError, match=told):
        load_dataset_recipe(written(tmp_path, text))


def test_more_tanks_are_the_same_data_set_and_other_tanks_are_not():
    one = DatasetRecipe(name="a", count=500)
    assert one.sha256 == DatasetRecipe(name="b", count=1000).sha256
    assert one.sha256 != DatasetRecipe(name="a", count=500, seed=2).sha256


@pytest.mark.parametrize("name", ["tanks16", "test16", "tanks-ktc"])
def test_shipped_recipes_are_sound(name):
    path = shipped.folder("models") / "recipes" / f"{name}.yaml"
    assert load_dataset_recipe(path).name == name
