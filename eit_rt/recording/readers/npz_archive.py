"""The arrays of an .npz archive by name, and what they must be like. Imports errors only; nothing is ever unpickled."""

import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
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
        return np.asarray(archive[name])
    except DAMAGED as error:
        raise ReaderError(
            f"array `{name}` in {path} cannot be loaded: {error}; "
            "expected plain numbers or text (Python objects are never loaded), in a whole file"
        ) from error


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
    array = arrays.get(name)
    return str(array.item()) if array is not None and array.size == 1 else ""
