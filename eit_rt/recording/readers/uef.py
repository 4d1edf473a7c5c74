"""Reader of the University of Eastern Finland's open data (KIT4 tank): MATLAB files of 16 electrodes, one frame each.

Source: Hauptmann et al., "Open 2D electrical impedance tomography data archive", arXiv 1704.01178. `CurrentPattern`
(16, n_inj) has a column for each injection, `MeasPattern` (16, n_meas) one for each voltage (sum of weight times
potential), `Uel` (n_meas, n_inj) the voltages. Where numbers are counted is not in the files.
"""

from pathlib import Path

import numpy as np

from eit_rt.frames import BoardIdentity, Frame
from eit_rt.layout import Layout
from eit_rt.recording.about import About
from eit_rt.recording.readers.injections import detect_table, read_table
from eit_rt.recording.readers.reader import (
    Detection,
    ImportedFrames,
    ImportOptions,
    layout_for,
)

summary = "University of Eastern Finland (KIT4), MATLAB v5 (.mat); --reference: the empty tank (datamat_1_0.mat)"
options = frozenset({"reference", "layout", "unit"})

NAMES = (("CurrentPattern",), ("MeasPattern",), ("Uel",))
N_ELECTRODES = 16
RADIUS_M = 0.14
WIDTH_M = 0.025


def detect(path: Path) -> Detection:
    return detect_table(path, NAMES)


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    table = read_table(path, NAMES)
    n_electrodes = table.n_electrodes
    pattern = table.pattern("uef")
    layout, assumed = layout_for(options, n_electrodes, _layout(n_electrodes))
    notes = ["columns of MeasPattern taken as the measurements"]
    if assumed:
        notes.append(
            "layout assumed: electrode 1 at 12 o'clock, clockwise; the file does not say it: compare with a photograph"
        )
    reference = None
    if options.reference is None:
        notes.append("no --reference: the recording holds no frame of the empty tank")
    else:
        empty = read_table(options.reference, NAMES, n_electrodes)
        table.check_injections(empty)
        reference = empty.values
    about = About(
        pattern=pattern,
        layout=layout,
        identity=BoardIdentity("uef", path.stem, max_electrodes=n_electrodes),
        unit=options.unit or "",
        reference=reference,
        source="; ".join([f"imported from {path.name} (uef)", *notes]),
    )
    return ImportedFrames(about, [Frame(table.values, 0, 0, 0)], 1, tuple(notes))


def _layout(n_electrodes: int) -> Layout:
    """The KIT4 tank for 16 electrodes: radius 0.14 m, electrodes 25 mm wide; else a ring of the usual kind."""
    if n_electrodes != N_ELECTRODES:
        return Layout.ring(n_electrodes)
    width_deg = float(np.rad2deg(WIDTH_M / RADIUS_M))
    return Layout.ring(n_electrodes, coverage=width_deg / (360.0 / n_electrodes), radius_m=RADIUS_M)
