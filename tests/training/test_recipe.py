"""Training recipes: defaults, unknown keys and contradictions, every mistake at once."""

import pytest

from eit_rt.errors import ConfigError, PatternError
from eit_rt.training.recipe import load_recipe, parse_recipe

TURNING = {"symmetry": "rotation"}
LEAST = {"name": "r", "data": {"folders": ["d"]}, "losses": [{"kind": "mse"}], "steps": 10}


def refused(**changes):
    with pytest.raises(ConfigError) as told:
        parse_recipe(LEAST | changes, "r.yaml")
    return str(told.value)


def test_a_short_recipe_is_complete():
    recipe = parse_recipe(LEAST, "r.yaml")
    assert recipe.network.widths == (1024, 1024)
    assert recipe.network.head.output == "image"
    assert parse_recipe(recipe.plain(), "again") == recipe


def test_unknown_keys_are_errors_with_their_place():
    told = refused(netwrk={}, network={"widths": [8], "activatoin": "relu"})
    assert "r.yaml: netwrk: unknown key; did you mean 'network'?" in told
    assert "r.yaml: network.activatoin: unknown key; did you mean 'activation'?" in told


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": None}, "give steps or minutes"),
        ({"minutes": 1.0}, "give steps or minutes"),
        ({"losses": []}, "give losses or paper"),
        ({"paper": {"equation": "L1"}}, "give losses or paper"),
        ({"losses": [{"kind": "dice"}]}, "dice does not fit the output image"),
        ({"losses": [{"kind": "mse", "class_weights": [1.0, 1.0, 1.0]}]}, "class_weights belong"),
        ({"network": {"head": {"side": 8}}}, "network.head.output: is missing"),
        ({"network": {"front": {"linear": [{"kind": "magic"}]}}}, "network.front.linear.0.kind"),
        ({"noise": {"level": [0.1, 0.01]}}, "the first number is the smaller one"),
        ({"noise": {"dead_electrodes": [0.6, 0.6]}}, "more than 1"),
        ({"magnitudes": True, "difference": "plain"}, "magnitudes need the normalised"),
        ({"noise": {"levels": True}}, "belong to the pattern ktc2023"),
        ({"network": TURNING, "difference": "plain"}, "rotation is for normalised differences"),
        ({"network": TURNING, "pattern": "ktc2023"}, "ktc2023 needs difference: plain"),
        (
            {"network": TURNING | {"head": {"output": "image", "side": 65, "size": 65}}},
            "network.head.side: with rotation 64 at most",
        ),
        (
            {"network": TURNING | {"head": {"output": "impedance", "n": 3}}},
            "rotation is for pictures",
        ),
        (
            {"network": TURNING | {"front": {"linear": [{"kind": "compression", "rank": 4}]}}},
            "a fixed layer must be gauss-newton",
        ),
        ({"pattern": {"n_electrodes": 8}}, "pattern: not a pattern"),
    ],
)
def test_contradiction_is_told(changes, message):
    assert message in refused(**changes)


@pytest.mark.parametrize(
    "lambdas", [[0.5, 0.5, 0.5], [1.0, 0.0, 0.1], [1.2, -0.2, 0.0], [0.3, 0.3, 0.3]]
)
def test_lambdas_lie_on_the_simplex(lambdas):
    plain = LEAST | {"losses": [], "paper": {"equation": "L1", "lambdas": lambdas}}
    with pytest.raises(ConfigError, match="lambdas"):
        parse_recipe(plain, "r.yaml")


def test_lambdas_of_the_simplex_are_taken():
    plain = LEAST | {"losses": [], "paper": {"equation": "L3", "lambdas": [0.7, 0.2, 0.1]}}
    assert parse_recipe(plain, "r.yaml").paper.lambdas == (0.7, 0.2, 0.1)


def test_kuopio_s_plain_differences_can_turn():
    plain = LEAST | {"pattern": "ktc2023", "difference": "plain", "network": TURNING}
    assert parse_recipe(plain, "r.yaml").network.symmetry == "rotation"


def test_options_change_a_file(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("data: {folders: [a], size: 16}\nlosses: [{kind: mse}]\nminutes: 5.0\n")
    recipe = load_recipe(file, steps=7, folders=["b", "c"], seed=None)
    assert (recipe.name, recipe.steps, recipe.minutes, recipe.seed) == ("mine", 7, None, 1)
    assert (recipe.data.folders, recipe.data.size) == (("b", "c"), 16)


def test_pattern_by_name_or_written_out():
    recipe = parse_recipe(LEAST | {"pattern": "opposite"}, "r.yaml")
    table = recipe.make_pattern(8)
    written = parse_recipe(LEAST | {"pattern": table.to_dict()}, "r.yaml")
    assert written.make_pattern(8) == table
    with pytest.raises(PatternError, match="8 electrodes, its data 16"):
        written.make_pattern(16)
    ktc = parse_recipe(LEAST | {"pattern": "ktc2023", "noise": {"levels": True}}, "r.yaml")
    assert ktc.make_pattern(32).n_meas == 2356
