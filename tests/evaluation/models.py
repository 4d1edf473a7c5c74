"""Small ONNX models for eight electrodes."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

from eit_rt.frames import DifferenceKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import PixelGrid
from eit_rt.reconstruction import ModelMetadata, OutputKind, Reconstructor
from eit_rt.reconstruction.onnx_writer import linear_model, with_metadata
from eit_rt.reconstruction.sensitivity import disc_sensitivity

EIGHT = Pattern.by_name("adjacent", 8)
WHOLE = (-1.0, 1.0, -1.0, 1.0)
SIDE = 8


def about(
    output: OutputKind, name: str, extent: tuple[float, float, float, float] = WHOLE
) -> ModelMetadata:
    return ModelMetadata(name, EIGHT, Layout.ring(8), output, DifferenceKind.NORMALISED, extent)


def linear(
    folder: Path, name: str = "linear", extent: tuple[float, float, float, float] = WHOLE
) -> Reconstructor:
    """A one-step Gauss-Newton of 16 x 16 pixels, in `folder/name.onnx`."""
    grid = PixelGrid(16, 16)
    tank = disc_sensitivity(Layout.ring(8), EIGHT, grid, 1000, 0.02)
    j = tank.rows(DifferenceKind.NORMALISED)[:, tank.inside]
    noise = 0.01 * np.trace(j @ j.T) / len(j)
    matrix = j.T @ np.linalg.inv(j @ j.T + noise * np.eye(len(j)))
    file = folder / f"{name}.onnx"
    file.write_bytes(linear_model(matrix, about(OutputKind.IMAGE, name, extent), grid.inside))
    return Reconstructor.load(file)


def logits(folder: Path, name: str = "scores") -> Reconstructor:
    """Scores of 8 x 8 pixels, whatever is measured: left resistive, right conductive, in `folder/name.onnx`."""
    scores = np.zeros((3, SIDE, SIDE), dtype=np.float32)
    scores[1, :, : SIDE // 2] = scores[2, :, SIDE // 2 :] = 2.0
    n = EIGHT.n_meas
    inputs = [
        helper.make_tensor_value_info(key, TensorProto.FLOAT, ["batch", n])
        for key in ("dv", "valid")
    ]
    output = helper.make_tensor_value_info(
        "class_logits", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE]
    )
    constants = [
        helper.make_tensor("scores", TensorProto.FLOAT, scores.shape, scores.ravel()),
        helper.make_tensor("none", TensorProto.FLOAT, (n, 1), np.zeros(n)),
        helper.make_tensor("form", TensorProto.INT64, (4,), [-1, 1, 1, 1]),
    ]
    nodes = [
        helper.make_node("Mul", ["dv", "valid"], ["used"]),
        helper.make_node("MatMul", ["used", "none"], ["zero"]),
        helper.make_node("Reshape", ["zero", "form"], ["zeros"]),
        helper.make_node("Add", ["zeros", "scores"], ["class_logits"]),
    ]
    graph = helper.make_graph(nodes, "scores", inputs, [output], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    file = folder / f"{name}.onnx"
    file.write_bytes(with_metadata(model, about(OutputKind.CLASS_LOGITS, name)))
    return Reconstructor.load(file)
