"""HDF5, for h5py, MATLAB's h5read, Julia and whatever else reads it; written block by block.

Imports selection, errors; h5py (extra `export`). Complex values are two data sets, `real` and `imag`: HDF5 has no
complex type of its own. Each data set has a checksum; what is one number or text is an attribute of the file.
"""

import os
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.recording.exporting.selection import BLOCK_FRAMES, Selection

LONGEST_ATTRIBUTE = 8192
COLUMN_BYTES = 64
"""Of a frame, beside its values: counters and times."""
OVERHEAD_BYTES = 1 << 17
"""HDF5's own."""
summary = "HDF5: real and imag (n, n_meas), time_s, pattern_table, reference_real, ...; needs h5py"


def write(selection: Selection, file: BinaryIO) -> None:
    try:
        import h5py
    except ImportError as error:
        raise ConfigError(
            'HDF5 needs the package h5py; install it with  pip install "eit-rt[export]"'
        ) from error
    numbers, texts = selection.numbers(), selection.texts()
    _refuse_full_disk(file, _most_bytes(selection, numbers, texts))
    # By its path: through a Python file HDF5 swallows interruptions, and writes on.
    with h5py.File(file.name, "w") as target:
        _write_facts(target, numbers, texts)
        _write_frames(target, selection)


def _refuse_full_disk(file: BinaryIO, n_bytes: int) -> None:
    """Raises OSError. HDF5 crashes the process when a disk fills up while it closes, so room is made sure of before."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, n_bytes)
        os.ftruncate(file.fileno(), 0)


def _most_bytes(
    selection: Selection, numbers: Mapping[str, NDArray[Any]], texts: Mapping[str, str]
) -> int:
    """What the file takes if nothing can be compressed."""
    n_frames = -(-len(selection) // BLOCK_FRAMES) * BLOCK_FRAMES
    a_frame = selection.recording.about.pattern.n_meas * selection.dtype.itemsize + COLUMN_BYTES
    facts = sum(array.nbytes for array in numbers.values()) + sum(map(len, texts.values()))
    return int(1.02 * n_frames * a_frame) + 2 * facts + OVERHEAD_BYTES


def _write_facts(
    target: Any, numbers: Mapping[str, NDArray[Any]], texts: Mapping[str, str]
) -> None:
    for name, array in numbers.items():
        if name == "reference":
            for part, values in _parts(array):
                target.create_dataset(f"reference_{part}", data=values)
        elif array.ndim:
            target.create_dataset(name, data=array)
        else:
            target.attrs[name] = array.item()
    for name, text in texts.items():
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
