"""Smaller weights in an ONNX graph: half precision, or eight bits. Imports onnx when called.

float16 halves the file and costs nothing at run time: ONNX Runtime turns the weights back once, when it loads them.
int8 quarters it and is quicker, at a loss that must be measured. Only the trained matrices change; biases, the fixed
layers, the standardisation and the enlarging of pictures stay float32.
"""

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from onnx import ModelProto, TensorProto

LEAST_SIZE = 1024
"""Smaller tensors are not worth it."""
PRODUCTS = ("MatMul", "Gemm")
TRAINED = "body."
"""Beginning of the names of what was trained."""
FIXED = (".blend", ".analysis", ".synthesis")
"""Ends of the names of what was not: the waves of a ring, and how its points become pixels."""


def as_float16(model: "ModelProto") -> "ModelProto":
    """The same graph, each large matrix stored as float16 with a Cast behind it."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    small = onnx.ModelProto()
    small.CopyFrom(model)
    graph = small.graph
    casts = []
    for tensor in graph.initializer:
        if not _is_large_matrix(tensor):
            continue
        array = numpy_helper.to_array(tensor)
        name, half = tensor.name, f"{tensor.name}_float16"
        tensor.CopyFrom(numpy_helper.from_array(array.astype(np.float16), half))
        casts.append(helper.make_node("Cast", [half], [name], f"{name}_cast", to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return small


def as_int8(model: "ModelProto") -> "ModelProto":
    """The same graph with products of eight bits: weights scaled per output, inputs by their range at run time."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        whole, small = Path(folder) / "whole.onnx", Path(folder) / "small.onnx"
        onnx.save(model, whole)
        with silence():
            quantize_dynamic(
                whole,
                small,
                op_types_to_quantize=list(PRODUCTS),
                nodes_to_exclude=_other_products(model),
                per_channel=True,
                # Unsigned: signed weights saturate on processors without VNNI (pictures changed by 10 %, not 0.7 %).
                weight_type=QuantType.QUInt8,
                extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
            )
        quantised = onnx.load(small)
    quantised.ir_version = model.ir_version
    del quantised.metadata_props[:]
    return quantised


def _is_large_matrix(tensor: "TensorProto") -> bool:
    is_matrix = len(tensor.dims) == 2 and np.prod(tensor.dims) >= LEAST_SIZE
    is_trained = tensor.name.startswith(TRAINED) and not tensor.name.endswith(FIXED)
    return bool(is_matrix and is_trained)


def _other_products(model: "ModelProto") -> list[str]:
    """Names of the nodes that do not multiply by a large trained matrix; also those that the quantiser gives them."""
    trained = {tensor.name for tensor in model.graph.initializer if _is_large_matrix(tensor)}
    others = [
        node.name
        for node in model.graph.node
        if node.op_type in PRODUCTS and not trained & set(node.input)
    ]
    return [*others, *(f"{name}_MatMul" for name in others)]


@contextmanager
def silence() -> Iterator[None]:
    """Exporters warn of their own insides and of packages that nobody needs; what matters is checked on the result."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
