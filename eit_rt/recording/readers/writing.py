"""From imported frames to a recording on disk."""

import time
from collections.abc import Iterator
from pathlib import Path

from eit_rt.errors import RecordingError, RecordingStopped
from eit_rt.frames import Event, Frame
from eit_rt.recording.readers.reader import ImportedFrames
from eit_rt.recording.recorder import Recorder


def write_recording(imported: ImportedFrames, path: str | Path) -> int:
    """Write imported frames to a new file; the number of frames. Their wall clock starts when they were measured, if
    the file says so, else at the time of the import.

    Raises RecordingError (exists, cannot be made, disk full) and ReaderError; no part of a file is left behind.
    """
    started_ns = time.time_ns() if imported.started_ns is None else imported.started_ns
    recorder = Recorder(path, imported.about, wall_offset_ns=started_ns)
    try:
        with recorder:
            for item in _in_order(imported):
                recorder.write(item)
    except RecordingStopped as error:
        recorder.path.unlink(missing_ok=True)
        raise RecordingError(
            f"{path} cannot be written: {error.__cause__ or error}; free some space and import again, nothing is left"
        ) from error
    except BaseException:  # an interruption, too, leaves no part of a file behind
        recorder.path.unlink(missing_ok=True)
        raise
    return recorder.frames_saved


def _in_order(imported: ImportedFrames) -> Iterator[Frame | Event]:
    """Frames with the events among them."""
    waiting = list(reversed(imported.events))
    for number, frame in enumerate(imported.frames):
        while waiting and waiting[-1][0] <= number:
            yield waiting.pop()[1]
        yield frame
    while waiting:
        yield waiting.pop()[1]
