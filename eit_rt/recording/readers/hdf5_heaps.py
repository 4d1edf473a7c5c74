"""HDF5's global heaps, walked before the library reads them: it walks a damaged one for ever.

Imports errors only. Source: HDF5 File Format Specification 3.0, "Disk Format: Level 1E - Global Heap". Texts of
variable length stand there. The rule it keeps: bytes that only look like a heap refuse no file.
"""

import mmap
import struct
from pathlib import Path

from eit_rt.errors import ReaderError

MAGIC = b"\x89HDF\r\n\x1a\n"
_HEAP = b"GCOL\x01"
"""Signature and version of a collection."""
_HEAD_BYTES = 16
"""Of a collection, and of an object in it."""
_LENGTH_SIZES = (2, 4, 8)


def check_heaps(path: Path) -> None:
    """Raises ReaderError for an object without length, or one that ends behind its collection; OSError."""
    if path.stat().st_size <= _HEAD_BYTES:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        size = _length_size(content)
        place = content.find(_HEAP) if size else -1
        while 0 <= place <= len(content) - _HEAD_BYTES:
            end = place + _length(content, place + 8, size)
            if not place + _HEAD_BYTES <= end <= len(content):
                # HDF5 refuses it, too, if it is one.
                end = place + len(_HEAP)
            elif not _is_sound(content, place + _HEAD_BYTES, end, size):
                raise ReaderError(
                    f"{path} cannot be read as HDF5: the heap of its texts at byte {place} is damaged; use a whole copy"
                )
            place = content.find(_HEAP, end)


def _length_size(content: mmap.mmap) -> int:
    """Bytes of a length in this file, by its superblock (at 0, 512, 1024, 2048...); 0 if it has none."""
    place = 0
    while place + _HEAD_BYTES <= len(content):
        if content[place : place + len(MAGIC)] == MAGIC:
            size = content[place + (14 if content[place + 8] < 2 else 10)]
            return size if size in _LENGTH_SIZES else 0
        place = max(2 * place, 512)
    return 0


def _is_sound(content: mmap.mmap, place: int, end: int, size: int) -> bool:
    """Whether the objects of a collection fill it."""
    # Less than a head at the end is free.
    while end - place >= _HEAD_BYTES:
        (index,) = struct.unpack_from("<H", content, place)
        length = _length(content, place + 8, size)
        # Free space (0) counts its own head.
        taken = _HEAD_BYTES + -(-length // 8) * 8 if index else length
        if not 0 < taken <= end - place:
            return False
        place += taken
    return True


def _length(content: mmap.mmap, place: int, size: int) -> int:
    return int.from_bytes(content[place : place + size], "little")
