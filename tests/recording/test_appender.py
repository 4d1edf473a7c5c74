"""What cannot be written is told before a byte of it is in the file."""

from pathlib import Path

import pytest

from eit_rt.errors import RecordingError
from eit_rt.frames import Event
from eit_rt.recording import Recorder, Recording
from tests.recording.samples import some_about


def test_a_time_beyond_the_format_is_a_clear_error_and_the_recording_goes_on(
    tmp_path: Path,
) -> None:
    with Recorder(tmp_path / "r.mcap", some_about(), wall_offset_ns=0) as recorder:
        with pytest.raises(RecordingError, match=r"18446744073709551616 ns.*a clock is wrong"):
            recorder.write(Event("note", "too late", 2**64))
        recorder.write(Event("note", "just in time", 2**64 - 1))
    with Recording.open(tmp_path / "r.mcap") as recording:
        assert [event.text for event in recording.events] == ["just in time"]
        assert recording.damage == ()
