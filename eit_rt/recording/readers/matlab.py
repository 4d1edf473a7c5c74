"""MATLAB v5 files (`save -v7` and older v5): their numeric arrays, and nothing else.

Source: MathWorks, "MAT-File Format", level 5. A reader of its own because scipy's crashes the process on damaged files
(segmentation fault, scipy 1.17); here every length is checked before it is used. Cells, structs, text are skipped.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError

HEADER_BYTES = 128
LARGEST_ARRAY_BYTES = 1 << 30
"""A compressed array that grows beyond this is refused."""

_TYPES = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
_MATRIX, _COMPRESSED = 14, 15
_NUMERIC_CLASSES = range(6, 16)
_COMPLEX_FLAG = 0x0800


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All real and complex numeric arrays of a file, by name, in MATLAB's shape.

    Raises ReaderError if the file is no MATLAB v5 file, cut off or damaged.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ReaderError(f"{path} cannot be opened: {error.strerror}") from error
    try:
        order = _byte_order(content)
        arrays = {}
        for kind, body in _elements(memoryview(content)[HEADER_BYTES:], order):
            if kind == _COMPRESSED:
                ((kind, body),) = _elements(_inflated(body), order)
            if kind == _MATRIX and (array := _array(body, order)) is not None:
                arrays[array.name] = array.values
    except (_Damaged, struct.error, zlib.error, ValueError) as error:
        raise ReaderError(
            f"{path} cannot be read as a MATLAB v5 file: {error}; use a whole copy, saved with `save -v7`"
        ) from error
    return arrays


class _Damaged(Exception):
    """The file is not what the format says."""


@dataclass(frozen=True, slots=True, eq=False)
class _Array:
    name: str
    values: NDArray[Any]


def _byte_order(content: bytes) -> str:
    if len(content) < HEADER_BYTES:
        raise _Damaged(f"it has {len(content)} bytes, less than its header")
    mark = content[126:128]
    if mark not in (b"IM", b"MI"):
        raise _Damaged("its header has no byte order mark")
    order = "<" if mark == b"IM" else ">"
    (version,) = struct.unpack(order + "H", content[124:126])
    if version != 0x0100:
        raise _Damaged(f"its version is {version:#06x}, not 0x0100")
    return order


def _elements(data: memoryview, order: str) -> Iterator[tuple[int, memoryview]]:
    """(type, content) of each data element; they begin at multiples of 8 bytes."""
    while len(data) > 0:
        kind, size = struct.unpack_from(order + "II", data)
        start, end = 8, 8 + size
        padded = end if kind == _COMPRESSED else -(-end // 8) * 8
        if kind >> 16:
            # Up to 4 bytes are packed into the tag itself.
            kind, size = kind & 0xFFFF, kind >> 16
            start, end, padded = 4, 4 + size, 8
        if end > min(len(data), padded):
            raise _Damaged(f"an element of {size} bytes ends behind the end of what holds it")
        yield kind, data[start:end]
        data = data[padded:]


def _inflated(body: memoryview) -> memoryview:
    inflater = zlib.decompressobj()
    data = inflater.decompress(body, LARGEST_ARRAY_BYTES)
    if not inflater.eof:
        raise _Damaged("a compressed array is cut off or larger than 1 GiB")
    return memoryview(data)


def _array(body: memoryview, order: str) -> _Array | None:
    """None for cells, structs, text and whatever else is not numbers."""
    parts = list(_elements(body, order))
    if len(parts) < 3:
        raise _Damaged("an array lacks its flags, size or name")
    (flags,) = struct.unpack_from(order + "I", parts[0][1])
    if flags & 0xFF not in _NUMERIC_CLASSES:
        return None
    shape = _numbers(parts[1], order).tolist()
    name = bytes(parts[2][1]).decode("latin-1")
    n_parts = 2 if flags & _COMPLEX_FLAG else 1
    if len(parts) != 3 + n_parts or min(shape, default=-1) < 0:
        raise _Damaged(f"array {name!r} has {len(parts) - 3} parts and size {shape}")
    values = [_numbers(part, order).reshape(shape, order="F") for part in parts[3:]]
    return _Array(name, values[0] if n_parts == 1 else values[0] + 1j * values[1])


def _numbers(element: tuple[int, memoryview], order: str) -> NDArray[Any]:
    kind, body = element
    if kind not in _TYPES:
        raise _Damaged(f"numbers of type {kind}")
    return np.frombuffer(body, dtype=np.dtype(order + _TYPES[kind]))
