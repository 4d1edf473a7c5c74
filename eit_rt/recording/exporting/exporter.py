"""The contract of an exporter, and which one writes a file: the suffix decides. Exporters are imported when needed.

Imports selection, output, errors. The rule it keeps: a file appears whole or not at all, and replaces none unasked.
"""

import importlib
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from eit_rt.errors import ConfigError
from eit_rt.output import refuse_existing, whole_file
from eit_rt.recording.exporting.selection import Selection

BY_SUFFIX = {
    ".mat": "eit_rt.recording.exporting.matlab",
    ".h5": "eit_rt.recording.exporting.hdf5",
    ".hdf5": "eit_rt.recording.exporting.hdf5",
    ".npz": "eit_rt.recording.exporting.npz",
    ".csv": "eit_rt.recording.exporting.csv",
}


class Exporter(Protocol):
    """A module that writes one format. The reader of the same format gives the frames back, bit by bit."""

    summary: str
    """One line for people."""

    def write(self, selection: Selection, file: BinaryIO) -> None:
        """Write the frames of a selection, at least one. Raises ConfigError if they do not fit the format."""


def suffixes() -> tuple[str, ...]:
    """Suffixes of the files that can be written."""
    return tuple(BY_SUFFIX)


def exporter(path: Path) -> Exporter:
    """The exporter for a file of this name. Raises ConfigError that lists the suffixes."""
    module = BY_SUFFIX.get(path.suffix.lower())
    if module is None:
        raise ConfigError(
            f"{path} has no suffix of a format for voltages; name it {', '.join('*' + s for s in BY_SUFFIX)}, or make "
            "pictures first (`eit-rt reconstruct`) and export those"
        )
    return cast(Exporter, importlib.import_module(module))


def export_recording(selection: Selection, path: Path, *, force: bool = False) -> None:
    """Write the selected frames to `path`, in the format of its suffix.

    Raises ConfigError: unknown suffix, the file exists, nothing to write, the disk is full; RecordingError: a frame
    cannot be read.
    """
    chosen = exporter(path)
    refuse_existing(path, force=force)
    if not len(selection):
        raise ConfigError(f"{selection.recording.path} holds no frame to export")
    with whole_file(path) as file:
        chosen.write(selection, file)
