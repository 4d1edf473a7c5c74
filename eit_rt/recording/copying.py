"""Copying: messages of recordings to a new one, bit by bit with their times, under a head of its own.

Imports about, appender, recorder, recording. The original is never changed, no file is overwritten, and no half of a
file is left behind. In memory: one chunk and the index.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eit_rt import __version__
from eit_rt.errors import RecordingError
from eit_rt.frames import Event, Frame
from eit_rt.recording.about import About
from eit_rt.recording.appender import McapAppender
from eit_rt.recording.messages import pack_event, pack_frame
from eit_rt.recording.recorder import (
    ABOUT_NAME,
    CHUNK_BYTES,
    EVENT_CHANNEL,
    FRAME_CHANNEL,
    TOPICS,
    create,
    reason,
)
from eit_rt.recording.recording import Recording

CHANNEL_OF = {topic.name: number for number, topic in enumerate(TOPICS, start=1)}
SOFTWARE = f"eit-rt {__version__}"


class Copy:
    """A new recording in the making; see `new_copy`."""

    def __init__(self, descriptor: int, about: About, library: str = SOFTWARE) -> None:
        self.frames = 0
        self._mcap = McapAppender(descriptor, library, [(ABOUT_NAME, about.to_metadata())], TOPICS)

    def message(self, recording: Recording, row: int, later_ns: int = 0) -> None:
        """Message `row` of a recording as it is; `later_ns` is added to its wall clock. Others' topics are left out."""
        contents = recording.contents
        topic = contents.channels[contents.channel_of[row]].topic
        if topic in CHANNEL_OF:
            time_ns = contents.time_of[row] + later_ns
            self._add(CHANNEL_OF[topic], time_ns, recording.message(row))

    def item(self, item: Frame | Event, wall_ns: int) -> None:
        """A frame or event at a wall clock (Unix, ns)."""
        if isinstance(item, Frame):
            self._add(FRAME_CHANNEL, wall_ns, pack_frame(item))
        else:
            self._add(EVENT_CHANNEL, wall_ns, pack_event(item))

    def finish(self) -> None:
        self._mcap.finish()

    def _add(self, channel: int, wall_ns: int, message: bytes) -> None:
        self._mcap.add(channel, self.frames, wall_ns, message)
        self.frames += channel == FRAME_CHANNEL
        if self._mcap.chunk_bytes >= CHUNK_BYTES:
            self._mcap.end_chunk()


@contextmanager
def new_copy(path: Path, about: About, library: str = SOFTWARE) -> Iterator[Copy]:
    """A new recording, finished at the end.

    Raises RecordingError if `path` exists, cannot be made, or there is no room; it is removed then, as after any error.
    """
    with new_file(path) as descriptor:
        copy = Copy(descriptor, about, library)
        yield copy
        copy.finish()


@contextmanager
def new_file(path: Path) -> Iterator[int]:
    """Descriptor of a new file, which is on the disk at the end.

    Raises RecordingError if `path` exists, cannot be made, or there is no room; it is removed then, as after any error.
    """
    descriptor = create(path)
    try:
        yield descriptor
        os.fsync(descriptor)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise RecordingError(f"{path} cannot be written: {reason(error)}; free space") from error
    except BaseException:  # an interruption, too, leaves no half of a file behind
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
