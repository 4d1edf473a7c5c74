"""Scan: one walk over an MCAP file that finds every message, whether the file was closed, cut off or damaged.

Imports messages and the record types of `mcap` (format: https://mcap.dev/spec). The rule it keeps: a message is offered
only if a checksum says that it is whole (its chunk's, else its own), and what is lost is told, never silent.
"""

import re
import struct
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, TypeVar

from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, Header, Metadata, Schema

from eit_rt.recording.appender import (
    CHUNK_HEAD,
    INDEX_ENTRY,
    INDEX_HEAD,
    MAGIC,
    MESSAGE_HEAD,
    RECORD_HEAD,
)
from eit_rt.recording.messages import FRAME_TOPIC, is_whole_frame, is_whole_object

DATA_END_BYTES = 4
FOOTER_BYTES = RECORD_HEAD.size + 20 + len(MAGIC)
LARGEST_CHUNK = 1 << 28
"""Bytes; a damaged length must not make a reader load gigabytes. Ours are 16 KiB, the library's 1 MiB."""
_SEARCH_BYTES = 1 << 20
_CHUNK_START = re.compile(rb"\x06(?=.{3}\x00{5})", re.DOTALL)
"""A chunk record shorter than 16 MiB; its checksum proves it."""
_LAST_OPCODE = max(Opcode)
_PRIVATE_OPCODES = 0x80

Record = TypeVar("Record", Header, Metadata, Schema, Channel, Chunk)


@dataclass(frozen=True, slots=True)
class Damage:
    """A part of the file that could not be read."""

    offset: int
    n_bytes: int
    """Bytes that are lost; 0 if only the end of the file is missing."""
    text: str
    """What is wrong, for people."""

    def __str__(self) -> str:
        lost = f"{self.n_bytes} bytes lost" if self.n_bytes else "nothing lost"
        return f"{self.text} (byte {self.offset}; {lost})"


@dataclass(slots=True)
class Contents:
    """What a scan found. Message k has channel `channels[channel_of[k]]`, time `time_of[k]` and place `place_of[k]`."""

    header: Header | None = None
    metadata: list[Metadata] = field(default_factory=list)
    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    channel_of: "array[int]" = field(default_factory=lambda: array("H"))
    time_of: "array[int]" = field(default_factory=lambda: array("Q"))
    """log_time, ns since 1970 UTC."""
    place_of: "array[int]" = field(default_factory=lambda: array("q"))
    """Offset of the message record in the file; -1 - k: see `compressed[k]`."""
    compressed: list[tuple[int, int]] = field(default_factory=list)
    """Offset of the chunk record in the file, offset of the message record in the uncompressed chunk."""
    damage: list[Damage] = field(default_factory=list)
    """In the middle of the file."""
    torn: Damage | None = None
    """At its end."""


def scan(file: IO[bytes], size: int) -> Contents:
    """Walk over a file of `size` bytes that begins with MCAP's magic. Never raises on damage: it is in the contents."""
    return _Walk(file, size).contents


class _Walk:
    def __init__(self, file: IO[bytes], size: int) -> None:
        self.contents = Contents()
        self._file = file
        self._size = size
        self._trusted = len(MAGIC)
        """End of the last record that is surely right; a search for the next good chunk begins here."""
        self._to_index: int | None = 0
        """Messages of the newest chunk that no index has listed yet; None if not known."""
        position: int | None = len(MAGIC)
        while position is not None:
            position = self._step(position)

    # -- records of the file -----------------------------------------------------------------------------------

    def _step(self, position: int) -> int | None:
        """Take in the record at `position`. Returns where the next one is, None at the end of the file."""
        if position == self._size:
            self._tear(position, "the file was not closed (stopped, or still recording)")
            return None
        head = self._read(position, RECORD_HEAD.size)
        if len(head) < RECORD_HEAD.size:
            return self._search(position)
        opcode, length = RECORD_HEAD.unpack(head)
        end = position + RECORD_HEAD.size + length
        if opcode == Opcode.CHUNK:
            record = self._read(position, min(end, self._size, position + LARGEST_CHUNK) - position)
            return (
                end
                if self._take_chunk(record, position, end)
                else self._salvage(record, position, end)
            )
        if end > self._size or not (0 < opcode <= _LAST_OPCODE or opcode >= _PRIVATE_OPCODES):
            return self._search(position)
        if opcode == Opcode.DATA_END and length == DATA_END_BYTES:
            self._end()
            return None
        return end if self._take_single(opcode, position, end) else self._search(position)

    def _take_single(self, opcode: int, position: int, end: int) -> bool:
        """Take a record that is no chunk; False if it is damaged."""
        record = self._read(position, end - position)
        if opcode == Opcode.MESSAGE:
            return self._take_proven(record, position)
        if opcode == Opcode.MESSAGE_INDEX:
            return self._check_index(record, position)
        return self._take_head(opcode, record[RECORD_HEAD.size :])

    def _check_index(self, record: bytes, position: int) -> bool:
        """An index that lists more messages than the chunk before it tells that a chunk was not recognised."""
        entries, rest = divmod(len(record) - INDEX_HEAD.size, INDEX_ENTRY.size)
        if self._to_index is not None:
            self._to_index -= entries
            if self._to_index < 0:
                self._note(self._trusted, position - self._trusted, "damaged records")
                self._to_index = None
        return entries >= 0 and rest == 0

    def _end(self) -> None:
        """After the last message only the index follows, which is not needed here."""
        tail = self._read(self._size - FOOTER_BYTES, FOOTER_BYTES)
        if tail[0] != Opcode.FOOTER or not tail.endswith(MAGIC):
            self._tear(self._size, "the index at the end of the file is cut off")

    def _take_chunk(self, record: bytes, position: int, end: int) -> bool:
        """Take all messages of a chunk, if its checksum is right."""
        if position + len(record) < end or len(record) < CHUNK_HEAD.size:
            return False
        *_, name_bytes, body_bytes = fields = CHUNK_HEAD.unpack_from(record)
        if name_bytes:
            return self._take_compressed(record, position, end)
        crc = fields[5]
        if CHUNK_HEAD.size + body_bytes != len(record):
            return False
        if crc and zlib.crc32(memoryview(record)[CHUNK_HEAD.size :]) != crc:
            return False
        before = len(self.contents.place_of)
        for opcode, start, stop in records_in(record, CHUNK_HEAD.size):
            if opcode == Opcode.MESSAGE:
                self._add(record, start, position + start)
            else:
                self._take_head(opcode, record[start + RECORD_HEAD.size : stop])
        self._trusted = end
        self._to_index = len(self.contents.place_of) - before
        return True

    def _take_compressed(self, record: bytes, position: int, end: int) -> bool:
        """The same for a chunk that another program has compressed."""
        body = decompressed(record)
        if body is None:
            return False
        before = len(self.contents.place_of)
        for opcode, start, stop in records_in(body, 0):
            if opcode == Opcode.MESSAGE:
                self.contents.compressed.append((position, start))
                self._add(body, start, -len(self.contents.compressed))
            else:
                self._take_head(opcode, body[start + RECORD_HEAD.size : stop])
        self._trusted = end
        self._to_index = len(self.contents.place_of) - before
        return True

    def _take_proven(self, record: bytes, position: int) -> bool:
        """Take a message that no chunk vouches for, if its own checksum (or JSON text) does."""
        if len(record) < MESSAGE_HEAD.size:
            return False
        _, _, channel_id, _, log_ns, publish_ns = MESSAGE_HEAD.unpack_from(record)
        channel = self.contents.channels.get(channel_id)
        # The checksum does not cover the record's head; the recorder writes the time twice.
        if channel is None or log_ns != publish_ns:
            return False
        proves = is_whole_frame if channel.topic == FRAME_TOPIC else is_whole_object
        if not proves(memoryview(record)[MESSAGE_HEAD.size :]):
            return False
        self._add(record, 0, position)
        self._trusted = position + len(record)
        return True

    def _take_head(self, opcode: int, body: bytes) -> bool:
        """Take a record that describes the others; False if it is damaged."""
        contents = self.contents
        try:
            if opcode == Opcode.HEADER:
                contents.header = _parsed(Header, body)
            elif opcode == Opcode.METADATA:
                contents.metadata.append(_parsed(Metadata, body))
            elif opcode == Opcode.SCHEMA:
                schema = _parsed(Schema, body)
                contents.schemas.setdefault(schema.id, schema)
            elif opcode == Opcode.CHANNEL:
                channel = _parsed(Channel, body)
                contents.channels.setdefault(channel.id, channel)
        except (McapError, ValueError, struct.error):
            return False
        return True

    def _add(self, data: bytes, start: int, place: int) -> None:
        _, _, channel, _, time_ns, _ = MESSAGE_HEAD.unpack_from(data, start)
        self.contents.channel_of.append(channel)
        self.contents.time_of.append(time_ns)
        self.contents.place_of.append(place)

    # -- damage ------------------------------------------------------------------------------------------------

    def _salvage(self, record: bytes, position: int, end: int) -> int | None:
        """Take the whole messages of a chunk that is cut off or has a wrong checksum, and go on behind them."""
        self._to_index = None
        reached = min(CHUNK_HEAD.size, len(record))
        for opcode, start, stop in records_in(record, CHUNK_HEAD.size):
            if opcode != Opcode.MESSAGE:
                break
            if not self._take_proven(record[start:stop], position + start):
                self._note(position + start, stop - start, "a message has a wrong checksum")
            reached = stop
        return end if position + reached == end else self._search(position + reached)

    def _search(self, position: int) -> int | None:
        """Nothing fits at `position`: go on at the next chunk whose checksum is right; note what is skipped."""
        for start in self._chunk_starts():
            head = self._read(start, CHUNK_HEAD.size)
            if len(head) < CHUNK_HEAD.size:
                continue
            end = start + RECORD_HEAD.size + RECORD_HEAD.unpack_from(head)[1]
            fields = CHUNK_HEAD.unpack(head)
            if end > self._size or fields[7] != end - start - CHUNK_HEAD.size:
                continue
            if zlib.crc32(self._read(start + CHUNK_HEAD.size, fields[7])) == fields[5]:
                if start > position:
                    self._note(position, start - position, "damaged records")
                return start
        self._tear(position, "the end of the file is cut off or damaged")
        return None

    def _chunk_starts(self) -> Iterator[int]:
        """Offsets, behind what is trusted, that look like the start of a chunk."""
        overlap = RECORD_HEAD.size - 1
        offset = self._trusted
        while offset < self._size:
            block = self._read(offset, _SEARCH_BYTES + overlap)
            for found in _CHUNK_START.finditer(block):
                if found.start() < _SEARCH_BYTES:
                    yield offset + found.start()
            offset += _SEARCH_BYTES

    def _note(self, offset: int, n_bytes: int, text: str) -> None:
        self.contents.damage.append(Damage(offset, n_bytes, text))

    def _tear(self, offset: int, text: str) -> None:
        self.contents.torn = Damage(offset, self._size - offset, text)

    def _read(self, offset: int, n_bytes: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(n_bytes)


def records_in(data: bytes, offset: int) -> Iterator[tuple[int, int, int]]:
    """(opcode, start, stop) of the whole records in a chunk's body, until one does not fit."""
    size = len(data)
    while offset + RECORD_HEAD.size <= size:
        opcode, length = RECORD_HEAD.unpack_from(data, offset)
        stop = offset + RECORD_HEAD.size + length
        if stop > size or (opcode == Opcode.MESSAGE and stop - offset < MESSAGE_HEAD.size):
            return
        yield opcode, offset, stop
        offset = stop


def decompressed(record: bytes) -> bytes | None:
    """Body of a compressed chunk record; None if it is damaged."""
    # The decompressors cost import time and are needed only for files that other tools have rewritten.
    import zstandard
    from mcap.stream_reader import get_chunk_data_stream

    try:
        chunk = _parsed(Chunk, record[RECORD_HEAD.size :])
        stream, size = get_chunk_data_stream(chunk, validate_crc=True)
        return stream.read(size)
    except (McapError, ValueError, struct.error, RuntimeError, zstandard.ZstdError):
        return None


def _parsed(kind: type[Record], body: bytes) -> Record:
    record: Record = kind.read(ReadDataStream(BytesIO(body)))
    return record
