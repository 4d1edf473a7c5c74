"""Chunk: a record of MCAP that holds others, plain or compressed by another program, with a checksum or without.

Imports appender. The rule it keeps: no length is believed before it is compared, so that no file of a few bytes unpacks
to gigabytes.
"""

import struct
import zlib
from collections.abc import Iterator

from mcap.opcode import Opcode

from eit_rt.recording.appender import CHUNK_HEAD, MESSAGE_HEAD, RECORD_HEAD

LARGEST_CHUNK = 1 << 26
"""Bytes, packed or not: a damaged length must not make a reader load gigabytes. Ours are 16 KiB, other programs' a few
MiB."""
_CODEC_AT = CHUNK_HEAD.size - 12
"""In the record: length and name of the codec."""
_CODECS = (b"\x04\0\0\0zstd", b"\x03\0\0\0lz4")
_BYTE_COUNT = struct.Struct("<Q")


def records_in(data: bytes, offset: int) -> Iterator[tuple[int, int, int]]:
    """(opcode, start, stop) of the whole records in a chunk's body, until one does not fit."""
    size = len(data)
    while offset + RECORD_HEAD.size <= size:
        opcode, length = RECORD_HEAD.unpack_from(data, offset)
        stop = offset + RECORD_HEAD.size + length
        # MCAP knows no opcode 0: zeros, of which a few bytes can unpack to millions, are no records.
        if not opcode or stop > size:
            return
        if opcode == Opcode.MESSAGE and stop - offset < MESSAGE_HEAD.size:
            return
        yield opcode, offset, stop
        offset = stop


def has_checksum(record: bytes) -> bool:
    """False if the chunk's writer has calculated none: MCAP writes 0 then, and nothing vouches for its messages."""
    return len(record) >= CHUNK_HEAD.size and CHUNK_HEAD.unpack_from(record)[5] != 0


def is_compressed(record: bytes) -> bool:
    return len(record) >= CHUNK_HEAD.size and record.startswith(_CODECS, _CODEC_AT)


def is_whole(record: bytes) -> bool:
    """True if a chunk that is not compressed has a checksum, and it is right."""
    if not has_checksum(record):
        return False
    *_, crc, name_bytes, body_bytes = CHUNK_HEAD.unpack_from(record)
    body = memoryview(record)[CHUNK_HEAD.size :]
    return not name_bytes and body_bytes == len(body) and zlib.crc32(body) == crc


def decompressed(record: bytes) -> bytes | None:
    """Body of a compressed chunk; None if it is damaged or larger than `LARGEST_CHUNK`.

    Without a checksum it is right in size only.
    """
    if not is_compressed(record):
        return None
    size, crc, name_bytes = CHUNK_HEAD.unpack_from(record)[4:7]
    start = CHUNK_HEAD.size + name_bytes
    if size > LARGEST_CHUNK or start > len(record):
        return None
    (n_packed,) = _BYTE_COUNT.unpack_from(record, start - _BYTE_COUNT.size)
    if start + n_packed > len(record):
        return None
    codec = record[_CODEC_AT + 4 : start - _BYTE_COUNT.size]
    body = _unpacked(codec, record[start : start + n_packed], size)
    return None if body is None or (crc and zlib.crc32(body) != crc) else body


def _unpacked(codec: bytes, packed: bytes, size: int) -> bytes | None:
    """What was compressed; None unless it is `size` bytes. The chunk may lie: no more than that is ever unpacked."""
    # The decompressors cost import time and are needed only for files that other tools have rewritten.
    import zstandard
    from lz4.frame import LZ4FrameDecompressor  # type: ignore[import-untyped]

    body: bytes
    try:
        if codec == b"zstd":
            with zstandard.ZstdDecompressor().stream_reader(packed) as stream:
                body = stream.read(size + 1)
        else:
            body = LZ4FrameDecompressor().decompress(packed, max_length=size + 1)
    except (ValueError, RuntimeError, EOFError, zstandard.ZstdError):
        return None
    return body if len(body) == size else None
