"""Arrays of an .npz, looked at by their headers first and loaded one by one.

Imports errors and npz_archive. The rule it keeps: what a header claims is checked before room is taken for it. Nothing
is ever unpickled; arrays too large for memory stay on disk, once their checksum was compared.
"""

import math
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.recording.readers.npz_archive import DAMAGED

IN_MEMORY_BYTES = 1_000_000_000
"""Larger arrays are mapped from the file."""
_LOCAL_HEAD_BYTES, _LENGTHS_AT = 30, 26
"""Of a zip archive's local header: its fixed part, and where the lengths of name and extra field stand in it."""
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One array of an archive, not loaded."""

    info: zipfile.ZipInfo
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    is_fortran: bool
    offset: int
    """Bytes of the member before the first value."""

    @property
    def n_bytes(self) -> int:
        return self.dtype.itemsize * math.prod(self.shape)


def members(path: Path) -> dict[str, Member]:
    """The arrays of an archive by name. Raises ReaderError if it is damaged, or holds Python objects."""
    with _told(path, "an archive"), zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if info.filename.endswith(".npy")]
        return {info.filename.removesuffix(".npy"): _member(archive, info) for info in infos}


def load(path: Path, member: Member) -> NDArray[Any]:
    """A read-only array, its checksum checked; one of more than IN_MEMORY_BYTES is mapped. Raises ReaderError."""
    with _told(path, f"`{member.info.filename}`"), zipfile.ZipFile(path) as archive:
        if member.n_bytes > IN_MEMORY_BYTES:
            return _mapped(path, archive, member)
        with archive.open(member.info) as file:
            file.read(member.offset)
            values = file.read(member.n_bytes)
            if len(values) != member.n_bytes or file.read(1):
                raise ValueError(f"{len(values)} bytes instead of {member.n_bytes}")
        flat = np.frombuffer(values, dtype=member.dtype)
        return flat.reshape(member.shape, order="F" if member.is_fortran else "C")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    with archive.open(info) as file:
        version = npy.read_magic(file)
        if version == (1, 0):
            shape, is_fortran, dtype = npy.read_array_header_1_0(file)
        else:
            shape, is_fortran, dtype = npy.read_array_header_2_0(file)
        member = Member(info, dtype, shape, is_fortran, file.tell())
    if dtype.hasobject:
        raise ValueError(f"`{info.filename}` holds Python objects, which are never loaded")
    if min(shape, default=0) < 0 or info.file_size != member.offset + member.n_bytes:
        raise ValueError(f"`{info.filename}` is said to be {shape} {dtype}, but has another length")
    return member


def _mapped(path: Path, archive: zipfile.ZipFile, member: Member) -> NDArray[Any]:
    if member.info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(
            f"it is compressed and {member.n_bytes / 1e9:.1f} GB large; save it with np.savez, which does not compress"
        )
    with archive.open(member.info) as whole:
        while whole.read(_BLOCK):  # zipfile compares the checksum at the end
            pass
    with path.open("rb") as file:
        file.seek(member.info.header_offset)
        name, extra = struct.unpack_from("<HH", file.read(_LOCAL_HEAD_BYTES), _LENGTHS_AT)
    begin = member.info.header_offset + _LOCAL_HEAD_BYTES + name + extra + member.offset
    order: Any = "F" if member.is_fortran else "C"
    return np.memmap(path, member.dtype, "r", begin, member.shape, order)


@contextmanager
def _told(path: Path, what: str) -> Iterator[IO[bytes] | None]:
    try:
        yield None
    except (*DAMAGED, struct.error) as error:
        raise ReaderError(f"{what} in {path} cannot be read: {error}; use a whole copy") from error
