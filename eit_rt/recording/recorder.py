"""Recorder: frames and events into one new MCAP file, safe against kill -9, power loss and a full disk.

Imports about, messages, appender. The rule it keeps: what `frames_saved` counts is in the file and stays readable.
"""

import errno
import os
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Self

from eit_rt import __version__
from eit_rt.errors import RecordingError, RecordingStopped
from eit_rt.frames import Event, Frame
from eit_rt.recording.about import About
from eit_rt.recording.appender import McapAppender, Topic
from eit_rt.recording.messages import (
    EVENT_SCHEMA,
    EVENT_TOPIC,
    FRAME_SCHEMA,
    FRAME_TOPIC,
    STATUS_SCHEMA,
    STATUS_TOPIC,
    pack_event,
    pack_frame,
    pack_status,
)
from eit_rt.recording.sync import Sync

ABOUT_NAME = "eit-rt/about"
"""Name of the MCAP metadata record that holds `About`."""
FOREIGN = frozenset(
    {".csv", ".h5", ".hdf5", ".json", ".mat", ".npz", ".onnx", ".png", ".txt", ".yaml"}
)
"""Suffixes that no recording has."""
CHUNK_BYTES = 16 * 1024
CHUNK_FRAMES = 10
"""At most so many frames are in memory only; this is what kill -9 can cost."""
CHUNK_NS = 50_000_000
"""...and none older than this when the next one arrives: below 20 frames/s each frame goes to the file at once."""
SYNC_NS = 1_000_000_000
"""Interval of fsync: what a power failure can cost (a disk that takes longer for it: the more)."""

TOPICS = (
    Topic(FRAME_TOPIC, "x-eit-rt-frame", "eit-rt/frame/1", "text", FRAME_SCHEMA.encode()),
    Topic(EVENT_TOPIC, "json", "eit-rt/event/1", "jsonschema", EVENT_SCHEMA.encode()),
    Topic(STATUS_TOPIC, "json", "eit-rt/status/1", "jsonschema", STATUS_SCHEMA.encode()),
)
FRAME_CHANNEL, EVENT_CHANNEL, STATUS_CHANNEL = 1, 2, 3


class Recorder:
    """One recording in the making. One thread writes; `close` may be repeated; a recorder is a context manager."""

    def __init__(self, path: str | Path, about: About, wall_offset_ns: int | None = None) -> None:
        """path: a new file; an existing one is never touched. wall_offset_ns: wall clock (Unix) minus the clock of
        `t_host_ns`; None takes it from the clocks now.

        Raises RecordingError if the file exists or cannot be made.
        """
        self.path = Path(path)
        self.about = about
        self.frames_saved = 0
        """Frames that are in the file."""
        self._held = 0
        self._stopped: str | None = None
        self._closed = False
        self._wall_offset_ns = (
            time.time_ns() - time.monotonic_ns() if wall_offset_ns is None else wall_offset_ns
        )
        self._file = create(self.path)
        self._sync = Sync(self._file)
        self._flushed_ns = self._synced_ns = time.monotonic_ns()
        try:
            self._mcap = McapAppender(
                self._file,
                f"eit-rt {__version__}",
                [(ABOUT_NAME, about.to_metadata())],
                TOPICS,
            )
            _sync_with_folder(self._file, self.path)
        except OSError as error:
            os.close(self._file)
            self.path.unlink(missing_ok=True)
            raise RecordingError(
                f"{self.path} cannot be written: {reason(error)}; free space or choose another place"
            ) from error

    @property
    def frames_written(self) -> int:
        """Frames handed to `write`; at most 10 more than `frames_saved`."""
        return self.frames_saved + self._held

    @property
    def bytes_saved(self) -> int:
        return self._mcap.good_bytes

    @property
    def is_open(self) -> bool:
        return not self._closed

    # -- writing -----------------------------------------------------------------------------------------------

    def write(self, item: Frame | Event) -> None:
        """Append a frame or an event. Raises RecordingError if it does not fit the pattern, RecordingStopped if the
        disk is full or fails (then the recorder is closed, and the message says what is saved)."""
        self._refuse_if_closed()
        if isinstance(item, Frame):
            self._write_frame(item)
        else:
            self._mcap.add(EVENT_CHANNEL, 0, self._wall_ns(item.t_host_ns), pack_event(item))
            self.flush()

    def write_status(self, status: dict[str, Any]) -> None:
        """Append counters or other plain data, and bring everything held to disk. Raises as `write` does."""
        self._refuse_if_closed()
        self._mcap.add(STATUS_CHANNEL, 0, self._wall_ns(time.monotonic_ns()), pack_status(status))
        self.flush()

    def flush(self) -> None:
        """Bring what is held in memory to the file; the recorder's thread calls it when no frame comes for a while.

        Raises RecordingStopped.
        """
        self._refuse_if_closed()
        now_ns = self._flushed_ns = time.monotonic_ns()
        try:
            self._mcap.end_chunk()
            self._mark_saved()
            if now_ns - self._synced_ns >= SYNC_NS:
                self._synced_ns = now_ns
                self._refuse_if_deleted()
                self._sync.begin()
        except OSError as error:
            raise self._stop(error) from error

    def close(self) -> None:
        """Finish the file (index, footer) and give it free. Raises RecordingStopped if there is no room for that."""
        if self._closed:
            return
        try:
            self._mcap.finish()
            self._mark_saved()
            self._refuse_if_deleted()
            self._sync.finish()
        except OSError as error:
            raise self._stop(error) from error
        self._closed = True
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- parts -------------------------------------------------------------------------------------------------

    def _write_frame(self, frame: Frame) -> None:
        message = pack_frame(frame)
        if len(frame.values) != self.about.pattern.n_meas:
            raise RecordingError(
                f"frame {frame.sequence} has {len(frame.values)} values, the recording's pattern has "
                f"{self.about.pattern.n_meas} ({self.about.pattern.describe()}); record it to a file of its own"
            )
        self._mcap.add(FRAME_CHANNEL, self.frames_written, self._wall_ns(frame.t_host_ns), message)
        self._held += 1
        if (
            self._held >= CHUNK_FRAMES
            or self._mcap.chunk_bytes >= CHUNK_BYTES
            or time.monotonic_ns() - self._flushed_ns >= CHUNK_NS
        ):
            self.flush()

    def _wall_ns(self, t_host_ns: int) -> int:
        return max(0, t_host_ns + self._wall_offset_ns)

    def _mark_saved(self) -> None:
        self.frames_saved += self._held
        self._held = 0

    def _refuse_if_deleted(self) -> None:
        """A file without a name takes bytes as before, and is gone once it is closed."""
        if os.fstat(self._file).st_nlink == 0:
            self._held, self.frames_saved = self.frames_written, 0
            raise FileNotFoundError(errno.ENOENT, "the file was deleted")

    def _stop(self, error: OSError) -> RecordingStopped:
        """Close after a failure; the error to raise, now and at every later write."""
        finished = self._mcap.abandon()
        self._closed = True
        self._sync.wait()
        with suppress(OSError):
            os.close(self._file)
        lost = f"; the last {self._held} frames are lost" if self._held else ""
        mend = "" if finished else "; `eit-rt recover` gives it an index again"
        self._stopped = (
            f"recording stopped: {reason(error)}. {self.frames_saved} frames are safe in {self.path}{lost}{mend}. "
            f"{'Record' if error.errno == errno.ENOENT else 'Free space and record'} to a new file"
        )
        return RecordingStopped(self._stopped)

    def _refuse_if_closed(self) -> None:
        if self._stopped is not None:
            raise RecordingStopped(self._stopped)
        if self._closed:
            raise RecordingError(f"{self.path} is closed; record to a new file")


def create(path: Path) -> int:
    """Descriptor of a new file for writing.

    Raises RecordingError: it exists (with a free name), is a folder, cannot be made, has another format's suffix.
    """
    if path.suffix.lower() in FOREIGN and not path.exists():
        raise RecordingError(
            f"{path} would be a recording (MCAP) under the name of another format; name it "
            f"{path.with_suffix('.mcap').name}"
        )
    if path.is_dir():
        raise RecordingError(
            f"{path} is a folder; name a file in it, for example {path / 'run.mcap'}"
        )
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    except FileExistsError as error:
        raise RecordingError(
            f"{path} exists, and a recording is never overwritten; take another name, for example {free_name(path)}"
        ) from error
    except OSError as error:
        raise RecordingError(
            f"{path} cannot be made: {reason(error)}; choose a folder that exists and that you may write to"
        ) from error


def free_name(path: Path) -> Path:
    """The first of name-2, name-3... that does not exist."""
    for number in count(2):
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
        if not candidate.exists():
            return candidate
    raise AssertionError("count() has no end")


def reason(error: OSError) -> str:
    """What the system says, without number and path."""
    return (error.strerror or str(error)).lower()


def _sync_with_folder(descriptor: int, path: Path) -> None:
    """A new file survives a power failure only once its folder's entry is on disk, too."""
    os.fsync(descriptor)
    with suppress(
        OSError
    ):  # some file systems (network, FUSE) cannot do it: no reason not to record there
        folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
