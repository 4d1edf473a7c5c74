"""Linear models as ONNX files, and metadata into any ONNX model. The only module of the room that needs `onnx`.

Imports metadata and errors; `onnx` when called. The rule it keeps: equal input gives equal bytes, in one file.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError, ModelError
from eit_rt.reconstruction.linear_graph import linear_graph
from eit_rt.reconstruction.metadata import ModelMetadata, OutputKind

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET = 20
IR_VERSION = 10


def require_onnx() -> None:
    """Raises ConfigError, saying how to install it, if the package `onnx` is not there."""
    if find_spec("onnx") is None:
        raise ConfigError(
            'building a model needs the package onnx; install it: pip install "eit-rt[export]"'
        )


def linear_model(
    matrix: ArrayLike,
    metadata: ModelMetadata,
    inside: ArrayLike,
    precision: ArrayLike | None = None,
) -> bytes:
    """ONNX file of a picture that is a matrix times the measurements.

    matrix: (n_inside, n_meas), one row per pixel inside the domain, in the order of `inside` read row by row.
    inside: (H, W) bool, row 0 = top. Pixels outside are NaN in the output.
    precision: (n_meas, n_meas) inverse covariance, up to a factor, of the differences that the model expects; with it
    missing measurements are filled in from the others, without it with zeros (see linear_graph).
    Raises ModelError if the sizes disagree or a number is not finite, ConfigError without `onnx`.
    """
    require_onnx()
    from onnx import helper

    inside = np.asarray(inside, dtype=bool)
    rows = np.asarray(matrix, dtype=np.float32)
    if metadata.output is not OutputKind.IMAGE:
        raise ModelError(
            f"a linear picture has the output image, the metadata say {metadata.output}"
        )
    if rows.shape != (int(inside.sum()), metadata.n_meas):
        raise ModelError(
            f"matrix has shape {rows.shape}; expected ({int(inside.sum())}, {metadata.n_meas}): "
            "pixels inside the domain, measurements of the pattern"
        )
    if not np.isfinite(rows).all():
        raise ModelError("the matrix holds NaN or infinity; a larger hyperparameter may be needed")
    # All pixels as rows, those outside as zeros plus a NaN bias: streaming 27 % more weights was quicker (92 us)
    # than spreading the inside pixels by Gather (113 us), 208 measurements to 64x64 on one core.
    weights = np.zeros((inside.size, metadata.n_meas), dtype=np.float32)
    weights[inside.ravel()] = rows
    bias = np.where(inside, np.float32(0), np.float32("nan")).astype(np.float32).ravel()
    if precision is not None:
        precision = _checked_precision(precision, metadata.n_meas)
    model = helper.make_model(
        linear_graph(weights, bias, inside.shape, precision),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    return _serialise(model, metadata)


def with_metadata(model: "ModelProto", metadata: ModelMetadata) -> bytes:
    """Bytes of any ONNX model with the metadata put in; other metadata keys are kept. Raises ModelError."""
    require_onnx()
    return _serialise(model, metadata)


def _checked_precision(precision: ArrayLike, n_meas: int) -> NDArray[np.float64]:
    p = np.asarray(precision, dtype=np.float64)
    if p.shape != (n_meas, n_meas) or not np.isfinite(p).all() or not (np.diag(p) > 0).all():
        raise ModelError(
            f"precision of shape {p.shape}; expected ({n_meas}, {n_meas}), finite, with a positive diagonal"
        )
    return p


def _serialise(model: "ModelProto", metadata: ModelMetadata) -> bytes:
    """Checked bytes, in one file, the same every time."""
    import onnx

    props = {prop.key: prop.value for prop in model.metadata_props} | metadata.to_props()
    model.producer_name, _, model.producer_version = metadata.software.partition(" ")
    onnx.helper.set_model_props(model, dict(sorted(props.items())))
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ModelError(f"the model is not valid ONNX: {error}") from error
    return bytes(model.SerializeToString(deterministic=True))
