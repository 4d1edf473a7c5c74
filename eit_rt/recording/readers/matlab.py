"""MATLAB v5 files (`save -v7` and older v5): their numeric arrays and, if asked for, structs, sparse arrays and text.

Source: MathWorks, "MAT-File Format", level 5. A reader of its own because scipy's crashes the process on damaged files
(segmentation fault, scipy 1.17). The rule it keeps: every length is checked before it is used, and what a file may grow
to is bounded for the whole of it. Cells, objects, functions are skipped.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError

HEADER_BYTES = 128
LARGEST_BYTES = 1 << 30
"""Compressed arrays that grow beyond this, all together, are refused."""
MOST_PARTS = 1 << 20
"""Parts of arrays and fields of structs in one file."""
_FIRST_BYTES = 1 << 12
"""Of an array, inflated, in which its kind and name stand."""

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
_HEAD_PARTS = 3
"""Flags, size and name of an array."""
_STRUCT_CLASS, _TEXT_CLASS, _SPARSE_CLASS = 2, 4, 5
_OTHER_CLASSES = (_STRUCT_CLASS, _TEXT_CLASS, _SPARSE_CLASS)
_NUMERIC_CLASSES = range(6, 16)
_COMPLEX_FLAG = 0x0800
_ENCODINGS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
DEEPEST = 8
"""Structs within structs."""
LARGEST_SPARSE = 1 << 24
"""Numbers of a sparse array that is written out in full."""


@dataclass(frozen=True, slots=True, eq=False)
class Sparse:
    """A sparse array: `values[starts[c]:starts[c + 1]]` stand in column c, at `rows`."""

    shape: tuple[int, int]
    rows: NDArray[Any]
    starts: NDArray[Any]
    values: NDArray[Any]

    def dense(self) -> NDArray[Any]:
        """In full. Raises ReaderError if that is too much."""
        if max(*self.shape, self.shape[0] * self.shape[1]) > LARGEST_SPARSE:
            raise ReaderError(f"a sparse array of {self.shape[0]} x {self.shape[1]} is too large")
        full = np.zeros(self.shape, dtype=self.values.dtype)
        full[self.rows, np.repeat(np.arange(self.shape[1]), np.diff(self.starts))] = self.values
        return full


Struct = list[dict[str, Any]]
"""Elements of a struct array, each {field: value}; a value of no known kind is None."""


def why_not_v5(path: Path) -> str:
    """Why a file is no MATLAB v5 file, by its first bytes; "" if it is one."""
    with path.open("rb") as file:
        first = file.read(10)
    if first == b"MATLAB 7.3":
        return "a MATLAB v7.3 file; save it again with `save -v7`"
    return "" if first == b"MATLAB 5.0" else "not a MATLAB v5 file"


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All real and complex numeric arrays of a file, by name, in MATLAB's shape.

    Raises ReaderError if the file is no MATLAB v5 file, cut off or damaged.
    """
    return _read(path, deep=False)


def read_variables(path: Path) -> dict[str, Any]:
    """Numeric arrays, and also structs (`Struct`), sparse arrays (`Sparse`) and text (str); Raises as `read_arrays`."""
    return _read(path, deep=True)


def variable_names(path: Path, *, deep: bool) -> set[str]:
    """What `read_variables` (deep) or `read_arrays` has, by the beginning of each array. Raises as they do."""
    with _told(path), path.open("rb") as file:
        source = _Source(_byte_order(file.read(HEADER_BYTES)))
        size = file.seek(0, 2)
        place, names = HEADER_BYTES, set()
        while place < size:
            file.seek(place)
            first = file.read(_FIRST_BYTES)
            kind, n_bytes = struct.unpack_from(source.order + "II", first)
            body = memoryview(first)[8 : 8 + n_bytes]
            if kind == _COMPRESSED:
                inflated = zlib.decompressobj().decompress(body, _FIRST_BYTES)
                kind, _ = struct.unpack_from(source.order + "II", inflated)
                body = memoryview(inflated)[8:]
            place += 8 + n_bytes
            if place > size:
                raise _Damaged(f"an array of {n_bytes} bytes ends behind the end of the file")
            if kind == _MATRIX and (head := _Head.of(body, source)).is_read(deep=deep):
                names.add(head.name)
    return names


def _read(path: Path, *, deep: bool) -> dict[str, Any]:
    with _told(path):
        content = path.read_bytes()
        source = _Source(_byte_order(content))
        variables = {}
        for kind, body in _elements(memoryview(content)[HEADER_BYTES:], source):
            if kind == _COMPRESSED:
                ((kind, body),) = islice(_elements(source.inflated(body), source), 2)
            if kind == _MATRIX:
                variable = _variable(body, source, DEEPEST * deep)
                if variable is not None:
                    variables[variable.name] = variable.value
    return variables


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ReaderError(f"{path} cannot be opened: {error.strerror}") from error
    except (_Damaged, struct.error, zlib.error, ValueError, OverflowError, MemoryError) as error:
        cause = "it needs more memory than there is" if isinstance(error, MemoryError) else error
        raise ReaderError(
            f"{path} cannot be read as a MATLAB v5 file: {cause}; use a whole copy, saved with `save -v7`"
        ) from error


class _Damaged(Exception):
    """The file is not what the format says."""


@dataclass(slots=True)
class _Source:
    """One file, and what it may still grow to."""

    order: str
    """Of bytes, as `struct` names it."""
    bytes_left: int = LARGEST_BYTES
    parts_left: int = MOST_PARTS

    def inflated(self, body: memoryview) -> memoryview:
        inflater = zlib.decompressobj()
        data = inflater.decompress(body, self.bytes_left)
        if not inflater.eof:
            raise _Damaged("a compressed array is cut off, or the arrays are larger than 1 GiB")
        # 0 would be no bound.
        self.bytes_left = max(self.bytes_left - len(data), 1)
        return memoryview(data)

    def parts(self, body: memoryview) -> list[tuple[int, memoryview]]:
        """All data elements in one."""
        parts = list(islice(_elements(body, self), self.parts_left + 1))
        self.parts_left -= len(parts)
        if self.parts_left < 0:
            raise _Damaged(f"its arrays have more than {MOST_PARTS} parts")
        return parts


@dataclass(frozen=True, slots=True)
class _Head:
    """What an array says of itself before its numbers."""

    name: str
    kind: int
    shape: list[int]
    is_complex: bool

    @classmethod
    def of(cls, body: memoryview, source: _Source) -> "_Head":
        parts = list(islice(_elements(body, source), _HEAD_PARTS))
        if len(parts) < _HEAD_PARTS:
            raise _Damaged("an array lacks its flags, size or name")
        (flags,) = struct.unpack_from(source.order + "I", parts[0][1])
        name, shape = bytes(parts[2][1]).decode("latin-1"), _integers(parts[1], source)
        if min(shape, default=-1) < 0:
            raise _Damaged(f"array {name!r} has size {shape}")
        return cls(name, flags & 0xFF, shape, bool(flags & _COMPLEX_FLAG))

    def is_read(self, *, deep: bool) -> bool:
        return self.kind in _NUMERIC_CLASSES or (deep and self.kind in _OTHER_CLASSES)


@dataclass(frozen=True, slots=True, eq=False)
class _Variable:
    name: str
    value: Any


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


def _elements(data: memoryview, source: _Source) -> Iterator[tuple[int, memoryview]]:
    """(type, content) of each data element; they begin at multiples of 8 bytes."""
    while len(data) > 0:
        kind, size = struct.unpack_from(source.order + "II", data)
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


def _variable(body: memoryview, source: _Source, depth: int) -> _Variable | None:
    """None for what is not read: at depth 0 everything but numbers."""
    head = _Head.of(body, source)
    if not head.is_read(deep=depth > 0):
        return None
    parts = source.parts(body)[_HEAD_PARTS:]
    if head.kind == _STRUCT_CLASS:
        return _Variable(head.name, _struct(parts, math.prod(head.shape), source, depth - 1))
    if head.kind == _TEXT_CLASS:
        return _Variable(head.name, _text(parts, source))
    if head.kind == _SPARSE_CLASS:
        return _Variable(head.name, _sparse(parts, head, source))
    if len(parts) != 1 + head.is_complex:
        raise _Damaged(f"array {head.name!r} has {len(parts)} parts and size {head.shape}")
    values = [_numbers(part, source).reshape(head.shape, order="F") for part in parts]
    return _Variable(head.name, _joined(values))


def _joined(values: list[NDArray[Any]]) -> NDArray[Any]:
    if len(values) == 1:
        return values[0]
    # Part by part: a product with 1j makes the real part missing where the imaginary one is.
    joined = np.empty(values[0].shape, dtype=np.result_type(*values, np.complex64))
    joined.real, joined.imag = values
    return joined


def _struct(
    parts: list[tuple[int, memoryview]], n_elements: int, source: _Source, depth: int
) -> Struct:
    if len(parts) < 2:
        raise _Damaged("a struct lacks the names of its fields")
    (length,) = _integers(parts[0], source)
    if length < 1 or len(parts[1][1]) % length:
        raise _Damaged(f"names of fields of {length} bytes")
    text = bytes(parts[1][1])
    names = [
        text[k : k + length].split(b"\0")[0].decode("latin-1") for k in range(0, len(text), length)
    ]
    cells = parts[2:]
    if len(cells) != n_elements * len(names):
        raise _Damaged(f"a struct of {n_elements} x {len(names)} fields has {len(cells)}")
    values = iter(cells)
    if not names:
        return []
    return [
        {name: _field(next(values), source, depth) for name in names} for _ in range(n_elements)
    ]


def _field(part: tuple[int, memoryview], source: _Source, depth: int) -> Any:
    kind, body = part
    if kind != _MATRIX or not len(body):
        return None
    variable = _variable(body, source, depth)
    return None if variable is None else variable.value


def _text(parts: list[tuple[int, memoryview]], source: _Source) -> str:
    """Rows of text are read column by column, which is right for one row."""
    if not parts:
        return ""
    kind, body = parts[0]
    if kind not in _ENCODINGS:
        raise _Damaged(f"text of type {kind}")
    encoding = _ENCODINGS[kind]
    if encoding in ("utf-16", "utf-32"):
        encoding += "-le" if source.order == "<" else "-be"
    return bytes(body).decode(encoding)


def _sparse(parts: list[tuple[int, memoryview]], head: _Head, source: _Source) -> Sparse:
    shape = head.shape
    if len(shape) != 2 or len(parts) != 3 + head.is_complex:
        raise _Damaged(f"a sparse array of size {shape} has {len(parts)} parts")
    rows, starts, *values = (_numbers(part, source) for part in parts)
    n_rows, n_columns = shape
    if (
        any(index.dtype.kind not in "iu" for index in (rows, starts))
        or len(starts) != n_columns + 1
    ):
        raise _Damaged(f"a sparse array of size {shape} has {len(starts)} columns")
    n_values = int(starts[-1])
    if starts[0] != 0 or (np.diff(starts.astype(np.int64)) < 0).any():
        raise _Damaged("columns of a sparse array that do not ascend")
    if n_values > min(len(rows), *(len(part) for part in values)):
        raise _Damaged("a sparse array that lacks values")
    rows = rows[:n_values].astype(np.int64)
    if n_values and not 0 <= rows.min() <= rows.max() < n_rows:
        raise _Damaged("a row of a sparse array that does not exist")
    joined = _joined([part[:n_values] for part in values])
    return Sparse((n_rows, n_columns), rows, starts.astype(np.int64), joined)


def _integers(element: tuple[int, memoryview], source: _Source) -> list[int]:
    numbers = _numbers(element, source)
    if numbers.dtype.kind not in "iu":
        raise _Damaged("a size or length that is no whole number")
    whole: list[int] = numbers.tolist()
    return whole


def _numbers(element: tuple[int, memoryview], source: _Source) -> NDArray[Any]:
    kind, body = element
    if kind not in _TYPES:
        raise _Damaged(f"numbers of type {kind}")
    return np.frombuffer(body, dtype=np.dtype(source.order + _TYPES[kind]))
