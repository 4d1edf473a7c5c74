"""Metadata: what goes in comes out, and every missing or wrong key is told by its name."""

import json
from dataclasses import replace

import pytest

from eit_rt.errors import ModelError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.reconstruction.metadata import ModelMetadata, OutputKind, canonical_json


def test_facts_survive_the_way_through_strings(metadata):
    again = ModelMetadata.from_props(metadata.to_props())
    assert again == metadata
    assert again.pattern.sha256 == Pattern.by_name("adjacent", 8).sha256
    assert again.to_props() == metadata.to_props()
    assert all(isinstance(text, str) for text in metadata.to_props().values())


def test_general_patterns_survive_too(metadata):
    trig = replace(metadata, pattern=Pattern.trigonometric(8))
    assert ModelMetadata.from_props(trig.to_props()).pattern == trig.pattern


def test_keys_that_only_inform_may_be_absent(metadata):
    needed = ["schema", "name", "pattern", "layout", "output", "difference", "extent"]
    props = {f"eitrt.{key}": metadata.to_props()[f"eitrt.{key}"] for key in needed}
    assert ModelMetadata.from_props(props).recipe == {}


def test_vectors_need_no_extent(metadata):
    vector = replace(metadata, output=OutputKind.IMPEDANCE, extent=None, labels=("heart", "lung"))
    assert "eitrt.extent" not in vector.to_props()
    assert ModelMetadata.from_props(vector.to_props()).labels == ("heart", "lung")


@pytest.mark.parametrize(
    "key", ["schema", "name", "pattern", "layout", "output", "difference", "extent"]
)
def test_missing_key_is_named(metadata, key):
    props = metadata.to_props()
    del props[f"eitrt.{key}"]
    with pytest.raises(ModelError, match=f"eitrt.{key}"):
        ModelMetadata.from_props(props)


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("schema", "2", "schema is 2.*update eit-rt"),
        ("schema", "one", "expected 1"),
        ("schema", "0", "expected 1"),
        ("pattern", "{", "eitrt.pattern is not JSON"),
        ("pattern", "[1]", "eitrt.pattern holds a JSON list; expected a dict"),
        ("pattern", '{"table":[[0,0,1,2]],"n_electrodes":8}', "eitrt.pattern: row 0"),
        ("layout", '{"angles_deg":[0,10]}', "eitrt.layout: a layout needs"),
        ("output", "picture", "eitrt.output is 'picture'; expected image or impedance"),
        ("difference", "normalized", "eitrt.difference.*expected normalised or plain"),
        ("extent", "[-1,1,-1]", "expected .xmin, xmax, ymin, ymax"),
        ("extent", '[-1,1,-1,"1"]', "expected .xmin, xmax, ymin, ymax"),
        ("extent", "[1,-1,-1,1]", "xmin < xmax"),
        ("pattern_sha256", "0" * 64, "pattern_sha256 is 000000000000.*changed"),
        ("recipe_sha256", "0" * 64, "recipe_sha256 is 000000000000.*changed"),
        ("orientation", "y down", "expected 'x right, y up, row 0 top'"),
        ("name", "", "needs a name"),
        ("metrics", "3", "eitrt.metrics holds a JSON int"),
    ],
)
def test_wrong_value_is_told(metadata, key, text, message):
    with pytest.raises(ModelError, match=message):
        ModelMetadata.from_props(metadata.to_props() | {f"eitrt.{key}": text})


def test_pattern_and_layout_must_have_the_same_electrodes(metadata):
    with pytest.raises(ModelError, match="8 electrodes, layout 16"):
        replace(metadata, layout=Layout.ring(16))


def test_strings_are_canonical(metadata):
    assert canonical_json({"b": 1, "a": [1.5]}) == '{"a":[1.5],"b":1}'
    text = metadata.to_props()["eitrt.recipe"]
    assert json.loads(text) == {"method": "none", "size": 4}
    shuffled = replace(metadata, recipe={"size": 4, "method": "none"})
    assert shuffled.to_props() == metadata.to_props()
