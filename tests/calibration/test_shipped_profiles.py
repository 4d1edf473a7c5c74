import json

import jsonschema
import numpy as np
import pytest
import yaml

from eit_rt import shipped
from eit_rt.boards import open_board
from eit_rt.calibration import Calibration, Profile, fit_reference
from eit_rt.frames import Frame
from eit_rt.pattern import Pattern
from eit_rt.simulation import simulated_board

NAMES = shipped.names("calibration", ".yaml")
EXPECTED = {"adjacent16", "adjacent16-electrode5-off", "adjacent32", "simulated16"}


def text_of(name):
    return (shipped.folder("calibration") / f"{name}.yaml").read_text()


def test_the_profiles_that_the_documents_name_are_there():
    assert set(NAMES) == EXPECTED
    readme = (shipped.folder("calibration") / "README.md").read_text()
    assert all(f"`{name}.yaml`" in readme for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_profile_is_read_and_carries_its_name_and_hash(name):
    made = Profile.load(name)
    assert made.name == name
    assert made.pattern.sha256 == made.pattern.pattern.sha256


@pytest.mark.parametrize("name", NAMES)
def test_every_profile_fits_the_schema_and_the_page(name):
    schema = json.loads((shipped.folder("calibration") / "profile.schema.json").read_text())
    plain = json.loads(json.dumps(yaml.safe_load(text_of(name)), default=str))
    jsonschema.Draft202012Validator(schema).validate(plain)
    assert "$schema=profile.schema.json" in text_of(name)
    assert max(map(len, text_of(name).splitlines())) <= 120


def test_what_the_comments_offer_works_when_the_hash_sign_is_deleted():
    text = text_of("adjacent16")
    for key in ("layout", "drift"):
        assert f"\n# {key}: " in text
        text = text.replace(f"\n# {key}: ", f"\n{key}: ")
    made = Profile.parse(text, "x")
    assert made.layout.layout.angles_deg[0] == 90
    assert made.drift.time_constant_s == 60


def test_the_broken_electrode_takes_52_measurements_with_it():
    assert Profile.load("adjacent16-electrode5-off").excluded().sum() == 52


def test_patterns_are_those_of_the_names():
    assert Profile.load("adjacent32").pattern.pattern == Pattern.by_name("adjacent", 32)
    assert Profile.load("simulated16").pattern.pattern == Pattern.by_name("adjacent", 16)


def test_the_simulated_tank_is_still_the_one_of_its_profile():
    """If this fails the simulation has changed: make simulated16.yaml anew with the commands at its top."""
    made = Profile.load("simulated16")
    assert set(made.health.verdicts) == {"good"}
    frames = []
    with simulated_board("empty") as server, open_board("eitp", server.url) as board:
        stream = board.configure()
        board.start()
        for item in board.frames():
            if isinstance(item, Frame):
                frames.append(item)
            if len(frames) == 30:
                break
    off = (fit_reference(frames).values - made.reference_values()) / made.spread_values()
    assert np.abs(off).max() < 2  # five standard deviations of a median of 30
    assert np.sqrt(np.mean(off**2)) < 0.5
    difference = Calibration(made, stream).apply(frames[0])
    assert difference.valid.all()
    assert np.std(difference.dv) < 5e-4
