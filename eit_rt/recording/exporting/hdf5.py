"""HDF5, for h5py, MATLAB's h5read, Julia and whatever else reads it; written block by block.

Imports selection, errors; h5py (extra `export`). Complex values are two data sets, `real` and `imag`: HDF5 has no
complex type of its own. Each data set has a checksum; what is one number or text is an attribute of the file.
"""

from typing import Any, BinaryIO

import numpy as np

from eit_rt.errors import ConfigError
from eit_rt.recording.exporting.selection import BLOCK_FRAMES, Selection

LONGEST_ATTRIBUTE = 8192
summary = "HDF5: real and imag (n, n_meas), time_s, pattern_table, reference_real, ...; needs h5py"


def write(selection: Selection, file: BinaryIO) -> None:
    try:
        import h5py
    except ImportError as error:
        raise ConfigError(
            'HDF5 needs the package h5py; install it with  pip install "eit-rt[export]"'
        ) from error
    # h5py reads back what it wrote, which the file of `whole_file` does not allow: the same one, opened anew.
    with open(file.fileno(), "r+b", closefd=False) as both, h5py.File(both, "w") as target:
        _write_facts(target, selection)
        _write_frames(target, selection)


def _write_facts(target: Any, selection: Selection) -> None:
    for name, array in selection.numbers().items():
        if name == "reference":
            for part, values in _parts(array):
                target.create_dataset(f"reference_{part}", data=values)
        elif array.ndim:
            target.create_dataset(name, data=array)
        else:
            target.attrs[name] = array.item()
    for name, text in selection.texts().items():
        # Attributes hold 64 KiB at most, all together; a profile or many events may be longer.
        if len(text) > LONGEST_ATTRIBUTE:
            target.create_dataset(name, data=text)
        else:
            target.attrs[name] = text


def _write_frames(target: Any, selection: Selection) -> None:
    n_meas = selection.recording.about.pattern.n_meas
    parts = ("real", "imag") if selection.is_complex else ("real",)
    for part in parts:
        _make(target, part, (len(selection), n_meas), np.float32)
    place, first_ns = 0, 0
    for block in selection.blocks():
        columns: dict[str, Any] = dict(block.per_frame())
        if not place:
            first_ns = int(block.t_board_ns[0])
            for name, column in columns.items():
                _make(target, name, (len(selection),), column.dtype)
            _make(target, "time_s", (len(selection),), np.float64)
        columns["time_s"] = (block.t_board_ns - first_ns) / 1e9
        columns |= dict(_parts(block.frames))
        end = place + len(block.frames)
        for name, column in columns.items():
            target[name][place:end] = column
        place = end


def _make(target: Any, name: str, shape: tuple[int, ...], dtype: Any) -> None:
    chunk = (min(BLOCK_FRAMES, shape[0]), *shape[1:])
    target.create_dataset(
        name, shape, dtype, chunks=chunk, compression="gzip", shuffle=True, fletcher32=True
    )


def _parts(values: Any) -> list[tuple[str, Any]]:
    if np.iscomplexobj(values):
        return [("real", values.real), ("imag", values.imag)]
    return [("real", values)]
