"""`eit-rt dataset`: makes a data set, tells what it did, and goes on where it was stopped."""

import pytest

from eit_rt.cli import main

RECIPE = "electrodes: 8\nelements: 500\ncount: 6\nshard: 3\npicture: 16\n"


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(RECIPE)
    return path


def test_it_makes_a_data_set_and_tells_its_speed(recipe, tmp_path, capsys):
    words = ["dataset", str(recipe), "-o", str(tmp_path / "set"), "--workers", "1"]
    assert main(words) == 0
    told = capsys.readouterr().out
    assert "6 tanks of tiny" in told
    assert "pairs per second and core" in told
    assert "MB a process" in told
    assert main(words) == 0
    assert "made in" not in capsys.readouterr().out


def test_a_mistake_in_the_recipe_is_told_and_nothing_is_made(recipe, tmp_path, capsys):
    recipe.write_text(RECIPE + "colour: blue\n")
    assert main(["dataset", str(recipe), "-o", str(tmp_path / "set")]) == 2
    assert "tiny.yaml: colour" in capsys.readouterr().err
    assert not (tmp_path / "set").exists()
