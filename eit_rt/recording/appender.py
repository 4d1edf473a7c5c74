"""McapAppender: writes an MCAP file from front to back, never going back over what it wrote.

Imports errors and the record types of `mcap`. The chunk in progress and the index are kept here: the library's writer
keeps an object per chunk (an hour would grow by tens of MiB), and its buffered stream cannot be stopped cleanly on a
full disk.
The rule it keeps: `good_bytes` bytes of the file are whole records, whatever happens after.
"""

import os
import struct
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.records import (
    Channel,
    DataEnd,
    Footer,
    Header,
    McapRecord,
    Metadata,
    MetadataIndex,
    Schema,
    Statistics,
    SummaryOffset,
)

from eit_rt.errors import RecordingError

MAGIC = b"\x89MCAP0\r\n"
MESSAGE_HEAD = struct.Struct("<BQHIQQ")
"""opcode, length, channel id, sequence, log_time, publish_time."""
CHUNK_HEAD = struct.Struct("<BQQQQIIQ")
"""opcode, length, first and last log_time, uncompressed size and CRC, length of the codec's name (0), data length."""
RECORD_HEAD = struct.Struct("<BQ")
INDEX_HEAD = struct.Struct("<BQHI")
INDEX_ENTRY = struct.Struct("<QQ")
_CHUNK_INDEX_HEAD = struct.Struct("<BQQQQQI")
_CHUNK_INDEX_TAIL = struct.Struct("<QIQQ")
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Topic:
    """A channel of the file with its schema."""

    name: str
    encoding: str
    schema_name: str
    schema_encoding: str
    schema: bytes


class McapAppender:
    """Chunked, uncompressed MCAP on an open file descriptor. Every method may raise OSError; see `abandon`."""

    def __init__(
        self,
        descriptor: int,
        library: str,
        metadata: Sequence[tuple[str, Mapping[str, str]]],
        topics: Sequence[Topic],
    ) -> None:
        self.good_bytes = 0
        self._file = descriptor
        self._topics = topics
        self._messages: list[bytes] = []
        self._pending: list[tuple[int, int, int]] = []
        """(channel, log_time, offset in the chunk) of the messages of the chunk in progress."""
        self.chunk_bytes = 0
        self._chunks = array("Q")
        """Four numbers a chunk: offset, length, first and last log_time."""
        self._chunk_counts = array("I")
        """Messages of each channel, chunk by chunk."""
        self._metadata: list[MetadataIndex] = []
        self._counts: Counter[int] = Counter()
        self._first_ns, self._last_ns = 2**64 - 1, 0
        self._write_head(library, metadata)

    # -- writing -----------------------------------------------------------------------------------------------

    def add(self, channel: int, sequence: int, log_time_ns: int, data: bytes) -> None:
        """Append a message to the chunk in progress; channel counts from 1 in the order of the topics. No I/O.

        Raises RecordingError if the time does not fit into MCAP's 64 bits; nothing is appended then.
        """
        try:
            head = MESSAGE_HEAD.pack(
                Opcode.MESSAGE,
                MESSAGE_HEAD.size - RECORD_HEAD.size + len(data),
                channel,
                sequence & 0xFFFFFFFF,
                log_time_ns,
                log_time_ns,
            )
        except struct.error as error:
            raise RecordingError(
                f"a message at {log_time_ns} ns since 1970 cannot be recorded; expected 0 to 2^64 - 1 ns, the years "
                "1970 to 2554: a clock is wrong"
            ) from error
        self._messages += (head, data)
        self._pending.append((channel, log_time_ns, self.chunk_bytes))
        self.chunk_bytes += len(head) + len(data)

    def end_chunk(self) -> None:
        """Write the chunk in progress, if it holds anything, with its message index: one write."""
        if not self._pending:
            return
        body = b"".join(self._messages)
        times = [time for _, time, _ in self._pending]
        first, last = min(times), max(times)
        head = CHUNK_HEAD.pack(
            Opcode.CHUNK,
            CHUNK_HEAD.size - RECORD_HEAD.size + len(body),
            first,
            last,
            len(body),
            zlib.crc32(body),
            0,
            len(body),
        )
        indexes, counts = self._message_indexes()
        offset = self.good_bytes
        self._append(b"".join((head, body, *indexes)))
        self._chunks.extend((offset, len(head) + len(body), first, last))
        self._chunk_counts.extend(counts)
        self._first_ns, self._last_ns = min(first, self._first_ns), max(last, self._last_ns)
        self._counts.update(channel for channel, _, _ in self._pending)
        self._messages.clear()
        self._pending.clear()
        self.chunk_bytes = 0

    def finish(self) -> None:
        """End the file: chunk in progress, index, footer. The descriptor stays open."""
        self.end_chunk()
        self._append(_bytes(DataEnd(0)))
        start = self.good_bytes
        offsets: list[SummaryOffset] = []
        crc = 0
        for opcode, blocks in self._summary():
            group = self.good_bytes
            for block in blocks:
                crc = zlib.crc32(block, crc)
                self._append(block)
            if self.good_bytes > group:
                offsets.append(SummaryOffset(opcode, group, self.good_bytes - group))
        offset_start = self.good_bytes
        tail = b"".join(_bytes(offset) for offset in offsets)
        crc = zlib.crc32(tail, crc)
        crc = zlib.crc32(struct.pack("<BQQQ", Opcode.FOOTER, 20, start, offset_start), crc)
        self._append(tail + _bytes(Footer(start, offset_start, crc)) + MAGIC)

    def abandon(self) -> bool:
        """After an OSError: cut the file back to whole records and end it without an index, if there is room for that.

        Returns True if the file is a finished MCAP now. The messages of the chunk in progress are lost. Never raises.
        """
        with suppress(OSError):
            os.ftruncate(self._file, self.good_bytes)
            os.lseek(self._file, self.good_bytes, os.SEEK_SET)
            self._append(_bytes(DataEnd(0)) + _bytes(Footer(0, 0, 0)) + MAGIC)
            return True
        with suppress(OSError):
            os.ftruncate(self._file, self.good_bytes)
        return False

    # -- parts -------------------------------------------------------------------------------------------------

    def _append(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        self.good_bytes += len(data)

    def _write_head(self, library: str, metadata: Sequence[tuple[str, Mapping[str, str]]]) -> None:
        parts = [MAGIC, _bytes(Header("eit-rt", library))]
        for name, entries in metadata:
            record = _bytes(Metadata(name, dict(entries)))
            self._metadata.append(
                MetadataIndex(offset=sum(map(len, parts)), length=len(record), name=name)
            )
            parts.append(record)
        parts += [_bytes(record) for record in (*self._schemas(), *self._channels())]
        self._append(b"".join(parts))

    def _schemas(self) -> list[Schema]:
        return [
            Schema(id=i, data=t.schema, encoding=t.schema_encoding, name=t.schema_name)
            for i, t in enumerate(self._topics, start=1)
        ]

    def _channels(self) -> list[Channel]:
        return [
            Channel(id=i, topic=t.name, message_encoding=t.encoding, metadata={}, schema_id=i)
            for i, t in enumerate(self._topics, start=1)
        ]

    def _message_indexes(self) -> tuple[list[bytes], list[int]]:
        """MessageIndex records of the chunk in progress, by channel, and the messages of each."""
        records, counts = [], []
        for channel in range(1, len(self._topics) + 1):
            entries = [INDEX_ENTRY.pack(t, at) for c, t, at in self._pending if c == channel]
            counts.append(len(entries))
            if entries:
                size = len(entries) * INDEX_ENTRY.size
                records.append(INDEX_HEAD.pack(Opcode.MESSAGE_INDEX, 6 + size, channel, size))
                records += entries
        return records, counts

    def _summary(self) -> Iterator[tuple[Opcode, Iterator[bytes]]]:
        """Groups of the summary section, each as blocks of whole records."""
        yield Opcode.SCHEMA, (_bytes(record) for record in self._schemas())
        yield Opcode.CHANNEL, (_bytes(record) for record in self._channels())
        yield Opcode.STATISTICS, iter([_bytes(self._statistics())])
        yield Opcode.CHUNK_INDEX, self._chunk_indexes()
        yield Opcode.METADATA_INDEX, (_bytes(record) for record in self._metadata)

    def _statistics(self) -> Statistics:
        return Statistics(
            attachment_count=0,
            channel_count=len(self._topics),
            channel_message_counts=dict(sorted(self._counts.items())),
            chunk_count=len(self._chunks) // 4,
            message_count=self._counts.total(),
            message_end_time=self._last_ns,
            message_start_time=self._first_ns if self._counts else 0,
            metadata_count=len(self._metadata),
            schema_count=len(self._topics),
        )

    def _chunk_indexes(self) -> Iterator[bytes]:
        block: list[bytes] = []
        n_topics = len(self._topics)
        for i in range(len(self._chunks) // 4):
            counts = self._chunk_counts[n_topics * i : n_topics * (i + 1)]
            offset, length, first, last = self._chunks[4 * i : 4 * i + 4]
            block.append(self._chunk_index(offset, length, first, last, counts))
            if len(block) == _BLOCK:
                yield b"".join(block)
                block.clear()
        yield b"".join(block)

    def _chunk_index(
        self, offset: int, length: int, first: int, last: int, counts: Sequence[int]
    ) -> bytes:
        index_offset = offset + length
        offsets = b""
        for channel, count in enumerate(counts, start=1):
            if count:
                offsets += struct.pack("<HQ", channel, index_offset)
                index_offset += INDEX_HEAD.size + count * INDEX_ENTRY.size
        size = length - CHUNK_HEAD.size
        tail = _CHUNK_INDEX_TAIL.pack(index_offset - offset - length, 0, size, size)
        head = _CHUNK_INDEX_HEAD.pack(
            Opcode.CHUNK_INDEX,
            _CHUNK_INDEX_HEAD.size - RECORD_HEAD.size + len(offsets) + len(tail),
            first,
            last,
            offset,
            length,
            len(offsets),
        )
        return head + offsets + tail


def _bytes(record: McapRecord) -> bytes:
    builder = RecordBuilder()
    record.write(builder)
    return bytes(builder.end())  # type: ignore[no-untyped-call]
