"""Scan: one walk over an MCAP file that finds every message, whether the file was closed, cut off or damaged.

Imports scan_chunk, messages, errors and the record types of `mcap` (format: https://mcap.dev/spec). The rule it keeps:
a message is offered only if a checksum says that it is whole, its chunk's or else its own (events and statuses have
none of their own and must be whole JSON then), and what is lost is told, never silent.
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
from mcap.records import Channel, Header, Metadata, Schema

from eit_rt.errors import RecordingError
from eit_rt.recording.appender import (
    CHUNK_HEAD,
    INDEX_ENTRY,
    INDEX_HEAD,
    MAGIC,
    MESSAGE_HEAD,
    RECORD_HEAD,
)
from eit_rt.recording.messages import (
    EVENT_TOPIC,
    FRAME_TOPIC,
    is_whole_event,
    is_whole_frame,
    is_whole_object,
)
from eit_rt.recording.scan_chunk import (
    LARGEST_CHUNK,
    decompressed,
    has_checksum,
    is_compressed,
    is_whole,
    records_in,
)

__all__ = ["Contents", "Damage", "decompressed", "scan"]

DATA_END_BYTES = 4
_FOOTER = struct.Struct("<BQQQI")
"""opcode, length, start of the index and of its offsets, CRC-32 of index and footer up to here; the magic follows."""
FOOTER_BYTES = _FOOTER.size + len(MAGIC)
_SEARCH_BYTES = 1 << 20
_CHUNK_START = re.compile(rb"\x06(?=.{3}\x00{5})", re.DOTALL)
"""A chunk record shorter than 16 MiB; its checksum proves it."""
_LAST_OPCODE = max(Opcode)
_PRIVATE_OPCODES = 0x80
_IN_CHUNKS = frozenset({Opcode.SCHEMA, Opcode.CHANNEL})
"""...and messages."""
_TAKEN = _IN_CHUNKS | {Opcode.HEADER, Opcode.METADATA, Opcode.MESSAGE, Opcode.MESSAGE_INDEX}
"""The others (attachments) are of no interest here, and may be large."""
_PROOFS = {FRAME_TOPIC: is_whole_frame, EVENT_TOPIC: is_whole_event}
_WRONG_CHECKSUM = "a message has a wrong checksum"

Record = TypeVar("Record", Header, Metadata, Schema, Channel)
Listed = TypeVar("Listed", Schema, Channel)


@dataclass(frozen=True, slots=True)
class Damage:
    """A part of the file that could not be read."""

    offset: int
    n_bytes: int
    """Bytes that are lost; 0 if only the end of the file is missing, or an event may have changed."""
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
    """Walk over a file of `size` bytes that begins with MCAP's magic. Never raises on damage: it is in the contents.

    Raises RecordingError if the memory does not suffice.
    """
    try:
        return _Walk(file, size).contents
    except MemoryError as error:
        raise RecordingError(
            "the recording needs more memory than there is; close other programs, or open it on a larger computer"
        ) from error


class _Walk:
    def __init__(self, file: IO[bytes], size: int) -> None:
        self.contents = Contents()
        self._file = file
        self._size = size
        self._trusted = len(MAGIC)
        """End of the last record that is surely right; a search for the next good chunk begins here."""
        self._to_index: int | None = 0
        """Messages of the newest chunk that no index has listed yet; None if not known."""
        self._strangers: dict[int, tuple[int, int, int]] = {}
        """Of messages whose channel is not known, by channel: place of the first, bytes, count."""
        self._is_listed = False
        self._take_list()
        position: int | None = len(MAGIC)
        while position is not None:
            position = self._step(position)
        for channel, (place, n_bytes, count) in self._strangers.items():
            self._note(place, n_bytes, f"channel {channel} is not described: {count} messages")

    def _take_list(self) -> None:
        """Take the channels that the index at the end lists, if its checksum is right: those at the front have none."""
        footer = self._read(max(0, self._size - FOOTER_BYTES), FOOTER_BYTES)
        if len(footer) < FOOTER_BYTES or footer[0] != Opcode.FOOTER:
            return
        _, _, start, _, crc = _FOOTER.unpack_from(footer)
        n_bytes = self._size - start - len(MAGIC) - 4
        if not 0 < n_bytes <= LARGEST_CHUNK:
            return
        index = self._read(start, n_bytes)
        if crc == 0 or zlib.crc32(index) != crc:
            return
        for opcode, begin, stop in records_in(index, 0):
            if opcode in _IN_CHUNKS:
                self._take_head(opcode, index[begin + RECORD_HEAD.size : stop])
        self._is_listed = bool(self.contents.channels)

    # -- records of the file -----------------------------------------------------------------------------------

    def _step(self, position: int) -> int | None:
        """Take in the record at `position`. Returns where the next one is, None at the end of the file."""
        if position == self._size:
            self._tear(position, "the file was not closed (stopped, or still recording)")
            return None
        found = self._record_at(position)
        if found is None:
            return self._search(position)
        opcode, end = found
        if opcode == Opcode.CHUNK:
            return self._take_chunk(position, end)
        if opcode == Opcode.DATA_END and end - position == RECORD_HEAD.size + DATA_END_BYTES:
            self._end()
            return None
        if opcode not in _TAKEN or self._take_single(opcode, position, end):
            return end
        return self._pass_over(position, end, "a damaged record")

    def _record_at(self, position: int) -> tuple[int, int] | None:
        """Opcode and end of the record at `position`, None if there can be none. Only a chunk may be cut off."""
        head = self._read(position, RECORD_HEAD.size)
        if len(head) < RECORD_HEAD.size:
            return None
        opcode, length = RECORD_HEAD.unpack(head)
        end = position + RECORD_HEAD.size + length
        is_known = 0 < opcode <= _LAST_OPCODE or opcode >= _PRIVATE_OPCODES
        can_be = opcode == Opcode.CHUNK or (is_known and end <= self._size)
        return (opcode, end) if can_be else None

    def _take_single(self, opcode: int, position: int, end: int) -> bool:
        """Take a record that is no chunk; False if it is damaged."""
        if end - position > LARGEST_CHUNK:
            return False
        record = self._read(position, end - position)
        if opcode == Opcode.MESSAGE:
            return self._take_proven(record, 0, len(record), position)
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
                return self._take_listed(contents.schemas, schema.id, schema)
            elif opcode == Opcode.CHANNEL:
                channel = _parsed(Channel, body)
                return self._take_listed(contents.channels, channel.id, channel)
        except (McapError, ValueError, struct.error):
            return False
        return True

    def _take_listed(self, known: dict[int, Listed], number: int, new: Listed) -> bool:
        """Take a schema or channel; False if another one has that number, which MCAP forbids."""
        kept = known.get(number, new) if self._is_listed else known.setdefault(number, new)
        return kept == new

    def _end(self) -> None:
        """After the last message only the index follows; what it is needed for was done first."""
        tail = self._read(max(0, self._size - FOOTER_BYTES), FOOTER_BYTES)
        if tail[:1] != bytes([Opcode.FOOTER]) or not tail.endswith(MAGIC):
            self._tear(self._size, "the index at the end of the file is cut off")

    # -- chunks and messages -----------------------------------------------------------------------------------

    def _take_chunk(self, position: int, end: int) -> int | None:
        """Take all messages of a chunk, if its checksum is right; else those that prove themselves. As `_step`."""
        record = self._read(position, min(end, self._size, position + LARGEST_CHUNK) - position)
        if is_compressed(record):
            return self._take_compressed(record, position, end)
        if position + len(record) < end or not is_whole(record):
            return self._salvage(record, position, end)
        self._take_body(record, CHUNK_HEAD.size, position, False, True)
        self._trusted = end
        return end

    def _take_compressed(self, record: bytes, position: int, end: int) -> int | None:
        """The same for a chunk that another program has compressed."""
        body = decompressed(record) if position + len(record) == end else None
        if body is None:
            self._to_index = None
            n_bytes = CHUNK_HEAD.unpack_from(record)[4]
            large = f" or too large: {n_bytes} bytes, {LARGEST_CHUNK} at most are read"
            text = "a compressed chunk is damaged" + large * (n_bytes > LARGEST_CHUNK)
            return self._pass_over(position, end, text)
        self._take_body(body, 0, position, True, has_checksum(record))
        self._trusted = end
        return end

    def _take_body(
        self, body: bytes, first: int, origin: int, is_packed: bool, is_proven: bool
    ) -> None:
        """Take the records of a chunk, which begin at `first` of `body`. is_proven: by the chunk's checksum."""
        count, stop = 0, first
        for opcode, start, stop in records_in(body, first):
            if opcode == Opcode.MESSAGE:
                count += 1
                if is_proven:
                    self._add(body, start, stop, origin, is_packed)
                elif not self._take_proven(body, start, stop, origin, is_packed):
                    self._note(origin, stop - start, _WRONG_CHECKSUM)
            elif opcode in _IN_CHUNKS and not self._take_head(
                opcode, body[start + RECORD_HEAD.size : stop]
            ):
                self._note(origin, stop - start, "a damaged record")
        if stop < len(body):
            self._note(origin, len(body) - stop, "what a chunk holds are no records")
        self._to_index = count

    def _take_proven(
        self, data: bytes, start: int, stop: int, origin: int, is_packed: bool = False
    ) -> bool:
        """Take a message that no chunk vouches for, if its own checksum (or JSON text) does."""
        if stop - start < MESSAGE_HEAD.size:
            return False
        _, _, channel_id, _, log_ns, publish_ns = MESSAGE_HEAD.unpack_from(data, start)
        channel = self.contents.channels.get(channel_id)
        if channel is not None:
            proves = _PROOFS.get(channel.topic, is_whole_object)
            # The checksum does not cover the record's head; the recorder writes the time twice.
            if log_ns != publish_ns or not proves(data[start + MESSAGE_HEAD.size : stop]):
                return False
            if not is_packed:
                self._trusted = origin + stop
        self._add(data, start, stop, origin, is_packed)
        return True

    def _add(self, data: bytes, start: int, stop: int, origin: int, is_packed: bool) -> None:
        """Add the message at `start` of `data`. origin: place of `data` in the file, or of the compressed chunk."""
        contents = self.contents
        _, _, channel, _, time_ns, _ = MESSAGE_HEAD.unpack_from(data, start)
        if channel not in contents.channels:
            place = origin if is_packed else origin + start
            place, n_bytes, count = self._strangers.get(channel, (place, 0, 0))
            self._strangers[channel] = place, n_bytes + stop - start, count + 1
            return
        place = origin + start
        if is_packed:
            contents.compressed.append((origin, start))
            place = -len(contents.compressed)
        contents.channel_of.append(channel)
        contents.time_of.append(time_ns)
        contents.place_of.append(place)

    # -- damage ------------------------------------------------------------------------------------------------

    def _salvage(self, record: bytes, position: int, end: int) -> int | None:
        """Take the whole messages of a chunk that is cut off or has no right checksum, and go on behind them."""
        before = len(self.contents.place_of)
        count, reached = 0, min(CHUNK_HEAD.size, len(record))
        for opcode, start, stop in records_in(record, CHUNK_HEAD.size):
            if opcode == Opcode.MESSAGE:
                count += 1
                if not self._take_proven(record, start, stop, position):
                    self._note(position + start, stop - start, _WRONG_CHECKSUM)
            else:
                body = record[start + RECORD_HEAD.size : stop]
                if opcode not in _IN_CHUNKS or not self._take_head(opcode, body):
                    break
            reached = stop
        if position + len(record) == end and has_checksum(record) and self._has_texts(before):
            text = "a chunk has a wrong checksum: an event or status in it may have changed"
            self._note(position, 0, text)
        is_complete = position + reached == end
        self._to_index = count if is_complete else None
        return end if is_complete else self._pass_over(position + reached, end, "damaged records")

    def _has_texts(self, first: int) -> bool:
        """True if there is an event or status, which has no checksum of its own, from message `first` on."""
        channels = self.contents.channels
        return any(channels[c].topic != FRAME_TOPIC for c in self.contents.channel_of[first:])

    def _pass_over(self, position: int, end: int, text: str) -> int | None:
        """Note the bytes from `position` to `end`, if a record can begin there; else search for one."""
        if end == self._size or (end < self._size and self._record_at(end)):
            self._note(position, end - position, text)
            return end
        return self._search(position)

    def _search(self, position: int) -> int | None:
        """Nothing fits at `position`: go on at the next chunk whose checksum is right; note what is skipped."""
        for start in self._chunk_starts():
            head = self._read(start, CHUNK_HEAD.size)
            if len(head) < CHUNK_HEAD.size:
                continue
            end = start + RECORD_HEAD.size + RECORD_HEAD.unpack_from(head)[1]
            if end > self._size or CHUNK_HEAD.unpack(head)[7] != end - start - CHUNK_HEAD.size:
                continue
            # A chunk that `_take_chunk` takes whole: otherwise the walk could come back here for ever.
            if is_whole(self._read(start, end - start)):
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


def _parsed(kind: type[Record], body: bytes) -> Record:
    record: Record = kind.read(ReadDataStream(BytesIO(body)))
    return record
