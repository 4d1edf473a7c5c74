import json
import os

import jsonschema
import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from eit_rt import shipped
from eit_rt.calibration import Profile
from eit_rt.calibration.schema import schema_text
from eit_rt.errors import ConfigError
from tests.calibration.conftest import profile

HEAD = """schema_version: 1
name: bench
made: 2026-01-02
pattern: {name: adjacent, n_electrodes: 16}
"""


def mistakes(text):
    with pytest.raises(ConfigError) as caught:
        Profile.parse(text, "bench.yaml")
    return str(caught.value).splitlines()


def test_a_saved_profile_is_read_back_equal(tmp_path, volts):
    made = profile(
        name="tank Ä",
        reference=[None, *np.float32(volts[1:]).tolist()],
        gain=np.linspace(0.5, 2, 208).tolist(),
        layout={"n_electrodes": 16},
        board={"driver": "eitp", "model": "5e12", "serial": "007", "capabilities": ["a b"]},
        drift={"time_constant_s": 60, "still_below": 0.001},
        notes="two\nlines: with # signs",
    )
    made.save(tmp_path / "a.yaml", header=["first line", "second"])
    assert Profile.load(tmp_path / "a.yaml") == made
    text = (tmp_path / "a.yaml").read_text()
    assert text.startswith("# first line\n# second\n")
    assert max(map(len, text.splitlines())) <= 120
    assert Profile.parse(made.to_yaml(), "text") == made


SINGLE = st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(max_examples=50)
@given(st.lists(st.none() | SINGLE, min_size=4, max_size=4))
def test_any_single_precision_number_survives(numbers):
    made = profile(pattern={"name": "adjacent", "n_electrodes": 4}, spread=numbers)
    again = Profile.parse(made.to_yaml(), "text")
    assert again.spread == made.spread
    # And any YAML reader, not ours alone, sees numbers.
    plain = yaml.safe_load(made.to_yaml())["spread"]
    assert all(x is None or isinstance(x, float) for x in plain)


def test_saving_never_replaces_a_file_unasked(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("mine")
    with pytest.raises(ConfigError, match="exists; choose another name, or --force"):
        profile().save(path)
    assert path.read_text() == "mine"
    profile().save(path, force=True)
    assert Profile.load(path) == profile()
    assert os.listdir(tmp_path) == ["a.yaml"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot be written: there is no folder"):
        profile().save(tmp_path / "absent" / "a.yaml")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.yaml"
    profile().save(path)
    monkeypatch.setattr(
        "tempfile.mkstemp", lambda **_: (os.open("/dev/full", os.O_WRONLY), str(tmp_path / "part"))
    )
    with pytest.raises(ConfigError, match="No space left"):
        profile(name="new").save(path, force=True)
    assert Profile.load(path).name == "test"


def test_all_mistakes_are_listed_with_their_paths():
    lines = mistakes(
        """schema_version: 2
name: 3
made: yesterday
pattern: {name: adjacent, n_electrodes: 16}
diference: plain
excluded_electrodes: [0, 17]
saturation: -1
near_zero: x
gain: [1, 2]
reference: [1, 2, 3]
layout: {n_electrodes: 8}
board: {driver: eitp, modle: x}
health: {verdicts: [good, nice]}
"""
    )
    assert all(line.startswith("bench.yaml: ") for line in lines)
    told = {line.removeprefix("bench.yaml: ").split(": ")[0]: line for line in lines}
    expected = {
        "schema_version": "should be 1",
        "name": "valid string",
        "made": "date",
        "diference": "did you mean 'difference'?",
        "excluded_electrodes.0": "greater than or equal to 1",
        "saturation": "greater than 0",
        "near_zero": 'valid number, got "x"',
        "gain": "has 2 numbers, the pattern (adjacent, 16 electrodes, 208",
        "reference": "has 3 numbers",
        "layout": "has 8 electrodes, the pattern 16",
        "board.model": "is missing",
        "board.modle": "did you mean 'model'?",
        "health.verdicts.1": "'good', 'suspect' or 'bad'",
    }
    assert set(told) == set(expected)
    for path, words in expected.items():
        assert words in told[path]


CROSS_CHECKS = [
    ("excluded_electrodes: [17]", "excluded_electrodes: 17 does not exist; they are numbered 1..16"),
    ("excluded_measurements: [209]", "209 does not exist; they are numbered 1..208"),
    ("value_kind: magnitude\ndifference: plain", "needs the sign"),
    ("health: {verdicts: [good]}", "has 1 verdicts, the pattern 16 electrodes"),
    (f"reference: {[1.0] * 208}\nreference_imaginary: {[0.0] * 208}", "for value_kind complex only"),
    (f"value_kind: complex\nreference_imaginary: {[0.0] * 208}", "needs the real part"),
    ("layout: {angles_deg: [0, 1, 2], width_deg: 5}", "layout: electrodes overlap"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "message"), CROSS_CHECKS)
def test_entries_that_contradict_each_other_are_told(lines, message):
    assert any(message in line for line in mistakes(HEAD + lines + "\n"))


PATTERN_MISTAKES = [
    ("{name: adjcent, n_electrodes: 16}", "no pattern is called 'adjcent'"),
    ("{name: adjacent, n_electrodes: 16, sha256: abc}", "does not belong to this pattern"),
    ("{name: x, n_electrodes: 4, table: [[0, 1, 2, 4]]}", "names electrode 4"),
    ("{name: x, n_electrodes: 4, table: [[0, 1, 2]]}", "pattern.table.0"),
    ("adjacent", "pattern: "),
]


@pytest.mark.parametrize(("pattern", "message"), PATTERN_MISTAKES)
def test_a_pattern_that_is_none_is_told(pattern, message):
    lines = mistakes(f"schema_version: 1\nname: x\nmade: 2026-01-02\npattern: {pattern}\n")
    assert any(message in line for line in lines)


def test_an_unknown_name_lists_the_shipped_ones():
    with pytest.raises(ConfigError, match="adjacent16"):
        Profile.load("nowhere")


def as_json(path):
    return json.loads(json.dumps(yaml.safe_load(path.read_text()), default=str))


def test_the_shipped_schema_is_current():
    path = shipped.folder("calibration") / "profile.schema.json"
    assert path.read_text() == schema_text(), (
        "run python -m eit_rt.calibration.schema > calibration/profile.schema.json"
    )


def test_the_schema_refuses_what_the_program_refuses(tmp_path):
    checker = jsonschema.Draft202012Validator(json.loads(schema_text()))
    profile().save(tmp_path / "a.yaml")
    good = as_json(tmp_path / "a.yaml")
    checker.validate(good)
    for changed in ({"nme": "x"}, {"schema_version": 2}, {"gain": "x"}, {"saturation": 0}):
        assert not checker.is_valid(good | changed)
