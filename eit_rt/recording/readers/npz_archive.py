"""The arrays of an .npz archive by name, and what they must be like. Imports errors only; nothing is ever unpickled.

The rule it keeps: what a header claims must be in the file before room is taken for it.
"""

import math
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from eit_rt.errors import ReaderError

Arrays = Mapping[str, NDArray[Any]]

GENERAL = ("stim_pattern", "meas_pattern", "meas_stim")
ARRAYS = frozenset(
    {
        "frames",
        "reference",
        "ref",
        "pattern_table",
        *GENERAL,
        "n_elec",
        "n_electrodes",
        "time_s",
        "rate_hz",
        "value_kind",
        "unit",
        "angles_deg",
        "width_deg",
        "radius_m",
        "sequence",
        "restarts",
        "started_ns",
        "t_board_ns",
        "t_host_ns",
        "dropped_total",
        "status",
        "pattern_name",
        "source",
        "created",
        "profile",
        "saturation",
        "board",
        "events",
    }
)
"""Every array of the tables in `npz`."""
MOST_COMPRESSED = 1100
"""Deflate makes numbers that are all alike 1032 times smaller; what claims to be larger still is not in the file."""
LARGEST_BYTES = 1 << 32
"""Of one array; more is refused before it is loaded."""
NUMPYS = (b"PK", b"\x93N")
"""How .npz and .npy files begin."""
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
    ValueError,
    TypeError,
    KeyError,
    EOFError,
    OSError,
    RuntimeError,  # encrypted, unknown compression
    SyntaxError,
    OverflowError,
    MemoryError,
)
"""What NumPy and zipfile raise for archives that are damaged, as found by cutting and flipping."""


def names_in(path: Path) -> list[str] | None:
    """Names of the arrays, without loading any; None if the file is no archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
    except DAMAGED:
        return None
    return [name.removesuffix(".npy") for name in members if name.endswith(".npy")]


def load(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of the table above that the file has; others are not even looked at."""
    # The file is opened here: given a path, NumPy leaves it open when the archive is damaged.
    with path.open("rb") as file:
        # NumPy takes any other file for a pickle, and says so.
        if file.read(2) not in NUMPYS:
            raise ReaderError(
                f"{path} is not a NumPy archive (.npz); make one with np.savez(..., frames=array)"
            )
        file.seek(0)
        try:
            archive = np.load(file, allow_pickle=False)
        except DAMAGED as error:
            raise ReaderError(
                f"{path} cannot be read as .npz: {error}; use a whole copy"
            ) from error
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ReaderError(
                f"{path} is a single array (.npy); save it with np.savez(..., frames=array)"
            )
        arrays = {name: _array(archive, name, path) for name in archive.files if name in ARRAYS}
    if not arrays.keys() & {"frames", "reference", "ref"}:
        raise ReaderError(
            f"{path} has no array `frames` (n, n_meas); found {', '.join(archive.files) or 'nothing'}"
        )
    return arrays


def _array(archive: Any, name: str, path: Path) -> NDArray[Any]:
    try:
        _check_claim(archive.zip, name)
        return np.asarray(archive[name])
    except DAMAGED as error:
        raise ReaderError(
            f"array `{name}` in {path} cannot be loaded: {error}; "
            "expected plain numbers or text (Python objects are never loaded), in a whole file"
        ) from error


def _check_claim(archive: zipfile.ZipFile, name: str) -> None:
    """Raises ValueError if an array is said to be larger than what is stored of it can be."""
    info = archive.getinfo(f"{name}.npy")
    with archive.open(info) as file:
        is_first = npy.read_magic(file) == (1, 0)
        read_header = npy.read_array_header_1_0 if is_first else npy.read_array_header_2_0
        shape, _, dtype = read_header(file)
        end = file.tell() + dtype.itemsize * math.prod(shape)
    if dtype.hasobject:
        return  # NumPy refuses it
    if end != info.file_size or end > info.compress_size * MOST_COMPRESSED:
        raise ValueError(f"it is said to be {shape} {dtype}, and the file holds another length")
    if end > LARGEST_BYTES:
        raise ValueError(f"it has shape {shape}, more than 4 GiB; save it in parts")


def number(arrays: Arrays, path: Path, *names: str) -> float | None:
    for name in names:
        if name in arrays:
            array = arrays[name]
            if array.size != 1 or array.dtype.kind not in "iuf" or not np.isfinite(array.item()):
                raise ReaderError(
                    f"`{name}` in {path} has shape {array.shape}, {array.dtype}; expected one number"
                )
            return float(array.item())
    return None


def text(arrays: Arrays, name: str) -> str:
    """Empty if there is none of the name. Raises ReaderError for characters that no file can hold."""
    array = arrays.get(name)
    if array is None or array.size != 1:
        return ""
    try:
        said = str(array.item())
        said.encode()
    except ValueError as error:
        raise ReaderError(
            f"`{name}` holds what is no character: {error}; write plain text (Unicode)"
        ) from error
    return said
