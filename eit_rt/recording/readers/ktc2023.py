"""Reader of the Kuopio Tomography Challenge 2023: MATLAB files of a real 32-electrode water tank.

Source: Räsänen et al., "KTC2023 open EIT data set", Zenodo 10.5281/zenodo.8252370 (CC BY 4.0). A file is one frame:
`Inj` (32, n_inj) currents, `Mpat` (32, n_channels) voltage differences, `Uel` (n_inj * n_channels, 1), injection after
injection; the empty tank has `Injref`, `Uelref`.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.frames import BoardIdentity, Frame
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording.about import About
from eit_rt.recording.readers.injections import detect_table, read_table
from eit_rt.recording.readers.reader import (
    Detection,
    ImportedFrames,
    ImportOptions,
    layout_for,
)

summary = (
    "Kuopio Tomography Challenge 2023, MATLAB v5 (.mat); --reference: the empty tank (ref.mat)"
)
options = frozenset({"reference", "removed", "layout"})

N_ELECTRODES = 32
RADIUS_M = 0.115
NAMES = (("Inj", "Injref"), ("Mpat",), ("Uel", "Uelref"))


def detect(path: Path) -> Detection:
    return detect_table(path, NAMES)


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    tank = read_table(path, NAMES, N_ELECTRODES)
    pattern = tank.pattern("ktc2023")
    layout, _ = layout_for(options, N_ELECTRODES, ktc_layout())
    missing = _removed(pattern, options.removed or 0)
    notes = [f"electrodes 1..{options.removed} taken as removed"] if options.removed else []
    reference = None
    if options.reference is None:
        notes.append("no --reference: the recording holds no frame of the empty tank")
    else:
        empty = read_table(options.reference, NAMES, N_ELECTRODES)
        tank.check_injections(empty)
        reference = np.where(missing, np.float32(np.nan), empty.values)
    about = About(
        pattern=pattern,
        layout=layout,
        identity=BoardIdentity("ktc2023", "Kuopio tank", max_electrodes=N_ELECTRODES),
        unit="V",
        reference=reference,
        source="; ".join([f"imported from {path.name} (ktc2023)", *notes]),
    )
    values = np.where(missing, np.float32(np.nan), tank.values)
    return ImportedFrames(about, [Frame(values, 0, 0, 0)], 1, tuple(notes))


def ktc_layout() -> Layout:
    """Electrode 1 at 12 o'clock, counter-clockwise, 5.625 degrees wide, tank radius 0.115 m (the organisers' mesh)."""
    return Layout.ring(N_ELECTRODES, 90.0, "counterclockwise", 0.5, RADIUS_M)


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
