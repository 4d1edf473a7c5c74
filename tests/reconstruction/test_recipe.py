"""Recipes: defaults, and every mistake with its path."""

import pytest

from eit_rt import shipped
from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.reconstruction.recipe import Cylinder, load_recipe, parse_recipe

GN = {"method": "gauss-newton", "name": "a", "noise_figure": 0.5}


def test_defaults_are_the_ordinary_ring():
    recipe = parse_recipe(GN, "here")
    assert recipe.make_pattern() == Pattern.by_name("adjacent", 16)
    assert recipe.make_layout() == Layout.ring(16)
    assert recipe.plain()["tank"] == {"shape": "disc", "elements": 20_000, "z_contact": 0.02}


def test_file_gives_its_name(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("method: greit\nnoise_figure: 1\ntank: {shape: cylinder, height: 1.5}\n")
    recipe = load_recipe(file)
    assert recipe.name == "mine"
    assert recipe.tank == Cylinder(shape="cylinder", height=1.5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"method": "magic"},
            "here: method: should be one of 'gauss-newton', 'greit', got \"magic\"",
        ),
        ({"tank": {"shape": "cylinder"}}, "here: tank.height: is missing"),
        ({"tank": {"shape": "cube"}}, "here: tank.shape: should be one of 'disc', 'cylinder'"),
        (
            {"tank": {"shape": "cylinder", "height": 0.1, "electrode_height": 0.2}},
            "here: tank: electrode_height is larger than height",
        ),
        ({"layout": {"coverage": 1.5}}, "here: layout.coverage: .*less than 1"),
        ({"noise_figure": None}, "here: give noise_figure or hyperparameter"),
        ({"hyperparameter": 1.0}, "here: give noise_figure or hyperparameter"),
        ({"noise_figure": -1}, "here: noise_figure: .*greater than 0"),
        ({"prior": "lasso"}, "here: prior: .*'tikhonov'"),
        ({"size": 4}, "here: size: .*8"),
        ({"size": "64"}, 'here: size: should be a valid integer, got "64"'),
        ({"name": "../up"}, "here: name: "),
    ],
)
def test_mistake_is_told_with_its_path(changes, message):
    with pytest.raises(ConfigError, match=message):
        parse_recipe(GN | changes, "here")


def test_unknown_pattern_is_told():
    with pytest.raises(ConfigError, match="here: pattern: no pattern is called 'zigzag'"):
        parse_recipe(GN | {"pattern": "zigzag"}, "here")


@pytest.mark.parametrize("name", ["adjacent16-gn", "adjacent16-greit"])
def test_shipped_recipes_are_sound(name):
    assert load_recipe(shipped.folder("models") / "recipes" / f"{name}.yaml").name == name
