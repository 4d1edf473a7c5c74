"""Arrays <-> their bytes on the wire: measured values in each DType, rows of a pattern table.

Imports numpy, errors and the generated numbers. Missing values are NaN in arrays; on the wire NaN, or the most negative
integer. SPEC.md, "Values".
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError
from eit_rt.protocol.generated import DType

__all__ = [
    "VALUE_BYTES",
    "Values",
    "entry_bytes_for",
    "rows_from_bytes",
    "rows_to_bytes",
    "values_from_bytes",
    "values_to_bytes",
]

Values = NDArray[np.float32] | NDArray[np.complex64]
"""What the values of a frame are, after scaling."""

VALUE_BYTES = {DType.F32: 4, DType.I32: 4, DType.C64: 8, DType.I16: 2, DType.I24: 3}
"""Size of one value on the wire."""
_INTEGER_BITS = {DType.I32: 32, DType.I16: 16, DType.I24: 24}


def values_to_bytes(values: ArrayLike, dtype: int, scale: float = 1.0) -> bytes:
    """(n,) values as they go over the wire; integers are round(value / scale), clipped to their range.

    Raises ConfigError for an unknown dtype or a scale that is not positive.
    """
    if dtype == DType.F32:
        return np.asarray(values, dtype="<f4").tobytes()
    if dtype == DType.C64:
        return np.asarray(values, dtype="<c8").tobytes()
    if dtype not in _INTEGER_BITS or not scale > 0:
        raise ConfigError(
            f"dtype {dtype} with scale {scale}: expected F32, C64, or I16, I24, I32 with a positive scale"
        )
    limit = 2 ** (_INTEGER_BITS[DType(dtype)] - 1)
    counts = np.clip(np.rint(np.asarray(values, dtype=np.float64) / scale), 1 - limit, limit - 1)
    whole = np.where(np.isnan(counts), -limit, counts).astype("<i4")
    if dtype == DType.I24:
        return whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    return whole.astype("<i2" if dtype == DType.I16 else "<i4").tobytes()


def values_from_bytes(raw: bytes, dtype: int, scale: float = 1.0, offset: int = 0) -> Values:
    """(n,) float32 or complex64, read-only, of the bytes from `offset` on; floats are not copied.

    Raises ConfigError for an unknown dtype or a size that is no whole number of values.
    """
    if dtype not in VALUE_BYTES or (len(raw) - offset) % VALUE_BYTES[DType(dtype)]:
        raise ConfigError(f"{len(raw) - offset} bytes are no values of dtype {dtype}")
    if dtype == DType.F32:
        return np.frombuffer(raw, "<f4", -1, offset)
    if dtype == DType.C64:
        return np.frombuffer(raw, "<c8", -1, offset)
    if dtype == DType.I24:
        padded = np.zeros(((len(raw) - offset) // 3, 4), dtype=np.uint8)
        padded[:, 1:] = np.frombuffer(raw, np.uint8, -1, offset).reshape(-1, 3)
        counts = padded.view("<i4").ravel() >> 8  # arithmetic shift: keeps the sign
    else:
        counts = np.frombuffer(raw, "<i2" if dtype == DType.I16 else "<i4", -1, offset)
    # float64 in between: 24 and 32 bit counts do not fit float32 before they are scaled.
    values = (counts * np.float64(scale)).astype(np.float32)
    values[counts == -(2 ** (_INTEGER_BITS[DType(dtype)] - 1))] = np.nan
    values.flags.writeable = False
    return values


def entry_bytes_for(n_electrodes: int) -> int:
    """Size of an electrode number in PATTERN rows."""
    return 1 if n_electrodes <= 256 else 2


def rows_to_bytes(table: ArrayLike, entry_bytes: int) -> bytes:
    """(n, 4) rows i+, i-, v+, v- as PATTERN carries them. Raises ConfigError for numbers that do not fit."""
    rows = np.asarray(table)
    if entry_bytes not in (1, 2) or rows.ndim != 2 or rows.shape[1] != 4:
        raise ConfigError(
            f"rows of shape {rows.shape} with {entry_bytes} bytes a number: expected (n, 4), 1 or 2 bytes"
        )
    if rows.size and (rows.min() < 0 or rows.max() >= 256**entry_bytes):
        raise ConfigError(
            f"electrode numbers {rows.min()}..{rows.max()} do not fit {entry_bytes} bytes"
        )
    return rows.astype("<u1" if entry_bytes == 1 else "<u2").tobytes()


def rows_from_bytes(raw: bytes, entry_bytes: int) -> NDArray[np.int64]:
    """(n, 4) rows i+, i-, v+, v-. Raises ConfigError for a size that is no whole number of rows."""
    if entry_bytes not in (1, 2) or len(raw) % (4 * entry_bytes):
        raise ConfigError(f"{len(raw)} bytes are no rows of 4 numbers of {entry_bytes} bytes")
    return np.frombuffer(raw, "<u1" if entry_bytes == 1 else "<u2").reshape(-1, 4).astype(np.int64)
