"""Export: the same numbers in ONNX Runtime, the same bytes each time, nothing of the machine inside."""

import os
import shutil
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
import yaml

from eit_rt.errors import ConfigError, ModelError
from eit_rt.layout import Layout
from eit_rt.reconstruction import OutputKind, Reconstructor
from eit_rt.training import export as export_module
from eit_rt.training.compact_weights import as_float16
from eit_rt.training.export import WORST_LOSS, export, image_error, without_places
from eit_rt.training.loop import train
from eit_rt.training.network import make_network
from eit_rt.training.processes import join
from eit_rt.training.recipe import parse_recipe
from eit_rt.training.run_folder import BEST, RunFolder

FRONT = {"linear": [{"kind": "gauss-newton", "side": 8, "noise_figures": [0.7, 1.5]}]}
HEADS = {
    "image": {"output": "image", "side": 16, "size": 32},
    "class_logits": {"output": "class_logits", "side": 16, "size": 24},
}


def trained(tiny, recipe, path):
    folder = RunFolder.create(path, recipe)
    with join("cpu") as processes:
        train(recipe, tiny, folder, processes)
    return folder


@pytest.fixture(scope="module")
def folder(tiny, tiny_recipe, tmp_path_factory):
    """A run with all that a graph may hold, its matrices large enough to be made compact."""
    recipe = tiny_recipe(
        network={
            "widths": [96, 96],
            "residual": True,
            "layer_norm": True,
            "front": FRONT,
            "head": HEADS["image"],
        },
        noise={"dead_electrodes": [0.3], "single_missing": 0.01},
        optimiser={"learning_rate": 1e-2, "averaging": 0.9},
        steps=60,
    )
    return trained(tiny, recipe, tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="module")
def made(folder):
    """What was exported, and the graph on the way. Exporting takes seconds; most tests look at one and the same."""
    graphs, original = [], export_module.to_onnx

    def keeping(*args):
        graphs.append(original(*args))
        return copy_of(graphs[0])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export_module, "to_onnx", keeping)
        return export(folder, "named"), graphs[0]


@pytest.fixture(scope="module")
def full(made):
    return made[0]


@pytest.fixture
def quick(made, monkeypatch):
    """Exports that take the graph as it is there."""
    monkeypatch.setattr(export_module, "to_onnx", lambda *args: copy_of(made[1]))


def copy_of(model):
    copied = onnx.ModelProto()
    copied.CopyFrom(model)
    return copied


def loaded(content, tmp_path):
    file = tmp_path / "m.onnx"
    file.write_bytes(content)
    return Reconstructor.load(file)


def test_runtime_gives_what_torch_gives(folder, full, tmp_path):
    assert full.parity < 1e-5
    model = loaded(full.content, tmp_path)
    dv, valid, _ = folder.validation()
    assert (valid == 0).any()
    recipe = folder.recipe()
    network = make_network(recipe, recipe.make_pattern(8), folder.layout()).eval()
    network.load_state_dict(folder.load(BEST)["network"])
    with torch.no_grad():
        expected = network(torch.from_numpy(dv), torch.from_numpy(valid)).numpy()
    for n in (1, 3, len(dv)):
        found = model.run_batch(dv[:n], valid[:n])
        assert np.allclose(found, expected[:n], atol=1e-5, equal_nan=True)
    assert np.allclose(model.run(dv[0], valid[0]), expected[0], atol=1e-5, equal_nan=True)


def test_the_model_says_what_it_is(folder, full, tmp_path):
    facts = loaded(full.content, tmp_path).metadata
    assert (facts.name, facts.output, facts.extent) == (
        "named",
        OutputKind.IMAGE,
        (-1.0, 1.0, -1.0, 1.0),
    )
    assert facts.quantity.startswith("contrast")
    assert facts.layout == folder.layout()
    assert facts.recipe["network"]["widths"] == [96, 96]
    assert facts.recipe["trained"]["data_sha256"] == folder.about()["data_sha256"]
    assert facts.metrics["validation correlation"] == pytest.approx(
        folder.load(BEST)["metrics"]["correlation"], rel=1e-5
    )


def test_equal_runs_give_equal_bytes_and_nothing_of_the_machine(folder, full):
    first = full.content
    assert export(folder, "named").content == first
    model = onnx.load_from_string(first)
    assert model.opset_import[0].version == 20
    assert not [t for t in model.graph.initializer if t.external_data]
    assert not [node for node in model.graph.node if node.metadata_props or node.doc_string]
    for place in (
        os.getcwd(),
        tempfile.gettempdir(),
        sys.prefix,
        os.path.expanduser("~"),
        "site-packages",
        ".py",
    ):
        assert len(place) < 3 or place.encode() not in first, place
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param


def test_a_picture_without_an_electrode_is_finite_and_alike(folder, full, tmp_path):
    model = loaded(full.content, tmp_path)
    dv, valid, _ = folder.validation()
    complete = np.flatnonzero((valid == 1).all(axis=1))[:20]
    dead = folder.recipe().make_pattern(8).touches(2)
    gaps = valid[complete].copy()
    gaps[:, dead] = 0
    with_gaps = np.where(gaps > 0, dv[complete], np.nan)
    whole, partial = (
        model.run_batch(dv[complete], valid[complete]),
        model.run_batch(with_gaps, gaps),
    )
    assert np.array_equal(np.isnan(whole), np.isnan(partial))
    inside = ~np.isnan(whole[0])
    likeness = [
        np.corrcoef(a[inside], b[inside])[0, 1] for a, b in zip(whole, partial, strict=True)
    ]
    assert np.median(likeness) > 0.6


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("weights", "share"), [("fp16", 0.62), ("int8", 0.45)])
def test_compact_weights_are_smaller_and_as_good(folder, full, tmp_path, weights, share):
    small = export(folder, weights=weights)
    assert len(small.content) < share * len(full.content)
    assert small.error <= (1 + WORST_LOSS) * full.error
    assert small.full_error == full.error
    model = loaded(small.content, tmp_path)
    assert model.metadata.recipe["trained"]["weights"] == weights
    dv, valid, _ = folder.validation()
    found, expected = (
        np.nan_to_num(np.stack([one.run(*frame) for frame in zip(dv, valid, strict=True)]))
        for one in (model, loaded(full.content, tmp_path))
    )
    assert 0 < np.linalg.norm(found - expected) < 0.05 * np.linalg.norm(expected)


@pytest.mark.usefixtures("quick")
def test_compact_weights_that_cost_too_much_are_refused(folder, monkeypatch):
    """Weights of three digits, in the place of half precision."""

    def coarse(model):
        small = as_float16(model)
        for tensor in small.graph.initializer:
            if tensor.name.endswith("_float16"):
                array = onnx.numpy_helper.to_array(tensor)
                tensor.CopyFrom(
                    onnx.numpy_helper.from_array(np.round(5 * array) / np.float16(5), tensor.name)
                )
        return small

    monkeypatch.setattr(export_module, "as_float16", coarse)
    with pytest.raises(ModelError, match="worse"):
        export(folder, weights="fp16")


def test_a_graph_that_differs_is_refused(folder, made, monkeypatch):
    def bent(*args):
        model = copy_of(made[1])
        for tensor in model.graph.initializer:
            if tensor.name == "body.2.bias":
                array = onnx.numpy_helper.to_array(tensor) + np.float32(1e-2)
                tensor.CopyFrom(onnx.numpy_helper.from_array(array, tensor.name))
        return model

    monkeypatch.setattr(export_module, "to_onnx", bent)
    with pytest.raises(ModelError, match="differ"):
        export(folder)


def test_class_scores_are_exported(tiny, tiny_recipe, tmp_path):
    recipe = tiny_recipe(
        steps=4,
        losses=[{"kind": "cross_entropy"}],
        network={"widths": [16], "head": HEADS["class_logits"]},
    )
    model = loaded(export(trained(tiny, recipe, tmp_path / "run")).content, tmp_path)
    assert model.shape == (3, 24, 24)
    assert model.metadata.labels == ("water", "resistive", "conductive")


def test_networks_of_rings_are_exported(tiny, tiny_recipe, tmp_path):
    recipe = tiny_recipe(
        steps=30,
        network={
            "symmetry": "rotation",
            "widths": [1024, 1024],
            "front": FRONT,
            "head": HEADS["image"],
        },
        noise={"dead_electrodes": [0.3]},
    )
    run = trained(tiny, recipe, tmp_path / "run")
    full = export(run)
    assert full.parity < 1e-5
    for weights, share in (("fp16", 0.75), ("int8", 0.6)):
        small = export(run, weights=weights)
        assert len(small.content) < share * len(full.content)
        assert small.error <= (1 + WORST_LOSS) * full.error
        assert loaded(small.content, tmp_path).shape == (32, 32)


def test_files_of_the_recipe_are_named_and_not_located(tiny_recipe):
    front = {"gain": 0.8, "empty_tank": "/home/someone/tanks/ref.mat"}
    data = {"folders": ["/home/someone/tanks16", "../more/pails/"]}
    recipe = tiny_recipe(data=data, difference="plain", network={"front": front})
    plain = without_places(recipe.plain())
    assert plain["data"]["folders"] == ["tanks16", "pails"]
    assert plain["network"]["front"]["empty_tank"] == "ref.mat"
    assert plain["network"]["front"]["gain"] == 0.8


def test_gains_are_part_of_the_graph():
    """Plain differences come as they are measured; extreme ones too are the same in ONNX Runtime."""
    plain = {"name": "p", "data": {"folders": ["x"]}, "losses": [{"kind": "mse"}], "steps": 1}
    section = {"widths": [8], "front": {"gain": 2.0}, "head": HEADS["image"]}
    recipe = parse_recipe(plain | {"difference": "plain", "network": section}, "recipe")
    pattern = recipe.make_pattern(8)
    gains = np.linspace(0.5, 2.0, pattern.n_meas)
    network = make_network(recipe, pattern, Layout.ring(8), gains).eval()
    network.front.deviation.fill_(1e-3)
    dv = torch.randn(40, pattern.n_meas, generator=torch.Generator().manual_seed(2))
    dv *= torch.logspace(-6, 4, 40)[:, None]
    dv[:, 3] = torch.nan
    valid = torch.ones_like(dv)
    valid[:, 3] = 0.0
    content = export_module.to_onnx(network, pattern.n_meas, OutputKind.IMAGE).SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"dv": dv.numpy(), "valid": valid.numpy()})
    inside = ~np.isnan(found[0])
    with torch.no_grad():
        simulated = network(dv * torch.as_tensor(gains, dtype=torch.float32), valid, 32).numpy()
    assert np.allclose(found[:, inside], simulated[:, inside], atol=1e-5)


def test_weights_of_another_network_are_refused(folder, tiny_recipe, tmp_path):
    copied = tmp_path / "run"
    shutil.copytree(folder.path, copied)
    (copied / "recipe.yaml").write_text(yaml.safe_dump(tiny_recipe().plain()))
    with pytest.raises(ConfigError, match=r"does not fit recipe\.yaml"):
        export(RunFolder.open(copied))


def test_a_run_without_validation_cannot_be_exported(tiny_recipe, tmp_path):
    folder = RunFolder.create(tmp_path / "run", tiny_recipe())
    with pytest.raises(ConfigError, match=r"about\.json"):
        export(folder)


def test_image_error_is_relative_and_leaves_out_what_is_empty():
    truth = np.zeros((3, 2, 2), dtype=np.float32)
    truth[0, 0] = truth[1, 0] = 3.0, 4.0
    output = 1.5 * truth
    output[2] = 7.0
    output[:, 1, 1] = np.nan
    assert image_error(output, truth) == pytest.approx(0.5)
