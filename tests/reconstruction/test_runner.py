"""The ONNX runner: exact results, NaN where nothing was measured, and clear refusals."""

import itertools
import subprocess
import sys
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from eit_rt.errors import ConfigError, MismatchError, ModelError
from eit_rt.frames import Stream, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.reconstruction import DifferenceKind, OutputKind, Reconstructor
from eit_rt.reconstruction.onnx_writer import linear_model, with_metadata

INSIDE = np.array([[0, 1, 1, 0], [1, 1, 1, 1], [1, 1, 1, 1]], dtype=bool)
N_MEAS = 40


@pytest.fixture
def matrix():
    return np.random.default_rng(5).standard_normal((int(INSIDE.sum()), N_MEAS))


@pytest.fixture
def path(tmp_path, matrix, metadata):
    file = tmp_path / "small.onnx"
    file.write_bytes(linear_model(matrix, metadata, INSIDE))
    return file


@pytest.fixture
def model(path):
    return Reconstructor.load(path)


@pytest.fixture
def dv():
    return np.random.default_rng(6).standard_normal(N_MEAS).astype(np.float32)


ALL = np.ones(N_MEAS, dtype=np.float32)


def test_picture_is_matrix_times_measurements_and_nan_outside(model, matrix, metadata, dv):
    picture = model.run(dv, ALL)
    assert picture.dtype == np.float32
    assert model.shape == picture.shape == (3, 4)
    np.testing.assert_array_equal(np.isnan(picture), ~INSIDE)
    np.testing.assert_allclose(picture[INSIDE], matrix @ dv, rtol=1e-5, atol=1e-5)
    assert model.metadata == metadata


def test_validity_that_changes_in_place_or_between_frames_is_seen(model, dv):
    whole = ALL.copy()
    first = model.run(dv, whole)
    whole[3] = 0
    gap = model.run(dv, whole)
    assert not np.array_equal(first, gap, equal_nan=True)
    whole.setflags(write=False)
    everything = ALL.copy()
    everything.setflags(write=False)
    for valid, expected in ((everything, first), (whole, gap), (whole, gap), (everything, first)):
        np.testing.assert_array_equal(model.run(dv, valid), expected)


def test_a_published_picture_never_changes(model, dv):
    first = model.run(dv, ALL)
    kept = first.copy()
    for k in range(5):
        assert not np.shares_memory(first, model.run(k * dv, ALL))
    np.testing.assert_array_equal(first, kept)


def test_batch_agrees_with_single_frames(model, dv):
    many = np.stack([dv, -dv, 2 * dv])
    valid = np.ones_like(many)
    valid[1, 3] = 0
    pictures = model.run_batch(many, valid)
    assert pictures.shape == (3, 3, 4)
    for k in range(3):
        np.testing.assert_allclose(pictures[k], model.run(many[k], valid[k]), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("filler", [np.nan, np.inf, 1e30])
def test_missing_measurements_have_no_say(model, dv, filler):
    valid = ALL.copy()
    valid[[2, 30]] = 0
    damaged = dv.copy()
    damaged[[2, 30]] = filler
    clean = np.where(valid > 0, dv, 0).astype(np.float32)
    np.testing.assert_array_equal(model.run(damaged, valid), model.run(clean, valid))


def test_wrong_length_is_refused(model, dv):
    with pytest.raises(MismatchError, match=r"shape \(39,\).*small takes 40"):
        model.run(dv[1:], ALL[1:])
    with pytest.raises(MismatchError, match="takes 40"):
        model.run_batch(dv, ALL)


def test_pattern_of_the_model_passes(model, metadata):
    model.check(metadata.pattern)
    model.check(Stream(metadata.pattern, 100.0, ValueKind.MAGNITUDE))
    model.check(Stream(metadata.pattern, 100.0, layout=Layout.ring(8, 30.0, "counterclockwise")))


def test_other_patterns_are_refused_with_both_named(model):
    with pytest.raises(MismatchError, match=r"8 electrodes.*has 16.*adjacent, 16 electrodes"):
        model.check(Pattern.by_name("adjacent", 16))
    with pytest.raises(MismatchError, match=r"pattern adjacent, 8.*source sends skip2, 8"):
        model.check(Stream(Pattern.by_name("skip2", 8), 10.0))


def test_other_order_of_the_same_measurements_is_refused(model):
    with pytest.raises(MismatchError, match="adjacent-rotated"):
        model.check(Pattern.by_name("adjacent-rotated", 8))


def test_layout_that_cannot_be_turned_into_the_models_is_refused(model, metadata):
    uneven = Layout((0.0, 40.0, 90.0, 135.0, 180.0, 225.0, 270.0, 315.0))
    with pytest.raises(MismatchError, match="not the model's rotated or mirrored"):
        model.check(Stream(metadata.pattern, 10.0, layout=uneven))


def test_magnitudes_do_not_fit_plain_differences(tmp_path, matrix, metadata):
    plain = replace(metadata, difference=DifferenceKind.PLAIN)
    file = tmp_path / "plain.onnx"
    file.write_bytes(linear_model(matrix, plain, INSIDE))
    with pytest.raises(MismatchError, match="signed values"):
        Reconstructor.load(file).check(Stream(metadata.pattern, 10.0, ValueKind.MAGNITUDE))


def test_unknown_name_lists_the_shipped_models():
    with pytest.raises(ConfigError, match="shipped:"):
        Reconstructor.load("no-such-model")


def test_directory_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no file"):
        Reconstructor.load(tmp_path)


@pytest.mark.parametrize("keep", [0, 1, 10, 500, 0.5, 0.9, -1])
def test_file_cut_off_anywhere_is_refused(path, keep, capfd):
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content)) if isinstance(keep, float) else keep])
    with pytest.raises(ModelError, match=r"small\.onnx"):
        Reconstructor.load(path)
    assert capfd.readouterr().err == ""


def test_file_that_is_not_onnx_is_refused(tmp_path):
    file = tmp_path / "notes.onnx"
    file.write_text("Dear diary" * 100)
    with pytest.raises(ModelError, match="not a usable ONNX file"):
        Reconstructor.load(file)


def test_onnx_without_metadata_is_refused(path):
    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.save(model, path)
    with pytest.raises(ModelError, match=r"no eitrt.schema"):
        Reconstructor.load(path)


def foreign(metadata, output="impedance", shape=(5,), inputs=("dv", "valid"), n_meas=N_MEAS):
    """A model that somebody else made: means of the valid measurements, as often as the output has places."""
    n = int(np.prod(shape))
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["b", n_meas]) for name in inputs
    ]
    nodes = [
        helper.make_node("Mul", list(inputs), ["y"]),
        helper.make_node("MatMul", ["y", "w"], ["flat"]),
        helper.make_node("Reshape", ["flat", "s"], [output]),
    ]
    out = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["b", *shape])
    weights = [
        helper.make_tensor("w", TensorProto.FLOAT, [n_meas, n], np.full(n_meas * n, 1 / n_meas)),
        helper.make_tensor("s", TensorProto.INT64, [1 + len(shape)], [-1, *shape]),
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "g", values, [out], weights),
        opset_imports=[helper.make_opsetid("", 20)],
        ir_version=10,
    )
    return with_metadata(model, metadata)


def test_foreign_vector_model_runs(tmp_path, metadata, dv):
    vector = replace(metadata, output=OutputKind.IMPEDANCE, extent=None)
    file = tmp_path / "vector.onnx"
    file.write_bytes(foreign(vector))
    model = Reconstructor.load(file)
    assert model.shape == (5,)
    np.testing.assert_allclose(model.run(dv, ALL), np.full(5, dv.mean()), rtol=1e-4, atol=1e-6)


def test_foreign_classes_run(tmp_path, metadata, dv):
    file = tmp_path / "classes.onnx"
    classes = replace(metadata, output=OutputKind.CLASS_LOGITS, labels=("a", "b", "c"))
    file.write_bytes(foreign(classes, "class_logits", (3, 4, 4)))
    assert Reconstructor.load(file).run(dv, ALL).shape == (3, 4, 4)


def test_four_classes_are_refused(tmp_path, metadata):
    file = tmp_path / "classes.onnx"
    classes = replace(metadata, output=OutputKind.CLASS_LOGITS)
    file.write_bytes(foreign(classes, "class_logits", (4, 4, 4)))
    with pytest.raises(ModelError, match="4 classes; expected 3"):
        Reconstructor.load(file)


@pytest.mark.parametrize(
    ("arguments", "changes", "message"),
    [
        ({"inputs": ("dv", "mask")}, {}, r"inputs are \['dv', 'mask'\]; expected dv and valid"),
        (
            {"n_meas": 41},
            {},
            r"input dv is .*41\]; expected tensor\(float\) of shape \(batch, 40\)",
        ),
        ({"output": "z"}, {}, r"outputs are \['z'\]; the metadata promise impedance"),
        ({"shape": (5, 1)}, {}, "expected float32 of 2 axes"),
        ({}, {"labels": ("one", "two")}, "2 labels for 5 outputs"),
    ],
)
def test_model_that_breaks_the_contract_is_refused(tmp_path, metadata, arguments, changes, message):
    vector = replace(metadata, output=OutputKind.IMPEDANCE, extent=None, **changes)
    file = tmp_path / "foreign.onnx"
    file.write_bytes(foreign(vector, **arguments))
    with pytest.raises(ModelError, match=message):
        Reconstructor.load(file)


def test_nothing_grows_from_frame_to_frame(model, dv):
    """Objects that Python holds after 2000 frames are those it held after 200."""
    for _ in range(200):
        model.run(dv, ALL)
    before = sys.getallocatedblocks()
    for _ in range(2000):
        model.run(dv, ALL)
    assert sys.getallocatedblocks() - before < 20


def test_the_door_imports_neither_onnx_nor_physics_nor_onnxruntime():
    code = "import sys, eit_rt.reconstruction; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    roots = {name.split(".")[0] for name in loaded}
    assert roots.isdisjoint({"onnx", "onnxruntime", "scipy", "torch", "pydantic"})
    assert "eit_rt.physics" not in loaded


def test_running_needs_no_onnx(path):
    """Only building does: the package `onnx` is an extra."""
    code = (
        "import sys; sys.modules['onnx'] = None; import numpy as np\n"
        "from eit_rt.reconstruction import Reconstructor\n"
        f"m = Reconstructor.load({str(path)!r}); z = np.zeros(40, np.float32); m.run(z, z)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_row_of_the_matrix_reaches_its_own_pixel(tmp_path, metadata):
    """One measurement at a time lights one pixel: no transposition, no flip."""
    matrix = np.zeros((10, N_MEAS))
    matrix[range(10), range(10)] = 1
    file = tmp_path / "rows.onnx"
    file.write_bytes(linear_model(matrix, metadata, INSIDE))
    model = Reconstructor.load(file)
    places = list(itertools.islice(zip(*np.nonzero(INSIDE), strict=True), 10))
    for k, (row, column) in enumerate(places):
        picture = model.run(np.eye(N_MEAS, dtype=np.float32)[k], ALL)
        assert picture[row, column] == 1
        assert np.nansum(picture) == 1
