"""Sets by name: what a name says, and every way to get it wrong."""

import numpy as np
import pytest
import yaml

from eit_rt.errors import ConfigError, MismatchError
from eit_rt.evaluation import load_sets
from eit_rt.evaluation.sets import SimulatedName
from eit_rt.pattern import Pattern
from tests.evaluation.conftest import PATTERN, TANKS

NAMES = {
    "simulated:rods": SimulatedName("rods", 0, 2000),
    "simulated:rods@7": SimulatedName("rods", 7, 2000),
    "simulated:rodsx50": SimulatedName("rods", 0, 50),
    "simulated:a/b x@y.yaml@12x3": SimulatedName("a/b x@y.yaml", 12, 3),
}


@pytest.fixture
def recipe(tmp_path):
    file = tmp_path / "tiny.yaml"
    file.write_text(yaml.safe_dump(TANKS.model_dump(mode="json", exclude={"name"})))
    return file


@pytest.mark.parametrize("name", NAMES)
def test_names_say_recipe_seed_and_count(name):
    assert SimulatedName.parse(name) == NAMES[name]
    assert SimulatedName.parse(str(NAMES[name])) == NAMES[name]


@pytest.mark.parametrize("name", ["simulated:", "simulated", "simulated:rodsx0"])
def test_no_simulated_tanks_are_refused(name):
    with pytest.raises(ConfigError, match=r"simulated:RECIPE\[@seed\]\[xN\]"):
        SimulatedName.parse(name)


def test_strengths_are_chosen_on_other_tanks_and_not_too_many():
    assert SimulatedName("rods", 7, 2000).for_validation() == SimulatedName("rods", 8, 200)
    assert SimulatedName("rods", 7, 20).for_validation().count == 20


def test_simulated_tanks_come_once_for_each_pattern(recipe):
    skip = Pattern.skip(8, 1)
    one, other = load_sets(f"simulated:{recipe}@3", (PATTERN, skip), count=2)
    assert (one.pattern, other.pattern) == (PATTERN, skip)
    assert one.name == f"simulated:{recipe}@3x2"
    assert len(one) == len(one.captions) == 2
    assert one.is_flat
    np.testing.assert_array_equal(one.truth, other.truth)
    inside = ~np.isnan(one.truth)
    assert (np.abs(one.truth[inside]) <= 1).all()
    (another,) = load_sets(f"simulated:{recipe}@4", (PATTERN,), count=2)
    assert not np.array_equal(one.frames, another.frames)


def test_a_tank_with_a_height_is_not_flat(tmp_path):
    tank = {"height": [1.0, 1.0], "electrode_height": [0.2, 0.2]}
    objects = {"kinds": {"disc": 1}}
    plain = {"electrodes": 8, "elements": 500, "tank": tank, "objects": objects}
    file = tmp_path / "high.yaml"
    file.write_text(yaml.safe_dump(plain | {"thorax_share": 0, "background": 0}))
    (high,) = load_sets(f"simulated:{file}", (PATTERN,), count=1)
    assert not high.is_flat


def test_another_number_of_electrodes_is_told(recipe):
    with pytest.raises(MismatchError, match="tanks of 8 electrodes, the model is for 16"):
        load_sets(f"simulated:{recipe}", (Pattern.by_name("adjacent", 16),), count=1)


def test_a_recipe_that_does_not_exist_is_told_with_those_that_ship():
    with pytest.raises(ConfigError, match=r"no file 'nowhere'.*test16"):
        load_sets("simulated:nowhere", (PATTERN,), count=1)


MISTAKES = {
    "there is no set": ("nonsense", None, None),
    "--data was not given": ("real_data", None, None),
    "there is no folder": ("real_data", "absent", None),
    "--count is for simulated tanks": ("ktc2023", ".", 3),
    "has none of iirc_2006.npz": ("real_data", ".", None),
    "lacks ref.mat, data1.mat": ("ktc2023", ".", None),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_are_told(message, tmp_path):
    name, folder, count = MISTAKES[message]
    data = None if folder is None else tmp_path / folder
    with pytest.raises(ConfigError, match=message):
        load_sets(name, (PATTERN,), data, count)


def test_measured_tanks_that_no_model_fits_are_told(shared):
    with pytest.raises(MismatchError, match=r"no model fits .* 8 electrodes.* 16 electrodes"):
        load_sets("real_data", (PATTERN,), shared / "real_data")
