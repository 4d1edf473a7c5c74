"""Reading whole recordings: order, any frame, time, events; and telling what a file is instead."""

import gc
import os
from pathlib import Path

import numpy as np
import pytest
from mcap.writer import CompressionType, Writer

from eit_rt.errors import RecordingError
from eit_rt.frames import Event, Frame
from eit_rt.recording import Recorder, Recording
from eit_rt.recording.messages import pack_frame
from eit_rt.recording.recorder import ABOUT_NAME, TOPICS
from tests.recording.samples import (
    ADJACENT16,
    COMPLEX_ABOUT,
    bits,
    some_about,
    some_frames,
    write_all,
)


@pytest.mark.parametrize("is_complex", [False, True])
def test_all_frames_come_back_bit_by_bit(tmp_path: Path, is_complex: bool) -> None:
    frames = some_frames(137, 208, is_complex=is_complex)
    about = some_about(ADJACENT16, **(COMPLEX_ABOUT if is_complex else {}))
    recording = Recording.open(write_all(tmp_path / "run.mcap", frames, about))
    assert len(recording) == 137
    assert recording.torn is None
    assert recording.damage == ()
    assert [bits(f) for f in recording.frames()] == [bits(f) for f in frames]
    assert [bits(f) for f in recording.frames(20, 25)] == [bits(f) for f in frames[20:25]]
    assert bits(recording.frame(136)) == bits(frames[136])
    assert recording.about.pattern == ADJACENT16


def test_a_frame_larger_than_a_chunk_comes_back(tmp_path: Path) -> None:
    from eit_rt.pattern import Pattern

    pattern = Pattern.by_name("adjacent-all", 80)
    frames = some_frames(3, pattern.n_meas)
    recording = Recording.open(write_all(tmp_path / "run.mcap", frames, some_about(pattern)))
    assert [bits(f) for f in recording.frames()] == [bits(f) for f in frames]


def test_events_stand_where_they_happened(tmp_path: Path) -> None:
    frames = some_frames(30)
    first, middle, last = (Event("note", text, 1) for text in ("first", "middle", "last"))
    items = [first, *frames[:12], middle, *frames[12:], last]
    recording = Recording.open(write_all(tmp_path / "run.mcap", items))
    assert recording.events == [first, middle, last]

    def order(start: int) -> list[object]:
        return [
            item.sequence - 7 if isinstance(item, Frame) else item.text
            for item in recording.items(start)
        ]

    assert order(0) == ["first", *range(12), "middle", *range(12, 30), "last"]
    assert order(11) == [11, "middle", *range(12, 30), "last"]
    assert order(12) == [*range(12, 30), "last"]
    assert order(30) == []


def test_times_are_counted_from_the_first_frame(tmp_path: Path) -> None:
    recording = Recording.open(write_all(tmp_path / "run.mcap", some_frames(101)))
    assert recording.duration_s == pytest.approx(1.0)
    np.testing.assert_allclose(recording.times_s, np.arange(101) / 100, atol=1e-12)
    for t_s, expected in (
        (-1, 0),
        (0, 0),
        (0.0099, 0),
        (0.01, 1),
        (0.505, 50),
        (1.0, 100),
        (9, 100),
    ):
        assert recording.index_at(t_s) == expected


def test_an_empty_recording_is_fine(tmp_path: Path) -> None:
    note = Event("note", "nothing came", 1)
    recording = Recording.open(write_all(tmp_path / "run.mcap", [note]))
    assert (len(recording), recording.duration_s, recording.started_ns) == (0, 0.0, 0)
    assert list(recording.items()) == [note]
    with pytest.raises(RecordingError, match="no frame"):
        recording.index_at(0)


@pytest.mark.parametrize("number", [-1, 5, 10**9])
def test_a_frame_that_is_not_there_is_told(tmp_path: Path, number: int) -> None:
    recording = Recording.open(write_all(tmp_path / "run.mcap", some_frames(5)))
    with pytest.raises(RecordingError, match=f"no frame {number}.*5 frames"):
        recording.frame(number)


def test_it_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    frames = some_frames(25)
    with Recorder(tmp_path / "run.mcap", some_about()) as recorder:
        for frame in frames:
            recorder.write(frame)
        recorder.flush()
        growing = Recording.open(recorder.path)
        assert [bits(f) for f in growing.frames()] == [bits(f) for f in frames]
        assert growing.torn is not None
        assert "still recording" in str(growing.torn)
    assert Recording.open(recorder.path).torn is None


def test_opening_does_not_change_the_file(tmp_path: Path) -> None:
    path = write_all(tmp_path / "run.mcap", some_frames(25))
    path.write_bytes(path.read_bytes()[:-300])
    before = path.read_bytes()
    path.chmod(0o444)
    list(Recording.open(path).items())
    assert path.read_bytes() == before


def test_the_file_is_given_free(tmp_path: Path) -> None:
    def open_files() -> int:
        return sum(os.path.realpath(f"/proc/self/fd/{fd}") == str(path) for fd in descriptors())

    def descriptors() -> list[str]:
        return os.listdir("/proc/self/fd")

    path = (write_all(tmp_path / "run.mcap", some_frames(5))).resolve()
    recording = Recording.open(path)
    assert open_files() == 1
    recording.close()
    recording.close()
    assert open_files() == 0
    with pytest.raises(RecordingError, match="closed"):
        recording.frame(0)
    forgotten = Recording.open(path)
    del forgotten
    gc.collect()
    assert open_files() == 0


def test_a_file_that_shrinks_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = write_all(tmp_path / "run.mcap", some_frames(25))
    recording = Recording.open(path)
    os.truncate(path, 3000)
    with pytest.raises(RecordingError, match="shorter"):
        list(recording.frames())


@pytest.mark.parametrize("compression", [CompressionType.ZSTD, CompressionType.LZ4])
def test_chunks_that_another_program_has_compressed_are_read(
    tmp_path: Path, compression: CompressionType
) -> None:
    frames = some_frames(120)
    path = tmp_path / "zip.mcap"
    write_with_library(path, frames, compression=compression)
    recording = Recording.open(path)
    assert [bits(f) for f in recording.frames()] == [bits(f) for f in frames]
    assert recording.torn is None


def test_a_file_without_chunks_is_read(tmp_path: Path) -> None:
    frames = some_frames(20)
    path = tmp_path / "plain.mcap"
    write_with_library(path, frames, use_chunking=False)
    assert [bits(f) for f in Recording.open(path).frames()] == [bits(f) for f in frames]


def write_with_library(path: Path, frames: list[Frame], **options: object) -> None:
    """The same messages, written by the mcap library as another program would."""
    with path.open("wb") as file:
        writer = Writer(file, chunk_size=2000, **options)
        writer.start(profile="", library="other")
        writer.add_metadata(ABOUT_NAME, some_about().to_metadata())
        schema = writer.register_schema(TOPICS[0].schema_name, "text", TOPICS[0].schema)
        channel = writer.register_channel("/eit/frame", TOPICS[0].encoding, schema)
        for frame in frames:
            writer.add_message(channel, frame.t_host_ns, pack_frame(frame), frame.t_host_ns)
        writer.finish()


# -- what is not a recording -----------------------------------------------------------------------------------

FOREIGN = {
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(600), "an HDF5 file.*eit-rt import"),
    "zip": (b"PK\x03\x04" + bytes(600), r"an \.npz.*eit-rt import"),
    "npy": (b"\x93NUMPY\x01\x00" + bytes(600), r"\.npy.*frames"),
    "MATLAB": (b"MATLAB 5.0 MAT-file" + bytes(600), "a MATLAB file.*eit-rt import"),
    "text": (b"Zeit,Spannung\n1,2\n" * 99, "a text file"),
    "umlauts": ("ä".encode() * 999, "a text file"),
    "empty": (b"", "an empty file"),
    "zeros": (bytes(4096), "a file of zeros.*never written"),
    "noise": (bytes(range(200, 256)) * 20, "a file of unknown kind"),
    "start only": (b"\x89MCA", "first 4 bytes of a recording"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_other_files_are_named_and_advice_is_given(tmp_path: Path, name: str) -> None:
    content, expected = FOREIGN[name]
    path = tmp_path / "other.mcap"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=expected):
        Recording.open(path)


def test_an_absent_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be opened: no such file"):
        Recording.open(tmp_path / "absent.mcap")
    with pytest.raises(RecordingError, match="is a directory"):
        Recording.open(tmp_path)


def test_an_mcap_file_of_another_program_is_named(tmp_path: Path) -> None:
    path = tmp_path / "robot.mcap"
    with path.open("wb") as file:
        writer = Writer(file)
        writer.start(profile="ros2", library="rosbag 9")
        writer.finish()
    with pytest.raises(RecordingError, match=r"another program.*rosbag 9.*ros2"):
        Recording.open(path)
    with path.open("wb") as file:
        writer = Writer(file)
        writer.start()
        writer.finish()
    with pytest.raises(RecordingError, match="without metadata 'eit-rt/about'"):
        Recording.open(path)
