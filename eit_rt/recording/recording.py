"""Recording: a file of frames and events, read in order or at any place, in bounded memory.

Imports about, messages, scan. In memory: an index of about 40 bytes a frame; the frames stay on disk.
The rule it keeps: opening never changes the file, and always tells what is missing.
"""

import os
import weakref
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import RecordingError
from eit_rt.frames import Event, Frame
from eit_rt.recording.about import About
from eit_rt.recording.appender import MAGIC, MESSAGE_HEAD, RECORD_HEAD
from eit_rt.recording.file_kind import FIRST_BYTES, refusal
from eit_rt.recording.messages import (
    EVENT_TOPIC,
    FRAME_TOPIC,
    OVERHEAD,
    STATUS_TOPIC,
    unpack_event,
    unpack_frame,
    unpack_status,
)
from eit_rt.recording.recorder import ABOUT_NAME, reason
from eit_rt.recording.scan import Contents, Damage, decompressed, scan

_READ_AHEAD = 256 * 1024


class Recording:
    """A recording, open for reading; frames are numbered 0..len-1 as they lie in the file. Several threads may read."""

    def __init__(self, path: Path, descriptor: int, about: About, contents: Contents) -> None:
        self.path = path
        self.about = about
        self.contents = contents
        """The scan: every message with its channel, time and place."""
        self._file = descriptor
        self._close = weakref.finalize(self, os.close, descriptor)
        channel_of = np.frombuffer(contents.channel_of, dtype=np.uint16)
        is_frame, is_event, is_status = (
            np.isin(channel_of, [c.id for c in contents.channels.values() if c.topic == topic])
            for topic in (FRAME_TOPIC, EVENT_TOPIC, STATUS_TOPIC)
        )
        self._is_frame = is_frame
        self._frame_rows = np.flatnonzero(is_frame)
        self._event_rows = np.flatnonzero(is_event)
        self._status_rows = np.flatnonzero(is_status)
        self._item_rows = np.flatnonzero(is_frame | is_event)
        self._likely_bytes = MESSAGE_HEAD.size + OVERHEAD + 8 * about.pattern.n_meas
        self._newest_chunk: tuple[int, bytes] = (-1, b"")

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open and index a recording; one that was cut off or damaged, too: see `torn` and `damage`.

        Raises RecordingError, saying what the file is and what to do, if it is no recording or has lost its head.
        """
        path = Path(path)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise RecordingError(f"{path} cannot be opened: {reason(error)}") from error
        try:
            about, contents = _read_index(path, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(path, descriptor, about, contents)

    # -- what is in it -----------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._frame_rows)

    @property
    def torn(self) -> Damage | None:
        """None, or what is missing at the end because the file was not closed (`eit-rt recover` mends it)."""
        return self.contents.torn

    @property
    def damage(self) -> tuple[Damage, ...]:
        """Parts in the middle of the file that could not be read."""
        return tuple(self.contents.damage)

    @cached_property
    def times_s(self) -> NDArray[np.float64]:
        """(len,) seconds since the first frame, host clock (arrival of the frame's last byte)."""
        log_ns = np.frombuffer(self.contents.time_of, dtype=np.uint64)[self._frame_rows]
        times = (log_ns - log_ns[0]).astype(np.int64) / 1e9 if len(log_ns) else np.empty(0)
        times.flags.writeable = False
        return times

    @property
    def started_ns(self) -> int:
        """Wall clock (Unix, ns) at the first frame; 0 without frames."""
        return int(self.contents.time_of[self._frame_rows[0]]) if len(self) else 0

    @property
    def duration_s(self) -> float:
        """From the first frame to the last, seconds."""
        return float(self.times_s[-1]) if len(self) else 0.0

    def index_at(self, t_s: float) -> int:
        """Number of the newest frame at `t_s` seconds after the first one; the first or last frame outside of that.

        Raises RecordingError if the recording has no frame.
        """
        if not len(self):
            raise RecordingError(f"{self.path} holds no frame")
        return max(0, int(np.searchsorted(self.times_s, t_s, side="right")) - 1)

    # -- reading -----------------------------------------------------------------------------------------------

    def frame(self, number: int) -> Frame:
        """One frame; any, fast. Raises RecordingError if there is no such frame."""
        if not 0 <= number < len(self):
            raise RecordingError(
                f"there is no frame {number} in {self.path}; it has {len(self)} frames, counted from 0"
            )
        return self._frame_at(int(self._frame_rows[number]))

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Frames start..stop-1 in order; to the end without `stop`. Raises RecordingError if the file has changed."""
        for row in self._frame_rows[max(0, start) : stop]:
            yield self._frame_at(int(row))

    def items(self, start: int = 0) -> Iterator[Frame | Event]:
        """Frames from number `start` on with the events among them, in the order in which they were written.

        From the very start (0) the events before the first frame come, too.
        """
        if start >= len(self) > 0:
            return
        first = self._frame_rows[start] if start > 0 else 0
        for row in self._item_rows[np.searchsorted(self._item_rows, first) :]:
            yield self._frame_at(int(row)) if self._is_frame[row] else self._event_at(int(row))

    @property
    def events(self) -> list[Event]:
        """All events, in order."""
        return [self._event_at(int(row)) for row in self._event_rows]

    @property
    def statuses(self) -> list[dict[str, Any]]:
        """All statuses, in order."""
        return [unpack_status(self.message(int(row))) for row in self._status_rows]

    def message(self, row: int) -> bytes:
        """Bytes of message number `row` of `contents`. Raises RecordingError if the file has changed under us."""
        place = self.contents.place_of[row]
        if place < 0:
            chunk, offset = self.contents.compressed[-1 - place]
            data = memoryview(self._uncompressed(chunk))[offset:]
        else:
            data = memoryview(self._read(place, self._likely_bytes))
        if len(data) >= RECORD_HEAD.size:
            end = RECORD_HEAD.size + RECORD_HEAD.unpack_from(data)[1]
            if place >= 0 and end > len(data):
                data = memoryview(self._read(place, end))
            if end <= len(data):
                return bytes(data[MESSAGE_HEAD.size : end])
        raise RecordingError(f"{self.path} has become shorter since it was opened; open it again")

    def close(self) -> None:
        """Give the file free. May be repeated; happens by itself when the recording is no longer used."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- parts -------------------------------------------------------------------------------------------------

    def _frame_at(self, row: int) -> Frame:
        frame = unpack_frame(self.message(row))
        if len(frame.values) != self.about.pattern.n_meas:
            raise RecordingError(
                f"frame {frame.sequence} in {self.path} has {len(frame.values)} values, its pattern "
                f"{self.about.pattern.n_meas}; the program that wrote the file has mixed two patterns"
            )
        return frame

    def _event_at(self, row: int) -> Event:
        return unpack_event(self.message(row))

    def _read(self, offset: int, n_bytes: int) -> bytes:
        if not self._close.alive:
            raise RecordingError(f"{self.path} is closed; open it again")
        try:
            return os.pread(self._file, n_bytes, offset)
        except OSError as error:
            raise RecordingError(f"{self.path} cannot be read: {reason(error)}") from error

    def _uncompressed(self, offset: int) -> bytes:
        """Body of the compressed chunk at `offset`; the newest one is kept."""
        kept, body = self._newest_chunk
        if kept == offset:
            return body
        head = self._read(offset, RECORD_HEAD.size)
        size = (
            RECORD_HEAD.size + RECORD_HEAD.unpack(head)[1] if len(head) == RECORD_HEAD.size else 0
        )
        body = decompressed(self._read(offset, size)) or b""
        self._newest_chunk = offset, body
        return body


def _read_index(path: Path, descriptor: int) -> tuple[About, Contents]:
    # Here: only files that are no recordings need it.
    from eit_rt.recording.image_readers import why_no_voltages

    try:
        with open(descriptor, "rb", buffering=_READ_AHEAD, closefd=False) as file:
            first = file.read(FIRST_BYTES)
            if not first.startswith(MAGIC):
                raise RecordingError(why_no_voltages(path) or refusal(path, first))
            contents = scan(file, os.fstat(descriptor).st_size)
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {reason(error)}") from error
    entries = next((m.metadata for m in contents.metadata if m.name == ABOUT_NAME), None)
    if entries is None:
        raise RecordingError(_without_head(path, contents))
    try:
        about = About.from_metadata(entries)
    except RecordingError as error:
        raise RecordingError(f"{path}: {error}") from error
    if FRAME_TOPIC not in {channel.topic for channel in contents.channels.values()}:
        raise RecordingError(
            f"{path} ends before its list of channels: it was cut off in its first kilobytes and holds no frame"
        )
    return about, contents


def _without_head(path: Path, contents: Contents) -> str:
    if contents.header is not None and contents.header.profile not in ("eit-rt", ""):
        return (
            f"{path} is an MCAP file of another program ({contents.header.library or 'unknown'}, "
            f"profile {contents.header.profile!r}); a recording of eit-rt has metadata {ABOUT_NAME!r}"
        )
    if contents.header is not None and contents.header.profile == "" and contents.torn is None:
        return f"{path} is an MCAP file without metadata {ABOUT_NAME!r}: not a recording of eit-rt"
    return (
        f"{path} was cut off inside its head, before the first frame: the pattern is unknown and nothing can be "
        "recovered; use a copy of the file"
    )
