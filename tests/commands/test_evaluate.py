"""`eit-rt evaluate`: one table for all methods, the same figures as JSON, one picture; mistakes are told in time."""

import json
from pathlib import Path

import pytest
import yaml

from eit_rt.cli import main
from eit_rt.evaluation import classical
from tests.evaluation.conftest import TANKS
from tests.evaluation.models import linear


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    """Meshes and grids on which a method is ready at once."""
    coarse = {"ELEMENTS": 1500, "PIXELS": 32, "SEARCH_ELEMENTS": 600, "SEARCH_VALIDATION": 1}
    for name, value in coarse.items():
        monkeypatch.setattr(classical, name, value)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where a recipe (tiny.yaml) and a model (m.onnx) are, both with eight electrodes."""
    monkeypatch.chdir(tmp_path)
    Path("tiny.yaml").write_text(yaml.safe_dump(TANKS.model_dump(mode="json", exclude={"name"})))
    linear(tmp_path, "m")
    return tmp_path


def refused(*words):
    return main(["evaluate", *words])


def test_simulated_tanks_end_to_end(folder, capsys):
    words = ["m.onnx", "--on", "simulated:tiny.yaml@2x500", "--count", "5", "--iterated", "1"]
    files = ["--sheet", "s.png", "--json", "f.json"]
    assert main(["evaluate", *words, *files]) == 0
    table = capsys.readouterr().out
    assert "## simulated:tiny.yaml@2x5: 5 tanks" in table
    assert "| m | Gauss-Newton, one step | GREIT | Gauss-Newton, iterated |" in table
    assert "Strengths chosen on simulated:tiny.yaml@3x5" in table
    assert "small targets: position error, mean" in table
    (told,) = json.loads(Path("f.json").read_text())
    assert told["set"] == "simulated:tiny.yaml@2x5"
    for name in ("m", "Gauss-Newton, one step", "GREIT"):
        assert told["figures"][name]["correlation, median"] > 0.6
        assert told["figures"][name]["time per frame, ms"] > 0
    assert told["first"]["figures"]["Gauss-Newton, iterated"]["correlation, median"] > 0.6
    assert Path("s.png").read_bytes().startswith(b"\x89PNG")
    # The files are kept unless --force says so, and that is told before the work.
    assert main(["evaluate", *words, *files]) == 2
    assert "s.png" in capsys.readouterr().err


def test_two_models_of_one_name_are_told_apart(folder, capsys):
    words = ["m.onnx", "m.onnx", "--on", "simulated:tiny.yaml", "--count", "1", "--iterated", "0"]
    assert main(["evaluate", *words]) == 0
    assert "| m (1) | m (2) | Gauss-Newton, one step | GREIT |\n" in capsys.readouterr().out


MISTAKES = {
    "there is no set 'tanks'": ["m.onnx", "--on", "tanks"],
    "--data was not given": ["m.onnx", "--on", "real_data"],
    "such as simulated:test16": ["m.onnx", "--on", "simulated:tiny.yamlx0"],
    "nowhere": ["m.onnx", "--on", "simulated:tiny.yaml", "--json", "nowhere/f.json"],
    "absent": ["absent", "--on", "simulated:tiny.yaml"],
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_are_told(folder, capsys, message):
    assert refused(*MISTAKES[message]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("count", ["-1", "many"])
def test_a_count_is_a_number(folder, capsys, count):
    with pytest.raises(SystemExit):
        refused("m.onnx", "--on", "real_data", f"--iterated={count}")
    assert "is not a whole number" in capsys.readouterr().err


def test_a_model_of_other_electrodes_is_refused(folder, capsys):
    assert refused("adjacent16-gn", "--on", "simulated:tiny.yaml", "--count", "1") == 4
    assert "8 electrodes, the model is for 16" in capsys.readouterr().err


def test_real_tanks(folder, shared, capsys, monkeypatch):
    monkeypatch.setattr(classical, "ELEMENTS", 3000)
    words = ["adjacent16-greit", "--on", "real_data", "--data", str(shared / "real_data")]
    assert main(["evaluate", *words, "--iterated", "1"]) == 0
    told = capsys.readouterr()
    for name in ("iirc_2006", "ottawa_pail_2005A", "neonate_2006"):
        assert f"## {name}" in told.out
    assert "swisstom_human_2014 is left out: no model for" in told.err
    for row in ("frames with a false object | 0 |", "balls found | 4 |"):
        assert row in told.out
    # A model that fits nothing there is refused, not passed over.
    assert main(["evaluate", "m.onnx", *words]) == 4
    assert "model m is for the pattern" in capsys.readouterr().err


def test_a_model_that_fits_no_measured_tank_is_refused(folder, shared, capsys):
    assert main(["evaluate", "m.onnx", "--on", "ktc2023", "--data", str(shared / "ktc2023")]) == 4
    assert "2356 measurements" in capsys.readouterr().err
