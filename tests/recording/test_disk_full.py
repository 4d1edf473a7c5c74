"""A disk that is full while recording: a clear message, and everything before stays readable."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from eit_rt.errors import RecordingError, RecordingStopped
from eit_rt.frames import Frame
from eit_rt.recording import Recorder, Recording, recover
from tests.full_disk import files_up_to
from tests.recording.samples import ADJACENT16, bits, some_about, some_frames, write_all

FRAMES = some_frames(2000, ADJACENT16.n_meas)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 256 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no right to mount a small disk: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def write_frames(recorder: Recorder, frames: list[Frame]) -> None:
    for frame in frames:
        recorder.write(frame)


def write_and_close(recorder: Recorder, frames: list[Frame]) -> None:
    write_frames(recorder, frames)
    recorder.close()


def record_until_stopped(path: Path) -> tuple[Recorder, RecordingStopped]:
    recorder = Recorder(path, some_about(ADJACENT16))
    with pytest.raises(RecordingStopped) as stopped:
        write_frames(recorder, FRAMES)
    return recorder, stopped.value


def fill(place: Path, block: int) -> None:
    """Take all the room that is left."""
    with suppress(OSError), (place / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(block))


def check_what_is_left(recorder: Recorder, stopped: RecordingStopped) -> None:
    message = str(stopped)
    assert f"{recorder.frames_saved} frames are safe in {recorder.path}" in message
    assert "record to a new file" in message
    assert 50 < recorder.frames_saved < len(FRAMES)
    assert recorder.frames_written - recorder.frames_saved <= 10
    with Recording.open(recorder.path) as recording:
        read = [bits(frame) for frame in recording.frames()]
        assert read == [bits(frame) for frame in FRAMES[: recorder.frames_saved]]
        assert recording.torn is None or recording.torn.n_bytes == 0


def test_full_disk_stops_loudly_and_keeps_what_was_written(small_disk: Path) -> None:
    recorder, stopped = record_until_stopped(small_disk / "run.mcap")
    assert "no space left on device" in str(stopped)
    check_what_is_left(recorder, stopped)


def test_recovery_from_a_full_disk_goes_to_another(small_disk: Path, tmp_path: Path) -> None:
    recorder, _ = record_until_stopped(small_disk / "run.mcap")
    with pytest.raises(RecordingError, match="no space left"):
        recover(recorder.path, small_disk / "mended.mcap")
    assert [path.name for path in small_disk.iterdir()] == ["run.mcap"]
    done = recover(recorder.path, tmp_path / "mended.mcap")
    assert done.frames == recorder.frames_saved
    assert Recording.open(done.path).torn is None


def test_a_disk_that_is_full_from_the_start_leaves_no_file(small_disk: Path) -> None:
    fill(small_disk, 4096)
    with pytest.raises(RecordingError, match=r"cannot be (written|made): no space left"):
        Recorder(small_disk / "run.mcap", some_about(ADJACENT16))
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_no_room_for_the_index_at_the_end(small_disk: Path) -> None:
    recorder = Recorder(small_disk / "run.mcap", some_about(ADJACENT16))
    write_frames(recorder, FRAMES[:100])
    recorder.flush()
    fill(small_disk, 512)
    # What is left of the last page takes a few bytes more, not the index of eleven chunks and the frames in memory.
    with pytest.raises(RecordingStopped):
        write_and_close(recorder, FRAMES[100:104])
    recorder.close()
    assert not recorder.is_open
    with Recording.open(recorder.path) as recording:
        assert len(recording) == recorder.frames_saved >= 100


def test_file_size_limit_stops_loudly_and_keeps_what_was_written(tmp_path: Path) -> None:
    with files_up_to(100_000) as limit:
        recorder, stopped = record_until_stopped(tmp_path / "run.mcap")
    assert "file too large" in str(stopped)
    check_what_is_left(recorder, stopped)
    assert os.path.getsize(recorder.path) <= limit


def test_a_stopped_recorder_says_so_again_and_closes_quietly(tmp_path: Path) -> None:
    with files_up_to(100_000):
        recorder, _ = record_until_stopped(tmp_path / "run.mcap")
    for _ in range(2):
        with pytest.raises(RecordingStopped, match="frames are safe"):
            recorder.write(FRAMES[0])
    recorder.close()
    assert not recorder.is_open
    write_all(tmp_path / "next.mcap", FRAMES[:3], some_about(ADJACENT16))
