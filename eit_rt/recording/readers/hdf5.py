"""Reader of HDF5: data sets `real` and `imag` (n, n_meas), or `frames`, and the names of docs/importing.md.

Imports named_arrays, hdf5_heaps; h5py (extra `export`). Our own export is one; a file of another program needs `real`
and, if it does not hold a pattern, the user's word for it. Names may be data sets or attributes of the file. The rule
it keeps: a file opens no other file, and what it claims is checked before it is read.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.recording.readers.hdf5_heaps import MAGIC, check_heaps
from eit_rt.recording.readers.named_arrays import OPTIONS, imported
from eit_rt.recording.readers.npz_archive import ARRAYS, LARGEST_BYTES, MOST_COMPRESSED
from eit_rt.recording.readers.reader import Detection, ImportedFrames, ImportOptions

summary = (
    "HDF5 with real (and imag) (n, n_meas) and, if known, pattern, reference, times; our export"
)
options = OPTIONS

_BROKEN = (OSError, KeyError, ValueError, TypeError, RuntimeError, AttributeError, MemoryError)
"""What h5py raises for damaged files, as found by cutting and flipping."""


def detect(path: Path) -> Detection:
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            return Detection(False, "not an HDF5 file")
    try:
        import h5py
    except ImportError:
        return Detection(True, "an HDF5 file (h5py, which reads it, is not installed)")
    try:
        with h5py.File(path, "r") as file:
            names = set(file)
    except _BROKEN as error:
        return Detection(False, f"a damaged HDF5 file: {error}")
    if names & {"real", "frames"}:
        return Detection(True, "an HDF5 file with frames")
    return Detection(False, f"an HDF5 file with {', '.join(sorted(names)[:9])}; expected real")


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    return imported(load(path), options, path, "hdf5", load)


def load(path: Path) -> dict[str, NDArray[Any]]:
    """Named arrays of a file. Raises ReaderError."""
    try:
        import h5py
    except ImportError as error:
        raise ReaderError(
            'HDF5 needs the package h5py; install it with  pip install "eit-rt[export]"'
        ) from error
    try:
        check_heaps(path)
        with h5py.File(path, "r") as file:
            arrays = {name: _array(_stored(file, name), name) for name in _names(file)}
            arrays |= {name: _fact(file.attrs[name]) for name in file.attrs if name in ARRAYS}
    except _BROKEN as error:
        raise ReaderError(
            f"{path} cannot be read as HDF5: {error}; use a whole copy of a file with real (n, n_meas)"
        ) from error
    for whole, prefix in (("frames", ""), ("reference", "reference_")):
        _join(arrays, whole, f"{prefix}real", f"{prefix}imag", path)
    return arrays


def _names(file: Any) -> list[str]:
    parts = {"real", "imag", "reference_real", "reference_imag"}
    return [name for name in file if name in ARRAYS | parts]


def _stored(file: Any, name: str) -> Any:
    """What stands in the file under a name. Raises ValueError if the file only says where it is.

    Links may name any other file, or lead through one that does.
    """
    import h5py

    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"`{name}` is a link; put the data set itself into the file")
    return file[name]


def _array(stored: Any, name: str) -> NDArray[Any]:
    """A data set, in memory. Raises ValueError if it is none, too large, or not in the file."""
    if not hasattr(stored, "dtype") or stored.shape is None:
        raise ValueError(f"`{name}` is no data set")
    if stored.external or stored.is_virtual:
        raise ValueError(f"the values of `{name}` are in another file; put them into this one")
    n_bytes = stored.size * stored.dtype.itemsize
    if n_bytes > LARGEST_BYTES:
        raise ValueError(f"`{name}` has shape {stored.shape}: more than 4 GiB")
    if n_bytes > stored.id.get_storage_size() * MOST_COMPRESSED:
        raise ValueError(f"`{name}` has shape {stored.shape}, but hardly a value is in the file")
    if stored.dtype.kind in "OSV":
        return _fact(stored[()])
    return np.asarray(stored[()])


def _fact(value: Any) -> NDArray[Any]:
    """Text or number; h5py gives text as str or bytes."""
    if isinstance(value, bytes):
        value = value.decode()
    return np.array(value) if isinstance(value, str) else np.asarray(value)


def _join(
    arrays: dict[str, NDArray[Any]], whole: str, real: str, imaginary: str, path: Path
) -> None:
    """Real and imaginary part as one array."""
    if real not in arrays:
        return
    parts = [arrays.pop(real)]
    if imaginary in arrays:
        parts.append(arrays.pop(imaginary))
    if any(part.dtype.kind not in "iuf" or part.shape != parts[0].shape for part in parts):
        raise ReaderError(
            f"`{real}` and `{imaginary}` in {path} have shapes {[part.shape for part in parts]}; expected "
            "real numbers, one shape"
        )
    if len(parts) == 1:
        arrays[whole] = parts[0]
        return
    joined = np.empty(parts[0].shape, dtype=np.complex64)
    joined.real, joined.imag = parts
    arrays[whole] = joined
