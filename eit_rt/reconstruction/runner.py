"""Difference -> picture: runs any model that keeps the contract, in ONNX Runtime, one thread.

Imports metadata, frames, pattern, shipped and errors; onnxruntime when a model is loaded; never onnx or a builder. The
rule it keeps: a model that does not fit is refused before the first frame; `run` costs one copy over the bare model.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eit_rt import shipped
from eit_rt.errors import MismatchError, ModelError
from eit_rt.frames import DifferenceKind, Stream, ValueKind
from eit_rt.pattern import Pattern
from eit_rt.reconstruction.metadata import ModelMetadata, OutputKind

if TYPE_CHECKING:
    import onnxruntime as ort

INPUTS = ("dv", "valid")
RANK = {OutputKind.IMAGE: 3, OutputKind.IMPEDANCE: 2, OutputKind.CLASS_LOGITS: 4}
CLASSES = 3
WARM_UP_RUNS = 20

Floats = NDArray[np.float32]


class Reconstructor:
    """A loaded model. Not for two threads at once: the input buffers are reused from frame to frame."""

    metadata: ModelMetadata
    shape: tuple[int, ...]
    """Shape of one output: (H, W), (n,) or (3, H, W)."""

    def __init__(self, session: "ort.InferenceSession", metadata: ModelMetadata) -> None:
        """Checks the session against its metadata and warms it up. Raises ModelError."""
        self.metadata = metadata
        self._session = session
        self._outputs = [str(metadata.output)]
        self._dv = np.zeros((1, metadata.n_meas), dtype=np.float32)
        self._valid = np.zeros((1, metadata.n_meas), dtype=np.float32)
        self._newest_valid: Floats | None = None
        _check_signature(session, metadata)
        self._output = self._first_output()
        self.shape = self._output.shape[1:]
        self._binding = self._bound()
        for _ in range(WARM_UP_RUNS):
            self.run(self._dv[0], self._valid[0])

    @classmethod
    def load(cls, name_or_path: str | Path) -> "Reconstructor":
        """Model from a file, or the name of a shipped one.

        Raises ConfigError if there is no such file (it lists the shipped names), ModelError if it cannot be used.
        """
        path = shipped.find("models", str(name_or_path), ".onnx")
        try:
            session = _session(path)
            return cls(session, ModelMetadata.from_props(_props(session)))
        except ModelError as error:
            raise ModelError(f"{path}: {error}") from error.__cause__

    @property
    def session(self) -> "ort.InferenceSession":
        """ONNX Runtime's own session, for measuring what this class adds to it."""
        return self._session

    def check(self, source: Stream | Pattern) -> None:
        """Raises MismatchError, naming both sides, unless the measurements are those that the model was made for."""
        pattern = source if isinstance(source, Pattern) else source.pattern
        _check_pattern(pattern, self.metadata)
        if isinstance(source, Stream):
            _check_stream(source, self.metadata)

    def run(self, dv: Floats, valid: Floats) -> Floats:
        """One picture or vector, a fresh array that belongs to the caller.

        dv: (n_meas,), pattern order; may hold anything, NaN too, where valid is 0. valid: (n_meas,), 1 usable, 0 not.
        Raises MismatchError for other shapes.
        """
        if dv.shape != self._dv.shape[1:] or valid.shape != dv.shape:
            raise self._wrong_shape(dv, valid)
        self._dv[0] = dv
        # Calibration gives one and the same read-only array for all frames without gaps: it is copied once.
        if valid is not self._newest_valid or valid.flags.writeable:
            self._valid[0] = self._newest_valid = valid
        self._session.run_with_iobinding(self._binding)
        picture: Floats = self._output[0].copy()
        return picture

    def run_batch(self, dv: Floats, valid: Floats) -> Floats:
        """Many at once. dv, valid: (batch, n_meas). Returns (batch, *shape), a fresh array."""
        if dv.ndim != 2 or dv.shape[1:] != self._dv.shape[1:] or valid.shape != dv.shape:
            raise self._wrong_shape(dv, valid)
        feed = {
            name: np.ascontiguousarray(array, dtype=np.float32)
            for name, array in zip(INPUTS, (dv, valid), strict=True)
        }
        return self._session.run(self._outputs, feed)[0]  # type: ignore[no-any-return]

    def _wrong_shape(self, dv: Floats, valid: Floats) -> MismatchError:
        return MismatchError(
            f"dv has shape {dv.shape}, valid {valid.shape}; model {self.metadata.name} takes "
            f"{self.metadata.n_meas} measurements ({self.metadata.pattern.describe()})"
        )

    def _bound(self) -> "ort.IOBinding":
        """Inputs and output tied to this object's own arrays: 6 us a frame quicker than handing them over each time."""
        binding = self._session.io_binding()
        for name, array in zip(INPUTS, (self._dv, self._valid), strict=True):
            binding.bind_input(name, "cpu", 0, np.float32, array.shape, array.ctypes.data)
        out = self._output
        binding.bind_output(self._outputs[0], "cpu", 0, np.float32, out.shape, out.ctypes.data)
        return binding

    def _first_output(self) -> Floats:
        """(1, *shape) what the model makes of one empty frame, in an array of our own. Raises ModelError."""
        feed = dict(zip(INPUTS, (self._dv, self._valid), strict=True))
        try:
            output = self._session.run(self._outputs, feed)[0]
        except _ort_errors() as error:
            raise ModelError(f"the model does not run: {_one_line(error)}") from error
        rank = RANK[self.metadata.output]
        if output.ndim != rank or output.shape[0] != 1 or output.dtype != np.float32:
            raise ModelError(
                f"output {self.metadata.output} is {output.dtype} of shape {output.shape} for one frame; expected "
                f"float32 of {rank} axes, the first of length 1"
            )
        if self.metadata.output is OutputKind.CLASS_LOGITS and output.shape[1] != CLASSES:
            raise ModelError(f"scores of {output.shape[1]} classes; expected {CLASSES}")
        labels = self.metadata.labels
        if labels and len(labels) != output.shape[1] and self.metadata.output != OutputKind.IMAGE:
            raise ModelError(f"{len(labels)} labels for {output.shape[1]} outputs")
        return np.array(output)


def _session(path: Path) -> "ort.InferenceSession":
    """ONNX Runtime session of one thread. More threads were no faster and had tails of milliseconds."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4  # Its errors reach us as exceptions; told once is enough.
    try:
        # From memory, so that a file replaced under a running session does no harm.
        return ort.InferenceSession(
            path.read_bytes(), sess_options=options, providers=["CPUExecutionProvider"]
        )
    except OSError as error:
        raise ModelError(f"cannot be read: {error.strerror}") from error
    except _ort_errors() as error:
        raise ModelError(
            f"not a usable ONNX file ({_one_line(error)}); it may be cut off or not ONNX at all: "
            "copy or export it again"
        ) from error


def _props(session: "ort.InferenceSession") -> dict[str, str]:
    return dict(session.get_modelmeta().custom_metadata_map)


def _ort_errors() -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises: its classes share no base but Exception."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    kinds = [kind for kind in vars(state).values() if isinstance(kind, type)]
    return (ValueError, *(kind for kind in kinds if issubclass(kind, Exception)))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _check_signature(session: "ort.InferenceSession", metadata: ModelMetadata) -> None:
    """Raises ModelError unless inputs and output are named, typed and sized as the contract says."""
    inputs = {node.name: node for node in session.get_inputs()}
    if set(inputs) != set(INPUTS):
        raise ModelError(f"inputs are {sorted(inputs)}; expected {' and '.join(INPUTS)}")
    for node in inputs.values():
        _check_input(node, metadata.n_meas)
    outputs = [node.name for node in session.get_outputs()]
    if metadata.output not in outputs:
        raise ModelError(f"outputs are {outputs}; the metadata promise {metadata.output}")


def _check_input(node: Any, n_meas: int) -> None:
    shape = list(node.shape)
    # A named or unknown length comes as a string or None: a dynamic axis.
    fits = len(shape) == 2 and (shape[1] == n_meas or not isinstance(shape[1], int))
    if node.type != "tensor(float)" or not fits:
        raise ModelError(
            f"input {node.name} is {node.type} of shape {shape}; expected tensor(float) of shape (batch, {n_meas})"
        )
    if isinstance(shape[0], int) and shape[0] != 1:
        raise ModelError(
            f"input {node.name} has a fixed batch of {shape[0]}; export the model with a dynamic batch"
        )


def _check_pattern(pattern: Pattern, metadata: ModelMetadata) -> None:
    mine = metadata.pattern
    if pattern.n_electrodes != mine.n_electrodes:
        raise MismatchError(
            f"model {metadata.name} is for {mine.n_electrodes} electrodes ({mine.describe()}), the source has "
            f"{pattern.n_electrodes} ({pattern.describe()}); choose or build a model for {pattern.n_electrodes}"
        )
    if pattern != mine:
        raise MismatchError(
            f"model {metadata.name} is for the pattern {mine.describe()}, the source sends {pattern.describe()}; "
            "configure the board for the model's pattern, or build a model for this one (eit-rt build-model)"
        )


def _check_stream(stream: Stream, metadata: ModelMetadata) -> None:
    if (
        stream.value_kind is ValueKind.MAGNITUDE
        and metadata.difference is not DifferenceKind.NORMALISED
    ):
        raise MismatchError(
            f"model {metadata.name} takes plain differences, which need signed values; the source sends magnitudes: "
            "use a model for normalised differences"
        )
    if stream.layout is not None:
        stream.layout.placement_of(metadata.layout)
