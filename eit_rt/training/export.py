"""Run folder -> ONNX file: the network of the best validation, checked against itself in ONNX Runtime.

Imports torch, onnx (when called), reconstruction and this room. The rule it keeps: equal runs give equal bytes, in one
file, without a path of the machine that made it; and a file that differs from the network is never written.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from eit_rt.errors import ConfigError, ModelError
from eit_rt.pattern import Pattern
from eit_rt.reconstruction.metadata import ModelMetadata, OutputKind
from eit_rt.reconstruction.onnx_writer import IR_VERSION, OPSET, with_metadata
from eit_rt.reconstruction.resizing import resizing
from eit_rt.training.compact_weights import as_float16, as_int8, silence
from eit_rt.training.network import Network, make_network
from eit_rt.training.recipe import ClassHead, ImpedanceHead, TrainingRecipe
from eit_rt.training.run_folder import BEST, RunFolder

if TYPE_CHECKING:
    from onnx import ModelProto

Floats = NDArray[np.float32]
Weights = Literal["fp32", "fp16", "int8"]

PARITY = 1e-5
"""Largest difference of the network in torch and in ONNX Runtime, relative to the largest output if that is above 1."""
WORST_LOSS = 0.01
"""Compact weights are kept if the error of the pictures grows by no more than this share."""
EXAMPLE_BATCH = 2
"""One would be taken for a constant by the tracer."""
INPUTS = ("dv", "valid")


@dataclass(frozen=True, slots=True)
class Exported:
    """A file's content, and what was measured on the way."""

    content: bytes
    metadata: ModelMetadata
    parity: float
    """Largest difference between torch and ONNX Runtime."""
    error: float
    """Relative error of the pictures of the validation tanks: |picture - truth| / |truth|, median over tanks."""
    full_error: float
    """The same with full weights."""


def export(folder: RunFolder, name: str | None = None, weights: Weights = "fp32") -> Exported:
    """The best network of a run. name: what people call the model; default the recipe's.

    Raises ConfigError (no such run, a package is missing), ModelError (torch and ONNX Runtime disagree; compact weights
    cost too much).
    """
    _require_packages()
    recipe = folder.recipe()
    layout = folder.layout()
    pattern = recipe.make_pattern(layout.n_electrodes)
    best = folder.load(BEST)
    network = make_network(recipe, pattern, layout)
    with folder.fitting(BEST):
        network.load_state_dict(best["network"])
        metrics = dict(best["metrics"])
    network.eval()
    dv, valid, target = folder.validation()
    model = to_onnx(network, pattern.n_meas, OutputKind(recipe.network.head.output))
    full = model.SerializeToString(deterministic=True)
    parity = _parity(network, full, dv, valid)
    if parity > PARITY:
        raise ModelError(
            f"ONNX Runtime and torch differ by {parity:.2g} on the validation tanks; expected {PARITY:g} or less"
        )
    truth = _truth(recipe, target)
    full_error = error = image_error(_run(full, dv, valid), truth)
    if weights != "fp32":
        model = as_float16(model) if weights == "fp16" else as_int8(model)
        error = image_error(_run(model.SerializeToString(), dv, valid), truth)
        if error > (1.0 + WORST_LOSS) * full_error:
            raise ModelError(
                f"{weights} weights make the pictures {error / full_error - 1:.1%} worse (relative error {error:.4f}, "
                f"with full weights {full_error:.4f}); allowed is {WORST_LOSS:.0%}: export with --weights fp32"
            )
    metadata = _metadata(folder, recipe, pattern, metrics, name, weights)
    return Exported(with_metadata(model, metadata), metadata, parity, error, full_error)


def to_onnx(network: Network, n_meas: int, output: OutputKind) -> "ModelProto":
    """Graph of the network: inputs `dv` and `valid`, a dynamic batch, the output named by its kind."""
    example = (torch.zeros(EXAMPLE_BATCH, n_meas), torch.ones(EXAMPLE_BATCH, n_meas))
    batch = torch.export.Dim("batch")
    with silence():
        program = torch.onnx.export(
            network,
            example,
            dynamo=True,
            opset_version=OPSET,
            external_data=False,
            input_names=list(INPUTS),
            output_names=[str(output)],
            dynamic_shapes=({0: batch}, {0: batch}),
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    _strip(model)
    return model


def _strip(model: "ModelProto") -> None:
    """Take out what the exporter says of the machine it ran on: source paths, stack traces."""
    model.ir_version = IR_VERSION
    model.doc_string = ""
    model.graph.name = "network"
    model.graph.doc_string = ""
    graph = model.graph
    parts = [
        model,
        graph,
        *graph.node,
        *graph.value_info,
        *graph.initializer,
        *graph.input,
        *graph.output,
    ]
    for part in parts:
        part.doc_string = ""
        del part.metadata_props[:]
    # Sizes in between are the checker's business; without them the file holds no trace of the example's batch.
    del graph.value_info[:]


def image_error(output: Floats, truth: Floats) -> float:
    """|output - truth| / |truth|, median over tanks; NaN (outside the disc, or a truth without objects) left out."""
    rows = len(truth)
    known = np.isfinite(output) & np.isfinite(truth)
    difference = np.where(known, output - truth, 0.0).reshape(rows, -1)
    size = np.linalg.norm(np.where(known, truth, 0.0).reshape(rows, -1), axis=1)
    share = np.linalg.norm(difference, axis=1)[size > 0] / size[size > 0]
    return float(np.median(share)) if len(share) else 0.0


def _truth(recipe: TrainingRecipe, target: Floats) -> Floats:
    """Targets as the exported output would show them."""
    head = recipe.network.head
    if isinstance(head, ImpedanceHead):
        return target
    rows = resizing(target.shape[-1], head.size)
    pictures = rows @ target @ rows.T
    if isinstance(head, ClassHead):
        labels = (pictures < -head.threshold) + 2 * (pictures > head.threshold)
        pictures = np.moveaxis(np.eye(3, dtype=np.float32)[labels.astype(int)], 3, 1)
    return np.asarray(pictures, dtype=np.float32)


def _run(content: bytes, dv: Floats, valid: Floats) -> Floats:
    """Output of a model for many tanks, one thread. Class scores come as probabilities.

    One by one, as a live picture is made: eight-bit products share one range among all that is in a batch.
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    frames = zip(dv[:, None], valid[:, None], strict=True)
    output = np.concatenate(
        [session.run(None, dict(zip(INPUTS, one, strict=True)))[0] for one in frames]
    )
    if output.ndim == 4:
        scores = np.exp(output - output.max(axis=1, keepdims=True))
        output = scores / scores.sum(axis=1, keepdims=True)
    return output


def _parity(network: Network, content: bytes, dv: Floats, valid: Floats) -> float:
    """Largest difference on the validation tanks."""
    with torch.no_grad():
        output = network(torch.from_numpy(dv), torch.from_numpy(valid))
    expected = (output.softmax(dim=1) if output.ndim == 4 else output).numpy()
    found = _run(content, dv, valid)
    if not np.array_equal(np.isnan(found), np.isnan(expected)):
        return float("inf")
    return float(np.nanmax(np.abs(found - expected))) / max(1.0, float(np.nanmax(np.abs(found))))


def _metadata(
    folder: RunFolder,
    recipe: TrainingRecipe,
    pattern: Pattern,
    metrics: Mapping[str, float],
    name: str | None,
    weights: Weights,
) -> ModelMetadata:
    head = recipe.network.head
    about = folder.about()
    facts: dict[str, Any] = {
        key: about[key] for key in ("data_sha256", "tanks", "copies", "threads", "versions")
    }
    facts |= {"steps": int(metrics["step"]), "weights": weights}
    is_picture = not isinstance(head, ImpedanceHead)
    quantity, unit = "contrast (s - s0) / (s + s0)", "1"
    labels: tuple[str, ...] = ()
    if isinstance(head, ClassHead):
        quantity, labels = "class", ("water", "resistive", "conductive")
    elif isinstance(head, ImpedanceHead):
        quantity, unit, labels = "impedance", head.unit, head.labels
    return ModelMetadata(
        name=name or recipe.name,
        pattern=pattern,
        layout=folder.layout(),
        output=OutputKind(head.output),
        difference=recipe.difference,
        extent=(-1.0, 1.0, -1.0, 1.0) if is_picture else None,
        quantity=quantity,
        unit=unit,
        labels=labels,
        recipe=without_places(recipe.plain()) | {"trained": facts},
        metrics={
            f"validation {key}": float(f"{metrics[key]:.6g}")
            for key in ("correlation", "loss")
            if np.isfinite(metrics[key])
        },
    )


def without_places(plain: dict[str, Any]) -> dict[str, Any]:
    """A recipe whose files and folders are named, not located: a model travels, its maker's disk does not."""
    data, front = plain["data"], plain["network"]["front"]
    data["folders"] = [_name_of(folder) for folder in data["folders"]]
    for section, key in ((plain, "start_from"), (front, "empty_tank")):
        if key in section:
            section[key] = _name_of(section[key])
    return plain


def _name_of(place: str) -> str:
    """Last part, also of `tanks/` and `.`; symbolic links keep the name that the recipe gave them."""
    return os.path.basename(os.path.abspath(place))


def _require_packages() -> None:
    missing = [name for name in ("onnx", "onnxscript") if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f'exporting a network needs {" and ".join(missing)}; install them: pip install "eit-rt[train]"'
        )
