"""Reader of the Kuopio Tomography Challenge 2023: MATLAB files of a real 32-electrode water tank.

Source: Räsänen et al., "KTC2023 open EIT data set", Zenodo 10.5281/zenodo.8252370 (CC BY 4.0). A file is one frame:
`Inj` (32, n_inj) currents, `Mpat` (32, n_channels) voltage differences, `Uel` (n_inj * n_channels, 1), injection after
injection; the empty tank has `Injref`, `Uelref`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import MismatchError, PatternError, ReaderError
from eit_rt.frames import BoardIdentity, Frame
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording.about import About
from eit_rt.recording.readers.matlab import read_arrays
from eit_rt.recording.readers.reader import (
    Detection,
    ImportedFrames,
    ImportOptions,
    as_values,
    layout_for,
)

summary = (
    "Kuopio Tomography Challenge 2023, MATLAB v5 (.mat); --reference: the empty tank (ref.mat)"
)
options = frozenset({"reference", "removed", "layout"})

N_ELECTRODES = 32
RADIUS_M = 0.115


@dataclass(frozen=True, slots=True, eq=False)
class _Tank:
    """One .mat file."""

    currents: NDArray[np.float64]
    """(n_electrodes, n_injections)"""
    senses: NDArray[np.float64]
    """(n_electrodes, n_channels)"""
    values: NDArray[np.float32]
    """(n_injections * n_channels,), injection after injection."""


def detect(path: Path) -> Detection:
    with path.open("rb") as file:
        first = file.read(10)
    if first == b"MATLAB 7.3":
        return Detection(False, "a MATLAB v7.3 file; save it again with `save -v7`")
    if first != b"MATLAB 5.0":
        return Detection(False, "not a MATLAB v5 file")
    try:
        names = read_arrays(path).keys()
    except ReaderError as error:
        return Detection(False, str(error))
    if "Mpat" in names and names & {"Uel", "Uelref"}:
        return Detection(True, "has Mpat and Uel")
    return Detection(False, f"has {', '.join(sorted(names)) or 'nothing'}; expected Inj, Mpat, Uel")


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    tank = _read_tank(path)
    pattern = _pattern(tank, path)
    layout, _ = layout_for(options, N_ELECTRODES, ktc_layout())
    missing = _removed(pattern, options.removed or 0)
    notes = [f"electrodes 1..{options.removed} taken as removed"] if options.removed else []
    reference = None
    if options.reference is None:
        notes.append("no --reference: the recording holds no frame of the empty tank")
    else:
        reference = _reference(tank, options.reference)
    about = About(
        pattern=pattern,
        layout=layout,
        identity=BoardIdentity("ktc2023", "Kuopio tank", max_electrodes=N_ELECTRODES),
        unit="V",
        reference=None if reference is None else np.where(missing, np.float32(np.nan), reference),
        source="; ".join([f"imported from {path.name} (ktc2023)", *notes]),
    )
    values = np.where(missing, np.float32(np.nan), tank.values)
    return ImportedFrames(about, [Frame(values, 0, 0, 0)], 1, tuple(notes))


def ktc_layout() -> Layout:
    """Electrode 1 at 12 o'clock, counter-clockwise, 5.625 degrees wide, tank radius 0.115 m (the organisers' mesh)."""
    return Layout.ring(N_ELECTRODES, 90.0, "counterclockwise", 0.5, RADIUS_M)


def _read_tank(path: Path) -> _Tank:
    arrays = read_arrays(path)
    parts = []
    for names in (("Inj", "Injref"), ("Mpat",), ("Uel", "Uelref")):
        found = next((arrays[name] for name in names if name in arrays), None)
        if found is None:
            raise ReaderError(
                f"{path} has no {' or '.join(names)}; expected Inj, Mpat, Uel (or Injref, Mpat, Uelref), "
                f"found {', '.join(sorted(arrays)) or 'nothing'}"
            )
        parts.append(as_values(np.asarray(found), names[0], path))
    _check_sizes(path, *parts)
    currents = np.asarray(arrays["Inj" if "Inj" in arrays else "Injref"], dtype=np.float64)
    return _Tank(currents, np.asarray(arrays["Mpat"], dtype=np.float64), parts[2].ravel())


def _check_sizes(path: Path, *arrays: NDArray[Any]) -> None:
    currents, senses, values = arrays
    if any(np.iscomplexobj(array) for array in arrays):
        raise ReaderError(f"{path} holds complex numbers; KTC2023 files are real")
    for name, array in (("Inj", currents), ("Mpat", senses)):
        if array.ndim != 2 or len(array) != N_ELECTRODES:
            raise ReaderError(
                f"{name} in {path} has shape {array.shape}; expected ({N_ELECTRODES}, n): one row an electrode"
            )
    expected = currents.shape[1] * senses.shape[1]
    if values.size != expected:
        raise ReaderError(
            f"Uel in {path} has {values.size} values; expected {currents.shape[1]} injections x {senses.shape[1]} "
            f"channels = {expected}, NaN where one is missing"
        )


def _pattern(tank: _Tank, path: Path) -> Pattern:
    n_injections, n_channels = tank.currents.shape[1], tank.senses.shape[1]
    try:
        return Pattern(
            "ktc2023",
            tank.currents.T,
            np.repeat(np.arange(n_injections), n_channels),
            np.tile(tank.senses.T, (n_injections, 1)),
        )
    except PatternError as error:
        raise ReaderError(f"Inj or Mpat in {path} is no pattern: {error}") from error


def _reference(tank: _Tank, path: Path) -> NDArray[np.float32]:
    empty = _read_tank(path)
    for name, mine, theirs in (
        ("Inj", tank.currents, empty.currents),
        ("Mpat", tank.senses, empty.senses),
    ):
        if mine.shape != theirs.shape or not np.allclose(mine, theirs, rtol=1e-9, atol=0.0):
            raise MismatchError(
                f"{name} of the reference {path} is not that of the file (shapes {theirs.shape} and {mine.shape}); "
                "give the empty tank measured with the same injections"
            )
    return empty.values


def _removed(pattern: Pattern, n_removed: int) -> NDArray[np.bool_]:
    """(n_meas,) True where a removed electrode injects or is measured."""
    if not 0 <= n_removed < N_ELECTRODES - 1:
        raise ReaderError(
            f"{n_removed} electrodes removed; expected 0 to {N_ELECTRODES - 2} (levels 1..7 are 0, 2, ..., 12)"
        )
    missing = np.zeros(pattern.n_meas, dtype=np.bool_)
    for electrode in range(n_removed):
        missing |= pattern.touches(electrode)
    return missing
