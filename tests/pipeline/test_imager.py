"""The imager: which layout a picture lies in, and models of impedances."""

from contextlib import nullcontext

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from eit_rt.calibration import Calibration
from eit_rt.errors import MismatchError
from eit_rt.frames import DifferenceKind, Frame, Stream
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.pipeline import Imager
from eit_rt.reconstruction import ModelMetadata, OutputKind, Reconstructor
from eit_rt.reconstruction.onnx_writer import with_metadata

ADJACENT = Pattern.by_name("adjacent", 16)


@pytest.fixture(scope="module")
def reconstructor() -> Reconstructor:
    return Reconstructor.load("adjacent16-gn")


def imager_for(stream: Stream, reconstructor: Reconstructor) -> Imager:
    return Imager(stream, Calibration(None, stream), reconstructor)


def frame_of(value: float) -> Frame:
    return Frame(np.full(208, value, dtype=np.float32), 0, 0, 0)


def test_a_layout_that_nobody_told_is_not_taken_for_a_fact(reconstructor):
    """The picture needs one and takes the model's; a recording must not keep it."""
    ring = Layout.ring(16, 30.0)
    imager = imager_for(Stream(ADJACENT, 50.0), reconstructor)
    assert (imager.known_layout, imager.layout) == (None, reconstructor.metadata.layout)
    assert imager_for(Stream(ADJACENT, 50.0, layout=ring), reconstructor).known_layout == ring


@pytest.mark.parametrize(("first_deg", "fits"), [(90.0, True), (90.3, True), (95.0, False)])
def test_a_model_of_impedances_fits_its_own_layout_only(tmp_path, first_deg, fits):
    path = tmp_path / "regions.onnx"
    path.write_bytes(regions_model(Layout.ring(16)))
    stream = Stream(ADJACENT, 50.0, layout=Layout.ring(16, first_deg))
    with nullcontext() if fits else pytest.raises(MismatchError, match="its own layout only"):
        imager = imager_for(stream, Reconstructor.load(path))
        imager.calibration.set_reference([frame_of(1.0)])
        image = imager.image(frame_of(1.25))
        np.testing.assert_allclose(image.values, [0.25 * 208, 2 * 0.25 * 208])


def regions_model(layout: Layout) -> bytes:
    """ONNX of two regions: sum of the valid differences, and its double."""
    zero = numpy_helper.from_array(np.zeros((), np.float32), "zero")
    weights = numpy_helper.from_array(np.tile(np.float32([1, 2]), (208, 1)), "weights")
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["valid"], ["is_valid"], to=TensorProto.BOOL),
            helper.make_node("Where", ["is_valid", "dv", "zero"], ["known"]),
            helper.make_node("MatMul", ["known", "weights"], ["impedance"]),
        ],
        "regions",
        [tensor(name, TensorProto.FLOAT, ["batch", 208]) for name in ("dv", "valid")],
        [tensor("impedance", TensorProto.FLOAT, ["batch", 2])],
        [zero, weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    kinds = (OutputKind.IMPEDANCE, DifferenceKind.NORMALISED)
    return with_metadata(model, ModelMetadata("regions", ADJACENT, layout, *kinds))
