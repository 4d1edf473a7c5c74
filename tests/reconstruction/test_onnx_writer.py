"""Linear models as ONNX: valid, the same bytes every time, written whole or not at all."""

import importlib.util
from dataclasses import replace

import numpy as np
import onnx
import pytest

from eit_rt.errors import ConfigError, ModelError
from eit_rt.reconstruction import onnx_writer
from eit_rt.reconstruction.metadata import OutputKind
from eit_rt.reconstruction.onnx_writer import (
    linear_model,
    with_metadata,
)

INSIDE = np.array([[1, 0], [1, 1]], dtype=bool)
MATRIX = np.arange(120.0).reshape(3, 40)


def test_file_is_valid_and_carries_no_path_or_date(metadata):
    content = linear_model(MATRIX, metadata, INSIDE)
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    assert [opset.version for opset in model.opset_import] == [20]
    assert {p.key: p.value for p in model.metadata_props} == metadata.to_props()
    assert b"/home" not in content
    assert b"/work" not in content


def test_equal_input_gives_equal_bytes(metadata):
    assert linear_model(MATRIX, metadata, INSIDE) == linear_model(MATRIX, metadata, INSIDE)
    assert linear_model(MATRIX + 1, metadata, INSIDE) != linear_model(MATRIX, metadata, INSIDE)


def test_other_metadata_of_a_model_stay(metadata):
    model = onnx.load_from_string(linear_model(MATRIX, metadata, INSIDE))
    onnx.helper.set_model_props(model, {"author": "somebody"})
    props = onnx.load_from_string(with_metadata(model, metadata)).metadata_props
    assert {p.key for p in props} >= {"author", "eitrt.pattern"}


@pytest.mark.parametrize(
    ("matrix", "changes", "message"),
    [
        (MATRIX[:2], {}, r"shape \(2, 40\); expected \(3, 40\)"),
        (MATRIX * np.nan, {}, "NaN or infinity"),
        (MATRIX, {"output": OutputKind.IMPEDANCE}, "metadata say impedance"),
    ],
)
def test_impossible_models_are_refused(metadata, matrix, changes, message):
    with pytest.raises(ModelError, match=message):
        linear_model(matrix, replace(metadata, **changes), INSIDE)


def test_without_onnx_the_message_says_how_to_install_it(metadata, monkeypatch):
    monkeypatch.setattr(onnx_writer, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r'pip install "eit-rt\[export\]"'):
        linear_model(MATRIX, metadata, INSIDE)
    assert importlib.util.find_spec("onnx") is not None
