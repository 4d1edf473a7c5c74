"""Writing: nothing is overwritten, nothing piles up in memory, and any MCAP program can read the file."""

import errno
import os
import stat
import threading
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mcap.reader import make_reader

from eit_rt.errors import RecordingError, RecordingStopped
from eit_rt.frames import Event, Frame
from eit_rt.recording import Recorder, Recording
from eit_rt.recording.messages import unpack_frame
from tests.recording.samples import ADJACENT16, bits, some_about, some_frames, write_all


class HandClock:
    """The recorder's clock, which stands until told."""

    def __init__(self) -> None:
        self.passed_ms = 0

    def monotonic_ns(self) -> int:
        return 10**15 + self.passed_ms * 1_000_000

    def time_ns(self) -> int:
        return 10**18 + self.passed_ms * 1_000_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HandClock:
    clock = HandClock()
    monkeypatch.setattr("eit_rt.recording.recorder.time", clock)
    return clock


def test_an_existing_file_is_never_touched(tmp_path: Path) -> None:
    path = tmp_path / "run.mcap"
    path.write_text("precious")
    (tmp_path / "run-2.mcap").touch()
    with pytest.raises(RecordingError, match=r"never overwritten.*run-3\.mcap"):
        Recorder(path, some_about())
    assert path.read_text() == "precious"


@pytest.mark.parametrize("name", ["absent/run.mcap", "."])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordingError, match=r"cannot be made|is a folder"):
        Recorder(tmp_path / name, some_about())


def test_the_reference_library_reads_the_file_and_its_index(tmp_path: Path) -> None:
    frames = some_frames(250)
    events = [Event("note", f"note {k}", frames[k].t_host_ns) for k in (0, 100)]
    items = [events[0], *frames[:100], events[1], *frames[100:]]
    path = write_all(tmp_path / "run.mcap", items)
    with path.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None
        assert summary.statistics is not None
        assert summary.statistics.message_count == 252
        assert {c.topic for c in summary.channels.values()} == {
            "/eit/frame",
            "/eit/event",
            "/eit/status",
        }
        assert [record.name for record in reader.iter_metadata()] == ["eit-rt/about"]
        messages = [m for _, _, m in reader.iter_messages(topics=["/eit/frame"])]
        assert [bits(unpack_frame(m.data)) for m in messages] == [bits(f) for f in frames]
        half = messages[125].log_time
        later = [m for _, _, m in reader.iter_messages(topics=["/eit/frame"], starting_at=half)]
        assert len(later) == 125


def test_log_time_is_the_wall_clock_of_the_frame(tmp_path: Path) -> None:
    before = time.time_ns()
    frame = Frame(np.zeros(10, np.float32), 0, 0, time.monotonic_ns())
    path = write_all(tmp_path / "run.mcap", [frame])
    assert before - 10**9 <= Recording.open(path).started_ns <= time.time_ns() + 10**9


def test_slow_frames_are_in_the_file_at_once(tmp_path: Path, clock: HandClock) -> None:
    recorder = Recorder(tmp_path / "run.mcap", some_about())
    for number, frame in enumerate(some_frames(3), start=1):
        clock.passed_ms += 50
        recorder.write(frame)
        assert recorder.frames_saved == number
    recorder.close()


def test_fast_frames_are_held_for_50_ms(tmp_path: Path, clock: HandClock) -> None:
    recorder = Recorder(tmp_path / "run.mcap", some_about())
    for frame in some_frames(6):
        recorder.write(frame)
        assert recorder.frames_saved == (6 if clock.passed_ms >= 50 else 0)
        clock.passed_ms += 10
    recorder.close()


def test_never_more_than_ten_frames_are_held(tmp_path: Path) -> None:
    with Recorder(tmp_path / "run.mcap", some_about()) as recorder:
        for number, frame in enumerate(some_frames(101), start=1):
            recorder.write(frame)
            assert recorder.frames_written == number
            assert number - recorder.frames_saved < 10
        assert recorder.frames_saved == len(Recording.open(recorder.path))


def test_an_event_a_status_and_flush_bring_everything_to_the_file(tmp_path: Path) -> None:
    frames = some_frames(3)
    with Recorder(tmp_path / "run.mcap", some_about()) as recorder:
        for frame, bring in zip(
            frames,
            (
                lambda: recorder.write(Event("note", "x", 1)),
                lambda: recorder.write_status({"received": 2}),
                recorder.flush,
            ),
            strict=True,
        ):
            recorder.write(frame)
            bring()
            assert recorder.frames_saved == recorder.frames_written
    assert Recording.open(recorder.path).statuses == [{"received": 2}]


def test_frames_of_another_size_are_refused_and_the_file_stays_good(tmp_path: Path) -> None:
    with Recorder(tmp_path / "run.mcap", some_about()) as recorder:
        recorder.write(some_frames(1)[0])
        with pytest.raises(RecordingError, match=r"has 11 values.*10"):
            recorder.write(some_frames(1, 11)[0])
        recorder.write(some_frames(1)[0])
    assert len(Recording.open(recorder.path)) == 2


def test_close_may_be_repeated_and_ends_writing(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "run.mcap", some_about())
    recorder.close()
    recorder.close()
    assert not recorder.is_open
    with pytest.raises(RecordingError, match="closed"):
        recorder.write(some_frames(1)[0])
    assert len(Recording.open(recorder.path)) == 0
    assert Recording.open(recorder.path).torn is None


def test_an_error_around_the_recorder_still_finishes_the_file(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        with Recorder(path, some_about()) as recorder:
            recorder.write(some_frames(1)[0])
            raise KeyboardInterrupt

    path = tmp_path / "run.mcap"
    with pytest.raises(KeyboardInterrupt):
        fail(path)
    assert Recording.open(path).torn is None
    assert len(Recording.open(path)) == 1


def test_fsync_happens_once_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: HandClock
) -> None:
    synced_ms: list[int] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced_ms.append(clock.passed_ms)
        fsync(descriptor)

    recorder = Recorder(tmp_path / "run.mcap", some_about())
    monkeypatch.setattr(os, "fsync", noted)
    frame = some_frames(1)[0]
    while clock.passed_ms < 2300:
        recorder.write(frame)
        recorder._sync.wait()  # a disk that is slow now would put the next one off
        clock.passed_ms += 10
    assert [round(ms, -2) for ms in synced_ms] == [1000, 2000]
    recorder.close()
    assert len(synced_ms) == 3


def test_a_slow_fsync_holds_back_no_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """kill -9 costs what is not written yet; an SD card takes half a second for an fsync."""
    slow, began = threading.Event(), threading.Event()

    def waiting(descriptor: int) -> None:
        began.set()
        slow.wait(60)

    frames = some_frames(100)
    recorder = Recorder(tmp_path / "run.mcap", some_about())
    monkeypatch.setattr(os, "fsync", waiting)
    monkeypatch.setattr("eit_rt.recording.recorder.SYNC_NS", 0)
    for frame in frames:
        recorder.write(frame)
    assert began.wait(20)
    assert not slow.is_set()
    assert recorder.frames_saved == 100
    assert len(Recording.open(recorder.path)) == 100
    slow.set()
    recorder.close()


def test_an_fsync_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    recorder = Recorder(tmp_path / "run.mcap", some_about())
    recorder.write(some_frames(1)[0])
    monkeypatch.setattr(os, "fsync", failing)
    monkeypatch.setattr("eit_rt.recording.recorder.SYNC_NS", 0)
    recorder.flush()
    with pytest.raises(RecordingStopped, match="input/output error"):
        recorder.close()
    assert not recorder.is_open


def test_a_folder_that_cannot_be_synced_is_recorded_to_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on network and FUSE file systems."""
    fsync = os.fsync

    def files_only(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", files_only)
    assert len(Recording.open(write_all(tmp_path / "run.mcap", some_frames(3)))) == 3


@pytest.mark.parametrize("ending", [Recorder.flush, Recorder.close])
def test_a_file_that_was_deleted_meanwhile_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: Callable[[Recorder], None]
) -> None:
    monkeypatch.setattr("eit_rt.recording.recorder.SYNC_NS", 0)
    recorder = Recorder(tmp_path / "run.mcap", some_about())
    for frame in some_frames(24):
        recorder.write(frame)
    recorder.path.unlink()
    told = r"was deleted\. 0 frames are safe .* last 24 frames are lost"
    with pytest.raises(RecordingStopped, match=told):
        ending(recorder)
    assert recorder.frames_saved == 0
    assert not recorder.is_open


def test_numbers_beyond_their_fields_are_told(tmp_path: Path) -> None:
    frame = replace(some_frames(1)[0], t_board_ns=2**63)
    with (
        Recorder(tmp_path / "run.mcap", some_about()) as recorder,
        pytest.raises(RecordingError, match="does not fit its field"),
    ):
        recorder.write(frame)


def test_memory_does_not_grow_with_the_recording(tmp_path: Path, clock: HandClock) -> None:
    frame = some_frames(1, ADJACENT16.n_meas)[0]
    with Recorder(tmp_path / "run.mcap", some_about(ADJACENT16)) as recorder:
        for _ in range(1000):
            recorder.write(frame)
        tracemalloc.start()
        for _ in range(20_000):
            recorder.write(frame)
            clock.passed_ms += 1
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    # The index: 40 bytes for each chunk of ten frames, 80 kB here, doubled by growing in steps.
    assert grown < 200_000
