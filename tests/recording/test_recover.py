"""Mending: a finished copy of all that is whole; the original and other files stay as they are."""

from pathlib import Path

import pytest
from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer

from eit_rt.errors import RecordingError
from eit_rt.frames import Event
from eit_rt.recording import Recorder, Recording, recover
from eit_rt.recording.messages import pack_frame
from eit_rt.recording.recorder import ABOUT_NAME
from tests.recording.samples import bits, some_about, some_frames
from tests.recording.test_recording import write_with_library

FRAMES = some_frames(45)
EVENT = Event("note", "x", 10**15)


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    """45 frames, an event after 20 of them, a status after 30; cut 10 bytes into the last frame."""
    path = tmp_path / "torn.mcap"
    with Recorder(path, some_about()) as recorder:
        for frame in FRAMES[:20]:
            recorder.write(frame)
        recorder.write(EVENT)
        for frame in FRAMES[20:30]:
            recorder.write(frame)
        recorder.write_status({"received": 30})
        for frame in FRAMES[30:]:
            recorder.write(frame)
        recorder.flush()
        size = recorder.bytes_saved
    data = path.read_bytes()
    last = data.index(FRAMES[-1].values.tobytes())
    assert last < size
    path.write_bytes(data[:last])
    return path


def test_all_that_is_whole_is_copied_bit_by_bit(torn: Path, tmp_path: Path) -> None:
    before = torn.read_bytes()
    done = recover(torn, tmp_path / "mended.mcap")
    assert (done.frames, done.messages) == (44, 46)
    assert torn.read_bytes() == before
    with Recording.open(torn) as original, Recording.open(done.path) as mended:
        assert mended.torn is None
        assert [bits(f) for f in mended.frames()] == [bits(f) for f in FRAMES[:44]]
        assert mended.events == [EVENT]
        assert mended.statuses == [{"received": 30}]
        assert mended.about.to_metadata() == original.about.to_metadata()
        assert mended.started_ns == original.started_ns
        assert mended.times_s.tolist() == original.times_s.tolist()
        assert original.torn is not None
        assert done.bytes_dropped == original.torn.n_bytes > 0


def test_the_copy_has_an_index_for_other_programs(torn: Path, tmp_path: Path) -> None:
    done = recover(torn, tmp_path / "mended.mcap")
    with done.path.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None
        assert summary.statistics is not None
        assert summary.statistics.message_count == 46
        assert sum(1 for _ in reader.iter_messages()) == 46


def test_a_whole_recording_is_copied_unchanged(torn: Path, tmp_path: Path) -> None:
    once = recover(torn, tmp_path / "once.mcap")
    twice = recover(once.path, tmp_path / "twice.mcap")
    assert twice.lost == ()
    assert twice.path.read_bytes() == once.path.read_bytes()


def test_nothing_is_overwritten_not_even_the_original(torn: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mcap"
    other.write_text("precious")
    for out in (other, torn):
        before = out.read_bytes()
        with pytest.raises(RecordingError, match="never overwritten"):
            recover(torn, out)
        assert out.read_bytes() == before


def test_a_compressed_recording_becomes_a_plain_one(tmp_path: Path) -> None:
    write_with_library(tmp_path / "zip.mcap", FRAMES, compression=CompressionType.ZSTD)
    done = recover(tmp_path / "zip.mcap", tmp_path / "plain.mcap")
    assert [bits(f) for f in Recording.open(done.path).frames()] == [bits(f) for f in FRAMES]


def test_any_number_of_topics_of_other_programs_is_kept(torn: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.mcap"
    with path.open("wb") as file:
        writer = Writer(file)
        writer.start()
        writer.add_metadata(ABOUT_NAME, some_about().to_metadata())
        topics = ["/eit/frame", *(f"/other/{k}" for k in range(8))]
        for k, topic in enumerate(topics):
            channel = writer.register_channel(topic, "x", 0)
            writer.add_message(channel, k, pack_frame(FRAMES[0]) if k == 0 else bytes([k]), k)
        writer.finish()
    done = recover(path, tmp_path / "mended.mcap")
    assert (done.frames, done.messages) == (1, 9)
    with done.path.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        found = [channel.topic for _, channel, _ in reader.iter_messages()]
        assert found == topics
        summary = reader.get_summary()
        assert summary is not None
        (index,) = summary.chunk_indexes
        assert len(index.message_index_offsets) == 9


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.mcap").write_text("hello")
    with pytest.raises(RecordingError, match="a text file"):
        recover(tmp_path / "text.mcap", tmp_path / "out.mcap")
    assert not (tmp_path / "out.mcap").exists()


def test_an_interruption_leaves_no_half_of_a_file(
    torn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Recording, row: int) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(Recording, "message", interrupted)
    with pytest.raises(KeyboardInterrupt):
        recover(torn, tmp_path / "out.mcap")
    assert not (tmp_path / "out.mcap").exists()
