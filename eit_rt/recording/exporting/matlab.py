"""MATLAB's v5 .mat in the form of EIDORS: `vv`, `vh`, `stimulation`. All frames are in memory at once.

Imports selection, errors; scipy. EIDORS' conventions (`mk_stim_patterns`): a positive current goes into the tank, a
measurement is meas_pattern * potentials, measurements are ordered stimulation by stimulation: as a Pattern has them.
Whatever order the pattern has is kept: a stimulation that comes back later is a further element of the struct.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.pattern import Pattern
from eit_rt.recording.exporting.selection import Selection

summary = "MATLAB v5 as EIDORS has it: vv (n_meas, n_frames), vh, stimulation"

LARGEST_BYTES = (1 << 31) - (1 << 20)
"""A variable of a v5 file is shorter than 2 GiB."""


def write(selection: Selection, file: BinaryIO) -> None:
    from scipy.io import savemat

    n_meas = selection.recording.about.pattern.n_meas
    n_bytes = len(selection) * n_meas * (16 if selection.is_complex else 8)
    if n_bytes > LARGEST_BYTES:
        raise ConfigError(
            f"{len(selection)} frames of {n_meas} values need {n_bytes / 1e9:.1f} GB, a variable of a .mat file has at "
            "most 2 GB; choose fewer with --frames A:B, or write .h5"
        )
    # Compressed: then the file has checksums.
    savemat(cast(Any, file), _variables(selection), do_compression=True, oned_as="column")


def _variables(selection: Selection) -> dict[str, Any]:
    block, numbers = selection.whole(), selection.numbers()
    pattern = selection.recording.about.pattern
    variables: dict[str, Any] = {
        "stimulation": stimulation(pattern),
        "time_s": (block.t_board_ns - block.t_board_ns[0]) / 1e9,
    }
    if "reference" in numbers:
        variables["vh"] = _double(numbers["reference"])
    if pattern.table is not None:
        variables["pattern_table"] = pattern.table.astype(np.float64) + 1  # as MATLAB counts
    variables["n_electrodes"] = float(pattern.n_electrodes)
    variables["started_ns"] = numbers["started_ns"]  # too large for a double
    for name in ("rate_hz", "restarts", "saturation", "angles_deg", "width_deg", "radius_m"):
        if name in numbers:
            variables[name] = numbers[name].astype(np.float64)
    # The frames come last: a copy that was cut off between two variables has none, and is not taken for whole.
    frames = {"vv": _double(block.frames).T}
    return variables | dict(block.per_frame()) | selection.texts() | frames


def _double(values: NDArray[Any]) -> NDArray[Any]:
    """MATLAB multiplies sparse matrices with double only."""
    return values.astype(np.complex128 if np.iscomplexobj(values) else np.float64)


def stimulation(pattern: Pattern) -> NDArray[Any]:
    """(1, n) struct array like EIDORS' `fwd_model.stimulation`.

    stim_pattern: (n_elec, 1), in units of the board's amplitude; meas_pattern: (n, n_elec), both sparse.
    """
    from scipy.sparse import csc_array

    fields = [("stimulation", object), ("stim_pattern", object), ("meas_pattern", object)]
    rows = [
        (
            "Amp",
            csc_array(pattern.currents[pattern.stimulation[start]][:, np.newaxis]),
            csc_array(pattern.senses[start:stop]),
        )
        for start, stop in _runs(pattern)
    ]
    structs = np.empty((1, len(rows)), dtype=fields)
    for place, row in enumerate(rows):
        structs[0, place] = row
    return structs


def _runs(pattern: Pattern) -> Iterator[tuple[int, int]]:
    """Measurements start..stop-1 that follow each other in one stimulation."""
    edges = np.flatnonzero(np.diff(pattern.stimulation)) + 1
    bounds = [0, *edges.tolist(), pattern.n_meas]
    yield from pairwise(bounds)
