"""Reader of MATLAB files in the form of EIDORS: `vv` (n_meas, n_frames), `vh`, `stimulation`; our own export is one.

Imports matlab, named_arrays. EIDORS' `stimulation` (or a `fwd_model` or `inv_model` that holds one) gives the pattern:
`stim_pattern` (n_elec, 1), `meas_pattern` (n, n_elec). Without it the user names the pattern. An EIDORS data object
(struct with `meas`) counts as its `meas`. What else our export says has the names of docs/importing.md.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.pattern import MOST_ELECTRODES
from eit_rt.recording.readers.matlab import (
    LARGEST_SPARSE,
    Sparse,
    Struct,
    read_variables,
    variable_names,
    why_not_v5,
)
from eit_rt.recording.readers.named_arrays import OPTIONS, imported
from eit_rt.recording.readers.npz_archive import ARRAYS, GENERAL
from eit_rt.recording.readers.reader import Detection, ImportedFrames, ImportOptions

summary = (
    "MATLAB v5 (.mat) of EIDORS: vv (n_meas, n_frames) and, if there, vh, stimulation; our export"
)
options = OPTIONS

FRAMES = ("vv", "vi")
REFERENCE = "vh"
OTHERS = {"Mpat", "CurrentPattern"}
"""Variables that tell other systems' files."""
_LEFT_OUT = {"frames", "reference", "ref", "pattern_table", *GENERAL}
"""Said by `vv`, `vh` and `stimulation`; the table of our export counts from 1, as MATLAB does."""
_DEEPEST = 3


def detect(path: Path) -> Detection:
    if reason := why_not_v5(path):
        return Detection(False, reason)
    try:
        names = variable_names(path, deep=True)
    except ReaderError as error:
        return Detection(False, str(error))
    if names & set(FRAMES) and not names & OTHERS:
        return Detection(True, f"has {' and '.join(sorted(names & {*FRAMES, 'stimulation'}))}")
    return Detection(False, f"has {', '.join(sorted(names)) or 'nothing'}; expected vv")


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    return imported(load(path), options, path, "eidors", load)


def load(path: Path) -> dict[str, NDArray[Any]]:
    """Named arrays of a file. Raises ReaderError."""
    variables = read_variables(path)
    arrays: dict[str, NDArray[Any]] = {}
    for name, value in variables.items():
        if name in ARRAYS - _LEFT_OUT:
            if isinstance(value, str):
                arrays[name] = np.array(value)
            elif isinstance(value, np.ndarray):
                arrays[name] = value.ravel()  # MATLAB has no vectors
    frames = next((name for name in FRAMES if name in variables), None)
    if frames is None and REFERENCE not in variables:
        raise ReaderError(
            f"{path} has no `vv` (n_meas, n_frames); found {', '.join(sorted(variables)) or 'nothing'}"
        )
    if frames is not None:
        arrays["frames"] = _voltages(variables[frames], frames, path).T
    if REFERENCE in variables:
        arrays["reference"] = _reference(_voltages(variables[REFERENCE], REFERENCE, path), path)
    if (stimulation := _stimulation(variables)) is not None:
        arrays |= _pattern(stimulation, path)
    return arrays


def _voltages(value: Any, name: str, path: Path) -> NDArray[Any]:
    """(n_meas, n_frames)"""
    if isinstance(value, list) and value and "meas" in value[0]:
        value = value[0]["meas"]
    if not isinstance(value, np.ndarray) or value.ndim != 2 or not value.size:
        raise ReaderError(
            f"`{name}` in {path} is no array of numbers; expected (n_meas, n_frames), one column a frame"
        )
    return value.T if len(value) == 1 else value


def _reference(columns: NDArray[Any], path: Path) -> NDArray[Any]:
    if columns.shape[1] != 1:
        raise ReaderError(
            f"`{REFERENCE}` in {path} has {columns.shape[1]} columns; expected one frame: take their median"
        )
    return columns[:, 0]


def _stimulation(variables: dict[str, Any], depth: int = _DEEPEST) -> Struct | None:
    """The struct array `stimulation`, at the top or inside of a model."""
    found = variables.get("stimulation")
    if isinstance(found, list) and found and "stim_pattern" in found[0]:
        return found
    if depth:
        for value in variables.values():
            inside = isinstance(value, list) and len(value) == 1
            if inside and (found := _stimulation(value[0], depth - 1)) is not None:
                return found
    return None


def _pattern(stimulation: Struct, path: Path) -> dict[str, NDArray[Any]]:
    """`stim_pattern`, `meas_pattern`, `meas_stim` as `npz_pattern` takes them; of pairs, currents are 1 and -1."""
    currents: list[NDArray[np.float64]] = []
    senses: list[NDArray[np.float64]] = []
    n_senses = 0
    for number, element in enumerate(stimulation, start=1):
        place = f"stimulation({number}) in {path}"
        current = _full(element.get("stim_pattern"), f"stim_pattern of {place}")
        sense = _full(element.get("meas_pattern"), f"meas_pattern of {place}")
        current = current.ravel()
        n_electrodes = len(currents[0]) if currents else len(current)
        if not 3 <= n_electrodes <= MOST_ELECTRODES:
            raise ReaderError(f"stim_pattern of {place} has {n_electrodes} electrodes")
        if current.shape != (n_electrodes,) or sense.shape[1:] != (n_electrodes,):
            raise ReaderError(
                f"{place} has stim_pattern {current.shape} and meas_pattern {sense.shape}; expected "
                f"({n_electrodes}, 1) and (n, {n_electrodes})"
            )
        n_senses += len(sense)
        if n_senses * n_electrodes > LARGEST_SPARSE:
            raise ReaderError(f"{path} has more than {n_senses} measurements a frame")
        currents.append(current)
        senses.append(sense)
    drive = np.array(currents)
    amplitude = float(np.abs(drive).max())
    if amplitude > 0 and np.isin(drive, (-amplitude, 0.0, amplitude)).all():
        drive = drive / amplitude
    # A stimulation that comes back is one stimulation.
    seen: dict[bytes, int] = {}
    number_of = [seen.setdefault(row.tobytes(), len(seen)) for row in drive]
    return {
        "stim_pattern": np.array([np.frombuffer(row) for row in seen]),
        "meas_pattern": np.vstack(senses),
        "meas_stim": np.repeat(number_of, [len(sense) for sense in senses]),
        "n_electrodes": np.array(drive.shape[1]),
    }


def _full(value: Any, what: str) -> NDArray[np.float64]:
    full = value.dense() if isinstance(value, Sparse) else value
    if not isinstance(full, np.ndarray) or full.ndim != 2 or full.dtype.kind not in "iuf":
        raise ReaderError(f"{what} is no matrix of real numbers")
    return full.astype(np.float64)
